"""Where a lane begins for whose partition the group has no committed offset."""

import asyncio
import logging
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager

from aiokafka import AIOKafkaConsumer, TopicPartition

from worker.channels import Channel
from worker.delivery.kafka.connection import FETCH_WAIT_MS, client_name, client_options, without_making_topics
from worker.delivery.kafka.errors import FatalError
from worker.delivery.kafka.offsets import has_committed
from worker.delivery.kafka.progress import StoredProgress, read_progress
from worker.delivery.kafka.sending import load_topics
from worker.delivery.kafka.topic_identity import topic_id
from worker.log import log_event
from worker.settings import Settings, Start

log = logging.getLogger(__name__)


class Beginnings:
    """Says where lanes begin. One reading of all progress serves the lanes that ask for it before it begins.

    When a group's offsets are gone, all its lanes ask at once, and the topic holds a record a batch.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._one_at_a_time = asyncio.Lock()
        self._next_reading: asyncio.Task[StoredProgress] | None = None

    async def first_offset(self, partition: TopicPartition, outputs: Collection[Channel]) -> int:
        """The offset to begin at, by DATELINE_START. `outputs`: the channels that come of the partition.

        Raises FatalError if the group has delivered before and nobody knows how far.
        """
        settings = self._settings
        topics = [settings.topic(channel) for channel in outputs]
        async with _offset_reader(settings, [partition.topic, *topics]) as reader:
            earliest = int((await reader.beginning_offsets([partition]))[partition])
            end = int((await reader.end_offsets([partition]))[partition])
            match settings.start:
                case Start.EARLIEST:
                    return _begin(partition, earliest, "DATELINE_START=earliest")
                case Start.LATEST:
                    return _begin(partition, end, "DATELINE_START=latest")
            if earliest == end:
                # Nothing is there to be read twice or passed over, so nobody is asked.
                return earliest
            progress = await self._progress()
            identity = await topic_id(reader._client, partition.topic)
            for group in filter(None, (settings.group_id, settings.former_group)):
                stored = progress.position(group, partition)
                if (
                    stored
                    and stored.offset is not None
                    and (not stored.topic_id or not identity or stored.topic_id == identity)
                ):
                    return _begin(partition, stored.offset, f"what {group} has stored")
            if await _is_new(settings, reader, partition, progress):
                return earliest
            written = [topic for topic in topics if await _holds_any(reader, topic)]
        if written:
            raise FatalError(
                f"nobody knows how far {partition.topic}/{partition.partition} was delivered: the group "
                f"{settings.group_id} has no offset of it, neither the brokers' nor one in "
                f"{settings.topic(Channel.PROGRESS)}, and {written[0]} is not empty; choose "
                "DATELINE_START=earliest (everything there is, written again if it was written before) or "
                "DATELINE_START=latest (only what comes from now on)"
            )
        return earliest

    async def _progress(self) -> StoredProgress:
        """All progress, read from now on: one that has begun may lack what a lane has just fenced off."""
        if self._next_reading is None:
            self._next_reading = asyncio.create_task(self._read())
            self._next_reading.add_done_callback(_retrieve_error)
        # Whoever gives up must not take the reading from the others.
        return await asyncio.shield(self._next_reading)

    async def _read(self) -> StoredProgress:
        async with self._one_at_a_time:
            self._next_reading = None
            return await _whole_progress(self._settings)


def _retrieve_error(reading: asyncio.Task[StoredProgress]) -> None:
    """Keeps asyncio from warning of an error that nobody waited for any more."""
    if not reading.cancelled():
        reading.exception()


def _begin(partition: TopicPartition, offset: int, by: str) -> int:
    log_event(
        log,
        logging.WARNING,
        "the group has no offset of this partition",
        topic=partition.topic,
        partition=partition.partition,
        begins_at=offset,
        by=by,
    )
    return offset


async def _is_new(
    settings: Settings, reader: AIOKafkaConsumer, partition: TopicPartition, progress: StoredProgress
) -> bool:
    """Whether the partition was added, or its topic made anew: the group knows others of that name.

    So does a group that takes over from one that knows them.
    """
    groups = filter(None, (settings.group_id, settings.former_group))
    if any(progress.knows(group, partition.topic) for group in groups):
        return True
    partitions = sorted(reader.partitions_for_topic(partition.topic) or ())
    return await has_committed(reader._client, settings.group_id, partition.topic, partitions)


async def _whole_progress(settings: Settings) -> StoredProgress:
    """All progress, also what stands behind a transaction that is still open: waits until that has ended."""
    topic = settings.topic(Channel.PROGRESS)
    async with _offset_reader(settings, [topic]) as reader:
        ends = await reader.end_offsets(_partitions(reader, topic))
    return await read_progress(settings, ends=ends)


async def _holds_any(reader: AIOKafkaConsumer, topic: str) -> bool:
    """Whether anything was ever written to the topic."""
    return any((await reader.end_offsets(_partitions(reader, topic))).values())


def _partitions(reader: AIOKafkaConsumer, topic: str) -> list[TopicPartition]:
    return [TopicPartition(topic, number) for number in sorted(reader.partitions_for_topic(topic) or ())]


@asynccontextmanager
async def _offset_reader(settings: Settings, topics: Collection[str]) -> AsyncIterator[AIOKafkaConsumer]:
    """A consumer without a group that knows these topics, and counts transactions that are still open."""
    consumer = AIOKafkaConsumer(
        **client_options(settings),
        client_id=client_name(settings),
        group_id=None,
        enable_auto_commit=False,
        isolation_level="read_uncommitted",
        fetch_max_wait_ms=FETCH_WAIT_MS,
    )
    without_making_topics(consumer._client)
    try:
        await consumer.start()
        await load_topics(consumer._client, topics)
        yield consumer
    finally:
        await consumer.stop()
