"""Writes and reads topics, and compares a test's inputs with its outputs, by origin."""

import asyncio
import json
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.errors import KafkaError
from aiokafka.structs import ConsumerRecord

from worker.channels import Channel, topic_name
from worker.delivery.kafka.connection import FETCH_WAIT_MS

# What clients raise in a broken cluster; aiokafka asserts that there are brokers at all.
CLIENT_ERRORS = (KafkaError, TimeoutError, AssertionError)

KafkaRecord = ConsumerRecord[bytes, bytes]
KafkaRecords = list[KafkaRecord]


async def produce_values(
    brokers: str, topic: str, values: Iterable[bytes | None], *, first: int = 0, **options: Any
) -> None:
    """Writes messages with keys `0`, `1`, ... (or from `first` on) in this order."""
    producer = AIOKafkaProducer(bootstrap_servers=brokers, enable_idempotence=True, linger_ms=5, **options)
    await producer.start()
    try:
        sent = [await producer.send(topic, value, key=b"%d" % n) for n, value in enumerate(values, first)]
        await asyncio.gather(*sent)
    finally:
        await producer.stop()


async def read_topic(brokers: str, topic: str, *, committed: bool = True) -> KafkaRecords:
    """Everything a topic holds, up to where it ended when asked."""
    consumer = AIOKafkaConsumer(
        bootstrap_servers=brokers,
        enable_auto_commit=False,
        isolation_level="read_committed" if committed else "read_uncommitted",
        fetch_max_wait_ms=FETCH_WAIT_MS,
    )
    await consumer.start()
    try:
        partitions = [
            TopicPartition(topic, number) for number in await consumer._client._wait_on_metadata(topic)
        ]
        consumer.assign(partitions)
        await consumer.seek_to_beginning(*partitions)
        last = await consumer.end_offsets(partitions)
        records: KafkaRecords = []
        while any([await consumer.position(tp) < end for tp, end in last.items()]):
            for batch in (await consumer.getmany(timeout_ms=200)).values():
                records += batch
        return records
    finally:
        await consumer.stop()


async def end_offsets(
    brokers: str, topics: Iterable[str], *, committed: bool = True
) -> dict[TopicPartition, int]:
    """Where partitions end; for readers of committed records, an open transaction is behind the end."""
    consumer = AIOKafkaConsumer(
        bootstrap_servers=brokers,
        isolation_level="read_committed" if committed else "read_uncommitted",
    )
    await consumer.start()
    try:
        partitions = [
            TopicPartition(topic, number)
            for topic in topics
            for number in await consumer._client._wait_on_metadata(topic)
        ]
        return dict(await consumer.end_offsets(partitions))
    finally:
        await consumer.stop()


def header(record: KafkaRecord, name: str) -> str | None:
    """The last header of this name, as text."""
    return next((value.decode() for key, value in reversed(record.headers) if key == name), None)


def origin(record: KafkaRecord) -> str:
    """The raw record that a record comes from: its `origin` header, or where a dead letter says it was."""
    place = [header(record, f"dead-letter-{part}") for part in ("topic", "partition", "offset")]
    return header(record, "origin") or "/".join(map(str, place))


@dataclass
class Account:
    """The inputs of a test, how often each output topic has each of them as origin, and the dead letters."""

    inputs: set[str]
    found: dict[Channel, Counter[str]]
    letters: dict[str, KafkaRecord] = field(default_factory=dict)

    @property
    def unsettled(self) -> set[str]:
        """Inputs that have neither outputs nor a letter yet."""
        return self.inputs - self.letters.keys() - self.found[Channel.ENRICHED].keys()

    def problems(self, per_article: dict[Channel, int], *, once: bool = True) -> list[str]:
        """What is wrong, in words; empty if each input has its outputs or its letter, each exactly once.

        `once` false: each at least once.
        """
        problems = [
            f"{one} came out in {channel}, but never went in"
            for channel, count in self.found.items()
            for one in count.keys() - self.inputs
        ]
        for one in sorted(self.inputs):
            got = {channel: count[one] for channel, count in self.found.items() if count[one]}
            due = {Channel.DEAD: 1} if one in self.letters else per_article
            right = (
                got == due if once else got.keys() == due.keys() and all(got[c] >= n for c, n in due.items())
            )
            if not right:
                problems.append(f"{one}: {json.dumps(got)} instead of {json.dumps(due)}")
        return problems


async def account(brokers: str, prefix: str, channels: Iterable[Channel]) -> Account:
    """Reads the raw topic, these output topics and the dead letters."""
    raw = await read_topic(brokers, topic_name(Channel.RAW, prefix))
    topics = {
        channel: await read_topic(brokers, topic_name(channel, prefix))
        for channel in (*channels, Channel.DEAD)
    }
    return Account(
        {f"{one.topic}/{one.partition}/{one.offset}" for one in raw},
        {channel: Counter(map(origin, records)) for channel, records in topics.items()},
        {origin(letter): letter for letter in topics[Channel.DEAD]},
    )


async def settled(
    brokers: str,
    prefix: str,
    channels: Iterable[Channel],
    *,
    within: float = 60,
    watch: Callable[[], None] = lambda: None,
) -> Account:
    """The account once every input has its outputs or its letter; as it is where that takes too long."""
    deadline = asyncio.get_running_loop().time() + within
    while True:
        now = await account(brokers, prefix, channels)
        if not now.unsettled or asyncio.get_running_loop().time() > deadline:
            return now
        watch()
        await asyncio.sleep(0.5)
