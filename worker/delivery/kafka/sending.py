"""Many records sent at once, and what became of them: a few awaits a batch, not one a record."""

import asyncio
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import Any

from aiokafka import AIOKafkaProducer, TopicPartition
from aiokafka.client import AIOKafkaClient
from aiokafka.errors import (
    InvalidTimestampError,
    KafkaConnectionError,
    KafkaError,
    MessageSizeTooLargeError,
    TopicAuthorizationFailedError,
)
from aiokafka.partitioner import DefaultPartitioner
from aiokafka.producer.message_accumulator import BatchBuilder

from worker.channels import Channel
from worker.delivery.kafka.errors import RECORD_ERRORS, ClockRefused, FatalError, RecordRefused, causes
from worker.delivery.kafka.wire import new_batch, record_size
from worker.records.messages import OutMessage

PRODUCER_STOP_SECONDS = 2.0
# A batch that the broker refused is sent again in this many groups, the refused group again in this many, and
# so on down to single inputs: of the 1,000 inputs in a batch, the one at fault is found with 96 requests.
RETRY_GROUPS = 32
ALONE = -1
NO_GROUPS: Mapping[int, int] = {}
NowMs = Callable[[], Awaitable[int]]
"""Gives the time, in milliseconds since the epoch, of records that have none of their own."""
METADATA_TRIES, METADATA_RETRY_SECONDS = 10, 0.2


@dataclass(frozen=True, slots=True)
class OutgoingRecord:
    """One message to write, and the offset of the input it comes from."""

    origin: int
    message: OutMessage


async def load_topics(client: AIOKafkaClient, names: Collection[str], *, tries: int = METADATA_TRIES) -> None:
    """Has the client load the topics' partitions, all in one request.

    Raises FatalError with the topics' names if some stay missing although the cluster answers.
    """
    await client.set_topics(list(names))
    for _ in range(tries):
        missing = [name for name in names if client.cluster.partitions_for_topic(name) is None]
        if not missing:
            return
        if refused := client.cluster.unauthorized_topics.intersection(missing):
            raise TopicAuthorizationFailedError(", ".join(sorted(refused)))
        await asyncio.sleep(METADATA_RETRY_SECONDS)
        answered = await client.force_metadata_update()
    if not answered:
        raise KafkaConnectionError("no broker says where the topics are")
    raise FatalError(missing_topics_message(missing))


def missing_topics_message(names: Iterable[str]) -> str:
    """What to tell the operator about topics that do not exist."""
    return (
        f"missing on the cluster: {', '.join(sorted(names))}; `dateline topics create` makes what is missing"
    )


async def unchecked_now_ms() -> int:
    """What the clock of this machine shows."""
    return time.time_ns() // 1_000_000


async def send(
    producer: AIOKafkaProducer,
    topics: Mapping[Channel, str],
    records: Sequence[OutgoingRecord],
    *,
    groups: Mapping[int, int] = NO_GROUPS,
    now_ms: NowMs = unchecked_now_ms,
) -> None:
    """Sends the records and waits for every acknowledgement, even if one fails.

    `groups` gives an input's group by its offset. Records of two groups never share a request, and neither do
    records of two inputs whose group is ALONE. Raises RecordRefused if records are at fault, else the first
    other error.
    """
    by_partition = await _by_partition(producer, topics, records)
    now = await now_ms()
    results = await asyncio.gather(
        *(_send_to(producer, tp, parts, groups=groups, now=now) for tp, parts in by_partition.items()),
        return_exceptions=True,
    )
    errors = [result for result in results if result is not None]
    # A refused record leaves a gap in its partition's sequence. The errors of later records come from that
    # gap and say less.
    for error in sorted(errors, key=lambda error: not isinstance(error, RecordRefused)):
        raise error


async def _by_partition(
    producer: AIOKafkaProducer, topics: Mapping[Channel, str], records: Sequence[OutgoingRecord]
) -> dict[TopicPartition, list[OutgoingRecord]]:
    partitions = {
        channel: sorted(await producer.partitions_for(topics[channel]))
        for channel in {record.message.channel for record in records}
    }
    by_partition: dict[TopicPartition, list[OutgoingRecord]] = defaultdict(list)
    for record in records:
        _check_size(producer, record)
        choices = partitions[record.message.channel]
        partition = record.message.partition
        if partition is None:
            partition = DefaultPartitioner()(record.message.key, choices, choices)
        by_partition[TopicPartition(topics[record.message.channel], partition)].append(record)
    return by_partition


def _check_size(producer: AIOKafkaProducer, record: OutgoingRecord) -> None:
    """aiokafka checks single sends against `max_request_size`, but not the batches used here."""
    message = record.message
    size = record_size(message.key, message.value, message.headers)
    if size > producer._max_request_size:
        error = MessageSizeTooLargeError(f"{size} bytes, more than {producer._max_request_size}")
        raise RecordRefused([record.origin], error)


async def _send_to(
    producer: AIOKafkaProducer,
    tp: TopicPartition,
    records: Sequence[OutgoingRecord],
    *,
    groups: Mapping[int, int],
    now: int,
) -> None:
    """Sends one partition's records, packed into as few produce batches as possible."""
    waiting: list[tuple[asyncio.Future[Any], list[int]]] = []
    failure: Exception | None = None
    try:
        for builder, origins in _packed(producer, records, groups=groups, now=now):
            future = await producer.send_batch(builder, tp.topic, partition=tp.partition)
            waiting.append((future, origins))
    except Exception as error:
        failure = error
    # The batch that failed first explains more than the error that kept the next one from being sent.
    try:
        await _acknowledged(waiting)
    except RecordRefused as refused:
        if isinstance(refused.__cause__, InvalidTimestampError) and not any(map(_has_own_time, records)):
            raise ClockRefused(tp.topic, refused) from refused.__cause__
        raise
    if failure:
        raise failure


def _has_own_time(record: OutgoingRecord) -> bool:
    return record.message.timestamp_ms is not None


def _packed(
    producer: AIOKafkaProducer, records: Sequence[OutgoingRecord], *, groups: Mapping[int, int], now: int
) -> Iterator[tuple[BatchBuilder, list[int]]]:
    """Produce batches, each with the offsets of the inputs that its records come from."""
    make = partial(new_batch, producer, [record.message.headers for record in records])
    builder, origins = make(), list[int]()
    for record in records:
        message = record.message
        group = groups.get(record.origin)
        apart = origins and (group == ALONE or group != groups.get(origins[-1]))
        if apart or not _append(builder, message, now):
            yield builder, origins
            builder, origins = make(), []
            _append(builder, message, now)
        origins.append(record.origin)
    yield builder, origins


def _append(builder: BatchBuilder, message: OutMessage, now: int) -> bool:
    """Adds the record, unless the batch is full; returns whether it did."""
    timestamp = now if message.timestamp_ms is None else message.timestamp_ms
    appended = builder.append(
        timestamp=timestamp, key=message.key, value=message.value, headers=list(message.headers)
    )
    return appended is not None


def retry_groups(offsets: Sequence[int]) -> dict[int, int]:
    """Divides inputs, one of which is at fault, into groups named by their first; small ones are ALONE."""
    size = -(-len(offsets) // RETRY_GROUPS)
    if size == 1:
        return dict.fromkeys(offsets, ALONE)
    return {offset: offsets[place - place % size] for place, offset in enumerate(offsets)}


async def _acknowledged(waiting: list[tuple[asyncio.Future[Any], list[int]]]) -> None:
    """Waits for every produce batch. Raises the error of the first that failed."""
    await asyncio.gather(*(future for future, _ in waiting), return_exceptions=True)
    for future, origins in waiting:
        error = future.exception()
        if error is not None and any(isinstance(cause, RECORD_ERRORS) for cause in causes(error)):
            raise RecordRefused(origins, error) from error
        if error is not None:
            raise error


async def discard(producer: AIOKafkaProducer) -> None:
    """Stops a producer within a few seconds, whether or not it could finish what it was sending."""
    with suppress(KafkaError, OSError, TimeoutError):
        async with asyncio.timeout(PRODUCER_STOP_SECONDS):
            await producer.stop()
            return
    # It hangs because brokers do not answer: end its sender, then its connections.
    with suppress(KafkaError, OSError, TimeoutError):
        async with asyncio.timeout(PRODUCER_STOP_SECONDS):
            if (task := producer._sender.sender_task) is not None:
                task.cancel()
            await producer.client.close()
