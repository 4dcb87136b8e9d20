"""Reads the search topic on from where the index ends, and notices if it is no longer the indexed topic."""

import asyncio
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from aiokafka.errors import KafkaError, OffsetOutOfRangeError

from worker.commands.shell.cluster import BROKER_ANSWER_SECONDS, asking, explain
from worker.commands.shell.reading import READ_POLL_MS, Ends, ends_of
from worker.commands.shell.terminal import Problem, Progress, counted
from worker.delivery.kafka.topic_identity import topic_id
from worker.search.writing import Writer
from worker.settings import Settings

FETCH_RECORDS = 1_000
_TOPIC_CHECK_SECONDS = 10.0
# A partition's end can look too low right after its leader has changed, so it is asked for this often.
SHORTER_TRIES = 5
# Kafka's default of `delete.retention.ms`: a reader that is further behind can miss tombstones.
TOMBSTONES_KEPT_MS = 24 * 3600 * 1000


@dataclass(frozen=True, slots=True)
class TopicState:
    """The topic as the brokers describe it now: its id, and each partition's first offset.

    `id` is empty where the brokers don't tell.
    """

    id: str
    starts: Mapping[TopicPartition, int]


class RebuildNeeded(Exception):
    """The topic is no longer what was indexed, or the user asked for a new index: it has to be emptied."""

    def __init__(self, why: str, topic: TopicState) -> None:
        super().__init__(why)
        self.topic = topic


@dataclass
class TopicReader:
    """Reads the topic's records after those that the index holds.

    `client` has no partitions assigned yet, and must raise where an offset is out of range.
    """

    client: AIOKafkaConsumer
    writer: Writer
    topic: str
    settings: Settings
    bar: Progress
    partitions: Sequence[TopicPartition] = ()
    _known_id: str = ""
    _checked_at: float = field(default_factory=time.monotonic)
    _is_waiting: bool = False

    async def start(self, *, anew: bool) -> None:
        """Goes to where the index ends. Raises RebuildNeeded if it can't, or if `anew` asks for it."""
        about = self.writer.about
        async with asking(self.settings):
            topic = await self._ask()
        if anew:
            raise RebuildNeeded("is indexed anew", topic)
        self._known_id = about.get("topic_id", "")
        self.partitions = [TopicPartition(self.topic, number) for number in self.writer.positions]
        self._ensure_same_topic(topic)
        self._known_id = topic.id or self._known_id
        self.writer.note(topic=self.topic, topic_id=self._known_id)
        self._warn_if_stale(about)
        self._assign(topic)
        if await self._is_shorter():
            raise RebuildNeeded("is shorter than what was read of it", topic)

    def rebuild(self, reason: RebuildNeeded) -> None:
        """Empties the index and goes to the topic's start."""
        self.bar.say(f"dateline: {self.topic} {reason}: the index is emptied and made from its start")
        self.writer.empty(topic=self.topic, topic_id=reason.topic.id)
        self._known_id = reason.topic.id
        self._assign(reason.topic)

    async def fetch(self) -> list[ConsumerRecord[bytes, bytes]]:
        """The next records, in order within a partition; none if none come within a moment."""
        try:
            fetched = await self.client.getmany(timeout_ms=READ_POLL_MS, max_records=FETCH_RECORDS)
        except OffsetOutOfRangeError as error:
            await self._continue_after_gap(error.args[0])
            return []
        except KafkaError as error:
            raise Problem(f"{self.topic} can't be read: {explain(error)}") from None
        return [record for records in fetched.values() for record in records]

    async def positions(self) -> dict[int, int]:
        """The next offset of each partition."""
        return {tp.partition: await self.client.position(tp) for tp in self.partitions}

    async def has_reached(self, ends: Ends) -> bool:
        """Whether every partition was read to its end."""
        positions = await self.positions()
        return all(positions[tp.partition] >= end for tp, end in ends.items())

    async def is_caught_up(self) -> bool:
        """Whether all that the last fetches reported was read. False until each partition was fetched."""
        ends = {tp: self.client.last_stable_offset(tp) for tp in self.partitions}
        return None not in ends.values() and await self.has_reached(ends)

    async def found_partitions_if_due(self) -> bool:
        """Every `_TOPIC_CHECK_SECONDS`, asks whether the topic has new partitions. Returns whether it has.

        Raises RebuildNeeded if it is no longer the topic that was indexed.
        """
        if time.monotonic() < self._checked_at + _TOPIC_CHECK_SECONDS:
            return False
        self._checked_at = time.monotonic()
        topic = await self._ask_patiently()
        if topic is None:
            return False
        self._ensure_same_topic(topic)
        return len(topic.starts) > len(self.partitions)

    async def add_partitions(self) -> None:
        """Also reads the partitions that were added. All records fetched so far must be written before."""
        topic = await self._ask_patiently()
        if topic is not None and len(topic.starts) > len(self.partitions):
            self._ensure_same_topic(topic)
            self.bar.say(f"dateline: {self.topic} has {counted(len(topic.starts), 'partition')} now")
            self._assign(topic)

    def _assign(self, topic: TopicState) -> None:
        """Goes to where the index ends in each partition, or to the start of a partition new to it."""
        positions = self.writer.positions
        self.partitions = sorted(topic.starts)
        self.client.assign(self.partitions)
        for tp in self.partitions:
            self.client.seek(tp, positions.get(tp.partition, topic.starts[tp]))

    async def _ask(self) -> TopicState:
        """Raises KafkaError, also if the topic does not exist."""
        client = self.client._client
        numbers = (await client.fetch_all_metadata()).partitions_for_topic(self.topic)
        if not numbers:
            raise KafkaError(f"{self.topic} is gone")
        partitions = [TopicPartition(self.topic, number) for number in numbers]
        # The client's metadata may still be older than that answer.
        await client.force_metadata_update()
        return TopicState(await topic_id(client, self.topic), await self.client.beginning_offsets(partitions))

    async def _ask_patiently(self) -> TopicState | None:
        """None if there is no answer or no such topic. Both may pass, so the caller asks again later."""
        try:
            async with asyncio.timeout(BROKER_ANSWER_SECONDS):
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

    def _ensure_same_topic(self, topic: TopicState) -> None:
        if topic.id and self._known_id and topic.id != self._known_id:
            raise RebuildNeeded("was made anew", topic)
        if not set(self.partitions) <= topic.starts.keys():
            raise RebuildNeeded("has fewer partitions than were read", topic)

    async def _is_shorter(self) -> bool:
        """Whether a partition still ends before the offset that was indexed after `SHORTER_TRIES` answers."""
        positions = self.writer.positions
        for _ in range(SHORTER_TRIES):
            ends = await ends_of(self.client, self.partitions, self.settings)
            if all(positions.get(tp.partition, 0) <= end for tp, end in ends.items()):
                return False
            await asyncio.sleep(1)
        return True

    async def _continue_after_gap(self, offsets: Mapping[TopicPartition, int]) -> None:
        """Continues at a partition's first offset if older records were deleted.

        An offset beyond the partition's end means another topic: raises RebuildNeeded.
        """
        topic = await self._ask_patiently()
        if topic is None:
            await asyncio.sleep(1)
            return
        self._ensure_same_topic(topic)
        for tp, offset in offsets.items():
            start = topic.starts[tp]
            if offset > start:
                raise RebuildNeeded("is shorter than what was read of it", topic)
            self.bar.say(
                f"dateline: {tp.topic}/{tp.partition} begins at {start}: "
                f"{counted(start - offset, 'offset')} from {offset} on are gone and were never indexed"
            )
            self.client.seek(tp, start)

    def _warn_if_stale(self, about: Mapping[str, str]) -> None:
        now_ms = time.time_ns() // 1_000_000
        age_ms = now_ms - int(about.get("caught_up_ms", now_ms))
        if age_ms > TOMBSTONES_KEPT_MS:
            hours = age_ms / 3_600_000
            self.bar.say(
                f"dateline: the index was last up to date {hours:,.0f} hours ago: the topic may "
                "have forgotten retractions since (delete.retention.ms); --anew indexes it from the start"
            )
