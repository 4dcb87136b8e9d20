"""Writes and reads topics, and compares a test's inputs with its outputs, by origin."""

import asyncio
import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.errors import KafkaError
from aiokafka.structs import ConsumerRecord

from worker.channels import Channel, topic_name
from worker.delivery.kafka.connection import FETCH_WAIT_MS
from worker.records.messages import OutMessage

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


def _reader(brokers: str, *, committed: bool) -> AIOKafkaConsumer:
    return AIOKafkaConsumer(
        bootstrap_servers=brokers,
        enable_auto_commit=False,
        isolation_level="read_committed" if committed else "read_uncommitted",
        fetch_max_wait_ms=FETCH_WAIT_MS,
    )


async def read_topic(brokers: str, topic: str, *, committed: bool = True) -> KafkaRecords:
    """Everything a topic holds, up to where it ended when asked."""
    consumer = _reader(brokers, committed=committed)
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


def event_name(record: KafkaRecord | OutMessage) -> tuple[bytes, bytes]:
    """A record's `origin` and `ce_id`, by which its repeats are told from other records.

    The `ce_id` alone does not do: an article that was published twice in the same bytes has it twice.
    """
    headers = dict(record.headers)
    return headers.get("origin") or b"", headers.get("ce_id") or b""


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


class _Books:
    """Keeps the account of a test: each look reads only what came since the last one."""

    def __init__(self, consumer: AIOKafkaConsumer, topics: dict[str, Channel], raw: str) -> None:
        self._consumer, self._topics, self._raw = consumer, topics, raw
        self._now = Account(set(), {channel: Counter() for channel in {*topics.values()} - {Channel.RAW}})
        self._outputs: list[TopicPartition] = []
        self._inputs: list[TopicPartition] = []

    async def open(self) -> None:
        """Begins at each topic's start."""
        await self._consumer.start()
        for topic in self._topics:
            numbers = await self._consumer._client._wait_on_metadata(topic)
            partitions = self._inputs if topic == self._raw else self._outputs
            partitions += [TopicPartition(topic, number) for number in numbers]
        both = [*self._inputs, *self._outputs]
        self._consumer.assign(both)
        await self._consumer.seek_to_beginning(*both)

    async def look(self) -> Account:
        """The account of all that the topics hold now."""
        # The raw topic's end comes last, so that nothing comes out that has not gone in.
        ends = await self._consumer.end_offsets(self._outputs)
        ends |= await self._consumer.end_offsets(self._inputs)
        while any([await self._consumer.position(tp) < end for tp, end in ends.items()]):
            for batch in (await self._consumer.getmany(timeout_ms=200)).values():
                for record in batch:
                    self._enter(record)
        return self._now

    def _enter(self, record: KafkaRecord) -> None:
        channel = self._topics[record.topic]
        if channel is Channel.RAW:
            self._now.inputs.add(f"{record.topic}/{record.partition}/{record.offset}")
            return
        self._now.found[channel][origin(record)] += 1
        if channel is Channel.DEAD:
            self._now.letters[origin(record)] = record


async def settled(brokers: str, prefix: str, channels: Iterable[Channel], *, within: float = 60) -> Account:
    """The account of the raw topic, these output topics and the dead letters.

    Once every input has its outputs or its letter; as it is where that takes too long. Without transactions
    an article's outputs come one by one: it is settled where a second look finds no more.
    """
    deadline = asyncio.get_running_loop().time() + within
    topics = {topic_name(channel, prefix): channel for channel in (Channel.RAW, *channels, Channel.DEAD)}
    consumer = _reader(brokers, committed=True)
    books = _Books(consumer, topics, topic_name(Channel.RAW, prefix))
    try:
        await books.open()
        found = -1
        while True:
            before, now = found, await books.look()
            found = sum(count.total() for count in now.found.values())
            is_settled = not now.unsettled and found == before
            if is_settled or asyncio.get_running_loop().time() > deadline:
                return now
            await asyncio.sleep(0.2)
    finally:
        await consumer.stop()
