"""What docs/recovery.md says becomes of a lost topic, and of offsets that are behind what was written."""

import time

from aiokafka import AIOKafkaConsumer, TopicPartition

from tests.faults.account import produce_values, read_topic, settled
from tests.faults.inline_pool import OUTPUTS_PER_ARTICLE as OUTPUTS
from tests.kafka.alerts.alert_stream import Stream, pairs, per_rule, rule
from tests.kafka.delivery.administration import make_anew
from worker.channels import Channel, topic_name


async def set_offset(brokers: str, prefix: str, channel: Channel, offset: int) -> None:
    """What kafka-consumer-groups.sh does with --reset-offsets --to-offset."""
    partition = TopicPartition(topic_name(channel, prefix), 0)
    consumer = AIOKafkaConsumer(
        bootstrap_servers=brokers, group_id=f"{prefix}dateline", enable_auto_commit=False
    )
    await consumer.start()
    consumer.assign([partition])
    await consumer.commit({partition: offset})
    await consumer.stop()


def whole(record) -> tuple[object, ...]:
    return record.key, record.value, tuple(record.headers)


async def test_an_output_that_was_lost_is_written_again_from_the_raw_topic_and_repeats_are_the_same(
    brokers, prefix, topics, start_worker
):
    raw = topic_name(Channel.RAW, prefix)
    await produce_values(brokers, raw, [b"article %d" % n for n in range(20)])
    worker = start_worker(prefix)
    assert (await settled(brokers, prefix, OUTPUTS)).problems(OUTPUTS) == []
    assert worker.stop() == 0
    await make_anew(brokers, prefix, Channel.SEARCH)
    await set_offset(brokers, prefix, Channel.RAW, 5)
    worker = start_worker(prefix)
    await produce_values(brokers, raw, [b"one more"], first=20)
    await settled(brokers, prefix, [Channel.ENRICHED], within=20)
    enriched = [whole(one) for one in await read_topic(brokers, topic_name(Channel.ENRICHED, prefix))]
    assert len(enriched) == 20 + 15 + 1
    assert len(set(enriched)) == 21
    found = [whole(one) for one in await read_topic(brokers, topic_name(Channel.SEARCH, prefix))]
    assert len(found) == len(set(found)) == 16 * OUTPUTS[Channel.SEARCH]
    assert worker.stop() == 0


async def test_lost_progress_is_written_anew_by_a_group_that_has_its_offsets(
    brokers, prefix, topics, start_worker
):
    raw, progress = (topic_name(channel, prefix) for channel in (Channel.RAW, Channel.PROGRESS))
    await produce_values(brokers, raw, [b"article %d" % n for n in range(20)])
    worker = start_worker(prefix)
    assert (await settled(brokers, prefix, OUTPUTS)).problems(OUTPUTS) == []
    assert worker.stop() == 0
    await make_anew(brokers, prefix, Channel.PROGRESS)
    worker = start_worker(prefix)
    await produce_values(brokers, raw, [b"article %d" % n for n in range(20, 40)], first=20)
    assert (await settled(brokers, prefix, OUTPUTS)).problems(OUTPUTS) == []
    assert worker.stop() == 0
    assert await read_topic(brokers, progress)
    other = start_worker(prefix, GROUP=f"{prefix}other")
    assert other.process.wait(60) == 1
    assert "the group" in other.events("worker ends")[0]["reason"]


async def test_where_the_state_of_cooldowns_was_lost_an_alert_comes_again_and_none_is_missing(
    brokers, prefix, topics, start_worker
):
    stream = Stream(brokers, prefix)
    began = int(time.time() * 1000) - 3_600_000
    await stream.put(rule("hourly", "ferry", cooldown=per_rule(7200)))
    worker = start_worker(prefix, OUTPUTS="enriched,alerts")
    worker.wait_until_ready()
    await stream.publish(2, times_ms=[began, began + 1000])
    assert await stream.fired(expected=1) == pairs(["hourly"], [0])
    assert worker.stop() == 0
    await make_anew(brokers, prefix, Channel.STATE)
    worker = start_worker(prefix, OUTPUTS="enriched,alerts")
    worker.wait_until_ready()
    await stream.publish(2, times_ms=[began + 2000, began + 3000])
    assert await stream.fired(expected=2) == pairs(["hourly"], [0, 2])
    assert worker.stop() == 0
