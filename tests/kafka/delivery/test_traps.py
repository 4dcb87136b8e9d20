"""Traps of Faust and aiokafka that lose, repeat or hang, on Apache Kafka: docs/reliability.md lists them."""

import asyncio
import signal
import sys
import time
from collections import Counter
from pathlib import Path

import pytest
from aiokafka import TopicPartition

from tests.faults.account import origin, produce_values, read_topic, settled
from tests.kafka.delivery.committed import committed
from worker.channels import Channel, topic_name
from worker.delivery.kafka.sending import OutgoingRecord
from worker.delivery.lanes.publisher import ExactlyOnce
from worker.records.messages import OutMessage
from worker.settings import Settings
from worker.topology import topic_use

IMPATIENT = (sys.executable, "-m", "faust", "-A", "tests.kafka.delivery.impatient_worker", "worker")
# As impatient_worker.py has it.
IDLE_SECONDS = 3.0
SESSION_SECONDS = 6
ONE = {Channel.ENRICHED: 1}


@pytest.fixture
def start_impatient(start_worker):
    """Starts workers that write one record for each article, and do wrong what an article says."""

    def start(prefix, **settings):
        return start_worker(prefix, **{"command": IMPATIENT, "PROCESSES": 16, **settings})

    return start


@pytest.fixture
def settings(brokers, topics):
    return Settings.from_env({"DATELINE_BROKERS": brokers, "DATELINE_TOPIC_PREFIX": topics})


def articles(count, start=0):
    return [b"article %d" % n for n in range(start, start + count)]


async def eventually(is_so, within=60):
    async with asyncio.timeout(within):
        while not is_so():  # noqa: ASYNC110 (a process is asked)
            await asyncio.sleep(0.1)


def lane(worker, raw, partition=0):
    return worker.status()["lanes"][f"{raw}/{partition}"]


# Faust: what acknowledges and commits what was not done


@pytest.mark.parametrize(
    ("article", "says"),
    [(b"raise", "RuntimeError: told to fail"), (b"stumble", "unforeseen RuntimeError: told to stumble")],
)
async def test_work_or_an_agent_that_raises_ends_the_worker_and_is_never_committed_past(
    brokers, topics, start_impatient, article, says
):
    worker = start_impatient(topics, BATCH_SIZE=1)
    worker.wait_until_ready()
    raw = topic_name(Channel.RAW, topics)
    await produce_values(brokers, raw, [b"one"])
    await settled(brokers, topics, ONE)
    await produce_values(brokers, raw, [article, b"two", b"three"])
    assert worker.process.wait(60) == 1
    (end,) = worker.events("worker ends")
    assert end["reason"].endswith(says)
    assert await committed(brokers, topics) == 1
    written = await read_topic(brokers, topic_name(Channel.ENRICHED, topics))
    assert [one.value for one in written] == [b"one"]
    assert await read_topic(brokers, topic_name(Channel.DEAD, topics)) == []


async def test_what_is_done_out_of_order_commits_past_nothing(brokers, topics, start_impatient):
    raw = topic_name(Channel.RAW, topics)
    worker = start_impatient(topics, BATCH_SIZE=1, BATCHES_IN_FLIGHT=8)
    worker.wait_until_ready()
    await produce_values(brokers, raw, [b"one", b"slow 60", *articles(6)])
    await eventually(lambda: worker.status()["pool"]["done"] == 7)
    await eventually(lambda: lane(worker, raw)["delivered"] == 1)
    assert await committed(brokers, topics) == 1
    worker.kill()
    assert len(await read_topic(brokers, topic_name(Channel.ENRICHED, topics), committed=False)) == 1


# The fault run in short does the same to workers and brokers.
@pytest.mark.long
async def test_workers_that_come_and_go_repeat_nothing(brokers, prefix, create_topics, start_impatient):
    await create_topics(brokers, prefix, partitions=4)
    raw = topic_name(Channel.RAW, prefix)
    workers = [start_impatient(prefix)]
    workers[0].wait_until_ready()
    for n in range(4):
        feeding = asyncio.create_task(produce_values(brokers, raw, [b"slow 0.05"] * 300))
        coming = start_impatient(prefix)
        coming.wait_until_ready()
        workers.append(coming)
        assert workers[n].stop() == 0, workers[n].said()
        await feeding
    now = await settled(brokers, prefix, ONE)
    assert now.problems(ONE) == []
    assert len(now.inputs) == 1200
    uncommitted = await read_topic(brokers, topic_name(Channel.ENRICHED, prefix), committed=False)
    assert max(Counter(map(origin, uncommitted)).values()) == 1, "not even those who read all see a repeat"
    assert workers[-1].stop() == 0


async def test_bytes_that_nobody_can_decode_stall_nobody(brokers, topics, start_impatient):
    worker = start_impatient(topics, BATCH_SIZE=2)
    worker.wait_until_ready()
    values = [b"\xff\xfe\x00", b"{", b"", None, b"\x80" * 1000, b"null", b"[1,", b"after"]
    await produce_values(brokers, topic_name(Channel.RAW, topics), values)
    now = await settled(brokers, topics, ONE)
    assert now.problems(ONE) == []
    written = await read_topic(brokers, topic_name(Channel.ENRICHED, topics))
    assert [one.value for one in written] == values
    assert worker.stop() == 0


# Faust: what overrides settings, listens, hangs


async def test_other_programs_variables_change_nothing_and_no_port_is_opened(
    brokers, topics, start_impatient, monkeypatch
):
    foreign = {
        "BROKER_URL": "kafka://127.0.0.1:1",
        "WEB_PORT": "tcp://10.0.0.1:6066",
        "APP_PROCESSING_GUARANTEE": "exactly_once",
        "PROCESSING_GUARANTEE": "exactly_once",
        "STREAM_WAIT_EMPTY": "true",
        "NODE_CACHE_SIZE": "no number",
    }
    for name, value in foreign.items():
        monkeypatch.setenv(name, value)
    worker = start_impatient(topics, WEB_PORT=0)
    await produce_values(brokers, topic_name(Channel.RAW, topics), articles(5))
    now = await settled(brokers, topics, ONE)
    assert now.problems(ONE) == []
    assert listening(worker.process.pid) == set()
    assert worker.stop() == 0


def is_frozen(pid):
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "T"


def listening(pid):
    """Local addresses on which a process takes TCP connections."""
    sockets = {link.readlink().name for link in Path(f"/proc/{pid}/fd").iterdir() if link.is_symlink()}
    rows = [
        line.split()
        for table in ("tcp", "tcp6")
        for line in Path(f"/proc/{pid}/net/{table}").read_text().splitlines()[1:]
    ]
    return {row[1] for row in rows if row[3] == "0A" and f"socket:[{row[9]}]" in sockets}


async def test_what_takes_too_long_leaves_no_worker_standing_still_unnoticed(
    brokers, prefix, create_topics, start_impatient
):
    async def an_article_longer_than_the_longest_poll():
        own = f"{prefix}long."
        await create_topics(brokers, own)
        worker = start_impatient(own, BATCH_SIZE=1, BATCHES_IN_FLIGHT=1)
        generation = (await asyncio.to_thread(worker.wait_until_ready))["generation"]
        values = [b"slow %.1f" % (3 * IDLE_SECONDS), *articles(5)]  # more than there is room for
        await produce_values(brokers, topic_name(Channel.RAW, own), values)
        assert (await settled(brokers, own, ONE)).problems(ONE) == []
        assert worker.status()["generation"] == generation, "it left the group"
        assert worker.stop() == 0

    async def nothing_to_do_for_longer_than_the_longest_poll():
        own = f"{prefix}idle."
        await create_topics(brokers, own)
        workers = [start_impatient(own), start_impatient(own)]
        for worker in workers:
            await asyncio.to_thread(worker.wait_until_ready)
        await asyncio.sleep(2 * IDLE_SECONDS)
        idle, busy = sorted(workers, key=lambda worker: len(worker.status()["assigned"]))
        assert (idle.status()["assigned"], busy.status()["assigned"]) == ([], [0])
        busy.kill()
        await produce_values(brokers, topic_name(Channel.RAW, own), articles(5))
        assert (await settled(brokers, own, ONE)).problems(ONE) == []
        assert idle.stop() == 0

    async def frozen_while_it_opens_lanes_until_the_group_has_gone_on():
        own = f"{prefix}frozen."
        await create_topics(brokers, own)
        await produce_values(brokers, topic_name(Channel.RAW, own), articles(5))
        worker = start_impatient(own, TRIVIAL_FREEZES=1)
        await eventually(lambda: is_frozen(worker.process.pid))
        await asyncio.sleep(SESSION_SECONDS + 3)
        worker.send(signal.SIGCONT)
        assert (await settled(brokers, own, ONE)).problems(ONE) == []
        assert worker.events("assignment is past before its lanes were open")
        assert worker.stop() == 0

    async def a_seek_that_comes_too_late():
        own = f"{prefix}late."
        await create_topics(brokers, own)
        await produce_values(brokers, topic_name(Channel.RAW, own), articles(5))
        worker = start_impatient(own, TRIVIAL_SEEK_SECONDS=3, STALL_SECONDS=15)
        assert await asyncio.to_thread(worker.process.wait, 90) == 1
        (end,) = worker.events("worker ends")
        assert end["reason"].startswith("stalled: ")

    await asyncio.gather(
        an_article_longer_than_the_longest_poll(),
        nothing_to_do_for_longer_than_the_longest_poll(),
        frozen_while_it_opens_lanes_until_the_group_has_gone_on(),
        a_seek_that_comes_too_late(),
    )


# aiokafka: what a transaction leaves behind


def record(settings, offset):
    return OutgoingRecord(
        offset, OutMessage(Channel.ENRICHED, b"key", b"text", (("origin", b"%d" % offset),))
    )


@pytest.fixture
def make_publisher(settings):
    return lambda: ExactlyOnce(
        settings, TopicPartition(settings.topic(Channel.RAW), 0), settings.topics(topic_use(settings).writes)
    )


async def test_a_dead_worker_s_open_transaction_is_ended_by_the_next_owner_and_holds_up_no_reader(
    brokers, settings, make_publisher
):
    dead, raw = make_publisher(), TopicPartition(settings.topic(Channel.RAW), 0)
    assert await dead.start() is None
    await dead.publish([record(settings, 0)], 1)
    await dead._producer.begin_transaction()
    await dead._producer.send_and_wait(settings.topic(Channel.ENRICHED), b"never", key=b"key")
    await dead._producer.send_offsets_to_transaction({raw: 100}, settings.group_id)
    began = time.monotonic()
    following = make_publisher()
    assert await following.start() == 1
    await following.publish([record(settings, 1)], 2)
    assert time.monotonic() - began < settings.transaction_timeout_seconds / 2, "it was timed out instead"
    written = await read_topic(brokers, settings.topic(Channel.ENRICHED))
    assert [one.value for one in written] == [b"text", b"text"]
    await dead.stop()
    await following.stop()


async def test_an_offset_in_a_transaction_that_has_not_ended_is_waited_for(
    brokers, topics, settings, make_publisher
):
    publisher, raw = make_publisher(), TopicPartition(settings.topic(Channel.RAW), 0)
    await publisher.start()
    await publisher.publish([record(settings, 0)], 1)
    await publisher._producer.begin_transaction()
    await publisher._producer.send_offsets_to_transaction({raw: 2}, settings.group_id)
    asking = asyncio.create_task(committed(brokers, topics))
    await asyncio.wait([asking], timeout=1)
    assert not asking.done(), "told while a transaction may still change it"
    await publisher._producer.commit_transaction()
    assert await asyncio.wait_for(asking, 20) == 2
    await publisher.stop()


async def test_whoever_starts_after_a_commit_reads_on_behind_it(settings, make_publisher):
    for offset in range(20):
        publisher = make_publisher()
        assert await publisher.start() == (offset or None)
        await publisher.publish([record(settings, offset)], offset + 1)
        await publisher.stop()


async def test_a_producer_that_hangs_in_its_transaction_is_thrown_away_in_time(settings, make_publisher):
    publisher, raw = make_publisher(), TopicPartition(settings.topic(Channel.RAW), 0)
    await publisher.start()
    await publisher._producer.begin_transaction()
    publisher._producer._txn_manager.consumer_group_added("never asked for")  # so that none is sent
    publisher._producer._sender.sender_task.cancel()
    hanging = asyncio.create_task(
        publisher._producer.send_offsets_to_transaction({raw: 1}, settings.group_id)
    )
    await asyncio.wait([hanging], timeout=0.5)
    assert not hanging.done()
    hanging.cancel()
    async with asyncio.timeout(10):
        await publisher.stop()
