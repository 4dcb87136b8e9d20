"""A worker that delivers nothing while articles wait ends and says why; an idle or slow one goes on."""

import asyncio
import sys
import time

import pytest
from aiokafka import AIOKafkaProducer

from tests.faults.account import produce_values, settled
from worker.channels import Channel, topic_name

FAULTY = (sys.executable, "-m", "faust", "-A", "tests.kafka.delivery.faulty_worker", "worker")
ONE = {Channel.ENRICHED: 1}
STALL_SECONDS = 15
OPTIONS = {"command": FAULTY, "STALL_SECONDS": STALL_SECONDS, "ARTICLE_ATTEMPTS": 1, "BATCH_SIZE": 8}


async def all_of(*work):
    """Side by side: each of these waits for longer than the watchdog's patience."""
    return await asyncio.gather(*work)


async def test_a_worker_that_stands_still_while_articles_wait_ends_and_says_where(
    brokers, prefix, create_topics, start_worker
):
    async def reason_after(articles, name, **settings):
        own = f"{prefix}{name}."
        await create_topics(brokers, own)
        worker = start_worker(own, **OPTIONS, **settings)
        await asyncio.to_thread(worker.wait_until_ready)
        began = time.monotonic()
        await produce_values(brokers, topic_name(Channel.RAW, own), articles)
        assert await asyncio.to_thread(worker.process.wait, 4 * STALL_SECONDS) == 1
        # It counts from its last look before the articles came, up to a second earlier.
        assert time.monotonic() - began > STALL_SECONDS - 1
        (end,) = worker.events("worker ends")
        return end["reason"].replace(own, "")

    reasons = await all_of(
        # Its reader reads nothing after the fifty records that came with this one.
        reason_after([b"deaf", *[b"more"] * 100], "deaf"),
        # Its processes never come back with this one.
        reason_after([b"never", b"more"], "never", ARTICLE_WALL_SECONDS=3),
        # Its loop does nothing else after this one.
        reason_after([b"one", b"blocked", b"more"], "blocked"),
    )
    assert [reason.partition(" for ")[0] for reason in reasons] == [
        "stalled: articles.raw.v1/0 has articles waiting and delivered nothing from offset 50 on",
        "stalled: articles.raw.v1/0 has articles waiting and delivered nothing from offset 0 on",
        "stalled: its loop was blocked",
    ]


# It waits for what must not happen.
@pytest.mark.long
async def test_a_worker_that_is_idle_slow_surplus_or_cut_off_goes_on(
    brokers, prefix, create_topics, start_worker, make_cluster
):
    enough = STALL_SECONDS + 8

    async def ready(worker):
        await asyncio.to_thread(worker.wait_until_ready)
        return worker

    async def idle_with_nothing_left_but_markers_and_one_too_many():
        own = f"{prefix}idle."
        await create_topics(brokers, own)
        workers = [await ready(start_worker(own, **OPTIONS)) for _ in range(2)]
        producer = AIOKafkaProducer(bootstrap_servers=brokers, transactional_id=f"{own}upstream")
        await producer.start()
        for n in range(4):
            await producer.begin_transaction()
            await producer.send_and_wait(topic_name(Channel.RAW, own), b"article", key=b"%d" % n)
            await (producer.commit_transaction() if n < 2 else producer.abort_transaction())
        await producer.stop()
        await asyncio.sleep(enough)
        assert sorted(len(worker.status()["assigned"]) for worker in workers) == [0, 1]
        return own, workers

    async def slow():
        own = f"{prefix}slow."
        await create_topics(brokers, own)
        worker = await ready(start_worker(own, **OPTIONS, ARTICLE_WALL_SECONDS=enough + 5, PROCESSES=1))
        await produce_values(brokers, topic_name(Channel.RAW, own), [b"slow%d" % enough, *[b"slow3"] * 4])
        await asyncio.sleep(enough + 5)
        return own, [worker]

    async def cut_off():
        own, cluster = f"{prefix}away.", await asyncio.to_thread(make_cluster)
        await create_topics(cluster.brokers, own)
        worker = await ready(start_worker(own, at=cluster.brokers, **OPTIONS))
        await produce_values(cluster.brokers, topic_name(Channel.RAW, own), [b"slow2"] * 40)
        await asyncio.to_thread(cluster.kill, 1)
        await asyncio.sleep(enough)
        status = await asyncio.to_thread(worker.status)
        assert (status["ready"], status["reachable"], status["healthy"]) == (False, False, True)
        await asyncio.to_thread(cluster.start_broker, 1)
        now = await settled(cluster.brokers, own, ONE, within=60)
        assert now.problems(ONE) == []
        return None, [worker]

    groups = await all_of(idle_with_nothing_left_but_markers_and_one_too_many(), slow(), cut_off())
    for own, workers in groups:
        if own is not None:
            assert (await settled(brokers, own, ONE)).problems(ONE) == []
        for worker in workers:
            assert worker.running, worker.said()
            assert worker.status()["healthy"]
            assert worker.stop() == 0
