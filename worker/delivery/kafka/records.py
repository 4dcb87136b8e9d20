"""A record as aiokafka's consumers deliver it, turned into the worker's own message."""

from aiokafka import ConsumerRecord

from worker.delivery.kafka.faulty import fault_of
from worker.records.messages import RawMessage


def raw_message(record: ConsumerRecord[bytes, bytes]) -> RawMessage:
    """The record with its key, value and headers unchanged. Both values and header values may be null."""
    return RawMessage(
        record.topic,
        record.partition,
        record.offset,
        record.timestamp,
        record.key,
        record.value,
        tuple(record.headers),
        fault_of(record),
    )
