"""Unpacks compressed batches into a bounded buffer, for every consumer of the process.

A few kilobytes may unpack to gigabytes. Importing this module puts its own functions in place of those with
which aiokafka unpacks, which know no bound.
"""

import mmap
import struct
import threading
import zlib
from collections.abc import Callable, Iterator
from functools import partial
from typing import Protocol

import cramjam
from aiokafka.record import default_records, legacy_records
from aiokafka.record._crecords import default_records as c_default_records
from aiokafka.record._crecords import legacy_records as c_legacy_records

from worker.settings import Settings

# What cramjam says when the output is full; nothing else tells this from data that is damaged.
_OUTPUT_FULL = "failed to write whole buffer"
# What the buffer takes beyond is given back after each batch.
_KEPT_BYTES = 4 << 20
_WITH_GZIP_HEADER = 16 + zlib.MAX_WBITS
_GZIP_MAGIC = b"\x1f\x8b"
# What xerial's streams begin with. Raw snappy can't: its first element would copy what is not there.
_XERIAL_MAGIC = b"\x82SNAPPY\x00"
_XERIAL_HEADER_BYTES = 16
_XERIAL_SIZE_BYTES = 4


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
        output.madvise(mmap.MADV_DONTNEED, _KEPT_BYTES, len(output) - _KEPT_BYTES)
    return found


def _gzip_decode(packed: bytes | memoryview) -> bytes:
    """All members. What follows and begins no other is ignored, as brokers and Java's client do."""
    left, rest, unpacked = most_bytes(), bytes(packed), []
    while rest:
        member = zlib.decompressobj(wbits=_WITH_GZIP_HEADER)
        part = member.decompress(rest, left + 1)
        unpacked.append(part)
        if len(part) > left:
            raise BatchTooLarge(b"".join(unpacked)[: most_bytes()])
        if not member.eof:
            raise EOFError("gzip: truncated")
        left -= len(part)
        rest = member.unused_data.lstrip(b"\0")
        if not rest.startswith(_GZIP_MAGIC):
            break
    return unpacked[0] if len(unpacked) == 1 else b"".join(unpacked)


def _snappy_decode(packed: bytes) -> bytes:
    """Snappy unpacks a block to the size that it declares, or not at all."""
    output, size = _output(most_bytes()), 0
    for block in _snappy_blocks(bytes(packed)):
        end = size + cramjam.snappy.decompress_raw_len(block)
        if end > len(output):
            raise BatchTooLarge(_taken(output, size))
        size += cramjam.snappy.decompress_raw_into(block, memoryview(output)[size:end])
    return _taken(output, size)


def _snappy_blocks(packed: bytes) -> Iterator[memoryview]:
    """Of xerial's streams what brokers and Java's client read: of any version, joined, with a cut size."""
    data = memoryview(packed)
    if not packed.startswith(_XERIAL_MAGIC):
        yield data
        return
    position = 0
    while position <= len(data) - _XERIAL_SIZE_BYTES:
        if packed.startswith(_XERIAL_MAGIC, position):
            position += _XERIAL_HEADER_BYTES
            continue
        (size,) = struct.unpack_from("!i", data, position)
        position += _XERIAL_SIZE_BYTES
        if not 0 < size <= len(data) - position:
            raise cramjam.DecompressionError(f"snappy: a block of {size} bytes")
        yield data[position : position + size]
        position += size


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
