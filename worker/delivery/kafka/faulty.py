"""The records of a batch that can't be read to its end: those that can be, and one for those that can't."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from aiokafka import ConsumerRecord
from aiokafka.errors import CorruptRecordException
from aiokafka.record.default_records import DefaultRecordBase, _DefaultRecordBatchPy
from aiokafka.record.util import decode_varint_py

from worker.delivery.kafka.unpacking import most_bytes
from worker.records.messages import BatchFault, Headers, Reason

_V1_TIMESTAMP = struct.Struct(">18xq")
_DAMAGED = (CorruptRecordException, IndexError, ValueError)


@dataclass(frozen=True, slots=True)
class FaultyRecord:
    """A record as aiokafka's fetcher takes it. It hands on the checksum as it is, and nobody else uses it."""

    offset: int
    timestamp: int
    timestamp_type: int | None
    key: bytes | None
    value: bytes | None
    headers: Headers
    checksum: BatchFault


def fault_of(record: ConsumerRecord[Any, Any]) -> BatchFault | None:
    """What is to be said of a record of a batch that can't be read to its end; None for any other."""
    said: Any = record.checksum
    return said if isinstance(said, BatchFault) else None


def why_unread(record: ConsumerRecord[Any, Any]) -> str:
    """Why this record's value, or the records that it stands for, could not be read; empty if it was read."""
    batch_fault = fault_of(record)
    return batch_fault.error if batch_fault is not None and batch_fault.is_unread else ""


def walk_records(batch: _DefaultRecordBatchPy, beginning: bytearray) -> Iterator[FaultyRecord]:
    """The records of which `beginning` has all; the one in which it ends, without its value; and the rest.

    The record in which it ends is left to the rest unless its key is there. The rest is one record with the
    batch's last offset, so that a lane that has delivered it never reads the batch again.
    """
    batch._buffer, batch._pos, batch._decompressed = beginning, 0, True
    left, last = batch._num_records, batch.next_offset - 1
    following = batch.base_offset
    while left > 0:
        try:
            record = _next_whole(batch) or _next_in_part(batch)
        except _DAMAGED:
            break
        if not following <= record.offset <= last:
            break
        yield record
        left, following = left - 1, record.offset + 1
        if record.checksum.is_unread:
            break
    if left > 0:
        yield rest_of(batch, following)


def rest_of(batch: Any, following: int, damage: str = "") -> FaultyRecord:
    """The record that stands for all of the batch from the offset `following` on.

    `damage`: the error that its reading ended by; empty if it unpacks to too much.
    """
    last = batch.next_offset - 1
    return _rest(f"{following} to {last}", last, batch.max_timestamp, batch.timestamp_type, damage)


def legacy_rest(data: memoryview, magic: int, last: int, following: int, damage: str) -> FaultyRecord:
    """The same of a batch of an old format, which does not say where it begins: then `following` is 0."""
    timestamp = _V1_TIMESTAMP.unpack_from(data)[0] if magic else -1
    offsets = f"{following} to {last}" if following else f"up to {last}"
    return _rest(offsets, last, timestamp, None, damage)


def _next_whole(batch: _DefaultRecordBatchPy) -> FaultyRecord | None:
    """The next record, or None if the buffer ends within it."""
    length, start = decode_varint_py(batch._buffer, batch._pos)
    if length < 0:
        raise CorruptRecordException(f"a record of {length} bytes")
    if start + length > len(batch._buffer):
        return None
    record = batch._read_msg()
    batch_fault = BatchFault(f"its batch {_says_too_much()}")
    headers = tuple(record.headers)
    return FaultyRecord(
        record.offset, record.timestamp, record.timestamp_type, record.key, record.value, headers, batch_fault
    )


def _next_in_part(batch: _DefaultRecordBatchPy) -> FaultyRecord:
    """The record in which the buffer ends. Raises IndexError if the buffer does not reach to its value."""
    buffer = batch._buffer
    _, position = decode_varint_py(buffer, batch._pos)
    _, position = decode_varint_py(buffer, position)
    timestamp_delta, position = decode_varint_py(buffer, position)
    offset_delta, position = decode_varint_py(buffer, position)
    key_size, position = decode_varint_py(buffer, position)
    key = bytes(buffer[position : position + key_size]) if key_size >= 0 else None
    value_size, _ = decode_varint_py(buffer, position + max(0, key_size))
    is_append_time = batch.timestamp_type == DefaultRecordBase.LOG_APPEND_TIME
    timestamp = batch.max_timestamp if is_append_time else batch.first_timestamp + timestamp_delta
    error = f"its batch {_says_too_much()}, and it is not all within that"
    batch_fault = BatchFault(error, value_bytes=max(0, value_size))
    offset = batch.base_offset + offset_delta
    return FaultyRecord(offset, timestamp, batch.timestamp_type, key, b"", (), batch_fault)


def _rest(offsets: str, last: int, timestamp: int, timestamp_type: int | None, damage: str) -> FaultyRecord:
    if damage:
        why, reason = f"can't be unpacked or is malformed ({damage})", Reason.UNDECODABLE
    else:
        why, reason = f"{_says_too_much()}, and they are not within that", Reason.TOO_LARGE
    batch_fault = BatchFault(f"the records at offsets {offsets}: their batch {why}", reason, offsets=offsets)
    return FaultyRecord(last, timestamp, timestamp_type, None, b"", (), batch_fault)


def _says_too_much() -> str:
    return f"unpacks to more than DATELINE_MAX_BATCH_BYTES={most_bytes()}"
