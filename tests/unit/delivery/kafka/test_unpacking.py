"""A batch is unpacked up to the bound and no further, and every record of it is accounted for."""

import gzip
import os
import struct
import threading
from pathlib import Path

import cramjam
import pytest
from aiokafka import TopicPartition, codec
from aiokafka.consumer.fetcher import READ_COMMITTED, PartitionRecords
from aiokafka.record.legacy_records import LegacyRecordBatchBuilder, _LegacyRecordBatchBuilderPy

from bench.fuzz.bombs import GZIP, LZ4, NONE, SNAPPY, SNAPPY_RAW, ZSTD, bomb_batch, pack
from worker.channels import MIB
from worker.delivery.kafka import unpacking
from worker.delivery.kafka.faulty import fault_of
from worker.delivery.kafka.records import raw_message
from worker.delivery.kafka.unpacking import BatchTooLarge, bound_batches
from worker.delivery.kafka.wire import FetchedRecords
from worker.settings import Settings

BOUND = 16 * MIB
CODECS = [GZIP, SNAPPY, LZ4, ZSTD]
NAMES = ["gzip", "snappy", "lz4", "zstd"]
SIZES = {GZIP: 300, SNAPPY: 100, SNAPPY_RAW: 100, LZ4: 150, ZSTD: 300}
WHOLE = "its batch unpacks to more than DATELINE_MAX_BATCH_BYTES=16777216"


@pytest.fixture(autouse=True)
def bound():
    bound_batches(Settings(max_batch_bytes=BOUND))
    yield
    bound_batches(Settings())


def read(data, position=0):
    """The messages of an answer to a fetch, as aiokafka's fetcher hands them out."""
    found = PartitionRecords(
        TopicPartition("raw", 0), FetchedRecords(data), None, position, None, None, True, READ_COMMITTED
    )
    messages = [raw_message(record) for record in found]
    return messages, found.next_fetch_offset


def at(data, offset):
    """The same batch at another offset: the checksum does not cover it."""
    return struct.pack(">q", offset) + data[8:]


class Peak:
    """The most memory that the process had within the block, above what it had before, in MiB."""

    def __enter__(self):
        Path("/proc/self/clear_refs").write_text("5")
        self._before = self._now("VmRSS")
        return self

    def __exit__(self, *_):
        self.mib = (self._now("VmHWM") - self._before) / 1024

    def _now(self, name):
        lines = Path("/proc/self/status").read_text().splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith(name))


@pytest.mark.parametrize("kind", CODECS, ids=NAMES)
def test_a_bomb_is_walked_up_to_the_bound_and_its_neighbours_go_through(kind):
    records = [(b"a", b"first"), (None, b"second"), (b"c", SIZES[kind] * MIB), (b"d", b"4"), (b"e", b"5")]
    bomb = bomb_batch(kind, records)
    neighbour = bomb_batch(kind, [(b"n", b"neighbour")])
    with Peak() as peak:
        messages, position = read(at(neighbour, 6) + at(bomb, 7) + at(neighbour, 12))
    assert peak.mib < 4 * BOUND / MIB
    assert position == 13
    before, first, second, cut, rest, after = messages
    for one, offset in ((before, 6), (after, 12)):
        assert (one.offset, one.key, one.value, one.batch_fault) == (offset, b"n", b"neighbour", None)
    assert [(one.offset, one.key, one.value) for one in (first, second)] == [
        (7, b"a", b"first"),
        (8, None, b"second"),
    ]
    assert [one.batch_fault.error for one in (first, second)] == [WHOLE] * 2
    assert not first.batch_fault.is_unread
    assert (cut.offset, cut.key, cut.value, cut.headers) == (9, b"c", b"", ())
    assert cut.batch_fault.value_bytes == SIZES[kind] * MIB
    assert (rest.offset, rest.key, rest.value) == (11, None, b"")
    assert rest.batch_fault.offsets == "10 to 11"
    assert "offsets 10 to 11: their batch unpacks to more than DATELINE_MAX_BATCH" in rest.batch_fault.error


@pytest.mark.parametrize("position", range(5))
def test_wherever_reading_begins_within_a_bomb_its_rest_is_told_once(position):
    """A lane that delivered the rest goes on after the batch; one that did not gets it."""
    bomb = bomb_batch(ZSTD, [(b"a", b"1"), (b"b", 20 * MIB), (b"c", b"3"), (b"d", b"4")])
    messages, after = read(bomb, position)
    assert [one.offset for one in messages] == [one for one in (0, 1, 3) if one >= position]
    assert after == 4


@pytest.mark.parametrize(
    ("records", "found"),
    [
        ([(b"k", 20 * MIB)], [(0, b"k", 20 * MIB, "")]),
        ([(b"k" * 20 * MIB, b"v")], [(0, None, None, "0 to 0")]),
        ([(b"k" * 20 * MIB, b"v"), (b"l", b"w")], [(1, None, None, "0 to 1")]),
        ([(b"k", 15 * MIB), (b"l" * 2 * MIB, b"w")], [(0, b"k", None, ""), (1, None, None, "1 to 1")]),
        ([(b"k", 17 * MIB), (b"l", 17 * MIB)], [(0, b"k", 17 * MIB, ""), (1, None, None, "1 to 1")]),
    ],
    ids=["one record", "its key alone", "the first key", "a key at the end", "two"],
)
def test_what_the_bound_cuts_is_named_as_far_as_it_is_known(records, found):
    messages, after = read(bomb_batch(ZSTD, records))
    assert [
        (one.offset, one.key, one.batch_fault.value_bytes, one.batch_fault.offsets) for one in messages
    ] == found
    assert after == len(records)


def test_ten_thousand_records_that_are_too_much_together_are_told_each():
    messages, after = read(bomb_batch(ZSTD, [(b"%d" % n, b"x" * 2000) for n in range(10_000)]))
    whole = [one for one in messages if not one.batch_fault.is_unread]
    assert [one.offset for one in whole] == list(range(len(whole)))
    assert len(whole) > 8000
    assert all(one.value == b"x" * 2000 for one in whole)
    cut, rest = messages[len(whole) :]
    assert (cut.offset, cut.key) == (len(whole), b"%d" % len(whole))
    assert rest.batch_fault.offsets == f"{len(whole) + 1} to 9999"
    assert after == 10_000


def test_a_block_of_raw_snappy_is_not_unpacked_at_all():
    bomb = bomb_batch(SNAPPY_RAW, [(b"a", b"1"), (b"b", SIZES[SNAPPY_RAW] * MIB)])
    with Peak() as peak:
        ((rest),), after = read(bomb)
    assert peak.mib < BOUND / MIB
    assert (rest.offset, rest.batch_fault.offsets, after) == (1, "0 to 1", 2)


@pytest.mark.parametrize("declared", [b"\xff\xff\xff\xff\x0f", b"\x80\x80\x80\x10"])
def test_a_block_of_snappy_that_declares_too_much_is_not_allocated(declared):
    with Peak() as peak, pytest.raises(BatchTooLarge):
        unpacking._BOUNDED["snappy_decode"](declared + b"\x00abc")
    assert peak.mib < 2


@pytest.mark.parametrize("size", [-4, 0, 100])
def test_a_block_size_that_leads_nowhere_is_an_error(size):
    data = codec.snappy_encode(b"") + struct.pack("!i", size) + b"abc"
    with pytest.raises(cramjam.DecompressionError, match="a block of"):
        unpacking._BOUNDED["snappy_decode"](data)


PACKERS = {
    "gzip": codec.gzip_encode,
    "snappy": codec.snappy_encode,
    "raw snappy": lambda data: codec.snappy_encode(data, xerial_compatible=False),
    "lz4": codec.lz4_encode,
    "zstd": codec.zstd_encode,
    "gzip in members": lambda data: gzip.compress(data[:1000]) + gzip.compress(data[1000:]),
    "zstd in frames": lambda data: codec.zstd_encode(data[:1000]) + codec.zstd_encode(data[1000:]),
    "zstd without a declared size": lambda data: pack(ZSTD, [data[:7], data[7:]]),
    "lz4 in pieces": lambda data: pack(LZ4, [data[:7], data[7:]]),
}


@pytest.mark.parametrize("packer", PACKERS)
@pytest.mark.parametrize("size", [1, 5000, 3 * MIB, BOUND - 1, BOUND])
def test_what_is_within_the_bound_is_unpacked_as_aiokafka_does(packer, size):
    data = (os.urandom(1000) * (size // 1000 + 1))[:size]
    name = next(name for name in ("gzip", "snappy", "lz4", "zstd") if name in packer)
    packed = PACKERS[packer](data)
    assert unpacking._BOUNDED[f"{name}_decode"](packed) == data
    assert getattr(codec, f"{name}_decode")(packed) == data


@pytest.mark.parametrize("packer", PACKERS)
def test_one_byte_more_than_the_bound_is_too_much(packer):
    data = bytes(BOUND + 1)
    name = next(name for name in ("gzip", "snappy", "lz4", "zstd") if name in packer)
    with pytest.raises(BatchTooLarge) as caught:
        unpacking._BOUNDED[f"{name}_decode"](PACKERS[packer](data))
    assert data.startswith(caught.value.beginning)


@pytest.mark.parametrize("name", NAMES)
def test_damaged_data_is_an_error_and_not_too_large(name):
    packed = PACKERS[name](os.urandom(5000))
    with pytest.raises((cramjam.DecompressionError, EOFError, struct.error)):
        unpacking._BOUNDED[f"{name}_decode"](packed[:-2500])


def test_a_zstd_frame_with_the_largest_window_takes_no_more_memory():
    """Kafka's clients refuse larger windows than 128 MiB."""
    frame = b"\x28\xb5\x2f\xfd\x00" + bytes([17 << 3])  # no declared size, a window of 2**27
    block = struct.pack("<I", (128 << 10) << 3 | 1 << 1)[:3] + b" "  # one byte, 131,072 times
    with Peak() as peak, pytest.raises(BatchTooLarge):
        unpacking._BOUNDED["zstd_decode"](frame + block * 5000)
    assert peak.mib < 4 * BOUND / MIB


def test_threads_do_not_share_the_buffer():
    wrong = []

    def unpack(fill):
        data = fill * (3 * MIB)
        packed = codec.zstd_encode(data)
        wrong.extend(fill for _ in range(20) if unpacking._BOUNDED["zstd_decode"](packed) != data)

    threads = [threading.Thread(target=unpack, args=(fill,)) for fill in (b"a", b"b", b"c")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def legacy(magic, kind, offset, values):
    """A message of an old format that wraps others, as a broker keeps it: at its last record's offset."""
    builder = _LegacyRecordBatchBuilderPy(magic, kind, 1 << 30)
    for number, value in enumerate(values):
        inner = number if magic else offset - len(values) + 1 + number
        assert builder.append(inner, 1000, b"k%d" % number, value) is not None
    return at(bytes(builder.build()), offset)


@pytest.mark.parametrize("magic", [0, 1])
@pytest.mark.parametrize("kind", [GZIP, SNAPPY, LZ4], ids=NAMES[:3])
def test_a_batch_of_an_old_format_becomes_one_message_that_names_its_end(magic, kind):
    if (magic, kind) == (0, LZ4):
        pytest.skip("that format has no lz4")
    plain = legacy(magic, kind, 11, [b"1", b"2"])
    bomb = legacy(magic, kind, 14, [b"x" * (9 * MIB)] * 3)
    with Peak() as peak:
        messages, after = read(plain + bomb + at(plain, 16), 10)
    assert peak.mib < 4 * BOUND / MIB
    assert [one.offset for one in messages] == [10, 11, 14, 15, 16] if magic else [10, 11, 14]
    assert messages[2].batch_fault.offsets == "up to 14"
    assert messages[2].timestamp_ms == (0 if magic else -1)
    assert (messages[2].key, messages[2].value) == (None, b"")
    assert [one.batch_fault for one in messages if one.offset != 14] == [None] * (len(messages) - 1)
    assert after == 17


def test_an_uncompressed_batch_has_no_bound_but_the_fetch_s():
    ((message,), _) = read(bomb_batch(NONE, [(b"k", b"x" * (BOUND + 1))]))
    assert (len(message.value), message.batch_fault) == (BOUND + 1, None)
    builder = LegacyRecordBatchBuilder(1, NONE, 1 << 30)
    builder.append(0, 1000, b"k", b"v")
    assert read(bytes(builder.build()))[0][0].value == b"v"


def test_an_ordinary_record_has_nothing_to_be_said_of():
    found = PartitionRecords(
        TopicPartition("raw", 0),
        FetchedRecords(legacy(1, GZIP, 1, [b"1", b"2"])),
        None, 0, None, None, True, READ_COMMITTED,
    )  # fmt: skip
    assert [fault_of(record) for record in found] == [None, None]
