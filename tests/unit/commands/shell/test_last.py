"""The last records of a topic by their time, found without reading all of it."""

import random

import pytest

from tests.unit.commands.shell.fake_client import FakeClient, record
from worker.commands.shell import last
from worker.commands.shell.last import LastRecords, read_last
from worker.settings import Settings


async def found(client: FakeClient, most: int, wants=lambda each: True) -> list[tuple[int, int]]:
    kept = LastRecords(most)
    ends = await client.end_offsets(client.partitions)
    await read_last(client, ends, Settings(), kept, wants)
    return [(each.partition, each.offset) for each in kept.in_order()]


@pytest.mark.parametrize("most", [1, 3, 10, 1000])
@pytest.mark.parametrize("gap", [1, 2, 50, 5000])
@pytest.mark.parametrize("seed", range(4))
async def test_they_are_those_of_the_whole_topic_wherever_offsets_have_gaps(most, gap, seed):
    chance = random.Random(seed)
    records = []
    for partition in range(3):
        offset = begin = chance.randrange(10)
        for _ in range(chance.choice([0, 1, 40])):
            offset += chance.randrange(1, gap + 1)
            records.append(record(partition, offset, timestamp=1000 * begin + offset))
    ends = {n: max((r.offset + 1 + gap for r in records if r.partition == n), default=0) for n in range(3)}
    client = FakeClient(records, begins=dict.fromkeys(range(3), 0), ends=ends)
    by_time = sorted(records, key=lambda each: (each.timestamp, each.partition, each.offset))
    assert await found(client, most) == [(each.partition, each.offset) for each in by_time[-most:]]


async def test_only_the_end_of_a_long_topic_is_read():
    client = FakeClient((record(0, n, n) for n in range(20_000)), begins={0: 0}, ends={0: 20_000})
    assert await found(client, 5) == [(0, n) for n in range(19_995, 20_000)]
    assert client.read <= 100


async def test_with_a_key_those_of_the_key_are_the_last():
    records = [record(0, n, n, key=b"mine" if n in (3, 700) else b"other") for n in range(1000)]
    client = FakeClient(records, begins={0: 0}, ends={0: 1000})
    assert await found(client, 2, lambda each: each.key == b"mine") == [(0, 3), (0, 700)]


def test_more_than_memory_is_for_are_cut_to_the_very_last_without_a_gap(monkeypatch):
    monkeypatch.setattr(last, "MOST_BYTES", 10_000)
    kept = LastRecords(100)
    for offset in (7, 8, 9, 4, 5, 6):
        kept.add(record(0, offset, offset, value=b"x" * (8000 if offset == 8 else 3000)))
    assert [each.offset for each in kept.in_order()] == [9]
    assert kept.is_cut


def test_one_that_is_larger_than_memory_is_for_is_shown_all_the_same(monkeypatch):
    monkeypatch.setattr(last, "MOST_BYTES", 10)
    kept = LastRecords(3)
    kept.add(record(0, 1, 1, value=b"x" * 1000))
    assert [each.offset for each in kept.in_order()] == [1]
