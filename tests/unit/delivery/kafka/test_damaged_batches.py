"""No batch holds up a partition: each is read, or as far as it can be, and one record stands for the rest."""

import pytest

from bench.fuzz.bombs import GZIP, LZ4, NONE, SNAPPY, bomb_batch
from bench.fuzz.damaged import IN_BATCH, damaged_batches, malformed_batches, odd_batches
from tests.unit.delivery.kafka.test_unpacking import NAMES, at, legacy, read
from worker.records.messages import BatchFault, Reason

NEIGHBOUR = bomb_batch(NONE, [(b"n", b"neighbour")])
ODD, DAMAGED, MALFORMED = odd_batches(), damaged_batches(), dict(malformed_batches())


def between(batch, offset=7):
    """What is read of the batch, at offsets 7 to 9, between two others, which go through."""
    (before, *found, after), position = read(at(NEIGHBOUR, 6) + at(batch, offset) + at(NEIGHBOUR, 10), 6)
    for one, offset in ((before, 6), (after, 10)):
        assert (one.offset, one.key, one.value, one.batch_fault) == (offset, b"n", b"neighbour", None)
    assert position == 11
    return found


def assert_stands_for(one, offsets):
    assert (one.offset, one.key, one.value, one.headers) == (9, None, b"", ())
    assert one.batch_fault.offsets == offsets
    assert one.batch_fault.reason is Reason.UNDECODABLE
    assert one.batch_fault.is_unread
    assert f"the records at offsets {offsets}: their batch can't be unpacked" in one.batch_fault.error


@pytest.mark.parametrize("name", ODD)
def test_what_java_s_client_reads_is_read(name):
    found = between(ODD[name])
    assert [(one.offset, one.key, one.value, one.batch_fault) for one in found] == [
        (7 + number, *record, None) for number, record in enumerate(IN_BATCH)
    ]


@pytest.mark.parametrize("name", DAMAGED)
def test_one_record_stands_for_a_batch_that_cannot_be_unpacked(name):
    (rest,) = between(DAMAGED[name])
    assert_stands_for(rest, "7 to 9")


@pytest.mark.parametrize("name", MALFORMED)
def test_one_record_stands_for_what_follows_the_last_that_is_well_formed(name):
    first, rest = between(MALFORMED[name])
    assert (first.offset, first.key, first.value, first.batch_fault) == (7, b"k", b"value", None)
    assert_stands_for(rest, "8 to 9")


@pytest.mark.parametrize("name", [next(iter(DAMAGED)), next(iter(MALFORMED))])
def test_reading_that_begins_behind_the_rest_does_not_tell_it_again(name):
    batch = {**DAMAGED, **MALFORMED}[name]
    messages, position = read(at(batch, 7) + at(NEIGHBOUR, 10), 10)
    assert [one.offset for one in messages] == [10]
    assert position == 11


@pytest.mark.parametrize("magic", [0, 1])
@pytest.mark.parametrize("kind", [GZIP, SNAPPY, LZ4], ids=NAMES[:3])
def test_a_damaged_batch_of_an_old_format_becomes_one_message_that_names_its_end(magic, kind, monkeypatch):
    if (magic, kind) == (0, LZ4):
        pytest.skip("that format has no lz4")
    names = ("gzip_encode", "snappy_encode", "lz4_encode")
    monkeypatch.setattr(f"aiokafka.record.legacy_records.{names[kind - 1]}", lambda _: b"garbage" * 9)
    damaged = legacy(magic, kind, 9, [b"1", b"2"])
    (rest,) = between(damaged, 9)
    assert_stands_for(rest, "up to 9")


def test_a_lack_of_memory_is_no_fault_of_the_batch(monkeypatch):
    def lacking(_):
        raise OSError("no memory for the buffer")

    monkeypatch.setattr("worker.delivery.kafka.unpacking._output", lacking)
    with pytest.raises(OSError, match="no memory"):
        read(bomb_batch(SNAPPY, [(b"k", b"v")]))


def test_a_fault_is_of_the_size_unless_it_says_otherwise():
    assert BatchFault("why").reason is Reason.TOO_LARGE
