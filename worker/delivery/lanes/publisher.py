"""One batch's records and its input's offset, published as one: exactly once, or at least once.

Both ways have the same three verbs: `start` says where to go on from, `publish` returns when everything is on
the brokers and the offset is committed, `stop` throws the publisher away. One that failed is never used
again: aiokafka can't bump a producer's epoch, and an abort would first flush what can't be sent.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Protocol

from aiokafka import AIOKafkaProducer, TopicPartition
from aiokafka.structs import OffsetAndMetadata

from worker import metrics
from worker.channels import SPECS, Channel, topic_name
from worker.delivery.kafka.connection import client_options, without_making_topics
from worker.delivery.kafka.offsets import committed_offset
from worker.delivery.kafka.sending import NO_LOTS, Record, know_topics, send, throw_away
from worker.delivery.kafka.topic_identity import UNKNOWN, topic_id
from worker.settings import Delivery, Settings

# Records of one partition travel together; a record larger than this travels alone.
PRODUCE_BATCH_BYTES = 256 << 10

_SEND, _OFFSET, _COMMIT = (metrics.BATCH_STEP.labels(step) for step in ("send", "offset", "commit"))


class Publisher(Protocol):
    """What a lane delivers through. Made for one partition, used by one lane at a time."""

    async def start(self) -> int | None:
        """Gets ready and returns the offset to go on from; None where nothing was ever committed."""

    async def publish(
        self, records: Sequence[Record], next_offset: int, *, lots: Mapping[int, int] = NO_LOTS
    ) -> None:
        """Writes the records and commits the offset. `lots`: inputs whose records travel apart (see `send`).

        Raises RecordRefused where records are at fault; after any exception the publisher is spent.
        """

    async def stop(self) -> None:
        """Throws the publisher away, within a few seconds, whatever state it is in."""


Commit = Callable[[TopicPartition, OffsetAndMetadata], Awaitable[None]]
PublisherFactory = Callable[[Settings, TopicPartition, Commit], Publisher]


class ExactlyOnce:
    """Records and offset in one transaction, under a transactional id that belongs to the partition.

    Starting ends or aborts what a former owner left open and fences it off; only then is the committed offset
    read. That order is what makes it right.
    """

    def __init__(self, settings: Settings, partition: TopicPartition, commit: Commit) -> None:
        self._partition = partition
        self._group = settings.group_id
        self._mark = UNKNOWN
        self._topics = topics(settings)
        self._producer = AIOKafkaProducer(
            # "/" is in no topic's name, so no two partitions share an id; the default group carries the
            # prefix.
            transactional_id=f"{settings.group_id}/{partition.topic}/{partition.partition}",
            transaction_timeout_ms=int(settings.transaction_timeout_seconds * 1000),
            **producer_options(settings),
        )
        without_making_topics(self._producer.client)

    async def start(self) -> int | None:
        await self._producer.start()
        await know_topics(self._producer.client, self._topics.values())
        self._mark = await topic_id(self._producer.client, self._partition.topic)
        return await committed_offset(self._producer, self._group, self._partition, self._mark)

    async def publish(
        self, records: Sequence[Record], next_offset: int, *, lots: Mapping[int, int] = NO_LOTS
    ) -> None:
        await self._producer.begin_transaction()
        try:
            with _SEND.time():
                await send(self._producer, self._topics, records, lots=lots)
            offsets = {self._partition: OffsetAndMetadata(next_offset, self._mark)}
            with _OFFSET.time():
                await self._producer.send_offsets_to_transaction(offsets, self._group)
            with _COMMIT.time():
                await self._producer.commit_transaction()
        except Exception as error:
            if (told := self._told_of_transaction()) not in (None, error):
                raise told from error
            raise

    async def stop(self) -> None:
        await throw_away(self._producer)

    def _told_of_transaction(self) -> BaseException | None:
        """What the coordinator refused, such as a partition: what was sent there all the same says less."""
        ended = self._producer._txn_manager._transaction_waiter
        return ended.exception() if ended is not None and ended.done() and not ended.cancelled() else None


class AtLeastOnce:
    """Every record acknowledged, then the offset committed through the consumer.

    For clusters that grant no transactional ids. A worker that dies in between leaves a batch to be written
    twice.
    """

    def __init__(self, settings: Settings, partition: TopicPartition, commit: Commit) -> None:
        self._partition = partition
        self._group = settings.group_id
        self._mark = UNKNOWN
        self._commit = commit
        self._topics = topics(settings)
        self._producer = AIOKafkaProducer(enable_idempotence=True, **producer_options(settings))
        without_making_topics(self._producer.client)

    async def start(self) -> int | None:
        await self._producer.start()
        await know_topics(self._producer.client, self._topics.values())
        self._mark = await topic_id(self._producer.client, self._partition.topic)
        return await committed_offset(self._producer, self._group, self._partition, self._mark)

    async def publish(
        self, records: Sequence[Record], next_offset: int, *, lots: Mapping[int, int] = NO_LOTS
    ) -> None:
        with _SEND.time():
            await send(self._producer, self._topics, records, lots=lots)
        with _COMMIT.time():
            await self._commit(self._partition, OffsetAndMetadata(next_offset, self._mark))

    async def stop(self) -> None:
        await throw_away(self._producer)


PUBLISHERS: dict[Delivery, PublisherFactory] = {
    Delivery.EXACTLY_ONCE: ExactlyOnce,
    Delivery.AT_LEAST_ONCE: AtLeastOnce,
}


def producer_options(settings: Settings) -> dict[str, Any]:
    """What both kinds of producer have in common."""
    return {
        **client_options(settings),
        "client_id": settings.group_id,
        "acks": "all",
        "compression_type": None if settings.compression == "none" else settings.compression,
        "max_batch_size": PRODUCE_BATCH_BYTES,
        # The topics' own limits decide; this one only keeps a single record from filling the memory.
        "max_request_size": max(spec.max_message_bytes for spec in SPECS.values()),
        # One request may take as long as a whole delivery, whose deadline is the lane's.
        "request_timeout_ms": int(settings.deliver_seconds * 1000),
    }


def topics(settings: Settings) -> dict[Channel, str]:
    """Where each channel's records go: the outputs that are switched on, and dead letters."""
    return {channel: topic_name(channel, settings.topic_prefix) for channel in settings.written}
