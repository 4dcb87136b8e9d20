"""Unpacks compressed batches into a bounded buffer, for every consumer of the process.

A few kilobytes may unpack to gigabytes. Importing this module puts its own functions in place of those with
which aiokafka unpacks, which know no bound.
"""

import gzip
import io
import mmap
import struct
import threading
from collections.abc import Callable
from functools import partial
from typing import Protocol

import cramjam
from aiokafka import codec
from aiokafka.record import default_records, legacy_records
from aiokafka.record._crecords import default_records as c_default_records
from aiokafka.record._crecords import legacy_records as c_legacy_records

from worker.settings import Settings

# What cramjam says when the output is full; nothing else tells this from data that is damaged.
_OUTPUT_FULL = "failed to write whole buffer"
# The pages of a larger batch are given back at once.
_KEPT_BYTES = 1 << 20
_XERIAL_HEADER_BYTES = 16


class BatchTooLarge(Exception):
    """A batch unpacks to more than the bound. `beginning` is as much of it as is within the bound."""

    def __init__(self, beginning: bytes) -> None:
        super().__init__(f"unpacks to more than {most_bytes()} bytes")
        self.beginning = beginning


class _Bound:
    most_bytes: int = Settings.model_fields["max_batch_bytes"].default


class _Codec(Protocol):
    def decompress_into(self, packed: bytes, output: mmap.mmap, /) -> int: ...


_scratch = threading.local()


def bound_batches(settings: Settings) -> None:
    """Bounds what a batch may unpack to, for every consumer of this process."""
    _Bound.most_bytes = settings.max_batch_bytes


def most_bytes() -> int:
    """What a batch may unpack to."""
    return _Bound.most_bytes


def _unpack(library: _Codec, packed: bytes) -> bytes:
    output = _output(most_bytes())
    try:
        size = library.decompress_into(packed, output)
    except cramjam.DecompressionError as error:
        if _OUTPUT_FULL not in str(error):
            raise
        raise BatchTooLarge(_taken(output, len(output))) from None
    return _taken(output, size)


def _output(size: int) -> mmap.mmap:
    """This thread's buffer. Its pages take no memory before something is written to them."""
    output: mmap.mmap | None = getattr(_scratch, "output", None)
    if output is None or len(output) != size:
        output = _scratch.output = mmap.mmap(-1, size)
    return output


def _taken(output: mmap.mmap, size: int) -> bytes:
    found = output[:size]
    if size > _KEPT_BYTES:
        output.madvise(mmap.MADV_DONTNEED)
    return found


def _gzip_decode(packed: bytes | memoryview) -> bytes:
    # It unpacks a few kilobytes of its input at a time, and stops once it has these bytes.
    with gzip.GzipFile(fileobj=io.BytesIO(packed), mode="r") as members:
        unpacked = members.read(most_bytes() + 1)
    if len(unpacked) > most_bytes():
        raise BatchTooLarge(unpacked[: most_bytes()])
    return unpacked


def _snappy_decode(packed: bytes) -> bytes:
    """Snappy refuses what is longer than a block declares, so the declared sizes bound it."""
    if not codec._detect_xerial_stream(packed):
        return _snappy_block(packed, b"")
    unpacked, position = bytearray(), _XERIAL_HEADER_BYTES
    while position < len(packed):
        (size,) = struct.unpack_from("!i", packed, position)
        position += 4
        if not 0 < size <= len(packed) - position:
            raise cramjam.DecompressionError(f"snappy: a block of {size} bytes")
        unpacked += _snappy_block(packed[position : position + size], unpacked)
        position += size
    return bytes(unpacked)


def _snappy_block(block: bytes, before: bytes | bytearray) -> bytes:
    if len(before) + cramjam.snappy.decompress_raw_len(block) > most_bytes():
        raise BatchTooLarge(bytes(before))
    return bytes(cramjam.snappy.decompress_raw(block))


_BOUNDED: dict[str, Callable[[bytes], bytes]] = {
    "gzip_decode": _gzip_decode,
    "snappy_decode": _snappy_decode,
    "lz4_decode": partial(_unpack, cramjam.lz4),
    "zstd_decode": partial(_unpack, cramjam.zstd),
}

# aiokafka's batches, in C and in Python, find these functions by name in their own modules.
for _module in (default_records, legacy_records, c_default_records, c_legacy_records):
    for _name, _decode in _BOUNDED.items():
        if hasattr(_module, _name):
            setattr(_module, _name, _decode)
