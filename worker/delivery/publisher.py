"""One batch's records and its input's offset, published as one: exactly once, or at least once.

Both ways have the same three verbs: `start` says where to go on from, `publish` returns when everything is on
the brokers and the offset is committed, `stop` throws the publisher away. One that failed is never used
again: aiokafka can't bump a producer's epoch, and an abort would first flush what can't be sent.
"""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Collection, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Protocol

from aiokafka import AIOKafkaProducer, TopicPartition
from aiokafka.errors import (
    KafkaConnectionError,
    KafkaError,
    MessageSizeTooLargeError,
    TopicAuthorizationFailedError,
)
from aiokafka.partitioner import DefaultPartitioner
from aiokafka.producer.message_accumulator import BatchBuilder
from aiokafka.record.default_records import DefaultRecordBatchBuilder

from worker.channels import SPECS, Channel, topic_name
from worker.delivery.connection import client_options
from worker.delivery.offsets import committed_offset
from worker.delivery.refusals import RECORDS_FAULT, Hopeless, RecordRefused, causes
from worker.records.messages import OutMessage
from worker.settings import Delivery, Settings

# Records of one partition travel together; a record larger than this travels alone.
PRODUCE_BATCH_BYTES = 256 << 10
STOP_SECONDS = 2.0
METADATA_TRIES, METADATA_RETRY_SECONDS = 10, 0.2


@dataclass(frozen=True, slots=True)
class Record:
    """One message to write, and the offset of the input it comes of."""

    origin: int
    message: OutMessage


class Publisher(Protocol):
    """What a lane delivers through. Made for one partition, used by one lane at a time."""

    async def start(self) -> int | None:
        """Gets ready and returns the offset to go on from; None where nothing was ever committed."""

    async def publish(self, records: Sequence[Record], next_offset: int, *, alone: bool = False) -> None:
        """Writes the records and commits the offset. `alone`: each record in a request of its own.

        Raises RecordRefused where records are at fault; after any exception the publisher is spent.
        """

    async def stop(self) -> None:
        """Throws the publisher away, within STOP_SECONDS, whatever state it is in."""


Commit = Callable[[TopicPartition, int], Awaitable[None]]
PublisherFactory = Callable[[Settings, TopicPartition, Commit], Publisher]


class ExactlyOnce:
    """Records and offset in one transaction, under a transactional id that belongs to the partition.

    Starting ends or aborts what a former owner left open and fences it off; only then is the committed offset
    read. That order is what makes it right.
    """

    def __init__(self, settings: Settings, partition: TopicPartition, commit: Commit) -> None:
        self._partition = partition
        self._group = settings.group_id
        self._topics = topics(settings)
        self._producer = AIOKafkaProducer(
            # "/" is in no topic's name, so no two partitions share an id; the default group carries the
            # prefix.
            transactional_id=f"{settings.group_id}/{partition.topic}/{partition.partition}",
            transaction_timeout_ms=int(settings.transaction_timeout_seconds * 1000),
            **producer_options(settings),
        )

    async def start(self) -> int | None:
        await self._producer.start()
        await know_topics(self._producer, self._topics.values())
        return await committed_offset(self._producer, self._group, self._partition)

    async def publish(self, records: Sequence[Record], next_offset: int, *, alone: bool = False) -> None:
        await self._producer.begin_transaction()
        await send(self._producer, self._topics, records, alone=alone)
        await self._producer.send_offsets_to_transaction({self._partition: next_offset}, self._group)
        await self._producer.commit_transaction()

    async def stop(self) -> None:
        await throw_away(self._producer)


class AtLeastOnce:
    """Every record acknowledged, then the offset committed through the consumer.

    For clusters that grant no transactional ids. A worker that dies in between leaves a batch to be written
    twice.
    """

    def __init__(self, settings: Settings, partition: TopicPartition, commit: Commit) -> None:
        self._partition = partition
        self._group = settings.group_id
        self._commit = commit
        self._topics = topics(settings)
        self._producer = AIOKafkaProducer(enable_idempotence=True, **producer_options(settings))

    async def start(self) -> int | None:
        await self._producer.start()
        await know_topics(self._producer, self._topics.values())
        return await committed_offset(self._producer, self._group, self._partition)

    async def publish(self, records: Sequence[Record], next_offset: int, *, alone: bool = False) -> None:
        await send(self._producer, self._topics, records, alone=alone)
        await self._commit(self._partition, next_offset)

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
    return {
        channel: topic_name(channel, settings.topic_prefix) for channel in (*settings.channels, Channel.DEAD)
    }


async def know_topics(producer: AIOKafkaProducer, names: Collection[str]) -> None:
    """Learns the topics' partitions, all in one request.

    Raises Hopeless, naming the topics, where some stay missing though the cluster answers.
    """
    client = producer.client
    await client.set_topics(list(names))
    for _ in range(METADATA_TRIES):
        missing = [name for name in names if client.cluster.partitions_for_topic(name) is None]
        if not missing:
            return
        if refused := client.cluster.unauthorized_topics.intersection(missing):
            raise TopicAuthorizationFailedError(", ".join(sorted(refused)))
        await asyncio.sleep(METADATA_RETRY_SECONDS)
        answered = await client.force_metadata_update()
    if not answered:
        raise KafkaConnectionError("no broker says where the topics are")
    raise Hopeless(missing_topics(missing))


def missing_topics(names: Iterable[str]) -> str:
    """What to say of topics that are not there."""
    return (
        f"missing on the cluster: {', '.join(sorted(names))}; `dateline topics create` makes what is missing"
    )


async def send(
    producer: AIOKafkaProducer, topics: dict[Channel, str], records: Sequence[Record], *, alone: bool
) -> None:
    """Sends the records and waits for every acknowledgement, whatever happens to the first.

    Raises RecordRefused if records are at fault, else the first other error.
    """
    by_partition = await _by_partition(producer, topics, records)
    results = await asyncio.gather(
        *(_send_to(producer, tp, parts, alone=alone) for tp, parts in by_partition.items()),
        return_exceptions=True,
    )
    errors = [result for result in results if result is not None]
    # A refused record leaves a hole in its partition's sequence: what follows fails of that, and says less.
    for error in sorted(errors, key=lambda error: not isinstance(error, RecordRefused)):
        raise error


async def _by_partition(
    producer: AIOKafkaProducer, topics: dict[Channel, str], records: Sequence[Record]
) -> dict[TopicPartition, list[Record]]:
    partitions = {
        channel: sorted(await producer.partitions_for(topics[channel]))
        for channel in {record.message.channel for record in records}
    }
    by_partition: dict[TopicPartition, list[Record]] = defaultdict(list)
    for record in records:
        _check_size(producer, record)
        choices = partitions[record.message.channel]
        partition = DefaultPartitioner()(record.message.key, choices, choices)
        by_partition[TopicPartition(topics[record.message.channel], partition)].append(record)
    return by_partition


def _check_size(producer: AIOKafkaProducer, record: Record) -> None:
    """aiokafka checks single sends against `max_request_size`, but not the batches used here."""
    message = record.message
    size = DefaultRecordBatchBuilder.estimate_size_in_bytes(message.key, message.value, list(message.headers))
    if size > producer._max_request_size:
        error = MessageSizeTooLargeError(f"{size} bytes, more than {producer._max_request_size}")
        raise RecordRefused([record.origin], error)


async def _send_to(
    producer: AIOKafkaProducer, tp: TopicPartition, records: Iterable[Record], *, alone: bool
) -> None:
    """One partition's records, packed into as few produce batches as they fit (`alone`: one each)."""
    waiting: list[tuple[asyncio.Future[Any], list[int]]] = []
    failure: Exception | None = None
    try:
        for builder, origins in _packed(producer, records, alone=alone):
            future = await producer.send_batch(builder, tp.topic, partition=tp.partition)
            waiting.append((future, origins))
    except Exception as error:
        failure = error
    # The batch that failed first says more than the error that kept the next one from being sent.
    await _acknowledged(waiting)
    if failure:
        raise failure


def _packed(
    producer: AIOKafkaProducer, records: Iterable[Record], *, alone: bool
) -> Iterator[tuple[BatchBuilder, list[int]]]:
    """Produce batches, each with the offsets of the inputs its records come of."""
    builder, origins = producer.create_batch(), list[int]()
    for record in records:
        message = record.message
        fields = {"key": message.key, "value": message.value, "headers": list(message.headers)}
        if (alone and origins) or builder.append(timestamp=None, **fields) is None:
            yield builder, origins
            builder, origins = producer.create_batch(), []
            builder.append(timestamp=None, **fields)
        origins.append(record.origin)
    yield builder, origins


async def _acknowledged(waiting: list[tuple[asyncio.Future[Any], list[int]]]) -> None:
    """Waits for every produce batch; the first that failed says why."""
    await asyncio.gather(*(future for future, _ in waiting), return_exceptions=True)
    for future, origins in waiting:
        error = future.exception()
        if error is not None and any(isinstance(cause, RECORDS_FAULT) for cause in causes(error)):
            raise RecordRefused(origins, error) from error
        if error is not None:
            raise error


async def throw_away(producer: AIOKafkaProducer) -> None:
    """Stops a producer without waiting for what it can't finish: nobody counts on it any more."""
    with suppress(KafkaError, OSError, TimeoutError):
        async with asyncio.timeout(STOP_SECONDS):
            await producer.stop()
            return
    # It hangs on brokers that do not answer: end its sender, then its connections.
    with suppress(KafkaError, OSError, TimeoutError):
        async with asyncio.timeout(STOP_SECONDS):
            if (task := producer._sender.sender_task) is not None:
                task.cancel()
            await producer.client.close()
