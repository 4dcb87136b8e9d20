"""Which topic of a name it is: one that was made anew has another id (KIP-516, Kafka 3.1 and later).

The id goes along with every committed offset. Brokers forget the offsets of a deleted topic, but what is
delivered in that moment is committed all the same: to the new one, whose first records would be passed over.
"""

from io import BytesIO

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

TRIES = 3
UNKNOWN = ""


class _Uuid(AbstractType[bytes]):
    NONE = bytes(16)

    @classmethod
    def encode(cls, value: bytes) -> bytes:
        return value

    @classmethod
    def decode(cls, data: BytesIO) -> bytes:
        return data.read(16)


class _Response(Response):
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
    """Version 12 where the broker has it (Kafka 3.1 and later), else one that tells no id."""

    API_KEY = 3

    def __init__(self, topic: str) -> None:
        self._topic = topic

    def build(self, request_struct_class: type[RequestStruct]) -> RequestStruct:
        if request_struct_class is _Request:
            return _Request([(_Uuid.NONE, self._topic, {})], False, False, {})
        # Not the topic: this version would make one that is missing.
        return request_struct_class([])


async def topic_id(client: AIOKafkaClient, topic: str) -> str:
    """The topic's id, in hexadecimal; empty where no broker tells."""
    for _ in range(TRIES):
        try:
            response = await client.send(client.get_random_node(), _TopicRequest(topic))
        except KafkaError:
            continue
        if not isinstance(response, _Response) or not response.topics:
            return UNKNOWN
        ((_, _, found, *_),) = response.topics
        return UNKNOWN if found == _Uuid.NONE else found.hex()
    return UNKNOWN
