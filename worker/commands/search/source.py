"""Where to read the search topic on, and whether it still is the topic that was indexed."""

import asyncio
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from aiokafka.errors import KafkaError, OffsetOutOfRangeError

from worker.commands.shell.cluster import ANSWER_SECONDS, asking, explain
from worker.commands.shell.reading import POLL_MS, Ends, ends_of
from worker.commands.shell.terminal import Problem, Progress, counted
from worker.delivery.kafka.topic_identity import topic_id
from worker.search.writing import Writer
from worker.settings import Settings

FETCH_RECORDS = 1_000
LOOK_SECONDS = 10.0
# A log that seems shorter than it was, right after another broker has taken it over, is asked again.
SHORTER_TRIES = 5
# `delete.retention.ms` unless the topic says otherwise: so long a tombstone is kept for readers.
TOMBSTONES_KEPT_MS = 24 * 3600 * 1000


class MadeAnew(Exception):
    """What is to be read is not what was indexed; the index is to begin anew."""

    def __init__(self, why: str, topic: "Topic") -> None:
        super().__init__(why)
        self.topic = topic


@dataclass(frozen=True, slots=True)
class Topic:
    """The topic as the brokers have it now. `id`: empty where they don't tell."""

    id: str
    starts: Mapping[TopicPartition, int]


@dataclass
class TopicReader:
    """Reads with `client`, which has no partitions yet and must raise where an offset is out of range."""

    client: AIOKafkaConsumer
    writer: Writer
    topic: str
    settings: Settings
    bar: Progress
    partitions: Sequence[TopicPartition] = ()
    _known_id: str = ""
    _looked_at: float = field(default_factory=time.monotonic)
    _is_waiting: bool = False

    async def start(self, *, anew: bool) -> None:
        """Where the index ends. Raises MadeAnew if there is another topic behind the name, or if asked to."""
        about = self.writer.about
        async with asking(self.settings):
            topic = await self._ask()
        if anew:
            raise MadeAnew("is indexed anew", topic)
        self._known_id = about.get("topic_id", "")
        self.partitions = [TopicPartition(self.topic, number) for number in self.writer.positions]
        self._compare(topic)
        self._known_id = topic.id or self._known_id
        self.writer.note(topic=self.topic, topic_id=self._known_id)
        self._say_if_stale(about)
        self._assign(topic)
        if await self._is_shorter():
            raise MadeAnew("is shorter than what was read of it", topic)

    def begin_anew(self, anew: MadeAnew) -> None:
        """Empties the index and goes to the topic's start."""
        self.bar.say(f"dateline: {self.topic} {anew}: the index is emptied and made from its start")
        self.writer.empty(topic=self.topic, topic_id=anew.topic.id)
        self._known_id = anew.topic.id
        self._assign(anew.topic)

    async def fetch(self) -> list[ConsumerRecord[bytes, bytes]]:
        """What has come, in order within a partition; none after a moment without any."""
        try:
            fetched = await self.client.getmany(timeout_ms=POLL_MS, max_records=FETCH_RECORDS)
        except OffsetOutOfRangeError as error:
            await self._go_on_from(error.args[0])
            return []
        except KafkaError as error:
            raise Problem(f"{self.topic} can't be read: {explain(error)}") from None
        return [record for records in fetched.values() for record in records]

    async def positions(self) -> dict[int, int]:
        """The next offset of each partition."""
        return {tp.partition: await self.client.position(tp) for tp in self.partitions}

    async def has_reached(self, ends: Ends) -> bool:
        positions = await self.positions()
        return all(positions[tp.partition] >= end for tp, end in ends.items())

    async def is_caught_up(self) -> bool:
        """As far as the last fetches tell; a partition that was not fetched yet has no end in sight."""
        ends = {tp: self.client.last_stable_offset(tp) for tp in self.partitions}
        return None not in ends.values() and await self.has_reached(ends)

    async def look_if_due(self) -> bool:
        """Now and then: whether it still is the same topic. Whether partitions were added; else MadeAnew."""
        if time.monotonic() < self._looked_at + LOOK_SECONDS:
            return False
        self._looked_at = time.monotonic()
        topic = await self._ask_patiently()
        if topic is None:
            return False
        self._compare(topic)
        return len(topic.starts) > len(self.partitions)

    async def take_added(self) -> None:
        """Reads the partitions that were added too, once all that was read of the others is written."""
        topic = await self._ask_patiently()
        if topic is not None and len(topic.starts) > len(self.partitions):
            self._compare(topic)
            self.bar.say(f"dateline: {self.topic} has {counted(len(topic.starts), 'partition')} now")
            self._assign(topic)

    def _assign(self, topic: Topic) -> None:
        """To where the index ends in each partition, or to the beginning of what it has nothing of."""
        positions = self.writer.positions
        self.partitions = sorted(topic.starts)
        self.client.assign(self.partitions)
        for tp in self.partitions:
            self.client.seek(tp, positions.get(tp.partition, topic.starts[tp]))

    async def _ask(self) -> Topic:
        """Raises KafkaError, also if there is no such topic now."""
        client = self.client._client
        numbers = (await client.fetch_all_metadata()).partitions_for_topic(self.topic)
        if not numbers:
            raise KafkaError(f"{self.topic} is gone")
        partitions = [TopicPartition(self.topic, number) for number in numbers]
        # The client's own metadata first: it may still have partitions of before.
        await client.force_metadata_update()
        return Topic(await topic_id(client, self.topic), await self.client.beginning_offsets(partitions))

    async def _ask_patiently(self) -> Topic | None:
        """None if there is no answer, or no topic: that passes."""
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                topic = await self._ask()
        except (KafkaError, OSError, TimeoutError) as error:
            if not self._is_waiting:
                self._is_waiting = True
                why = explain(error).removeprefix("KafkaError: ")
                self.bar.say(f"dateline: waiting for {self.settings.brokers}: {why}")
            return None
        if self._is_waiting:
            self._is_waiting = False
            self.bar.say(f"dateline: {self.topic} is there again")
        return topic

    def _compare(self, topic: Topic) -> None:
        if topic.id and self._known_id and topic.id != self._known_id:
            raise MadeAnew("was made anew", topic)
        if not set(self.partitions) <= topic.starts.keys():
            raise MadeAnew("has fewer partitions than were read", topic)

    async def _is_shorter(self) -> bool:
        """Whether the log ends before what was read of it, however often one asks."""
        positions = self.writer.positions
        for _ in range(SHORTER_TRIES):
            ends = await ends_of(self.client, self.partitions, self.settings)
            if all(positions.get(tp.partition, 0) <= end for tp, end in ends.items()):
                return False
            await asyncio.sleep(1)
        return True

    async def _go_on_from(self, offsets: Mapping[TopicPartition, int]) -> None:
        """A log that lost its front is read from where it begins; one that is shorter is another."""
        topic = await self._ask_patiently()
        if topic is None:
            await asyncio.sleep(1)
            return
        self._compare(topic)
        for tp, offset in offsets.items():
            start = topic.starts[tp]
            if offset > start:
                raise MadeAnew("is shorter than what was read of it", topic)
            self.bar.say(
                f"dateline: {tp.topic}/{tp.partition} begins at {start}: "
                f"{counted(start - offset, 'offset')} from {offset} on are gone and were never indexed"
            )
            self.client.seek(tp, start)

    def _say_if_stale(self, about: Mapping[str, str]) -> None:
        now_ms = time.time_ns() // 1_000_000
        age_ms = now_ms - int(about.get("caught_up_ms", now_ms))
        if age_ms > TOMBSTONES_KEPT_MS:
            hours = age_ms / 3_600_000
            self.bar.say(
                f"dateline: the index was last up to date {hours:,.0f} hours ago: the topic may "
                "have forgotten retractions since (delete.retention.ms); --anew indexes it from the start"
            )
