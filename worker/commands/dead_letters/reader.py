"""Streams dead letters from their topic, so that memory holds only a few of them at a time."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

from aiokafka import AIOKafkaConsumer, TopicPartition

from worker.channels import Channel
from worker.commands.dead_letters.filter import Filter
from worker.commands.dead_letters.letter import Letter
from worker.commands.shell.cluster import asking, consumer
from worker.commands.shell.reading import Ends, ends_of, partitions_of, read_records, seek
from worker.settings import Settings


@dataclass
class LetterReader:
    """Reads the letters that existed when it was made, one partition after the other, by offset.

    `total` counts the offsets to be read, `passed` those that have been read.
    """

    settings: Settings
    filters: Filter
    client: AIOKafkaConsumer
    starts: dict[TopicPartition, int]
    ends: Ends
    passed: int = 0

    @property
    def total(self) -> int:
        return sum(self._size(partition) for partition in self.starts)

    async def letters(self) -> AsyncIterator[Letter]:
        """The letters that the filter matches."""
        done = 0
        for partition, start in self.starts.items():
            self.client.assign([partition])
            self.client.seek(partition, start)
            end = {partition: self.ends[partition]}
            number = 0
            async for record in read_records(self.client, [partition], self.settings, ends=end):
                self.passed = done + record.offset + 1 - start
                number += 1
                letter = Letter(record, number)
                if self.filters.matches(letter):
                    yield letter
            done += self._size(partition)
            self.passed = done

    def _size(self, partition: TopicPartition) -> int:
        return max(0, self.ends[partition] - self.starts[partition])


@asynccontextmanager
async def letter_reader(settings: Settings, filters: Filter) -> AsyncIterator[LetterReader]:
    """A connected reader, up to where the topic ends now. Raises Problem if the topic is missing."""
    partitions = await partitions_of(settings, settings.topic(Channel.DEAD))
    async with consumer(settings) as client:
        client.assign(partitions)
        ends = await ends_of(client, partitions, settings)
        async with asking(settings):
            await seek(client, partitions, filters.since)
            starts = {partition: await client.position(partition) for partition in partitions}
        if filters.places:
            starts, ends = _narrow_to(filters.places, starts, ends)
        yield LetterReader(settings, filters, client, starts, ends)


def _narrow_to(
    places: Sequence[tuple[int, int]], starts: dict[TopicPartition, int], ends: Ends
) -> tuple[dict[TopicPartition, int], Ends]:
    """Narrows each partition to the offsets from the first of these places to the last."""
    nearer, shorter = {}, {}
    for partition in starts:
        offsets = [offset for number, offset in places if number == partition.partition]
        if offsets:
            nearer[partition] = max(starts[partition], min(offsets))
            shorter[partition] = min(ends[partition], max(offsets) + 1)
    return nearer, shorter
