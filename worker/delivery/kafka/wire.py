"""Reads and writes what aiokafka can't: header names that are not UTF-8, and batches too large or damaged.

Importing this module lets every consumer of the process read them. Bytes that are not UTF-8 become lone
surrogates (`surrogateescape`) in a header's name, and `new_batch` writes them back as they were.
"""

from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import Any

from aiokafka import AIOKafkaProducer
from aiokafka.consumer import fetcher
from aiokafka.errors import CorruptRecordException
from aiokafka.producer.message_accumulator import BatchBuilder
from aiokafka.record.default_records import (
    DefaultRecordBatchBuilder,
    _DefaultRecordBatchBuilderPy,
    _DefaultRecordBatchPy,
)
from aiokafka.record.memory_records import _MemoryRecordsPy
from aiokafka.record.util import decode_varint_py

from worker.delivery.kafka.errors import describe
from worker.delivery.kafka.faulty import legacy_rest, rest_of, walk_records
from worker.delivery.kafka.unpacking import BatchTooLarge
from worker.records.messages import Headers

MAGIC_OF_BATCHES = 2
# These say nothing about a batch. It is read again.
_OF_THE_MACHINE = (MemoryError, OSError)


def is_utf8(name: str) -> bool:
    """Whether the bytes of a header's name were UTF-8."""
    return name.isascii() or not any("\ud800" <= char <= "\udfff" for char in name)


# Reading


class _Batch:
    """aiokafka's batch in C; from the first record on that it can't read, its batch in Python.

    Of a batch that can't be read to its end: the records before that, and one that stands for the others. So
    no batch holds up a partition, whatever its publisher packed.
    """

    def __init__(self, batch: Any, data: memoryview) -> None:
        self._batch, self._data = batch, data

    def __getattr__(self, name: str) -> Any:
        return getattr(self._batch, name)

    def __next__(self) -> Any:
        return next(self._batch)

    def __iter__(self) -> Iterator[Any]:
        magic, last = self._data[FetchedRecords.MAGIC_OFFSET], self._batch.next_offset - 1
        is_old = magic < MAGIC_OF_BATCHES
        following = 0 if is_old else self._batch.base_offset
        beginning, damage = None, ""
        try:
            for record in self._read():
                if not is_old and not following <= record.offset <= last:
                    raise CorruptRecordException(f"a record at offset {record.offset}, out of order")
                yield record
                following = record.offset + 1
        except _OF_THE_MACHINE:
            raise
        # Neither exception is kept: its traceback would hold the batch in a circle, and the interpreter
        # crashes when the garbage collector takes aiokafka's batch apart.
        except BatchTooLarge as error:
            beginning = error.beginning
        except Exception as error:
            damage = describe(error)
        if following > last or (beginning is None and not damage):
            return
        if is_old:
            yield legacy_rest(self._data, magic, last, following, damage)
        elif beginning is not None:
            yield from walk_records(_LenientBatch(self._data), _LenientBytes(beginning))
        else:
            yield rest_of(self._batch, following, damage)

    def _read(self) -> Iterator[Any]:
        done = 0
        try:
            for record in self._batch:
                yield record
                done += 1
        except UnicodeDecodeError:
            yield from islice(_LenientBatch(self._data), done, None)


class _LenientBatch(_DefaultRecordBatchPy):  # type: ignore[misc]
    def _maybe_uncompress(self) -> None:
        super()._maybe_uncompress()
        self._buffer = _LenientBytes(self._buffer)

    def _read_msg(self, decode_varint: Callable[[bytearray, int], tuple[int, int]] = decode_varint_py) -> Any:
        # aiokafka's default, which is in C, reads past the end of the buffer where a size is wrong.
        return super()._read_msg(decode_varint)


class _LenientBytes(bytearray):
    """Decodes with surrogateescape. Header names are all that aiokafka decodes of a record."""

    def __getitem__(self, index: Any) -> Any:
        part = super().__getitem__(index)
        return _LenientBytes(part) if isinstance(part, bytearray) else part

    def decode(self, encoding: str = "utf-8", errors: str = "surrogateescape") -> str:
        return super().decode(encoding, errors)


class FetchedRecords(_MemoryRecordsPy):  # type: ignore[misc]
    """The batches of one partition in an answer to a fetch."""

    def next_batch(self, *limits: int) -> Any:
        data = self._next_slice
        batch = super().next_batch(*limits)
        if batch is None or data is None:
            return batch
        return _Batch(batch, data)


# aiokafka's fetcher finds the class by this name in its own module.
setattr(fetcher, "MemoryRecords", FetchedRecords)  # noqa: B010 (the checker knows no such name there)


# Writing


class _Name(str):
    """A header name that is written with the bytes it was read from."""

    def encode(self, encoding: str = "utf-8", _errors: str = "strict") -> bytes:
        return super().encode(encoding, "surrogateescape")


class _LenientBuilder(BatchBuilder):
    """Builds a batch in Python, because aiokafka's builder in C takes plain strings only."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)  # type: ignore[no-untyped-call]  # aiokafka's has no annotations
        self._builder = _DefaultRecordBatchBuilderPy(
            magic=MAGIC_OF_BATCHES, producer_id=-1, producer_epoch=-1, base_sequence=0, **options
        )

    def append(self, *, headers: Iterable[tuple[str, bytes | None]] = (), **fields: Any) -> Any:
        return super().append(headers=[(_Name(name), value) for name, value in headers], **fields)

    def _set_producer_state(self, producer_id: int, producer_epoch: int, base_sequence: int) -> None:
        self._builder.set_producer_state(producer_id, producer_epoch, base_sequence)


def new_batch(producer: AIOKafkaProducer, headers: Iterable[Headers]) -> BatchBuilder:
    """An empty batch for this producer, which can take records with these headers."""
    if all(is_utf8(name) for one in headers for name, _ in one):
        batch: BatchBuilder = producer.create_batch()
        return batch
    accumulator = producer._message_accumulator
    manager = accumulator._txn_manager
    return _LenientBuilder(
        batch_size=accumulator._batch_size,
        compression_type=accumulator._compression_type,
        is_transactional=manager is not None and manager.transactional_id is not None,
    )


def record_size(key: bytes | None, value: bytes | None, headers: Headers) -> int:
    """The most bytes that a batch with this record alone can have, the batch's own header included."""
    if all(is_utf8(name) for name, _ in headers):
        return DefaultRecordBatchBuilder.estimate_size_in_bytes(key, value, list(headers))
    names: list[tuple[str, bytes | None]] = [(_Name(name), content) for name, content in headers]
    return _DefaultRecordBatchBuilderPy.estimate_size_in_bytes(key, value, names)
