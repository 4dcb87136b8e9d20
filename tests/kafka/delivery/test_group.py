"""Workers of one group: which may share it, and what a restart costs those that keep their names."""

import asyncio
import sys
import time

import pytest

from tests.faults.account import produce_values, settled
from tests.faults.trivial import OUTPUTS_PER_ARTICLE as OUTPUTS
from worker.channels import Channel, topic_name

FAULTY = (sys.executable, "-m", "faust", "-A", "tests.kafka.delivery.faulty_worker", "worker")


@pytest.mark.parametrize(
    ("first", "second"), [("exactly-once", "at-least-once"), ("at-least-once", "exactly-once")]
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
        while worker.status():  # noqa: ASYNC110
            await asyncio.sleep(0.1)
    began = time.monotonic()
    assert worker.stop() == 1
    assert 1.5 < time.monotonic() - began < 5
    assert worker.events("worker stops")
