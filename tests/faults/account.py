"""What went in against what came out, by origin, as a reader of committed records sees it."""

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

# What clients raise in a cluster that is broken; aiokafka asserts that there are brokers at all.
CLIENT_ERRORS = (KafkaError, TimeoutError, AssertionError)

Record = ConsumerRecord[bytes, bytes]
Records = list[Record]


async def feed(
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


async def read(brokers: str, topic: str, *, committed: bool = True) -> Records:
    """Everything a topic holds, up to where it ended when asked."""
    consumer = AIOKafkaConsumer(
        bootstrap_servers=brokers,
        enable_auto_commit=False,
        isolation_level="read_committed" if committed else "read_uncommitted",
    )
    await consumer.start()
    try:
        partitions = [
            TopicPartition(topic, number) for number in await consumer._client._wait_on_metadata(topic)
        ]
        consumer.assign(partitions)
        await consumer.seek_to_beginning(*partitions)
        ends = await consumer.end_offsets(partitions)
        records: Records = []
        while any([await consumer.position(tp) < end for tp, end in ends.items()]):
            for batch in (await consumer.getmany(timeout_ms=200)).values():
                records += batch
        return records
    finally:
        await consumer.stop()


async def ends(brokers: str, topics: Iterable[str], *, committed: bool = True) -> dict[TopicPartition, int]:
    """Where partitions end; for readers of committed records that is before an open transaction."""
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


def header(record: Record, name: str) -> str | None:
    """The last header of this name, as text."""
    return next((value.decode() for key, value in reversed(record.headers) if key == name), None)


def origin(record: Record) -> str:
    """The raw record it comes of: by `origin`, a dead letter by the headers that say where it was."""
    place = [header(record, f"dead-letter-{part}") for part in ("topic", "partition", "offset")]
    return header(record, "origin") or "/".join(map(str, place))


@dataclass
class Account:
    """Inputs, and for each output topic how often each origin was found in it."""

    inputs: set[str]
    found: dict[Channel, Counter[str]]
    letters: dict[str, Record] = field(default_factory=dict)

    @property
    def unsettled(self) -> set[str]:
        """Inputs that have neither outputs nor a letter yet."""
        return self.inputs - self.letters.keys() - self.found[Channel.ENRICHED].keys()

    def problems(self, per_article: dict[Channel, int], *, once: bool = True) -> list[str]:
        """What is not as it should be, in words; empty: each input has its outputs or its letter, each once.

        `once` false: at least once.
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
    raw = await read(brokers, topic_name(Channel.RAW, prefix))
    topics = {
        channel: await read(brokers, topic_name(channel, prefix)) for channel in (*channels, Channel.DEAD)
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
    """The account once every input has its outputs or its letter, or as it stands after so many seconds."""
    deadline = asyncio.get_running_loop().time() + within
    while True:
        now = await account(brokers, prefix, channels)
        if not now.unsettled or asyncio.get_running_loop().time() > deadline:
            return now
        watch()
        await asyncio.sleep(0.5)
