"""What Apache Kafka can do to a transaction under way, and what the worker makes of it."""

import asyncio
from contextlib import asynccontextmanager

import pytest
from aiokafka.admin import AIOKafkaAdminClient

from bench.faults.account import feed, read, settled
from bench.faults.trivial import OUTPUTS_PER_ARTICLE as OUTPUTS
from worker.channels import Channel, topic_name


@asynccontextmanager
async def administration(brokers):
    admin = AIOKafkaAdminClient(bootstrap_servers=brokers)
    await admin.start()
    try:
        yield admin
    finally:
        await admin.close()


async def delete(brokers, topic):
    async with administration(brokers) as admin:
        await admin.delete_topics([topic])


async def topics_of(brokers):
    async with administration(brokers) as admin:
        return set(await admin.list_topics())


def articles(count, start=0):
    return [b"article %d" % n for n in range(start, start + count)]


async def until(is_so, *, seconds=60):
    async with asyncio.timeout(seconds):
        while not is_so():  # noqa: ASYNC110
            await asyncio.sleep(0.1)


@pytest.mark.parametrize("channel", [Channel.ENTITIES, Channel.RAW])
async def test_a_topic_deleted_under_the_worker_ends_it_and_is_named(brokers, topics, start_worker, channel):
    deleted = topic_name(channel, topics)
    worker = start_worker(topics, DELIVER_SECONDS=4)
    worker.wait_until_ready()
    await feed(brokers, topic_name(Channel.RAW, topics), articles(20))
    await settled(brokers, topics, OUTPUTS)
    await delete(brokers, deleted)
    if channel is not Channel.RAW:
        await feed(brokers, topic_name(Channel.RAW, topics), articles(5))
    assert worker.process.wait(60) == 1
    (end,) = worker.events("worker ends")
    assert end["reason"] == (
        f"missing on the cluster: {deleted}; `dateline topics create` makes what is missing"
    )
    assert await read(brokers, topic_name(Channel.DEAD, topics)) == []
    if channel is not Channel.RAW:
        assert len(await read(brokers, topic_name(Channel.ENRICHED, topics))) == 20
