"""What Apache Kafka does to a transaction under way, and what a lane makes of it."""

import asyncio
import logging
import sys
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from aiokafka import AIOKafkaProducer, TopicPartition
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.client import AIOKafkaClient, CoordinationType

from tests.faults.account import origin, produce_values, read_topic, settled
from tests.faults.inline_pool import OUTPUTS_PER_ARTICLE as OUTPUTS
from tests.kafka.delivery.administration import administration
from worker.channels import Channel, topic_name
from worker.delivery.kafka.sending import OutgoingRecord
from worker.delivery.lanes import retry_policy
from worker.delivery.lanes.budget import Budget
from worker.delivery.lanes.inbox import Arrival
from worker.delivery.lanes.lane import BatchLimits, Lane
from worker.delivery.lanes.publisher import ExactlyOnce
from worker.delivery.lanes.stage import Work
from worker.delivery.lanes.workload import Workload
from worker.records.messages import OutMessage, RawMessage
from worker.settings import Settings
from worker.topology import topic_use

IMPATIENT = (sys.executable, "-m", "faust", "-A", "tests.kafka.delivery.impatient_worker", "worker")
ARTICLES = 12
Tampering = Callable[[AIOKafkaProducer], Awaitable[None]]


def articles(count: int, start: int = 0) -> list[bytes]:
    return [b"article %d" % n for n in range(start, start + count)]


async def until(is_so: Callable[[], Any], *, seconds: float = 90) -> None:
    async with asyncio.timeout(seconds):
        while not is_so():  # noqa: ASYNC110
            await asyncio.sleep(0.1)


async def delete(brokers: str, topic: str) -> None:
    async with administration(brokers) as admin:
        await admin.delete_topics([topic])


async def configure(brokers: str, topic: str, **config: str) -> None:
    named = {name.replace("_", "."): value for name, value in config.items()}
    async with administration(brokers) as admin:
        await admin.alter_configs([ConfigResource(ConfigResourceType.TOPIC, topic, configs=named)])


# One lane in this process, whose producer something happens to


class Log:
    """In place of the reader: a log of ARTICLES messages, read from where the lane asks."""

    def __init__(self, topic: str) -> None:
        self.topic, self.position = topic, 0

    async def first_offset(self) -> int:
        return 0

    async def resume_at(self, partition: TopicPartition, generation: int, offset: int) -> None:
        self.position = offset

    async def confirm(self, generation: int) -> None:
        """It is."""

    async def read_for(self, lane: Lane) -> None:
        while True:
            await asyncio.sleep(0.01)
            if self.position < ARTICLES and lane.has_room():
                message = RawMessage(self.topic, 0, self.position, 0, b"key", b"text")
                lane.put(Arrival(message, after=self.position, generation=1))
                self.position += 1


async def one_record(message: RawMessage) -> tuple[OutMessage, ...]:
    return (OutMessage(Channel.ENRICHED, b"key", b"text", (("origin", message.origin.encode()),)),)


def once_before(step: str, tamper: Tampering, publisher: ExactlyOnce) -> None:
    """Tampers before the producer's `step` of the second transaction."""
    producer, calls = publisher._producer, Counter[str]()
    original = getattr(producer, step)

    async def tampered(*args: Any, **kwargs: Any) -> Any:
        calls[step] += 1
        if calls[step] == 2:
            await tamper(producer)
        return await original(*args, **kwargs)

    setattr(producer, step, tampered)


async def another_owner_starts(producer: AIOKafkaProducer) -> None:
    brokers, name = producer.client.hosts, producer._txn_manager.transactional_id
    other = AIOKafkaProducer(
        bootstrap_servers=[f"{host}:{port}" for host, port, _ in brokers], transactional_id=name
    )
    await other.start()
    await other.stop()


async def the_coordinator_times_it_out(producer: AIOKafkaProducer) -> None:
    # Its time is 5 s, and brokers look every 10 s for those past it.
    await asyncio.sleep(16)


async def a_record_is_lost_on_its_way(producer: AIOKafkaProducer) -> None:
    numbers = producer._txn_manager._sequence_numbers
    for partition in list(numbers):
        numbers[partition] += 1


async def its_producer_id_is_forgotten(producer: AIOKafkaProducer) -> None:
    manager = producer._txn_manager
    manager._pid_and_epoch = manager._pid_and_epoch._replace(pid=manager.producer_id + 100_000)


async def it_is_never_told_of_the_partition(producer: AIOKafkaProducer) -> None:
    manager = producer._txn_manager
    manager._txn_partitions.update(manager._sequence_numbers)


@pytest.mark.parametrize(
    ("step", "tamper", "says", "nature"),
    [
        ("commit_transaction", another_owner_starts, "ProducerFenced", "fenced"),
        ("send_batch", another_owner_starts, "ProducerFenced", "fenced"),
        ("send_offsets_to_transaction", the_coordinator_times_it_out, "ProducerFenced", "fenced"),
        ("send_batch", its_producer_id_is_forgotten, "InvalidProducerIdMapping", "fenced"),
        ("send_batch", a_record_is_lost_on_its_way, "OutOfOrderSequenceNumber", "abortable"),
        ("send_batch", it_is_never_told_of_the_partition, "InvalidTxnState", "abortable"),
    ],
)
async def test_a_lane_whose_transaction_fails_starts_over_and_delivers_each_article_once(
    brokers, topics, step, tamper, says, nature, caplog, monkeypatch
):
    monkeypatch.setattr(retry_policy, "BACKOFF_SECONDS", 0.1)
    caplog.set_level(logging.INFO, "worker.delivery.lanes.lane")
    raw = topic_name(Channel.RAW, topics)
    await produce_values(brokers, raw, articles(ARTICLES))
    seconds = {"TRANSACTION_TIMEOUT_SECONDS": "5", "DELIVER_SECONDS": "4"}
    variables = {"BROKERS": brokers, "TOPIC_PREFIX": topics, **seconds}
    settings = Settings.from_env({f"DATELINE_{name}": value for name, value in variables.items()})
    partition, log, made = TopicPartition(raw, 0), Log(raw), []

    def make_publisher() -> ExactlyOnce:
        publisher = ExactlyOnce(settings, partition, settings.topics(topic_use(settings).writes))
        if not made:
            once_before(step, tamper, publisher)
        made.append(publisher)
        return publisher

    async def make_work(_offset: int) -> Work:
        return one_record

    lane = Lane(
        partition,
        1,
        channel=Channel.RAW,
        writes=topic_use(settings).writes,
        make_publisher=make_publisher,
        make_work=make_work,
        first_offset=log.first_offset,
        source=log,
        budget=Budget(1 << 20),
        concurrency=asyncio.Semaphore(10),
        workload=Workload(10, 10),
        limits=BatchLimits(4, 1 << 20, 2, deliver_seconds=20, open_seconds=20, open_again_seconds=20),
        patience=lambda _is_idle: 0.01,
    )
    await lane.open()
    tasks = [asyncio.create_task(lane.run()), asyncio.create_task(log.read_for(lane))]
    await until(lambda: lane.delivered == ARTICLES)
    lane.finish()
    await tasks[0]
    tasks[1].cancel()

    failures = [r.fields for r in caplog.records if r.message == "delivery failed"]
    assert [failure["nature"] for failure in failures] == [nature], failures
    assert says in failures[0]["error"]
    assert lane.start_overs == 1
    found = Counter(map(origin, await read_topic(brokers, topic_name(Channel.ENRICHED, topics))))
    assert found == {f"{raw}/0/{offset}": 1 for offset in range(ARTICLES)}


async def test_records_of_one_batch_keep_the_timestamps_they_were_given(brokers, topics):
    settings = Settings.from_env({"DATELINE_BROKERS": brokers, "DATELINE_TOPIC_PREFIX": topics})
    publisher = ExactlyOnce(
        settings,
        TopicPartition(topic_name(Channel.RAW, topics), 0),
        settings.topics(topic_use(settings).writes),
    )
    given = [1_741_351_200_123, 0, None, 1_741_351_200_122]
    await publisher.start()
    began_ms = int(time.time() * 1000)
    records = [
        OutgoingRecord(0, OutMessage(Channel.SEARCH, b"key", None, (), timestamp_ms=timestamp))
        for timestamp in given
    ]
    await publisher.publish(records, 1)
    await publisher.stop()
    kept = [record.timestamp for record in await read_topic(brokers, topic_name(Channel.SEARCH, topics))]
    assert [kept[0], kept[1], kept[3]] == [given[0], given[1], given[3]]
    assert began_ms <= kept[2] <= time.time() * 1000


# Whole workers


async def test_the_raw_topic_deleted_under_the_worker_ends_it_and_is_named(brokers, topics, start_worker):
    raw = topic_name(Channel.RAW, topics)
    worker = start_worker(topics)
    worker.wait_until_ready()
    await produce_values(brokers, raw, articles(20))
    await settled(brokers, topics, OUTPUTS)
    await delete(brokers, raw)
    assert worker.process.wait(60) == 1
    (end,) = worker.events("worker ends")
    assert end["reason"] == f"missing on the cluster: {raw}; `dateline topics create` makes what is missing"
    assert len(await read_topic(brokers, topic_name(Channel.ENRICHED, topics))) == 20


@pytest.mark.long
async def test_an_output_topic_deleted_under_the_worker_ends_it_and_does_not_come_back_by_itself(
    make_cluster, prefix, create_topics, start_worker
):
    cluster = make_cluster()
    let_brokers_make_topics(cluster)
    await create_topics(cluster.brokers, prefix)
    worker = start_worker(prefix, at=cluster.brokers, DELIVER_SECONDS=4)
    worker.wait_until_ready()
    await delete(cluster.brokers, topic_name(Channel.ENTITIES, prefix))
    await produce_values(cluster.brokers, topic_name(Channel.RAW, prefix), articles(5))
    assert worker.process.wait(60) == 1
    (end,) = worker.events("worker ends")
    assert end["reason"].startswith(f"missing on the cluster: {topic_name(Channel.ENTITIES, prefix)}; ")
    for channel in (Channel.ENRICHED, Channel.DEAD):
        assert await read_topic(cluster.brokers, topic_name(channel, prefix)) == []
    async with administration(cluster.brokers) as admin:
        there = set(await admin.list_topics())
    assert topic_name(Channel.ENTITIES, prefix) not in there
    assert topic_name(Channel.QUOTES, prefix) in there


def let_brokers_make_topics(cluster):
    """Lets brokers create topics on first use: their default, which the script turns off."""
    setting = "auto.create.topics.enable="
    (properties,) = cluster.data.glob("data-*/broker-1.properties")
    said = properties.read_text()
    assert f"{setting}false" in said
    cluster.kill(1)
    properties.write_text(said.replace(f"{setting}false", f"{setting}true"))
    cluster.start_broker(1)


@pytest.fixture(scope="module")
def three(make_module_cluster):
    return make_module_cluster("--brokers", "3")


async def coordinator(brokers: str, kind: CoordinationType, name: str) -> int:
    client = AIOKafkaClient(bootstrap_servers=brokers)
    await client.bootstrap()
    try:
        return await client.coordinator_lookup(kind, name)
    finally:
        await client.close()


# The fault run in short does the same to workers and brokers.
@pytest.mark.long
async def test_coordinators_that_move_cost_nothing(three, prefix, create_topics, start_worker):
    await create_topics(three.brokers, prefix, partitions=4)
    raw, group = topic_name(Channel.RAW, prefix), f"{prefix}dateline"
    worker = start_worker(prefix, at=three.brokers, TRIVIAL_SECONDS=0.1, DELIVER_SECONDS=5)
    worker.wait_until_ready()
    broker = await coordinator(three.brokers, CoordinationType.GROUP, group)
    of_lanes = [
        await coordinator(three.brokers, CoordinationType.TRANSACTION, f"{group}/{raw}/{n}") for n in range(4)
    ]
    assert broker in of_lanes, "four ids in a row are spread over all four partitions of the state topic"
    await produce_values(three.brokers, raw, articles(300))
    three.kill(broker)
    await produce_values(three.brokers, raw, articles(100))
    now = await settled(three.brokers, prefix, OUTPUTS, within=90)
    three.start_broker(broker)
    assert now.problems(OUTPUTS) == []
    assert len(now.inputs) == 400
    assert worker.stop() == 0


# tests/unit/delivery/lanes/test_lane.py has brokers that only say it, and the fault run kills brokers.
@pytest.mark.long
async def test_too_few_replicas_are_waited_for_with_nothing_committed_and_no_dead_letter(
    three, prefix, create_topics, start_worker
):
    await create_topics(three.brokers, prefix)
    raw, one = topic_name(Channel.RAW, prefix), {Channel.ENRICHED: 1}
    worker = start_worker(prefix, at=three.brokers, command=IMPATIENT, PROCESSES=16, DELIVER_SECONDS=2)
    worker.wait_until_ready()
    await configure(three.brokers, topic_name(Channel.ENRICHED, prefix), min_insync_replicas="3")
    three.kill(3)
    await produce_values(three.brokers, raw, articles(50))
    await until(lambda: len(worker.events("delivery failed")) > 1)
    lane = worker.status()["lanes"][f"{raw}/0"]
    assert (lane["delivered"], lane["failures"] > 0) == (0, True)
    three.start_broker(3)
    now = await settled(three.brokers, prefix, one, within=60)
    assert now.problems(one) == []
    assert now.letters == {}
    assert {failure["nature"] for failure in worker.events("delivery failed")} == {"retriable"}
    assert worker.stop() == 0
