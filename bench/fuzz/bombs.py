"""Decompression bombs: batches of a few kilobytes that unpack to hundreds of megabytes."""

import struct
import zlib
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import cramjam
from aiokafka import AIOKafkaProducer
from aiokafka.producer.message_accumulator import BatchBuilder
from aiokafka.record.default_records import DefaultRecordBase
from aiokafka.record.util import calc_crc32c, encode_varint

from worker.channels import MIB

NONE, GZIP, SNAPPY, LZ4, ZSTD = range(5)
SNAPPY_RAW = 12
"""Snappy without xerial's blocks, as librdkafka writes it."""


BombRecord = tuple[bytes | None, bytes | int]
"""Key, and value or its size. A value of that size is all spaces."""


def bomb_batch(codec: int, records: Sequence[BombRecord], *, timestamp: int = 1000) -> bytes:
    """The bytes of a batch with these records, packed piece by piece: it is never unpacked as a whole."""
    return batch_of(codec, pack(codec, pieces_of(records)), len(records), timestamp=timestamp)


def batch_of(codec: int, packed: bytes, count: int, *, timestamp: int = 1000) -> bytes:
    """The bytes of a batch that holds this, whatever it is, and says that it has so many records."""
    attributes = codec if codec != SNAPPY_RAW else SNAPPY
    parts = DefaultRecordBase.HEADER_STRUCT
    fields = (attributes, count - 1, timestamp, timestamp, -1, -1, -1, count)
    after_crc = parts.pack(0, 0, 0, 2, 0, *fields)[DefaultRecordBase.ATTRIBUTES_OFFSET :] + packed
    length = parts.size + len(packed) - DefaultRecordBase.AFTER_LEN_OFFSET
    return struct.pack(">qiibI", 0, length, -1, 2, calc_crc32c(after_crc)) + after_crc


def pieces_of(records: Iterable[BombRecord]) -> Iterator[bytes]:
    """The bytes of the records before they are packed."""
    for delta, (key, value) in enumerate(records):
        size = value if isinstance(value, int) else len(value)
        body = b"\x00" + varint(0) + varint(delta)
        body += varint(-1) if key is None else varint(len(key)) + key
        body += varint(size)
        yield varint(len(body) + size + 1) + body
        if isinstance(value, bytes):
            yield value
        else:
            yield from (b" " * min(MIB, size - done) for done in range(0, size, MIB))
        yield varint(0)


def varint(number: int) -> bytes:
    """A number as records have them."""
    buffer = bytearray()
    encode_varint(number, buffer.append)
    return bytes(buffer)


def pack(codec: int, pieces: Iterable[bytes]) -> bytes:
    """The pieces, packed."""
    if codec == NONE:
        return b"".join(pieces)
    if codec == GZIP:
        deflate = zlib.compressobj(9, wbits=31)
        return b"".join([*map(deflate.compress, pieces), deflate.flush()])
    if codec == SNAPPY:
        blocks = [bytes(cramjam.snappy.compress_raw(piece)) for piece in pieces]
        header = b"\x82SNAPPY\x00" + struct.pack("!ii", 1, 1)
        return header + b"".join(struct.pack("!i", len(block)) + block for block in blocks)
    if codec == SNAPPY_RAW:
        return bytes(cramjam.snappy.compress_raw(b"".join(pieces)))
    packer = cramjam.zstd.Compressor(3) if codec == ZSTD else cramjam.lz4.Compressor(9, block_linked=False)
    for piece in pieces:
        packer.compress(piece)
    return bytes(packer.finish())


class _Ready(BatchBuilder):
    """A batch that is sent as it is."""

    def __init__(self, data: bytes, count: int) -> None:
        super().__init__(MIB, NONE)  # type: ignore[no-untyped-call]  # aiokafka's has no annotations
        self._buffer: Any = data
        self._relative_offset = count


async def send_bomb(brokers: str, topic: str, codec: int, records: Sequence[BombRecord], **place: Any) -> int:
    """Sends such a batch to `partition`, by default the first; returns the offset of its first record."""
    return await send_batch(brokers, topic, bomb_batch(codec, records), len(records), **place)


async def send_batch(brokers: str, topic: str, data: bytes, count: int, *, partition: int = 0) -> int:
    """Sends a batch of so many records as it is; returns the offset of the first."""
    producer = AIOKafkaProducer(bootstrap_servers=brokers)
    await producer.start()
    try:
        sent = await producer.send_batch(_Ready(data, count), topic, partition=partition)
        return int((await sent).offset)
    finally:
        await producer.stop()
