"""Batches with a right checksum that are packed oddly, damaged, or hold what is no records.

Brokers accept some of them, and which of them differs by version, so readers have to bear all.
"""

import gzip
import struct
from collections.abc import Callable, Iterator

from bench.fuzz.bombs import (
    GZIP,
    LZ4,
    NONE,
    SNAPPY,
    SNAPPY_RAW,
    ZSTD,
    BombRecord,
    batch_of,
    pack,
    pieces_of,
    varint,
)

IN_BATCH: tuple[BombRecord, ...] = ((b"a", b"first"), (b"b", b"second"), (b"c", b"third"))
_PLAIN = b"".join(pieces_of(IN_BATCH))
_GARBAGE = b"garbage after the end of it"
_CODECS = {"gzip": GZIP, "snappy": SNAPPY, "raw snappy": SNAPPY_RAW, "lz4": LZ4, "zstd": ZSTD}


def _packed(codec: int, plain: bytes = _PLAIN) -> bytes:
    return pack(codec, [plain])


def _flipped(packed: bytes, place: int) -> bytes:
    damaged = bytearray(packed)
    damaged[place] ^= 0xFF
    return bytes(damaged)


# Every record of these can be read.
_ODD: dict[str, tuple[int, bytes]] = {
    "gzip with garbage behind": (GZIP, _packed(GZIP) + _GARBAGE),
    "gzip with one byte behind": (GZIP, _packed(GZIP) + b"\x1f"),
    "gzip with zeros and garbage behind": (GZIP, _packed(GZIP) + bytes(40) + _GARBAGE),
    "gzip in two members": (GZIP, gzip.compress(_PLAIN[:20], mtime=0) + gzip.compress(_PLAIN[20:], mtime=0)),
    "two joined streams of snappy": (SNAPPY, _packed(SNAPPY, _PLAIN[:20]) + _packed(SNAPPY, _PLAIN[20:])),
    "snappy with bytes behind": (SNAPPY, _packed(SNAPPY) + b"\0\0"),
    "snappy of another version": (SNAPPY, _flipped(_packed(SNAPPY), 11)),
    "raw snappy": (SNAPPY_RAW, _packed(SNAPPY_RAW)),
    "zstd in two frames": (ZSTD, _packed(ZSTD, _PLAIN[:20]) + _packed(ZSTD, _PLAIN[20:])),
    "zstd behind a frame to be skipped": (ZSTD, struct.pack("<II", 0x184D2A50, 5) + b"hello" + _packed(ZSTD)),
}
# None of these can be unpacked.
_NOT_UNPACKED: dict[str, tuple[int, bytes]] = {
    **{f"cut {name}": (codec, _packed(codec)[:-9]) for name, codec in _CODECS.items()},
    **{f"no {name} at all": (codec, _GARBAGE) for name, codec in _CODECS.items()},
    "gzip with a cut second member": (GZIP, _packed(GZIP) + gzip.compress(b"", mtime=0)[:9]),
    "gzip with a wrong checksum": (GZIP, _flipped(_packed(GZIP), -6)),
    "snappy with a size that leads nowhere": (SNAPPY, _packed(SNAPPY) + struct.pack("!i", -4) + b"abc"),
    "lz4 with a wrong checksum": (LZ4, _flipped(_packed(LZ4), -1)),
    "lz4 with garbage behind": (LZ4, _packed(LZ4) + _GARBAGE),
    "zstd with garbage behind": (ZSTD, _packed(ZSTD) + _GARBAGE),
    "zstd with half a second frame": (ZSTD, _packed(ZSTD) + _packed(ZSTD)[:7]),
    "a codec that there is none of": (5, _PLAIN),
}


def _record(
    delta: int, *, length: int | None = None, key: int = 1, value: int = 5, headers: int = 0
) -> bytes:
    """A record with a key of one byte and a value of five that may say otherwise."""
    body = (
        b"\x00" + varint(0) + varint(delta) + varint(key) + b"k" + varint(value) + b"value" + varint(headers)
    )
    return varint(len(body) if length is None else length) + body


_SECOND: dict[str, Callable[[], bytes]] = {
    "a length beyond the end": lambda: _record(1, length=5000),
    "a length of less than nothing": lambda: _record(1, length=-5),
    "a length of exbibytes": lambda: _record(1, length=(1 << 63) - 1),
    "a key beyond the end": lambda: _record(1, key=5000),
    "a key of exbibytes": lambda: _record(1, key=(1 << 63) - 1),
    "a value beyond the end": lambda: _record(1, value=5000),
    "a value of exbibytes": lambda: _record(1, value=(1 << 63) - 1),
    "headers that are not there": lambda: _record(1, headers=5000),
    "fewer headers than none": lambda: _record(1, headers=-1),
    "headers without end": lambda: _record(1, headers=(1 << 62)),
    "an offset that was there": lambda: _record(0),
    "an offset before the batch": lambda: _record(-3),
    "an offset behind the batch": lambda: _record(1000),
    "no second record": lambda: b"",
    "a number without end": lambda: b"\xff" * 30,
}


def odd_batches() -> dict[str, bytes]:
    """Batches of IN_BATCH, which can be read."""
    return {name: batch_of(codec, packed, len(IN_BATCH)) for name, (codec, packed) in _ODD.items()}


def damaged_batches() -> dict[str, bytes]:
    """Batches of as many records as IN_BATCH, of which none can be read."""
    return {name: batch_of(codec, packed, len(IN_BATCH)) for name, (codec, packed) in _NOT_UNPACKED.items()}


def malformed_batches() -> Iterator[tuple[str, bytes]]:
    """Batches of three records, of which the first can be read and no other."""
    for name, second in _SECOND.items():
        plain = _record(0) + second() + (_record(2) if second() else b"")
        for codec in (NONE, ZSTD):
            yield f"{name}, {'zstd' if codec else 'plain'}", batch_of(codec, pack(codec, [plain]), 3)
