"""The original of a dead letter: the letter itself, or the record at its origin if that was truncated."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition

from worker.commands.dead_letters.letter import Letter, read_origin, without_letter_headers
from worker.commands.shell.cluster import consumer
from worker.commands.shell.reading import record_at
from worker.delivery.kafka.faulty import fault_of, why_unread
from worker.delivery.kafka.records import raw_message
from worker.delivery.lanes.dead_letter import REASON
from worker.records.messages import RawMessage, Reason
from worker.settings import Settings

_NOT_READ = {
    Reason.TOO_LARGE: "in batches that unpack to too much",
    Reason.UNDECODABLE: "in batches that can't be unpacked",
}


@dataclass(frozen=True)
class Obstacle:
    """Why a letter's original can't be read or sent. `kind` is what letters are counted by."""

    kind: str
    why: str


@dataclass
class Originals:
    """Reads originals. `topics` are the cluster's, with their numbers of partitions.

    No other topic is asked for: a cluster that creates topics by itself would create it.
    """

    settings: Settings
    topics: dict[str, int]
    stack: AsyncExitStack
    client: AIOKafkaConsumer | None = None

    async def of(self, letter: Letter) -> RawMessage | Obstacle:
        """The original as it was published, with the topic, partition and offset where it was read."""
        source = letter.origin_position
        if source is None:
            return Obstacle("no dead letters", "its headers name no origin")
        partition, offset = source
        if letter.stands_for:
            return _not_read(letter, partition)
        if letter.truncated_from is not None:
            return await self._fetched(letter)
        return letter.as_raw(topic=partition.topic, partition=partition.partition, offset=offset)

    async def _fetched(self, letter: Letter) -> RawMessage | Obstacle:
        """The record at the letter's origin, or at its first origin.

        If somebody copied a truncated letter back into the topic, only its first origin has the whole record.
        """
        for place in dict.fromkeys((letter.origin, letter.first_origin)):
            source = read_origin(place)
            record = None if source is None else await self._record(*source)
            if record is not None and (why := why_unread(record)):
                return _unreadable(record, why)
            if record is not None and len(record.value or b"") == letter.truncated_from:
                return without_letter_headers(raw_message(record))
        return Obstacle(
            "truncated, their originals gone",
            f"truncated, and its original of {letter.truncated_from:,} bytes is no longer at {letter.origin}",
        )

    async def _record(self, partition: TopicPartition, offset: int) -> ConsumerRecord[bytes, bytes] | None:
        if partition.partition >= self.topics.get(partition.topic, 0):
            return None
        if self.client is None:
            self.client = await self.stack.enter_async_context(consumer(self.settings))
        return await record_at(self.client, self.settings, partition, offset)


def _not_read(letter: Letter, partition: TopicPartition) -> Obstacle:
    stands_for = (
        f"stands for the records of {partition.topic}/{partition.partition} at offsets {letter.stands_for}, "
        "which were not read; "
    )
    if letter.text(REASON) == Reason.UNDECODABLE:
        what = "their batch is damaged: whoever published it sends the articles again"
        return Obstacle(_NOT_READ[Reason.UNDECODABLE], stands_for + what)
    tap = f"dateline tap {partition.topic} --from beginning"
    what = f"with a larger DATELINE_MAX_BATCH_BYTES, `{tap}` prints them"
    return Obstacle(_NOT_READ[Reason.TOO_LARGE], stands_for + what)


def _unreadable(record: ConsumerRecord[bytes, bytes], why: str) -> Obstacle:
    fault = fault_of(record)
    if fault is not None and fault.reason is Reason.UNDECODABLE:
        return Obstacle(_NOT_READ[Reason.UNDECODABLE], why)
    return Obstacle(
        _NOT_READ[Reason.TOO_LARGE], f"{why}; a larger DATELINE_MAX_BATCH_BYTES lets this command read it"
    )


@asynccontextmanager
async def original_reader(settings: Settings, topics: dict[str, int]) -> AsyncIterator[Originals]:
    """Connects when the first truncated letter needs it, and reads committed records only."""
    async with AsyncExitStack() as stack:
        yield Originals(settings, topics, stack)
