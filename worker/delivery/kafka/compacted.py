"""Reads a compacted topic as a whole, outside any group: from its start to its end, and on from there."""

import asyncio
import logging
from collections.abc import AsyncGenerator, Callable, Iterable, Mapping
from typing import Self

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition

from worker.delivery.kafka import wire  # noqa: F401 (lets consumers read header names that are not UTF-8)
from worker.delivery.kafka.connection import FETCH_WAIT_MS, client_name, client_options, without_making_topics
from worker.delivery.kafka.errors import FatalError
from worker.delivery.kafka.faulty import why_unread
from worker.delivery.kafka.sending import load_topics
from worker.delivery.kafka.topic_identity import topic_id
from worker.delivery.kafka.unpacking import bound_batches
from worker.log import log_event
from worker.settings import Settings

log = logging.getLogger(__name__)

COMPACTED_POLL_MS = 500
METADATA_AGE_SECONDS = 10
# So few records that others have their turn in between.
_AT_ONCE = 1000
IDENTITY_SECONDS = 3.0

CompactedRecords = list[ConsumerRecord[bytes, bytes]]
CompactedValues = dict[bytes | None, bytes]
"""By key: the values alone, since there may be a hundred thousand and records are ten times as large."""


class CompactedTopic:
    """`async with CompactedTopic(...)`: the committed records of a topic, or of one of its partitions.

    Raises FatalError if the topic or the partition does not exist, and aiokafka's errors if it can't be read.
    """

    def __init__(self, settings: Settings, topic: str, *, partition: int | None = None) -> None:
        self.topic = topic
        self._only = partition
        bound_batches(settings)
        self._consumer = AIOKafkaConsumer(
            **client_options(settings),
            client_id=client_name(settings),
            group_id=None,
            enable_auto_commit=False,
            auto_offset_reset="none",
            isolation_level="read_committed",
            metadata_max_age_ms=METADATA_AGE_SECONDS * 1000,
            fetch_max_wait_ms=FETCH_WAIT_MS,
        )
        without_making_topics(self._consumer._client)
        self.partitions: set[int] = set()
        self.identity = ""
        """The topic's id when it was opened; empty if no broker told it."""

    async def __aenter__(self) -> Self:
        try:
            await self._consumer.start()
            await load_topics(self._consumer._client, [self.topic])
            self.identity = await topic_id(self._consumer._client, self.topic)
            self.partitions = self._existing() if self._only is None else {self._only}
            if not self.partitions <= self._existing():
                raise FatalError(
                    f"{self.topic} has no partition {self._only}: it takes as many as its siblings"
                )
            partitions = [TopicPartition(self.topic, partition) for partition in self.partitions]
            self._consumer.assign(partitions)
            for partition, offset in (await self._consumer.beginning_offsets(partitions)).items():
                self._consumer.seek(partition, offset)
        except BaseException:
            await self._consumer.stop()
            raise
        return self

    async def __aexit__(self, *_error: object) -> None:
        await self._consumer.stop()

    async def to_the_end(
        self, *, at_once: int, ends: Mapping[TopicPartition, int] | None = None
    ) -> AsyncGenerator[CompactedRecords, None]:
        """All records up to `ends`, at most `at_once` at a time, in order within a partition.

        By default up to what is committed now.
        """
        ends = ends or await self._consumer.end_offsets(list(self._consumer.assignment()))
        while [tp for tp, end in ends.items() if await self._consumer.position(tp) < end]:
            yield await self.more(at_once=at_once)

    async def more(self, *, at_once: int) -> CompactedRecords:
        """The records that come next; an empty list if none come within half a second.

        What a batch that is too large or damaged leaves unread is logged and left out.
        """
        fetched = await self._consumer.getmany(timeout_ms=COMPACTED_POLL_MS, max_records=at_once)
        return [record for records in fetched.values() for record in records if _was_read(record)]

    async def is_another(self) -> bool:
        """Whether the topic was made anew since it was opened, or has other partitions now.

        Raises TimeoutError if the topic is gone or the brokers that hold it do not answer.
        """
        async with asyncio.timeout(IDENTITY_SECONDS):
            await self._consumer.end_offsets(list(self._consumer.assignment()))
            identity = await topic_id(self._consumer._client, self.topic)
        return bool(identity and self.identity and identity != self.identity) or (
            self._only is None and bool(self._existing()) and self._existing() != self.partitions
        )

    async def standing_of(self, partition: TopicPartition) -> tuple[str, int]:
        """The id of another partition's topic, empty if no broker tells it, and where that partition ends."""
        await load_topics(self._consumer._client, [self.topic, partition.topic])
        ends = await self._consumer.end_offsets([partition])
        return await topic_id(self._consumer._client, partition.topic), int(ends[partition])

    def _existing(self) -> set[int]:
        return set(self._consumer.partitions_for_topic(self.topic) or ())


async def read_partition(
    settings: Settings,
    topic: str,
    partition: int,
    is_relevant: Callable[[ConsumerRecord[bytes, bytes]], bool],
) -> CompactedValues:
    """The partition's values as compaction would leave them: the last of each key, without tombstones.

    Records that are not relevant are ignored, so an earlier record of their key counts instead, if
    compaction has not removed it yet.
    """
    latest: CompactedValues = {}
    async with CompactedTopic(settings, topic, partition=partition) as reader:
        async for records in reader.to_the_end(at_once=_AT_ONCE):
            _keep_latest(latest, filter(is_relevant, records))
            await asyncio.sleep(0)
    return latest


async def read_beside(
    settings: Settings,
    partition: TopicPartition,
    beside: TopicPartition,
    take: Callable[[ConsumerRecord[bytes, bytes]], None],
) -> tuple[str, int]:
    """Gives each committed record of a partition to `take`, in order, as far as there are any now.

    Returns the id of the topic of `beside`, and where that partition ends.
    """
    async with CompactedTopic(settings, partition.topic, partition=partition.partition) as reader:
        identity, end = await reader.standing_of(beside)
        async for records in reader.to_the_end(at_once=_AT_ONCE):
            for record in records:
                take(record)
            await asyncio.sleep(0)
    return identity, end


def _was_read(record: ConsumerRecord[bytes, bytes]) -> bool:
    why = why_unread(record)
    if why:
        place = f"{record.topic}/{record.partition}/{record.offset}"
        log_event(log, logging.ERROR, "record passed over", place=place, error=why)
    return not why


def _keep_latest(latest: CompactedValues, records: Iterable[ConsumerRecord[bytes, bytes]]) -> None:
    for record in records:
        if record.value is None:
            latest.pop(record.key, None)
        else:
            latest[record.key] = record.value
