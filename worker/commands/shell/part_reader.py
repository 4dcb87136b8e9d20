"""Reads parts of topics, by time and partition, and keeps account of what was read and what it cost."""

from collections.abc import AsyncGenerator, Collection, Iterable
from dataclasses import dataclass, field
from typing import Any

import orjson
from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from aiokafka.partitioner import DefaultPartitioner

from worker.commands.shell.cluster import asking
from worker.commands.shell.reading import Ends, ends_of, read_records, record_at
from worker.commands.shell.terminal import Problem, Progress, counted
from worker.records.cloudevents import rfc3339
from worker.settings import Settings

TopicRecord = ConsumerRecord[bytes, bytes]
# Clocks of workers, brokers and this machine may differ: by a minute each, or the worker writes nothing.
CLOCKS_MS = 120_000
# Bytes that a record takes beside its key, value and headers, about.
_OVERHEAD_BYTES = 10


@dataclass(frozen=True)
class TimeWindow:
    """A time range, in milliseconds since the epoch; None: from the topic's start, or to its end."""

    since_ms: int | None = None
    until_ms: int | None = None


WHOLE = TimeWindow()


@dataclass
class Searched:
    """A part of a topic that was read, what for, and how much it was."""

    topic: str
    partitions: tuple[int, ...]
    of_partitions: int
    window: TimeWindow
    what: str
    records: int = 0
    bytes: int = 0

    def as_fields(self) -> dict[str, Any]:
        since, until = self.window.since_ms, self.window.until_ms
        return {
            "topic": self.topic,
            "partitions": list(self.partitions),
            "of_partitions": self.of_partitions,
            "since": None if since is None else rfc3339(since),
            "until": None if until is None else rfc3339(until),
            "for": self.what,
            "records": self.records,
            "bytes": self.bytes,
        }


@dataclass
class PartReader:
    """Reads committed records. `topics` are the cluster's, with their numbers of partitions.

    `searched` is what was read so far; progress is shown on `bar`.
    """

    settings: Settings
    client: AIOKafkaConsumer
    topics: dict[str, int]
    bar: Progress
    searched: list[Searched] = field(default_factory=list)

    def partition_of(self, topic: str, key: bytes) -> int:
        """Where Kafka's own partitioner puts a key, as do Dateline's producers and those of Java clients."""
        choices = list(range(self.topics[topic]))
        return int(DefaultPartitioner()(key, choices, choices))

    def all_of(self, topic: str) -> range:
        """All partitions of a topic; none if there is no such topic."""
        return range(self.topics.get(topic, 0))

    async def check_written(self, partition: TopicPartition, offset: int) -> None:
        """Raises Problem if there can't be a record at a place, since its log is not so long."""
        place = f"{partition.topic}/{partition.partition}/{offset}"
        if partition.partition not in self.all_of(partition.topic):
            count = self.topics.get(partition.topic, 0)
            raise Problem(f"no {place}: {partition.topic} has {counted(count, 'partition')}")
        end = (await ends_of(self.client, [partition], self.settings))[partition]
        if offset >= end:
            raise Problem(f"no {place}: what is committed of the partition ends before offset {end}")

    async def count_from(
        self, topic: str, partitions: Collection[int], starts: dict[TopicPartition, int]
    ) -> int:
        """How many offsets there are from `starts` on, or from where the log begins if that is later."""
        asked = [TopicPartition(topic, number) for number in partitions]
        if not asked:
            return 0
        begins, ends = await self._bounds(asked, WHOLE)
        return sum(max(0, ends[tp] - max(begins[tp], starts.get(tp, 0))) for tp in asked)

    async def at(self, partition: TopicPartition, offset: int) -> TopicRecord | None:
        """The record at a place; None if there is none that is committed and still kept."""
        if partition.partition not in self.all_of(partition.topic):
            return None
        return await record_at(self.client, self.settings, partition, offset)

    async def scan(
        self,
        topic: str,
        partitions: Collection[int],
        window: TimeWindow,
        what: str,
        *,
        starts: dict[TopicPartition, int] | None = None,
    ) -> AsyncGenerator[TopicRecord, None]:
        """The records of these partitions within the window, in order within a partition.

        `starts`: the offsets to begin at, if they are later. `what` is looked for, in a few words.
        """
        asked = [TopicPartition(topic, number) for number in sorted(set(partitions))]
        if not asked:
            return
        self.client.assign(asked)
        begins, ends = await self._bounds(asked, window)
        for partition in asked:
            begins[partition] = max(begins[partition], (starts or {}).get(partition, 0))
            self.client.seek(partition, begins[partition])
        entry = Searched(topic, tuple(tp.partition for tp in asked), self.topics[topic], window, what)
        self.searched.append(entry)
        total = sum(max(0, ends[partition] - begins[partition]) for partition in asked)
        reached = dict(begins)
        async for record in read_records(self.client, asked, self.settings, ends=ends):
            reached[TopicPartition(topic, record.partition)] = record.offset + 1
            entry.records += 1
            entry.bytes += _size(record)
            done = sum(reached.values()) - sum(begins.values())
            self.bar.update(0, f"{topic}: {done:,} of {total:,} offsets read for {what}")
            yield record

    async def _bounds(
        self, partitions: Collection[TopicPartition], window: TimeWindow
    ) -> tuple[dict[TopicPartition, int], Ends]:
        """Where the window begins and ends in each partition."""
        client = self.client
        ends = await ends_of(client, list(partitions), self.settings)
        async with asking(self.settings):
            begins = dict(await client.beginning_offsets(list(partitions)))
            if window.since_ms is not None:
                found = await client.offsets_for_times(dict.fromkeys(partitions, max(0, window.since_ms)))
                begins = {tp: found[tp].offset if found.get(tp) else ends[tp] for tp in partitions}
            if window.until_ms is not None:
                found = await client.offsets_for_times(dict.fromkeys(partitions, max(0, window.until_ms)))
                ends = {
                    tp: min(ends[tp], found[tp].offset) if found.get(tp) else ends[tp] for tp in partitions
                }
        return begins, ends


def value_of(record: TopicRecord) -> dict[str, Any]:
    """The record's value if it is a JSON object; else an empty one."""
    try:
        value = orjson.loads(record.value or b"null")
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


def _size(record: TopicRecord) -> int:
    headers = sum(len(name) + len(value or b"") for name, value in record.headers)
    return len(record.key or b"") + len(record.value or b"") + headers + _OVERHEAD_BYTES


def united(windows: Iterable[TimeWindow]) -> list[TimeWindow]:
    """The same times as windows that do not overlap, in their order."""
    merged: list[TimeWindow] = []
    for window in sorted(windows, key=lambda each: each.since_ms or 0):
        last = merged[-1] if merged else None
        if last is not None and (last.until_ms is None or (window.since_ms or 0) <= last.until_ms):
            open_end = last.until_ms is None or window.until_ms is None
            until = None if open_end else max(last.until_ms or 0, window.until_ms or 0)
            merged[-1] = TimeWindow(last.since_ms, until)
        else:
            merged.append(window)
    return merged
