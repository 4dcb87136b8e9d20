"""Exactly once, on Apache Kafka, with worker processes that die, freeze and leave.

What went in is compared with what came out by origin, as a reader of committed records sees it.
"""

import asyncio
import random
import signal
import time

import orjson
import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import NewTopic, RecordsToDelete

from tests.faults.account import header, produce_values, read_topic, settled
from tests.faults.inline_pool import OUTPUTS_PER_ARTICLE as OUTPUTS
from tests.kafka.delivery.administration import administration
from tests.kafka.delivery.committed import committed
from worker.channels import SPECS, Channel, topic_name

SESSION_SECONDS = 6


def articles(count, start=0):
    """Numbered articles, one in fifty a bad one."""
    bad = orjson.dumps({"do": "reject", "why": "a bad one"})
    return [bad if n % 50 == 7 else b"article %d" % n for n in range(start, start + count)]


def order(**fields):
    """An article that says what is to be done with it."""
    return orjson.dumps(fields)


# The fault run in short does the same to workers and brokers.
@pytest.mark.long
async def test_workers_killed_frozen_and_stopped_lose_nothing_and_repeat_nothing(
    brokers, prefix, create_topics, start_worker
):
    await create_topics(brokers, prefix, partitions=4)
    raw = topic_name(Channel.RAW, prefix)
    options = {"TRIVIAL_SECONDS": 0.2, "TRANSACTION_TIMEOUT_SECONDS": 10, "DELIVER_SECONDS": 8}
    killed, frozen = start_worker(prefix, **options), start_worker(prefix, **options)
    killed.wait_until_ready()
    frozen.wait_until_ready()
    await produce_values(brokers, raw, articles(1500))
    await asyncio.sleep(1)
    killed.kill()
    third = start_worker(prefix, **options)
    third.wait_until_ready()
    await produce_values(brokers, raw, articles(1000, start=1500))
    frozen.send(signal.SIGSTOP)
    await asyncio.sleep(SESSION_SECONDS + 3)
    frozen.send(signal.SIGCONT)
    await produce_values(brokers, raw, articles(1000, start=2500))
    await asyncio.sleep(1)
    assert third.stop() == 0

    now = await settled(brokers, prefix, OUTPUTS, within=60)
    assert now.problems(OUTPUTS) == []
    assert len(now.inputs) == 3500
    assert len(now.letters) == 70
    assert frozen.running, frozen.said()


# The fault run in short does the same to workers and brokers.
@pytest.mark.long
async def test_a_broker_that_dies_and_comes_back_costs_nothing(
    make_cluster, prefix, create_topics, start_worker
):
    cluster = make_cluster()
    await create_topics(cluster.brokers, prefix, partitions=2)
    raw = topic_name(Channel.RAW, prefix)
    worker = start_worker(prefix, at=cluster.brokers, TRIVIAL_SECONDS=0.2, DELIVER_SECONDS=5)
    worker.wait_until_ready()
    await produce_values(cluster.brokers, raw, articles(600))
    cluster.kill(1)
    await asyncio.sleep(3)
    cluster.start_broker(1)
    await produce_values(cluster.brokers, raw, articles(100, start=600))
    now = await settled(cluster.brokers, prefix, OUTPUTS, within=60)
    assert now.problems(OUTPUTS) == []
    assert len(now.inputs) == 700
    assert worker.running, worker.said()


async def test_at_least_once_loses_nothing_when_a_worker_is_killed(
    brokers, prefix, create_topics, start_worker
):
    await create_topics(brokers, prefix, partitions=2)
    options = {"DELIVERY": "at-least-once", "TRIVIAL_SECONDS": 0.2}
    killed, other = start_worker(prefix, **options), start_worker(prefix, **options)
    killed.wait_until_ready()
    await produce_values(brokers, topic_name(Channel.RAW, prefix), articles(1000))
    await asyncio.sleep(1)
    killed.kill()
    now = await settled(brokers, prefix, OUTPUTS, within=60)
    assert now.problems(OUTPUTS, once=False) == []
    assert other.stop() == 0


async def test_what_the_cluster_refuses_becomes_a_dead_letter_and_its_neighbours_go_through(
    brokers, prefix, start_worker
):
    limits = {Channel.ENRICHED: 100_000, Channel.DEAD: 50_000}
    async with administration(brokers) as admin:
        await admin.create_topics(
            [
                NewTopic(
                    topic_name(channel, prefix), 1, 1,
                    topic_configs={"max.message.bytes": str(limits.get(channel, spec.max_message_bytes))},
                )
                for channel, spec in SPECS.items()
            ]
        )  # fmt: skip
    refused = order(do="bloat", bytes=200_000)
    too_large_for_a_letter = order(do="bloat", bytes=200_000, padding=random.randbytes(60_000).hex())
    never_sent = order(do="bloat", bytes=9 << 20)
    values = [b"one", refused, b"two", too_large_for_a_letter, b"three", never_sent, b"four"]
    await produce_values(brokers, topic_name(Channel.RAW, prefix), values)
    worker = start_worker(prefix)
    now = await settled(brokers, prefix, OUTPUTS)
    assert now.problems(OUTPUTS) == []
    letters = {int(name.rpartition("/")[2]): letter for name, letter in now.letters.items()}
    assert {offset: header(letter, "dead-letter-reason") for offset, letter in letters.items()} == {
        1: "publish-rejected", 3: "publish-rejected", 5: "publish-rejected",
    }  # fmt: skip
    assert (letters[1].key, letters[1].value) == (b"1", refused)
    assert "MessageSizeTooLarge" in header(letters[1], "dead-letter-error")
    assert (letters[3].key, letters[3].value) == (b"3", b"")
    assert header(letters[3], "dead-letter-truncated") == str(len(too_large_for_a_letter))
    assert letters[5].value == never_sent
    assert worker.stop() == 0


async def test_gaps_aborted_records_and_nulls_are_read_right(brokers, prefix, topics, start_worker):
    raw = topic_name(Channel.RAW, prefix)
    worker = start_worker(prefix, BATCH_SIZE=3)
    worker.wait_until_ready()
    producer = AIOKafkaProducer(bootstrap_servers=brokers, transactional_id=f"{prefix}upstream")
    await producer.start()
    for n in range(12):
        await producer.begin_transaction()
        for part in range(3):
            await producer.send_and_wait(raw, b"article %d.%d" % (n, part), key=b"%d" % n)
        await (producer.abort_transaction() if n % 3 == 1 else producer.commit_transaction())
    await producer.stop()
    plain = AIOKafkaProducer(bootstrap_servers=brokers)
    await plain.start()
    batch = plain.create_batch()
    batch.append(key=b"key", value=None, timestamp=None)
    batch.append(key=None, value=b"no key", timestamp=None)
    batch.append(key=None, value=None, timestamp=None)
    batch.append(
        key=None, value=None, timestamp=None, headers=[("content-type", b"text/plain"), ("empty", None)]
    )
    await (await plain.send_batch(batch, raw, partition=0))
    await plain.stop()
    now = await settled(brokers, prefix, OUTPUTS, within=20)
    assert now.problems(OUTPUTS) == []
    assert len(now.inputs) == 8 * 3 + 4
    assert worker.stop() == 0


async def test_dead_letters_are_the_input_byte_for_byte_with_the_reason(
    brokers, prefix, topics, start_worker
):
    value = order(do="reject", why="no such field", padding="é" * 100)
    headers = [("content-type", b"application/json"), ("trace", b"\xff\x00"), ("dead-letter-reason", b"old")]
    producer = AIOKafkaProducer(bootstrap_servers=brokers)
    await producer.start()
    await producer.send_and_wait(topic_name(Channel.RAW, prefix), value, key=b"\x00key", headers=headers)
    await producer.stop()
    worker = start_worker(prefix)
    (letter,) = (await settled(brokers, prefix, OUTPUTS)).letters.values()
    assert (letter.key, letter.value) == (b"\x00key", value)
    assert letter.headers[:2] == tuple(headers[:2])
    ours = dict(letter.headers[2:])
    assert ours["dead-letter-reason"] == b"invalid"
    assert ours["dead-letter-error"] == b"no such field"
    assert ours["dead-letter-stage"] == b"decode"
    assert ours["dead-letter-topic"] == topic_name(Channel.RAW, prefix).encode()
    assert (ours["dead-letter-partition"], ours["dead-letter-offset"]) == (b"0", b"0")
    assert ours["dead-letter-redriven"] == b"1"
    assert worker.stop() == 0


async def test_sigterm_delivers_what_is_in_flight_in_time_and_repeats_nothing(
    brokers, prefix, topics, start_worker
):
    worker = start_worker(prefix, TRIVIAL_SECONDS=0.5)
    worker.wait_until_ready()
    await produce_values(brokers, topic_name(Channel.RAW, prefix), articles(400))
    await asyncio.sleep(1.5)
    began = time.monotonic()
    assert worker.stop() == 0
    assert time.monotonic() - began < 10
    offset = await committed(brokers, prefix)
    uncommitted = await read_topic(brokers, topic_name(Channel.SEARCH, prefix), committed=False)
    letters = await read_topic(brokers, topic_name(Channel.DEAD, prefix), committed=False)
    assert 0 < offset < 400
    assert len(uncommitted) + len(letters) == offset, "every output written is committed, and only once"
    after = start_worker(prefix)
    now = await settled(brokers, prefix, OUTPUTS)
    assert now.problems(OUTPUTS) == []
    assert after.stop() == 0


async def test_past_its_deadline_a_stopping_worker_leaves_the_rest_uncommitted(
    brokers, prefix, topics, start_worker
):
    worker = start_worker(prefix, SHUTDOWN_SECONDS=2)
    worker.wait_until_ready()
    await produce_values(
        brokers, topic_name(Channel.RAW, prefix), [b"first", order(do="wait", seconds=60), b"last"]
    )
    await asyncio.sleep(1.5)
    began = time.monotonic()
    assert worker.stop() == 1
    assert time.monotonic() - began < 3
    assert (await committed(brokers, prefix)) in (0, 1)
    assert worker.events("worker stopped with work left, which stays uncommitted")


async def test_a_second_signal_leaves_at_once(brokers, prefix, topics, start_worker):
    worker = start_worker(prefix)
    worker.wait_until_ready()
    await produce_values(brokers, topic_name(Channel.RAW, prefix), [order(do="wait", seconds=60)])
    await asyncio.sleep(1)
    worker.send(signal.SIGINT)
    await asyncio.sleep(0.5)
    assert worker.running
    began = time.monotonic()
    assert worker.stop() == 1
    assert time.monotonic() - began < 1


async def test_a_missing_topic_ends_the_worker_with_its_name_and_what_to_do(brokers, prefix, start_worker):
    worker = start_worker(prefix)
    assert worker.process.wait(20) == 1
    (end,) = worker.events("worker ends")
    assert topic_name(Channel.DEAD, prefix) in end["reason"]
    assert "`dateline topics create`" in end["reason"]


async def test_a_health_page_on_a_taken_port_ends_the_worker_and_says_which(
    brokers, prefix, topics, start_worker
):
    first = start_worker(prefix)
    first.wait_until_ready()
    second = start_worker(prefix, WEB_PORT=first.port)
    assert second.process.wait(20) == 1
    (end,) = second.events("worker ends")
    assert end["reason"].startswith(f"DATELINE_WEB_PORT={first.port} is taken on 127.0.0.1")
    assert first.stop() == 0


async def test_records_that_are_gone_before_they_were_read_are_passed_over_and_counted(
    brokers, prefix, topics, start_worker
):
    raw = topic_name(Channel.RAW, prefix)
    await produce_values(brokers, raw, articles(20))
    worker = start_worker(prefix)
    await settled(brokers, prefix, OUTPUTS)
    assert worker.stop() == 0
    await produce_values(brokers, raw, [b"old one"] * 5 + [b"new one", b"new two"])
    async with administration(brokers) as admin:
        await admin.delete_records({TopicPartition(raw, 0): RecordsToDelete(before_offset=25)})
    again = start_worker(prefix)
    await settled(brokers, prefix, OUTPUTS)
    search = await read_topic(brokers, topic_name(Channel.SEARCH, prefix))
    assert [one.value for one in search][-3:] == [b"article 19", b"new one", b"new two"]
    (gone,) = again.events("records gone before they were read")
    assert (gone["first"], gone["last"]) == (20, 24)
    assert again.status()["records_gone"] == 5
    assert again.stop() == 0


async def test_a_log_shorter_than_what_was_read_of_it_is_read_from_its_start(
    brokers, prefix, topics, start_worker
):
    raw = TopicPartition(topic_name(Channel.RAW, prefix), 0)
    await produce_values(brokers, raw.topic, [b"one", b"two"])
    consumer = AIOKafkaConsumer(
        bootstrap_servers=brokers, group_id=f"{prefix}dateline", enable_auto_commit=False
    )
    await consumer.start()
    consumer.assign([raw])
    await consumer.commit({raw: 1000})  # as after a topic was restored from an old copy
    await consumer.stop()
    worker = start_worker(prefix)
    now = await settled(brokers, prefix, OUTPUTS)
    assert now.problems(OUTPUTS) == []
    assert worker.events("log is shorter than what was read of it; reading it from its start")
    assert await committed(brokers, prefix) == 2
    assert worker.stop() == 0
