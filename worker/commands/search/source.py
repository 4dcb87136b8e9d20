"""Reads topics on from where the index ends, and notices one that is no longer what was indexed."""

import asyncio
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from aiokafka.errors import KafkaError, OffsetOutOfRangeError

from worker.channels import Channel
from worker.commands.shell.cluster import BROKER_ANSWER_SECONDS, asking, explain
from worker.commands.shell.reading import READ_POLL_MS, Ends, ends_of
from worker.commands.shell.terminal import Problem, Progress, counted
from worker.delivery.kafka.topic_identity import topic_id
from worker.search.layout import INDEXED
from worker.search.writing import LogPosition, Writer
from worker.settings import Settings

FETCH_RECORDS = 1_000
_TOPIC_CHECK_SECONDS = 10.0
# A partition's end can look too low right after its leader has changed, so it is asked for this often.
SHORTER_TRIES = 5
# Kafka's default of `delete.retention.ms`: a reader that is further behind can miss tombstones.
TOMBSTONES_KEPT_MS = 24 * 3600 * 1000


@dataclass(frozen=True, slots=True)
class TopicState:
    """A topic as the brokers describe it now: its id, and each partition's first offset.

    `id` is empty where the brokers don't tell.
    """

    id: str
    starts: Mapping[TopicPartition, int]


class RebuildNeeded(Exception):
    """Topics are no longer what was indexed, or the user asked for a new index: it has to be emptied.

    `reasons`: by the topics that this is so of.
    """

    def __init__(self, reasons: Mapping[Channel, str], topics: Mapping[Channel, TopicState]) -> None:
        super().__init__(reasons)
        self.reasons, self.topics = reasons, topics


@dataclass
class TopicReader:
    """Reads the topics' records after those that the index holds.

    `topics`: the names of the search topic and, where there are stories, of their topics. `client` has no
    partitions assigned yet, and must raise where an offset is out of range.
    """

    client: AIOKafkaConsumer
    writer: Writer
    topics: Mapping[Channel, str]
    settings: Settings
    bar: Progress
    partitions: Sequence[TopicPartition] = ()
    _known_ids: dict[Channel, str] = field(default_factory=dict)
    _checked_at: float = field(default_factory=time.monotonic)
    _is_waiting: bool = False

    def channel_of(self, topic: str) -> Channel:
        """The channel of a topic that is read."""
        return next(channel for channel, name in self.topics.items() if name == topic)

    async def start(self, *, anew: bool) -> None:
        """Goes to where the index ends. Raises RebuildNeeded if it can't, or if `anew` asks for it."""
        about = self.writer.about
        async with asking(self.settings):
            found = await self._ask()
        if anew:
            raise RebuildNeeded({Channel.SEARCH: "is indexed anew"}, found)
        self._known_ids = {channel: about.get(_id_name(channel), "") for channel in self.topics}
        self.partitions = [
            TopicPartition(self.topics[channel], number)
            for channel, number in self.writer.positions
            if channel in self.topics
        ]
        self._ensure_same_topics(found)
        for channel, topic in found.items():
            self._known_ids[channel] = topic.id or self._known_ids[channel]
        self.writer.note(topic=self.topics[Channel.SEARCH], **self._ids())
        self._warn_if_stale(about)
        self._assign(found)
        if shorter := await self._shorter():
            raise RebuildNeeded(dict.fromkeys(shorter, "is shorter than what was read of it"), found)

    def rebuild(self, reason: RebuildNeeded) -> None:
        """Empties what the index has of these topics, and goes to their start.

        Without its documents the index has nothing: then all topics are read anew.
        """
        for channel, why in reason.reasons.items():
            what = "the index" if channel is Channel.SEARCH else "what the index has of it"
            self.bar.say(f"dateline: {self.topics[channel]} {why}: {what} is emptied and made from its start")
        emptied = INDEXED if Channel.SEARCH in reason.reasons else tuple(reason.reasons)
        for channel in emptied:
            self._known_ids[channel] = reason.topics[channel].id if channel in reason.topics else ""
        self.writer.empty(emptied, topic=self.topics[Channel.SEARCH], **self._ids())
        self._assign(reason.topics)

    async def fetch(self) -> list[ConsumerRecord[bytes, bytes]]:
        """The next records, in order within a partition; none if none come within a moment."""
        try:
            fetched = await self.client.getmany(timeout_ms=READ_POLL_MS, max_records=FETCH_RECORDS)
        except OffsetOutOfRangeError as error:
            await self._continue_after_gap(error.args[0])
            return []
        except KafkaError as error:
            named = ", ".join(self.topics.values())
            raise Problem(f"{named} can't be read: {explain(error)}") from None
        return [record for records in fetched.values() for record in records]

    async def positions(self) -> dict[LogPosition, int]:
        """The next offset of each partition."""
        return {self._position(tp): await self.client.position(tp) for tp in self.partitions}

    async def has_reached(self, ends: Ends) -> bool:
        """Whether every partition was read to its end."""
        positions = await self.positions()
        return all(positions[self._position(tp)] >= end for tp, end in ends.items())

    async def is_caught_up(self) -> bool:
        """Whether all that the last fetches reported was read. False until each partition was fetched."""
        ends = {tp: self.client.last_stable_offset(tp) for tp in self.partitions}
        return None not in ends.values() and await self.has_reached(ends)

    async def found_partitions_if_due(self) -> bool:
        """Every `_TOPIC_CHECK_SECONDS`, asks whether topics have new partitions. Returns whether one has.

        Raises RebuildNeeded if one is no longer the topic that was indexed.
        """
        if time.monotonic() < self._checked_at + _TOPIC_CHECK_SECONDS:
            return False
        self._checked_at = time.monotonic()
        found = await self._ask_patiently()
        if found is None:
            return False
        self._ensure_same_topics(found)
        return any(self._has_more(channel, topic) for channel, topic in found.items())

    async def add_partitions(self) -> None:
        """Also reads the partitions that were added. All records fetched so far must be written before."""
        found = await self._ask_patiently()
        if found is None:
            return
        self._ensure_same_topics(found)
        more = [channel for channel, topic in found.items() if self._has_more(channel, topic)]
        for channel in more:
            now = counted(len(found[channel].starts), "partition")
            self.bar.say(f"dateline: {self.topics[channel]} has {now} now")
        if more:
            self._assign(found)

    def _position(self, tp: TopicPartition) -> LogPosition:
        return self.channel_of(tp.topic), tp.partition

    def _ids(self) -> dict[str, str]:
        return {_id_name(channel): known for channel, known in self._known_ids.items()}

    def _has_more(self, channel: Channel, topic: TopicState) -> bool:
        known = [tp for tp in self.partitions if tp.topic == self.topics[channel]]
        return len(topic.starts) > len(known)

    def _assign(self, topics: Mapping[Channel, TopicState]) -> None:
        """Goes to where the index ends in each partition, or to the start of a partition new to it."""
        positions = self.writer.positions
        starts = {tp: start for topic in topics.values() for tp, start in topic.starts.items()}
        self.partitions = sorted(starts)
        self.client.assign(self.partitions)
        for tp, start in starts.items():
            self.client.seek(tp, positions.get(self._position(tp), start))

    async def _ask(self) -> dict[Channel, TopicState]:
        """Raises KafkaError, also if a topic does not exist."""
        client = self.client._client
        metadata = await client.fetch_all_metadata()
        partitions = {}
        for channel, name in self.topics.items():
            numbers = metadata.partitions_for_topic(name)
            if not numbers:
                raise KafkaError(f"{name} is gone")
            partitions[channel] = [TopicPartition(name, number) for number in numbers]
        # The client's metadata may still be older than that answer.
        await client.force_metadata_update()
        return {
            channel: TopicState(
                await topic_id(client, self.topics[channel]), await self.client.beginning_offsets(of_topic)
            )
            for channel, of_topic in partitions.items()
        }

    async def _ask_patiently(self) -> dict[Channel, TopicState] | None:
        """None if there is no answer or a topic is missing. Both may pass, so the caller asks again later."""
        try:
            async with asyncio.timeout(BROKER_ANSWER_SECONDS):
                found = await self._ask()
        except (KafkaError, OSError, TimeoutError) as error:
            if not self._is_waiting:
                self._is_waiting = True
                why = explain(error).removeprefix("KafkaError: ")
                self.bar.say(f"dateline: waiting for {self.settings.brokers}: {why}")
            return None
        if self._is_waiting:
            self._is_waiting = False
            self.bar.say(f"dateline: {', '.join(self.topics.values())} can be read again")
        return found

    def _ensure_same_topics(self, found: Mapping[Channel, TopicState]) -> None:
        reasons = {}
        for channel, topic in found.items():
            known = self._known_ids.get(channel, "")
            read = {tp for tp in self.partitions if tp.topic == self.topics[channel]}
            if topic.id and known and topic.id != known:
                reasons[channel] = "was made anew"
            elif not read <= topic.starts.keys():
                reasons[channel] = "has fewer partitions than were read"
        if reasons:
            raise RebuildNeeded(reasons, found)

    async def _shorter(self) -> set[Channel]:
        """The topics of which a partition ends before what was indexed, by `SHORTER_TRIES` answers."""
        positions = self.writer.positions
        shorter: set[Channel] = set()
        for _ in range(SHORTER_TRIES):
            ends = await ends_of(self.client, self.partitions, self.settings)
            shorter = {
                self.channel_of(tp.topic)
                for tp, end in ends.items()
                if positions.get(self._position(tp), 0) > end
            }
            if not shorter:
                break
            await asyncio.sleep(1)
        return shorter

    async def _continue_after_gap(self, offsets: Mapping[TopicPartition, int]) -> None:
        """Continues at a partition's first offset if older records were deleted.

        An offset beyond the partition's end means another topic: raises RebuildNeeded.
        """
        found = await self._ask_patiently()
        if found is None:
            await asyncio.sleep(1)
            return
        self._ensure_same_topics(found)
        for tp, offset in offsets.items():
            channel = self.channel_of(tp.topic)
            start = found[channel].starts[tp]
            if offset > start:
                raise RebuildNeeded({channel: "is shorter than what was read of it"}, found)
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


def _id_name(channel: Channel) -> str:
    """Under what the index keeps the topic's id."""
    return f"id of {channel.value}"
