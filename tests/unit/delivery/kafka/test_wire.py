"""Header names that are not UTF-8 are read and written byte for byte, in batches of any kind."""

from types import SimpleNamespace

import pytest
from aiokafka import AIOKafkaProducer
from aiokafka.consumer import fetcher
from aiokafka.record.default_records import DefaultRecordBatchBuilder

from worker.delivery.kafka.wire import is_utf8, new_batch, record_size

NONE, GZIP, SNAPPY, LZ4, ZSTD = range(5)


def name(raw):
    return raw.decode("utf-8", "surrogateescape")


def producer(compression=NONE, transactional_id=None):
    """What a batch is made for."""
    accumulator = SimpleNamespace(
        _batch_size=1 << 24,
        _compression_type=compression,
        _txn_manager=SimpleNamespace(transactional_id=transactional_id),
    )
    fake = SimpleNamespace(_message_accumulator=accumulator, _key_serializer=None, _value_serializer=None)
    accumulator.create_builder = lambda **_: pytest.fail("this one can't write every name")
    fake.create_batch = lambda: AIOKafkaProducer.create_batch(fake)
    return fake


def written(records, **options):
    """The bytes of a batch with these keys, values and headers."""
    batch = new_batch(producer(**options), [headers for _, _, headers in records])
    for key, value, headers in records:
        assert batch.append(timestamp=1000, key=key, value=value, headers=headers) is not None
    batch._set_producer_state(7, 1, 0)
    return bytes(batch._build())


def read(data):
    found = fetcher.MemoryRecords(data)
    while found.has_next():
        batch = found.next_batch()
        assert batch.validate_crc()
        for record in batch:
            yield record.offset, record.key, record.value, tuple(record.headers)


ODD = name(b"caf\xe9")
RECORDS = [
    (b"a", b"1" * 100, (("plain", b"x"),)),
    (b"b", b"2" * 100, ((ODD, b"\xff\x00"), ("é", None), (name(b"\xed\xa0\x80"), b""))),
    (None, b"3" * 100, ()),
    (b"d", None, ((ODD, None),)),
    (b"e", b"5" * 100, (("naïve", b"y"),)),
]


@pytest.mark.parametrize("compression", [NONE, GZIP, SNAPPY, LZ4, ZSTD])
@pytest.mark.parametrize("transactional_id", [None, "some"])
def test_what_was_written_is_read_and_its_neighbours_too(compression, transactional_id):
    data = written(RECORDS, compression=compression, transactional_id=transactional_id)
    assert list(read(data)) == [(offset, *record) for offset, record in enumerate(RECORDS)]
    assert b"caf\xe9" in data or compression != NONE
    again = [(key, value, headers) for _, key, value, headers in read(data)]
    assert written(again, compression=compression, transactional_id=transactional_id) == data


def test_several_batches_in_one_answer_are_read_each_its_own_way():
    plain = DefaultRecordBatchBuilder(2, NONE, 0, -1, -1, 0, 1 << 20)
    plain.append(0, 1000, b"k", b"v", [("plain", None)])
    cut_off = written(RECORDS)[:99]  # as brokers do
    data = bytes(plain.build()) + written(RECORDS) + cut_off
    assert [key for _, key, *_ in read(data)] == [b"k", b"a", b"b", None, b"d", b"e"]


def test_a_hundred_thousand_headers_are_read():
    headers = ((ODD, b"1"),) * 100_000
    ((_, _, _, found),) = read(written([(b"k", b"v", headers)]))
    assert found == headers


def test_a_batch_that_is_full_says_so():
    small = producer()
    small._message_accumulator._batch_size = 200
    batch = new_batch(small, [((ODD, b""),)])
    fields = {"timestamp": None, "key": None, "headers": [(ODD, b"")]}
    assert batch.append(value=b"1" * 100, **fields) is not None
    assert batch.append(value=b"2" * 100, **fields) is None


def test_where_every_name_is_utf8_the_fast_builder_is_used():
    fast, fake = object(), producer()
    fake._message_accumulator.create_builder = lambda **_: fast
    assert new_batch(fake, [(("é", b""),), ()]) is fast


@pytest.mark.parametrize(
    ("raw", "is_so"), [(b"", True), (b"plain", True), ("é\U0001f600".encode(), True), (b"\xff", False)]
)
def test_a_name_says_whether_it_was_utf8(raw, is_so):
    assert is_utf8(name(raw)) is is_so


def test_a_size_is_told_for_any_name():
    plain = record_size(b"k", b"v" * 10, (("cafe", b"x"),))
    assert record_size(b"k", b"v" * 10, ((ODD, b"x"),)) == plain
