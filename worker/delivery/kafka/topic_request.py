"""Asks a broker what aiokafka's own requests do not: a topic's id, and what this client may do with it."""

from dataclasses import dataclass
from io import BytesIO
from typing import Any

from aiokafka.client import AIOKafkaClient
from aiokafka.errors import KafkaError
from aiokafka.protocol.abstract import AbstractType
from aiokafka.protocol.api import Request, RequestStruct, Response
from aiokafka.protocol.metadata import MetadataRequest_v1
from aiokafka.protocol.types import (
    Boolean,
    CompactArray,
    CompactString,
    Int16,
    Int32,
    Schema,
    TaggedFields,
)

DESCRIBE_TRIES = 3
# Kafka's AclOperation codes, as bits.
READ, WRITE = 1 << 3, 1 << 4
_NOT_TOLD = -(1 << 31)


class _Uuid(AbstractType[bytes]):
    NONE = bytes(16)

    @classmethod
    def encode(cls, value: bytes) -> bytes:
        return value

    @classmethod
    def decode(cls, data: BytesIO) -> bytes:
        return data.read(16)


class _Response(Response):
    topics: list[Any]

    API_KEY = 3
    API_VERSION = 12
    SCHEMA = Schema(
        ("throttle_time_ms", Int32),
        (
            "brokers",
            CompactArray(
                ("node_id", Int32),
                ("host", CompactString("utf-8")),
                ("port", Int32),
                ("rack", CompactString("utf-8")),
                ("tags", TaggedFields),
            ),
        ),
        ("cluster_id", CompactString("utf-8")),
        ("controller_id", Int32),
        (
            "topics",
            CompactArray(
                ("error_code", Int16),
                ("name", CompactString("utf-8")),
                ("topic_id", _Uuid),
                ("is_internal", Boolean),
                (
                    "partitions",
                    CompactArray(
                        ("error_code", Int16),
                        ("partition", Int32),
                        ("leader", Int32),
                        ("leader_epoch", Int32),
                        ("replicas", CompactArray(Int32)),
                        ("isr", CompactArray(Int32)),
                        ("offline", CompactArray(Int32)),
                        ("tags", TaggedFields),
                    ),
                ),
                ("operations", Int32),
                ("tags", TaggedFields),
            ),
        ),
        ("tags", TaggedFields),
    )


class _Request(RequestStruct):
    FLEXIBLE_VERSION = True
    API_KEY = 3
    API_VERSION = 12
    RESPONSE_TYPE = _Response
    SCHEMA = Schema(
        (
            "topics",
            CompactArray(("topic_id", _Uuid), ("name", CompactString("utf-8")), ("tags", TaggedFields)),
        ),
        ("allow_auto_topic_creation", Boolean),
        ("include_operations", Boolean),
        ("tags", TaggedFields),
    )


class _TopicRequest(Request[MetadataRequest_v1 | _Request]):
    """Version 12 of the request if the broker has it (Kafka 3.1 and later), else one that tells less."""

    API_KEY = 3

    def __init__(self, topic: str) -> None:
        self._topic = topic

    def build(
        self, request_struct_class: type[MetadataRequest_v1 | _Request]
    ) -> MetadataRequest_v1 | _Request:
        if request_struct_class is _Request:
            return _Request([(_Uuid.NONE, self._topic, {})], False, True, {})
        # Without the topic: this version of the request would create it if it is missing.
        return request_struct_class([])


@dataclass(frozen=True, slots=True)
class TopicDescription:
    """A topic's id in hexadecimal (or empty) and the allowed operations as bits; None if unknown."""

    identity: str = ""
    allowed: int | None = None


async def describe_topic(client: AIOKafkaClient, topic: str) -> TopicDescription:
    """What a broker says about the topic; empty if no broker says anything."""
    for _ in range(DESCRIBE_TRIES):
        try:
            response = await client.send(client.get_random_node(), _TopicRequest(topic))
        except KafkaError:
            continue
        if not isinstance(response, _Response) or not response.topics:
            break
        ((_, _, found, _, _, operations, *_),) = response.topics
        return TopicDescription(
            "" if found == _Uuid.NONE else found.hex(), None if operations == _NOT_TOLD else operations
        )
    return TopicDescription()
