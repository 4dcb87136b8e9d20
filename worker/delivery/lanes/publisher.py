"""One batch's records and its input's offset, published together: exactly once, or at least once.

Both publishers have the same methods. `start` says which offset to go on from, and `begin` commits it where
there was none. `publish` returns when every record is on the brokers and the offset is committed, `stop`
discards the publisher. A publisher that failed is never used again: aiokafka can't raise a producer's epoch,
and aborting would first wait for records that can't be sent.
"""

import time
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Protocol

from aiokafka import AIOKafkaProducer, TopicPartition
from aiokafka.structs import OffsetAndMetadata

from worker import metrics
from worker.channels import SPECS, Channel
from worker.delivery.kafka.connection import client_name, client_options, without_making_topics
from worker.delivery.kafka.offsets import committed_offset
from worker.delivery.kafka.progress import position_message
from worker.delivery.kafka.sending import (
    NO_GROUPS,
    NowMs,
    OutgoingRecord,
    discard,
    load_topics,
    send,
    unchecked_now_ms,
)
from worker.delivery.kafka.topic_identity import UNKNOWN, topic_id
from worker.delivery.lanes.recent import RecentDeliveries
from worker.settings import Delivery, Settings

# Records of one partition travel together; a record larger than this travels alone.
PRODUCE_BATCH_BYTES = 256 << 10

_SEND, _OFFSET, _COMMIT = (metrics.BATCH_STEP.labels(step) for step in ("send", "offset", "commit"))


class Publisher(Protocol):
    """What a lane delivers through. Made for one partition, used by one lane at a time."""

    async def start(self) -> int | None:
        """Gets ready; returns the committed offset, or None if the group never committed one."""

    async def begin(self, offset: int) -> None:
        """Commits the offset to begin at, where the group has none."""

    async def publish(
        self,
        records: Sequence[OutgoingRecord],
        next_offset: int,
        *,
        inputs: int = 0,
        groups: Mapping[int, int] = NO_GROUPS,
    ) -> None:
        """Writes the records and commits the offset. `groups`: inputs to send apart from others (see `send`).

        `inputs`: how many inputs the records come of.

        Raises RecordRefused if records are at fault. After any exception the publisher can't be used again.
        """

    async def stop(self) -> None:
        """Discards the publisher, in whatever state it is, within a few seconds."""


Topics = Mapping[Channel, str]
"""The topic of each channel that a publisher writes."""
Commit = Callable[[TopicPartition, OffsetAndMetadata], Awaitable[None]]
PublisherFactory = Callable[[Settings, TopicPartition, Topics, Commit, NowMs], Publisher]


class _ProducerPublisher(ABC):
    """What both publishers share: a producer, and where its partition is to be read from."""

    def __init__(
        self,
        settings: Settings,
        partition: TopicPartition,
        topics: Topics,
        now_ms: NowMs,
        **options: object,
    ) -> None:
        self._partition, self._now_ms = partition, now_ms
        self._topics = {**topics, Channel.PROGRESS: settings.topic(Channel.PROGRESS)}
        self._group = settings.group_id
        self._topic_id = UNKNOWN
        self._recent = RecentDeliveries(0, at=time.monotonic())
        self._producer = AIOKafkaProducer(**producer_options(settings, partition), **options)
        without_making_topics(self._producer.client)

    async def start(self) -> int | None:
        await self._producer.start()
        await load_topics(self._producer.client, self._topics.values())
        self._topic_id = await topic_id(self._producer.client, self._partition.topic)
        committed = await committed_offset(self._producer, self._group, self._partition, self._topic_id)
        if committed is not None:
            self._recent = RecentDeliveries(committed, at=time.monotonic())
        return committed

    async def begin(self, offset: int) -> None:
        self._recent = RecentDeliveries(offset, at=time.monotonic())
        await self.publish((), offset)

    @abstractmethod
    async def publish(
        self,
        records: Sequence[OutgoingRecord],
        next_offset: int,
        *,
        inputs: int = 0,
        groups: Mapping[int, int] = NO_GROUPS,
    ) -> None: ...

    async def stop(self) -> None:
        await discard(self._producer)

    async def _send(
        self, records: Sequence[OutgoingRecord], next_offset: int, inputs: int, groups: Mapping[int, int]
    ) -> None:
        """Sends the records, and with them how far they bring the group."""
        lately = self._recent.told_with(inputs, at=time.monotonic())
        progress = position_message(self._group, self._partition, next_offset, self._topic_id, lately)
        records = [*records, OutgoingRecord(next_offset - 1, progress)]
        with _SEND.time():
            await send(self._producer, self._topics, records, groups=groups, now_ms=self._now_ms)

    def _offset(self, next_offset: int) -> OffsetAndMetadata:
        """Committed with the id of its topic, so that it does not count for a topic made anew."""
        return OffsetAndMetadata(next_offset, self._topic_id)


class ExactlyOnce(_ProducerPublisher):
    """Records and offset in one transaction, under a transactional id that belongs to the partition.

    Starting the producer ends or aborts what a former owner left open, and fences that owner off. Only then
    is the committed offset read. This order makes it exactly once.
    """

    def __init__(
        self,
        settings: Settings,
        partition: TopicPartition,
        topics: Topics,
        _commit: Commit | None = None,
        now_ms: NowMs = unchecked_now_ms,
    ) -> None:
        super().__init__(
            settings,
            partition,
            topics,
            now_ms,
            # No topic's name has a "/", so no two partitions share an id. The default group carries the topic
            # prefix, so neither do two installations on one cluster.
            transactional_id=f"{settings.group_id}/{partition.topic}/{partition.partition}",
            transaction_timeout_ms=int(settings.transaction_timeout_seconds * 1000),
        )

    async def publish(
        self,
        records: Sequence[OutgoingRecord],
        next_offset: int,
        *,
        inputs: int = 0,
        groups: Mapping[int, int] = NO_GROUPS,
    ) -> None:
        await self._producer.begin_transaction()
        try:
            await self._send(records, next_offset, inputs, groups)
            with _OFFSET.time():
                await self._producer.send_offsets_to_transaction(
                    {self._partition: self._offset(next_offset)}, self._group
                )
            with _COMMIT.time():
                await self._producer.commit_transaction()
            self._recent.add(inputs, next_offset, at=time.monotonic())
        except Exception as error:
            if (cause := self._coordinator_error()) not in (None, error):
                raise cause from error
            raise

    def _coordinator_error(self) -> BaseException | None:
        """What the coordinator refused, such as a partition. Errors of records sent there anyway say less."""
        ended = self._producer._txn_manager._transaction_waiter
        return ended.exception() if ended is not None and ended.done() and not ended.cancelled() else None


class AtLeastOnce(_ProducerPublisher):
    """Every record acknowledged, then the offset committed through the consumer.

    For clusters that grant no transactional ids. If a worker dies in between, the batch is written twice.
    """

    def __init__(
        self,
        settings: Settings,
        partition: TopicPartition,
        topics: Topics,
        commit: Commit,
        now_ms: NowMs = unchecked_now_ms,
    ) -> None:
        super().__init__(settings, partition, topics, now_ms, enable_idempotence=True)
        self._commit = commit

    async def publish(
        self,
        records: Sequence[OutgoingRecord],
        next_offset: int,
        *,
        inputs: int = 0,
        groups: Mapping[int, int] = NO_GROUPS,
    ) -> None:
        await self._send(records, next_offset, inputs, groups)
        with _COMMIT.time():
            await self._commit(self._partition, self._offset(next_offset))
        self._recent.add(inputs, next_offset, at=time.monotonic())


PUBLISHERS: dict[Delivery, PublisherFactory] = {
    Delivery.EXACTLY_ONCE: ExactlyOnce,
    Delivery.AT_LEAST_ONCE: AtLeastOnce,
}


def producer_options(settings: Settings, partition: TopicPartition) -> dict[str, Any]:
    """What both kinds of producer have in common. `partition`: the input that one delivers."""
    return {
        **client_options(settings),
        "client_id": client_name(settings, f"{partition.topic}/{partition.partition}"),
        "acks": "all",
        "compression_type": None if settings.compression == "none" else settings.compression,
        "max_batch_size": PRODUCE_BATCH_BYTES,
        # The topics' own limits decide; this one only keeps a single record from filling memory.
        "max_request_size": max(spec.max_message_bytes for spec in SPECS.values()),
        # One request may take as long as a whole delivery, whose deadline is the lane's.
        "request_timeout_ms": int(settings.deliver_seconds * 1000),
    }
