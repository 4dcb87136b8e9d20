"""Workers of one group: which may share it, and what a restart costs those that keep their names."""

import asyncio
import sys
import time

import pytest

from tests.faults.account import produce_values, settled
from tests.faults.inline_pool import OUTPUTS_PER_ARTICLE as OUTPUTS
from tests.faults.workers import WITHOUT_ALERTS
from worker.channels import Channel, topic_name

FORMER = (sys.executable, "-m", "faust", "-A", "tests.kafka.delivery.former_worker", "worker")
FAULTY = (sys.executable, "-m", "faust", "-A", "tests.kafka.delivery.faulty_worker", "worker")


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("exactly-once", "at-least-once"),
        pytest.param("at-least-once", "exactly-once", marks=pytest.mark.long),
    ],
)
async def test_workers_that_deliver_in_other_ways_can_not_join_the_group(
    brokers, prefix, topics, start_worker, first, second
):
    worker = start_worker(prefix, DELIVERY=first)
    worker.wait_until_ready()
    newcomer = start_worker(prefix, DELIVERY=second)
    assert newcomer.process.wait(30) == 1
    (end,) = newcomer.events("worker ends")
    assert "DATELINE_DELIVERY" in end["reason"]
    await produce_values(brokers, topic_name(Channel.RAW, prefix), [b"article"])
    assert (await settled(brokers, prefix, OUTPUTS)).problems(OUTPUTS) == []
    assert worker.stop() == 0


def refusal(newcomer):
    assert newcomer.process.wait(40) == 1, newcomer.said()
    (end,) = newcomer.events("worker ends")
    return end["reason"]


async def feed(brokers, prefix, first, count=200):
    values = [b"article %d" % number for number in range(first, first + count)]
    await produce_values(brokers, topic_name(Channel.RAW, prefix), values, first=first)


@pytest.mark.parametrize("delivery", ["exactly-once", pytest.param("at-least-once", marks=pytest.mark.long)])
async def test_a_worker_with_other_outputs_is_refused_and_no_article_lacks_any(
    brokers, prefix, create_topics, start_worker, delivery
):
    await create_topics(brokers, prefix, partitions=4)
    worker = start_worker(prefix, DELIVERY=delivery)
    worker.wait_until_ready()
    await feed(brokers, prefix, 0)
    newcomer = start_worker(prefix, DELIVERY=delivery, OUTPUTS="enriched")
    await feed(brokers, prefix, 200)
    said = refusal(newcomer)
    assert f"the workers of the group {prefix}dateline write {WITHOUT_ALERTS}" in said
    assert "this one would write enriched:" in said
    assert f"set DATELINE_OUTPUTS={WITHOUT_ALERTS}, or stop all workers" in said
    assert not newcomer.lines()[-1].get("partitions")
    await feed(brokers, prefix, 400)
    assert (await settled(brokers, prefix, OUTPUTS)).problems(OUTPUTS) == []
    assert worker.status()["settings"] == {"compared": True, "differ": {}}
    assert worker.stop() == 0


async def test_outputs_change_once_all_workers_were_stopped(brokers, prefix, topics, start_worker):
    worker = start_worker(prefix)
    worker.wait_until_ready()
    await feed(brokers, prefix, 0)
    await settled(brokers, prefix, OUTPUTS)
    assert worker.stop() == 0
    other = start_worker(prefix, OUTPUTS="enriched,search")
    other.wait_until_ready()
    assert other.stop() == 0


async def test_a_named_worker_that_comes_back_with_other_outputs_is_refused_too(
    brokers, prefix, create_topics, start_worker
):
    """Brokers give it its former partitions without asking the leader."""
    await create_topics(brokers, prefix, partitions=4)
    one = start_worker(prefix, GROUP_INSTANCE="one", SESSION_TIMEOUT_SECONDS=90)
    one.wait_until_ready()
    two = start_worker(prefix, GROUP_INSTANCE="two", SESSION_TIMEOUT_SECONDS=90)
    two.wait_until_ready()
    assert two.stop() == 0
    again = start_worker(prefix, GROUP_INSTANCE="two", SESSION_TIMEOUT_SECONDS=90, OUTPUTS="enriched")
    assert "this one would write enriched:" in refusal(again)
    await feed(brokers, prefix, 0)
    assert (await settled(brokers, prefix, OUTPUTS)).problems(OUTPUTS) == []
    assert one.stop() == 0


async def test_named_workers_that_were_all_stopped_come_back_with_other_outputs(
    brokers, prefix, create_topics, start_worker
):
    """Their group still knows the former ones: what it tells is asked for again before it is believed."""
    await create_topics(brokers, prefix, partitions=4)
    named = [{"GROUP_INSTANCE": name, "SESSION_TIMEOUT_SECONDS": 90} for name in ("one", "two")]
    former = [start_worker(prefix, **options) for options in named]
    for worker in former:
        worker.wait_until_ready(90)
    for worker in former:
        assert worker.stop() == 0
    again = [start_worker(prefix, OUTPUTS="enriched,search", **options) for options in named]
    for worker in again:
        worker.wait_until_ready(120)
    for worker in again:
        assert worker.stop() == 0


@pytest.mark.parametrize("leader", ["former", "new"])
async def test_workers_that_tell_no_settings_share_the_group_with_those_that_do(
    brokers, prefix, create_topics, start_worker, leader
):
    await create_topics(brokers, prefix, partitions=4)
    kinds = {"former": {"command": FORMER, "PROCESSES": 64}, "new": {}}
    order = ["former", "new"] if leader == "former" else ["new", "former"]
    options = {"OUTPUTS": WITHOUT_ALERTS}
    first, second = (start_worker(prefix, **options, **kinds[kind]) for kind in order)
    first.wait_until_ready()
    second.wait_until_ready()
    await feed(brokers, prefix, 0)
    async with asyncio.timeout(20):
        while [len(worker.status().get("assigned") or ()) for worker in (first, second)] != [2, 2]:  # noqa: ASYNC110
            await asyncio.sleep(0.2)
    await feed(brokers, prefix, 200)
    assert (await settled(brokers, prefix, OUTPUTS)).problems(OUTPUTS) == []
    assert first.stop() == second.stop() == 0


async def test_what_a_former_leader_can_not_tell_the_next_one_does(
    brokers, prefix, create_topics, start_worker
):
    await create_topics(brokers, prefix, partitions=4)
    former = start_worker(prefix, command=FORMER, PROCESSES=64, OUTPUTS=WITHOUT_ALERTS)
    former.wait_until_ready()
    worker = start_worker(prefix)
    worker.wait_until_ready()
    other = start_worker(prefix, OUTPUTS="enriched")
    assert other.wait_until_ready()["settings"] == {"compared": False, "differ": {}}
    assert former.stop() == 0
    assert "this one would write enriched:" in refusal(other)
    await feed(brokers, prefix, 0)
    assert (await settled(brokers, prefix, OUTPUTS)).problems(OUTPUTS) == []
    assert worker.status()["settings"]["compared"]
    assert worker.stop() == 0


async def test_a_limit_that_differs_is_let_in_and_told(brokers, prefix, create_topics, start_worker):
    await create_topics(brokers, prefix, partitions=4)
    worker = start_worker(prefix)
    worker.wait_until_ready()
    other = start_worker(prefix, MAX_TEXT_CHARS=1000)
    told = {"DATELINE_MAX_TEXT_CHARS": {"here": "1000", "group": "200000"}}
    assert other.wait_until_ready()["settings"] == {"compared": True, "differ": told}
    (line,) = other.events("settings differ from the group's, as during an upgrade")
    assert line["differ"] == "DATELINE_MAX_TEXT_CHARS: '1000' here, '200000' in the group"
    assert worker.status()["settings"]["differ"] == {}
    assert worker.stop() == 0
    async with asyncio.timeout(20):
        while other.status()["settings"]["differ"]:  # noqa: ASYNC110
            await asyncio.sleep(0.2)
    assert other.stop() == 0


async def test_named_workers_that_were_all_replaced_differ_from_nobody_though_nothing_was_assigned_anew(
    brokers, prefix, create_topics, start_worker
):
    await create_topics(brokers, prefix, partitions=4)
    named = [{"GROUP_INSTANCE": name, "SESSION_TIMEOUT_SECONDS": 90} for name in ("one", "two")]
    workers = [start_worker(prefix, **options) for options in named]
    for worker in workers:
        worker.wait_until_ready(90)
    generation = workers[0].status()["generation"]
    for number, options in enumerate(named):
        assert workers[number].stop() == 0
        workers[number] = start_worker(prefix, MAX_TEXT_CHARS=1000, **options)
        workers[number].wait_until_ready(90)
    assert workers[1].events("settings differ from the group's, as during an upgrade")
    async with asyncio.timeout(40):
        while any(worker.status()["settings"]["differ"] for worker in workers):  # noqa: ASYNC110
            await asyncio.sleep(0.5)
    assert [worker.status()["generation"] for worker in workers] == [generation] * 2
    for worker in workers:
        assert worker.stop() == 0


async def test_a_worker_with_a_name_finds_its_partitions_again_and_the_others_keep_theirs(
    brokers, prefix, create_topics, start_worker
):
    await create_topics(brokers, prefix, partitions=4)
    one = start_worker(prefix, GROUP_INSTANCE="one", SESSION_TIMEOUT_SECONDS=30)
    one.wait_until_ready()
    two = start_worker(prefix, GROUP_INSTANCE="two", SESSION_TIMEOUT_SECONDS=30)
    two.wait_until_ready()
    async with asyncio.timeout(20):
        while [len(worker.status().get("assigned") or ()) for worker in (one, two)] != [2, 2]:  # noqa: ASYNC110
            await asyncio.sleep(0.2)
    before = two.status()["assigned"], two.status()["generation"]
    ones = one.status()["assigned"]
    assert one.stop() == 0
    again = start_worker(prefix, GROUP_INSTANCE="one", SESSION_TIMEOUT_SECONDS=30)
    assert again.wait_until_ready()["assigned"] == ones
    assert (two.status()["assigned"], two.status()["generation"]) == before
    await produce_values(brokers, topic_name(Channel.RAW, prefix), [b"article %d" % n for n in range(100)])
    assert (await settled(brokers, prefix, OUTPUTS)).problems(OUTPUTS) == []
    assert again.stop() == two.stop() == 0


async def test_of_two_workers_with_one_name_the_older_ends_and_says_so(brokers, prefix, topics, start_worker):
    older = start_worker(prefix, GROUP_INSTANCE="one")
    older.wait_until_ready()
    newer = start_worker(prefix, GROUP_INSTANCE="one")
    assert older.process.wait(30) == 1
    (end,) = older.events("worker ends")
    assert "DATELINE_GROUP_INSTANCE='one'" in end["reason"]
    newer.wait_until_ready()
    await produce_values(brokers, topic_name(Channel.RAW, prefix), [b"article %d" % n for n in range(100)])
    assert (await settled(brokers, prefix, OUTPUTS)).problems(OUTPUTS) == []
    assert newer.stop() == 0


async def test_a_worker_whose_loop_is_blocked_ends_within_its_deadline_all_the_same(
    brokers, prefix, topics, start_worker
):
    worker = start_worker(prefix, command=FAULTY, SHUTDOWN_SECONDS=2)
    worker.wait_until_ready()
    await produce_values(brokers, topic_name(Channel.RAW, prefix), [b"blocked"])
    async with asyncio.timeout(20):
        while worker.try_status():  # noqa: ASYNC110
            await asyncio.sleep(0.1)
    began = time.monotonic()
    assert worker.stop() == 1
    assert 1.5 < time.monotonic() - began < 5
    assert worker.events("worker stops")
