"""Reads the committed offset that a partition's next owner goes on from, once no transaction can change it.

aiokafka asks for committed offsets without `require_stable` (KIP-447). Kafka 3's group coordinator applies
transaction markers a moment after the transaction has ended, so its plain answer may still be the old offset.
"""

import asyncio
import logging
from collections.abc import Sequence

from aiokafka import AIOKafkaProducer, TopicPartition, errors
from aiokafka.client import AIOKafkaClient, ConnectionGroup, CoordinationType
from aiokafka.protocol.api import Request, RequestStruct, Response
from aiokafka.protocol.commit import OffsetFetchRequest_v3
from aiokafka.protocol.types import (
    Boolean,
    CompactArray,
    CompactString,
    Int16,
    Int32,
    Int64,
    Schema,
    TaggedFields,
)

from worker.delivery.kafka.internals import OffsetsAnswer
from worker.log import log_event

log = logging.getLogger(__name__)

NOTHING_COMMITTED = -1
OFFSET_RETRY_SECONDS = 0.1


class _Response(Response):
    API_KEY = 9
    API_VERSION = 7
    SCHEMA = Schema(
        ("throttle_time_ms", Int32),
        (
            "topics",
            CompactArray(
                ("topic", CompactString("utf-8")),
                (
                    "partitions",
                    CompactArray(
                        ("partition", Int32),
                        ("offset", Int64),
                        ("leader_epoch", Int32),
                        ("metadata", CompactString("utf-8")),
                        ("error_code", Int16),
                        ("tags", TaggedFields),
                    ),
                ),
                ("tags", TaggedFields),
            ),
        ),
        ("error_code", Int16),
        ("tags", TaggedFields),
    )


class _StableRequest(RequestStruct):
    FLEXIBLE_VERSION = True
    API_KEY = 9
    API_VERSION = 7
    RESPONSE_TYPE = _Response
    SCHEMA = Schema(
        ("consumer_group", CompactString("utf-8")),
        (
            "topics",
            CompactArray(
                ("topic", CompactString("utf-8")),
                ("partitions", CompactArray(Int32)),
                ("tags", TaggedFields),
            ),
        ),
        ("require_stable", Boolean),
        ("tags", TaggedFields),
    )


class _OffsetFetch(Request[OffsetFetchRequest_v3 | _StableRequest]):
    """Version 7 of the request if the broker has it (Kafka 2.5 and later), else version 3."""

    API_KEY = 9

    def __init__(self, group: str, topic: str, partitions: Sequence[int], *, stable: bool) -> None:
        self._group, self._topic, self._partitions = group, topic, list(partitions)
        self._stable = stable

    def build(
        self, request_struct_class: type[OffsetFetchRequest_v3 | _StableRequest]
    ) -> OffsetFetchRequest_v3 | _StableRequest:
        topic, partitions = self._topic, self._partitions
        if request_struct_class is _StableRequest:
            return _StableRequest(self._group, [(topic, partitions, {})], self._stable, {})
        return request_struct_class(self._group, [(topic, partitions)])


async def committed_offset(
    producer: AIOKafkaProducer, group: str, partition: TopicPartition, identity: str
) -> int | None:
    """The offset that the group committed for the partition; None if it committed none.

    Waits until no open transaction can change it. `identity` is the topic's id, which this worker commits
    along with its offsets: an offset with another id belongs to a deleted topic of the same name, and counts
    as none. Offsets that other tools committed have no id and count. Retries errors that can be retried until
    it is cancelled, and raises others.
    """
    ((offset, found),) = (
        await _committed(producer.client, group, partition.topic, [partition.partition])
    ).values()
    if offset == NOTHING_COMMITTED:
        return None
    if found and identity and found != identity:
        log_event(
            log,
            logging.WARNING,
            "topic was made anew; the offset of the old one is passed over",
            topic=partition.topic,
            partition=partition.partition,
            offset=offset,
        )
        return None
    return offset


async def has_committed(client: AIOKafkaClient, group: str, topic: str, partitions: Sequence[int]) -> bool:
    """Whether the group has committed an offset of any of these, be it of an older topic of this name."""
    found = await _committed(client, group, topic, partitions)
    return any(offset != NOTHING_COMMITTED for offset, _ in found.values())


async def offsets_now(
    client: AIOKafkaClient, group: str, topic: str, partitions: Sequence[int], identity: str
) -> dict[int, int]:
    """The offsets that the group has committed, of partitions that have one. Waits for no transaction.

    `identity` is the topic's id: an offset of a deleted topic of the same name does not count.
    """
    committed = await _committed(client, group, topic, partitions, stable=False)
    return {
        partition: offset
        for partition, (offset, found) in committed.items()
        if offset != NOTHING_COMMITTED and not (found and identity and found != identity)
    }


async def _committed(
    client: AIOKafkaClient, group: str, topic: str, partitions: Sequence[int], *, stable: bool = True
) -> dict[int, tuple[int, str]]:
    """By partition, the offset and the metadata that was committed along with it.

    `stable`: waits until no open transaction can change them.
    """
    while True:
        try:
            node = await client.coordinator_lookup(CoordinationType.GROUP, group)
            request = _OffsetFetch(group, topic, partitions, stable=stable)
            response = await client.send(node, request, group=ConnectionGroup.COORDINATION)
            return _offsets(response)
        except errors.KafkaError as error:
            if not error.retriable:
                raise
            await client.force_metadata_update()
            await asyncio.sleep(OFFSET_RETRY_SECONDS)


def _offsets(response: OffsetsAnswer) -> dict[int, tuple[int, str]]:
    _raise_for(response.error_code)
    ((_, partitions, *_),) = response.topics
    found = {}
    for partition, offset, *rest in partitions:
        # Version 3: metadata, error code. Version 7: leader epoch, metadata, error code, tags.
        metadata, error_code = rest if len(rest) == 2 else rest[1:3]
        _raise_for(error_code)
        found[partition] = offset, metadata or ""
    return found


def _raise_for(error_code: int) -> None:
    error = errors.for_code(error_code)
    if error is not errors.NoError:
        raise error()
