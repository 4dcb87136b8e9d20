"""Finds the last records of a topic by their time.

Offsets have gaps, so it reads backwards, further each time, until it has enough.
"""

import heapq
from collections import Counter
from collections.abc import Callable

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition

from worker.commands.shell.cluster import asking
from worker.commands.shell.reading import Ends, read_records
from worker.settings import Settings

MOST_BYTES = 64 << 20
# What a record takes in memory beside its key and value.
_RECORD_BYTES = 300
# Every transaction ends with a marker, which takes an offset.
_MARKERS = 16
_FURTHER = 4


class LastRecords:
    """Keeps the last records that it is given: at most `most`, and MOST_BYTES of them."""

    def __init__(self, most: int) -> None:
        self._heap: list[tuple[int, int, int, ConsumerRecord[bytes, bytes]]] = []
        self._bytes = 0
        self.most = most
        self.is_cut = False

    def add(self, record: ConsumerRecord[bytes, bytes]) -> None:
        """Keeps the record if it is one of the last."""
        heapq.heappush(self._heap, (record.timestamp, record.partition, record.offset, record))
        self._bytes += _size(record)
        while len(self._heap) > self.most:
            self._drop_oldest()
        while self._bytes > MOST_BYTES and len(self._heap) > 1:
            self._drop_oldest()
            # What comes now may be older than what was dropped, and would leave a gap.
            self.most = len(self._heap)
            self.is_cut = True

    def reaches_back_to(self, timestamp: int) -> bool:
        """Whether no more records are taken that are as old as this."""
        return len(self._heap) == self.most and timestamp < self._heap[0][0]

    def in_order(self) -> list[ConsumerRecord[bytes, bytes]]:
        """The records, oldest first."""
        return [record for *_, record in sorted(self._heap, key=lambda entry: entry[:3])]

    def _drop_oldest(self) -> None:
        self._bytes -= _size(heapq.heappop(self._heap)[-1])


def _size(record: ConsumerRecord[bytes, bytes]) -> int:
    return len(record.key or b"") + len(record.value or b"") + _RECORD_BYTES


async def read_last(
    client: AIOKafkaConsumer,
    ends: Ends,
    settings: Settings,
    last: LastRecords,
    wants: Callable[[ConsumerRecord[bytes, bytes]], bool],
) -> None:
    """Gives to `last` the records before `ends` that it may want, and few others.

    A partition is read further back until it has given enough, or only what is older than all that is kept.
    """
    async with asking(settings):
        begins: Ends = await client.beginning_offsets(list(ends))
    upto = dict(ends)
    found: Counter[TopicPartition] = Counter()
    unfinished = [partition for partition, end in ends.items() if begins[partition] < end]
    span = last.most + _MARKERS
    while unfinished:
        starts = {partition: max(begins[partition], upto[partition] - span) for partition in unfinished}
        oldest = await _read_window(client, starts, upto, settings, last, wants, found)
        upto = starts
        unfinished = [
            partition
            for partition in unfinished
            if starts[partition] > begins[partition]
            and found[partition] < last.most
            and not (partition in oldest and last.reaches_back_to(oldest[partition]))
        ]
        span *= _FURTHER


async def _read_window(
    client: AIOKafkaConsumer,
    starts: Ends,
    upto: Ends,
    settings: Settings,
    last: LastRecords,
    wants: Callable[[ConsumerRecord[bytes, bytes]], bool],
    found: Counter[TopicPartition],
) -> dict[TopicPartition, int]:
    """Reads from `starts` up to `upto`. Returns each partition's earliest timestamp there."""
    client.assign(list(starts))
    for partition, start in starts.items():
        client.seek(partition, start)
    oldest: dict[TopicPartition, int] = {}
    ends = {partition: upto[partition] for partition in starts}
    async for record in read_records(client, list(starts), settings, ends=ends):
        partition = TopicPartition(record.topic, record.partition)
        oldest[partition] = min(record.timestamp, oldest.get(partition, record.timestamp))
        if wants(record):
            last.add(record)
            found[partition] += 1
    return oldest
