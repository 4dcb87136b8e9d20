"""What a group remembers of how far it delivered, when the brokers have forgotten it, and who may write."""

import asyncio

import pytest
from aiokafka import AIOKafkaProducer, TopicPartition
from aiokafka.admin import RecordsToDelete
from confluent_kafka.admin import AdminClient

from tests.faults.account import produce_values, read_topic, settled
from tests.faults.inline_pool import OUTPUTS_PER_ARTICLE as OUTPUTS
from tests.kafka.delivery.administration import add_partitions, administration, make_anew
from worker.channels import Channel, topic_name


async def forget_group(brokers, group):
    """What offsets.retention.minutes does to a group that stood for too long."""
    admin = AdminClient({"bootstrap.servers": brokers})
    await asyncio.to_thread(admin.delete_consumer_groups([group])[group].result)


async def deliver(brokers, prefix, worker, first, count):
    raw = topic_name(Channel.RAW, prefix)
    await produce_values(brokers, raw, [b"article %d" % n for n in range(first, first + count)], first=first)
    return (await settled(brokers, prefix, OUTPUTS)).problems(OUTPUTS)


# The fault run in short does the same to a group that delivers exactly once.
@pytest.mark.parametrize("delivery", [pytest.param("exactly-once", marks=pytest.mark.long), "at-least-once"])
async def test_a_group_whose_offsets_are_gone_goes_on_where_it_ended(
    brokers, prefix, topics, start_worker, delivery
):
    worker = start_worker(prefix, DELIVERY=delivery)
    assert await deliver(brokers, prefix, worker, 0, 20) == []
    assert worker.stop() == 0
    await forget_group(brokers, f"{prefix}dateline")
    worker = start_worker(prefix, DELIVERY=delivery)
    assert await deliver(brokers, prefix, worker, 20, 20) == []
    (told,) = worker.events("the group has no offset of this partition")
    assert (told["begins_at"] > 0, told["by"]) == (True, f"what {prefix}dateline has stored")
    assert worker.stop() == 0


@pytest.mark.parametrize(
    ("start", "outcomes"), [("earliest", {2}), ("latest", {1})], ids=["from the start", "from the end"]
)
async def test_where_nobody_knows_how_far_it_was_the_worker_ends_and_says_how_to_choose(
    brokers, prefix, topics, start_worker, start, outcomes
):
    worker = start_worker(prefix)
    assert await deliver(brokers, prefix, worker, 0, 10) == []
    assert worker.stop() == 0
    await forget_group(brokers, f"{prefix}dateline")
    await make_anew(brokers, prefix, Channel.PROGRESS)
    worker = start_worker(prefix)
    assert worker.process.wait(40) == 1
    (end,) = worker.events("worker ends")
    assert f"nobody knows how far {topic_name(Channel.RAW, prefix)}/0 was delivered" in end["reason"]
    assert "DATELINE_START=earliest" in end["reason"]
    worker = start_worker(prefix, START=start)
    worker.wait_until_ready()
    await produce_values(brokers, topic_name(Channel.RAW, prefix), [b"one more"], first=10)
    account = await settled(brokers, prefix, OUTPUTS)
    enriched = account.found[Channel.ENRICHED]
    assert {enriched[f"{topic_name(Channel.RAW, prefix)}/0/{n}"] for n in range(10)} == outcomes
    assert worker.stop() == 0


async def test_another_group_is_refused_and_can_take_over_where_the_former_ended(
    brokers, prefix, topics, start_worker
):
    former, other = f"{prefix}dateline", f"{prefix}other"
    worker = start_worker(prefix)
    assert await deliver(brokers, prefix, worker, 0, 20) == []
    assert worker.stop() == 0
    refused = start_worker(prefix, GROUP=other)
    assert refused.process.wait(40) == 1
    (end,) = refused.events("worker ends")
    assert end["reason"].startswith(f"the group {former} writes the topics of '{prefix}' since 20")
    assert f"DATELINE_FORMER_GROUP={former}" in end["reason"]
    heir = start_worker(prefix, GROUP=other, FORMER_GROUP=former)
    assert await deliver(brokers, prefix, heir, 20, 20) == []
    assert heir.stop() == 0
    late = start_worker(prefix)
    assert late.process.wait(40) == 1
    assert "everything would be written twice" in late.events("worker ends")[0]["reason"]


async def test_a_partition_that_was_added_when_another_group_takes_over_is_read_from_its_start(
    brokers, prefix, topics, start_worker
):
    worker = start_worker(prefix)
    assert await deliver(brokers, prefix, worker, 0, 20) == []
    assert worker.stop() == 0
    raw = topic_name(Channel.RAW, prefix)
    async with administration(brokers) as admin:
        await add_partitions(admin, raw, 2)
    heir = start_worker(prefix, GROUP=f"{prefix}other", FORMER_GROUP=f"{prefix}dateline")
    assert await deliver(brokers, prefix, heir, 20, 40) == []
    assert sorted({one.partition for one in await read_topic(brokers, raw)}) == [0, 1]
    assert heir.stop() == 0


async def test_what_is_gone_before_a_new_group_has_read_it_is_counted_and_told(
    brokers, prefix, topics, start_worker
):
    worker = start_worker(prefix)
    worker.wait_until_ready()
    assert worker.stop() == 0
    raw = TopicPartition(topic_name(Channel.RAW, prefix), 0)
    async with AIOKafkaProducer(bootstrap_servers=brokers, acks="all") as producer:
        for number in range(10):
            await producer.send_and_wait(raw.topic, b"article %d" % number, key=b"%d" % number)
    async with administration(brokers) as admin:
        await admin.delete_records({raw: RecordsToDelete(before_offset=10)})
    worker = start_worker(prefix)
    await produce_values(brokers, raw.topic, [b"one more"], first=10)
    assert (await settled(brokers, prefix, OUTPUTS)).problems(OUTPUTS) == []
    (told,) = worker.events("records gone before they were read")
    assert (told["first"], told["last"]) == (0, 9)
    assert worker.status()["records_gone"] == 10
    assert worker.stop() == 0
