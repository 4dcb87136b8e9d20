"""Whatever the raw topic holds and whatever becomes of it: all is read, and nothing passed over."""

import asyncio
import sys
from contextlib import suppress

import pytest
from aiokafka import AIOKafkaProducer

from tests.faults.account import header, produce_values, read_topic, settled
from tests.faults.inline_pool import OUTPUTS_PER_ARTICLE as OUTPUTS
from tests.kafka.delivery.administration import add_partitions, create_topic, delete_topic
from worker.channels import Channel, topic_name
from worker.delivery.kafka.wire import new_batch

FAULTY = (sys.executable, "-m", "faust", "-A", "tests.kafka.delivery.faulty_worker", "worker")
ONE = {Channel.ENRICHED: 1}


@pytest.fixture
def start_faulty(start_worker):
    """A worker in which articles can break something; it writes one enriched record for each."""

    def start(prefix, **settings):
        return start_worker(prefix, command=FAULTY, PROCESSES=16, **settings)

    return start


async def send_batch(brokers, topic, records, *, partition=0, **options):
    """Keys, values and headers as they are, all in one batch."""
    producer = AIOKafkaProducer(bootstrap_servers=brokers, max_batch_size=4 << 20, **options)
    await producer.start()
    try:
        batch = new_batch(producer, [headers for _, _, headers in records])
        for key, value, headers in records:
            assert batch.append(timestamp=None, key=key, value=value, headers=headers) is not None
        await (await producer.send_batch(batch, topic, partition=partition))
    finally:
        await producer.stop()


async def eventually(is_so, within=30):
    async with asyncio.timeout(within):
        while not is_so():  # noqa: ASYNC110 (a process is asked)
            await asyncio.sleep(0.2)


@pytest.mark.parametrize("compression", [None, pytest.param("lz4", marks=pytest.mark.long)])
async def test_a_header_name_that_is_not_utf8_costs_its_record_and_no_other(
    brokers, prefix, topics, start_worker, compression
):
    odd, many = b"caf\xe9\x00".decode("utf-8", "surrogateescape"), [("x", None)] * 100_000
    records = [
        (b"0", b"before", [("plain", b"1")]),
        (b"\xff1", b"the odd one\x00", [("plain", b"1"), (odd, b"\xfe"), (odd, None), ("é", b"")]),
        (b"2", b"between", [("content-type", None)]),
        (b"3", None, [(odd, b"1")]),
        (b"4", b"many", many),
        (b"5", b"after", []),
    ]
    worker = start_worker(prefix)
    await send_batch(brokers, topic_name(Channel.RAW, prefix), records, compression_type=compression)
    now = await settled(brokers, prefix, OUTPUTS)
    assert now.problems(OUTPUTS) == []
    letters = {int(name.rpartition("/")[2]): letter for name, letter in now.letters.items()}
    assert sorted(letters) == [1, 3]
    for offset, letter in letters.items():
        key, value, headers = records[offset]
        assert (letter.key, letter.value) == (key, value)
        assert [one for one in letter.headers if not one[0].startswith("dead-letter-")] == headers
        assert header(letter, "dead-letter-reason") == "invalid"
        assert header(letter, "dead-letter-error") == r"the header name b'caf\xe9\x00' is not UTF-8"
    assert worker.stop() == 0


async def test_what_can_not_be_read_for_a_while_keeps_nothing_else_waiting_and_is_not_passed_over(
    brokers, prefix, create_topics, start_faulty
):
    await create_topics(brokers, prefix, partitions=2)
    raw = topic_name(Channel.RAW, prefix)
    worker = start_faulty(prefix)
    worker.wait_until_ready()
    for partition, values in (
        (0, [b"a", b"b"]),
        (0, [b"c", b"rotten"]),
        (1, [b"d"]),
        (0, [b"e"]),
        (1, [b"f"]),
    ):
        await send_batch(brokers, raw, [(b"k", value, []) for value in values], partition=partition)
    now = await settled(brokers, prefix, ONE)
    assert now.problems(ONE) == []
    written = await read_topic(brokers, topic_name(Channel.ENRICHED, prefix))
    values = [one.value for one in written]
    assert values.index(b"f") < values.index(b"rotten"), "the other partition waited"
    failed = worker.events("records can't be read")
    assert "CRC" in failed[0]["error"]
    assert failed[-1]["partitions"] == [f"{raw}/0"]
    assert worker.stop() == 0


async def test_a_record_lost_between_reader_and_lane_is_read_again(brokers, prefix, topics, start_faulty):
    worker = start_faulty(prefix)
    worker.wait_until_ready()
    await produce_values(brokers, topic_name(Channel.RAW, prefix), [b"one", b"lost", b"two", b"three"])
    now = await settled(brokers, prefix, ONE)
    assert now.problems(ONE) == []
    written = await read_topic(brokers, topic_name(Channel.ENRICHED, prefix))
    assert [one.value for one in written] == [b"one", b"lost", b"two", b"three"]
    (astray,) = worker.events("reading went astray, and goes back to what the lane wants")
    assert (astray["wanted"], astray["read_to"]) == (1, 4)
    assert worker.status()["gaps_mended"] == 1
    assert worker.stop() == 0


@pytest.mark.parametrize("old", [b"old", b"slow2"])
async def test_a_topic_made_anew_is_read_from_its_start(brokers, prefix, topics, start_faulty, admin, old):
    """Also while articles of the old topic are in flight, whose offsets are committed on the new one."""
    raw = topic_name(Channel.RAW, prefix)
    worker = start_faulty(prefix)
    worker.wait_until_ready()
    await produce_values(brokers, raw, [old] * 20)
    await eventually(lambda: next(iter(worker.status()["lanes"].values()))["next"] == 20)
    await delete_topic(admin, raw)
    await create_topic(admin, raw)
    # More than there was of the old one: the offsets that were read are there again.
    await produce_values(brokers, raw, [b"new %d" % n for n in range(50)])
    values = []
    with suppress(TimeoutError):
        async with asyncio.timeout(30):
            while len(values) < 50:
                await asyncio.sleep(0.5)
                written = await read_topic(brokers, topic_name(Channel.ENRICHED, prefix))
                values = [one.value for one in written if one.value.startswith(b"new")]
    assert values == [b"new %d" % n for n in range(50)], worker.said()
    assert worker.stop() == 0


async def test_partitions_that_are_added_are_read_from_their_start(
    brokers, prefix, topics, start_worker, admin
):
    raw = topic_name(Channel.RAW, prefix)
    worker = start_worker(prefix)
    worker.wait_until_ready()
    await produce_values(brokers, raw, [b"before"])
    await add_partitions(admin, raw, 3)
    for partition in range(3):
        await send_batch(brokers, raw, [(b"k", b"after", [])], partition=partition)
    await eventually(lambda: worker.status()["assigned"] == [0, 1, 2])
    now = await settled(brokers, prefix, OUTPUTS)
    assert now.problems(OUTPUTS) == []
    assert len(now.inputs) == 4
    assert worker.stop() == 0
