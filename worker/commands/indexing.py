"""The search topic into an index, in batches: how far it was read is written with what was read."""

import asyncio
import time
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from aiokafka.errors import KafkaError, OffsetOutOfRangeError

from worker.commands.cluster import ANSWER_SECONDS, asking, explain
from worker.commands.index_records import Unfit, change_of
from worker.commands.reading import POLL_MS, STALLED_SECONDS, Ends, ends_of
from worker.commands.terminal import Problem, Progress, counted
from worker.delivery.topic_identity import topic_id
from worker.search.writing import Change, Writer, Written
from worker.settings import Settings

# One SQLite transaction's, at most.
BATCH_RECORDS = 5_000
BATCH_BYTES = 32 << 20
FETCH_RECORDS = 1_000
# One is prepared while another is written.
UNDER_WAY = 2
# What has come is written within so long, unless the batch before is still being written.
WRITE_SECONDS = 1.0
LOOK_SECONDS = 10.0
NOTE_SECONDS = 60.0
# A log that seems shorter than it was, right after another broker has taken it over, is asked again.
SHORTER_TRIES = 5
# `delete.retention.ms` unless the topic says otherwise: so long a tombstone is kept for readers.
TOMBSTONES_KEPT_MS = 24 * 3600 * 1000


@dataclass
class Totals:
    """What a run has done."""

    indexed: int = 0
    deleted: int = 0
    outdated: int = 0
    skipped: int = 0

    def add(self, written: Written) -> None:
        self.indexed += written.indexed
        self.deleted += written.deleted
        self.outdated += written.outdated

    def __str__(self) -> str:
        others = {"retracted": self.deleted, "outdated": self.outdated, "skipped": self.skipped}
        return (
            counted(self.indexed, "document")
            + " indexed"
            + "".join(f", {number:,} {what}" for what, number in others.items() if number)
        )


@dataclass
class Indexing:
    """Reads with `client`, which has no partitions yet and must raise where an offset is out of range."""

    client: AIOKafkaConsumer
    writer: Writer
    topic: str
    settings: Settings
    bar: Progress
    totals: Totals = field(default_factory=Totals)
    _partitions: list[TopicPartition] = field(default_factory=list)
    _batch: list[ConsumerRecord] = field(default_factory=list)
    _batch_bytes: int = 0
    _batch_began: float = 0.0
    _under_way: deque[asyncio.Task[None]] = field(default_factory=deque)
    _positions: Mapping[int, int] = field(default_factory=dict)
    _read: int = 0
    _looked_at: float = 0.0
    _noted_at: float = 0.0
    _is_silent: bool = False

    async def start(self, partitions: Sequence[TopicPartition], *, anew: bool) -> None:
        """Where the index ends, or at the topic's start where it is not the topic that was indexed."""
        about = self.writer.about
        known_topic = about.get("topic", self.topic)
        if known_topic != self.topic and not anew:
            raise Problem(f"the index is of {known_topic}, not of {self.topic}: --anew empties it")
        async with asking(self.settings):
            found = await topic_id(self.client._client, self.topic)
        known = about.get("topic_id", "")
        if anew:
            self.writer.empty(topic=self.topic, topic_id=found)
        elif known and found and known != found:
            self._say_anew("was made anew")
            self.writer.empty(topic=self.topic, topic_id=found)
        else:
            self.writer.note(topic=self.topic, topic_id=found or known)
            self._say_if_stale(about)
        await self._assign(partitions)
        if await self._is_shorter():
            await self._begin_anew("is shorter than what was read of it", partitions, found or known)

    async def run(self, *, follow: bool, stop: asyncio.Event) -> bool:
        """To where the topic ends now, or with `follow` on and on until `stop`. Whether all was read."""
        ends = {} if follow else await ends_of(self.client, self._partitions, self.settings)
        moved_at = time.monotonic()
        is_done = False
        while not stop.is_set():
            fetched = await self._fetch()
            if fetched:
                moved_at = time.monotonic()
            await self._write_if_due(is_idle=not fetched)
            if follow:
                await self._look_if_due()
            elif is_done := await self._has_reached(ends):
                break
            elif time.monotonic() > moved_at + STALLED_SECONDS:
                brokers = self.settings.brokers
                raise Problem(f"nothing more from {brokers} for {STALLED_SECONDS} s, before the topic's end")
        await self._write()
        await self._written()
        if is_done:
            self._note_caught_up()
        return is_done

    async def _fetch(self) -> bool:
        """Whether there was anything."""
        try:
            fetched = await self.client.getmany(timeout_ms=POLL_MS, max_records=FETCH_RECORDS)
        except OffsetOutOfRangeError as error:
            await self._go_on_from(error.args[0])
            return False
        except KafkaError as error:
            raise Problem(f"{self.topic} can't be read: {explain(error)}") from None
        if fetched and not self._batch:
            self._batch_began = time.monotonic()
        for records in fetched.values():
            self._batch += records
            self._batch_bytes += sum(len(record.value or b"") for record in records)
        return bool(fetched)

    async def _write_if_due(self, *, is_idle: bool) -> None:
        is_full = len(self._batch) >= BATCH_RECORDS or self._batch_bytes >= BATCH_BYTES
        is_due = is_idle or time.monotonic() >= self._batch_began + WRITE_SECONDS
        is_free = len(self._under_way) < UNDER_WAY
        if is_full or (self._batch and is_due and is_free):
            await self._write()

    async def _write(self) -> None:
        """Begins to write what was read, once there is room for it."""
        while self._under_way and (len(self._under_way) >= UNDER_WAY or self._under_way[0].done()):
            await self._under_way.popleft()
        positions = {tp.partition: await self.client.position(tp) for tp in self._partitions}
        if not self._batch and positions == self._positions:
            return
        batch, self._batch, self._batch_bytes, self._positions = self._batch, [], 0, positions
        before = self._under_way[-1] if self._under_way else None
        self._under_way.append(asyncio.create_task(self._write_batch(batch, positions, before)))

    async def _write_batch(
        self,
        batch: Sequence[ConsumerRecord],
        positions: Mapping[int, int],
        before: asyncio.Task[None] | None,
    ) -> None:
        """Prepared while the batch before is being written, and written after it."""
        found = await asyncio.to_thread(lambda: [change_of(record) for record in batch])
        if before:
            await asyncio.wait([before])
            before.result()
        changes = [each for each in found if isinstance(each, Change)]
        self.totals.add(await asyncio.to_thread(self.writer.write, changes, positions))
        for each in found:
            if isinstance(each, Unfit):
                self.totals.skipped += 1
                self.bar.say(f"dateline: {each.said}")
        self._read += len(batch)
        self.bar.update(self._read, str(self.totals))

    async def _written(self) -> None:
        """All that is under way is written."""
        while self._under_way:
            await self._under_way.popleft()

    async def _assign(self, partitions: Sequence[TopicPartition]) -> None:
        """To where the index ends in each, or to the beginning of what it has nothing of."""
        positions = dict(self.writer.positions)
        missing = [tp for tp in partitions if tp.partition not in positions]
        async with asking(self.settings):
            starts = await self.client.beginning_offsets(missing) if missing else {}
        self.client.assign(partitions)
        for tp in partitions:
            self.client.seek(tp, positions[tp.partition] if tp not in starts else starts[tp])
        self._partitions, self._positions = list(partitions), positions

    async def _is_shorter(self) -> bool:
        """Whether the log ends before what was read of it, however often one asks."""
        positions = self.writer.positions
        if positions.keys() - {tp.partition for tp in self._partitions}:
            return True
        for _ in range(SHORTER_TRIES):
            ends = await ends_of(self.client, self._partitions, self.settings)
            if all(positions.get(tp.partition, 0) <= end for tp, end in ends.items()):
                return False
            await asyncio.sleep(1)
        return True

    async def _go_on_from(self, offsets: Mapping[TopicPartition, int]) -> None:
        """A log that lost its front is read from where it begins; one that is shorter, as a new one."""
        async with asking(self.settings):
            starts = await self.client.beginning_offsets(list(offsets))
        for tp, offset in offsets.items():
            if offset > starts[tp]:
                await self._begin_anew("is shorter than what was read of it", self._partitions, "")
                return
            lost = starts[tp] - offset
            self.bar.say(
                f"dateline: {tp.topic}/{tp.partition} begins at {starts[tp]}: "
                f"{counted(lost, 'offset')} from {offset} on are gone and were never indexed"
            )
            self.client.seek(tp, starts[tp])

    async def _begin_anew(self, why: str, partitions: Sequence[TopicPartition], found: str) -> None:
        """Empties the index and reads the topic from its start."""
        self._say_anew(why)
        await self._written()
        self._batch, self._batch_bytes = [], 0
        self.writer.empty(topic=self.topic, topic_id=found or self.writer.about.get("topic_id", ""))
        await self._assign(partitions)

    async def _look_if_due(self) -> None:
        """Now and then: whether it still is the same topic, and has the same partitions."""
        now = time.monotonic()
        if now < self._looked_at + LOOK_SECONDS:
            return
        self._looked_at = now
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                cluster = await self.client._client.fetch_all_metadata()
                found = await topic_id(self.client._client, self.topic)
        except (KafkaError, OSError, TimeoutError) as error:
            self._say_once(f"no answer from {self.settings.brokers} ({explain(error)}); waiting")
            return
        numbers = cluster.partitions_for_topic(self.topic)
        if not numbers:
            self._say_once(f"{self.topic} is gone; waiting for it to come back")
            return
        if self._is_silent:
            self._is_silent = False
            self.bar.say(f"dateline: {self.topic} is there again")
        await self._compare(found, [TopicPartition(self.topic, number) for number in sorted(numbers)])
        if now >= self._noted_at + NOTE_SECONDS and await self._has_reached(self._last_stable()):
            self._noted_at = now
            await self._written()
            self._note_caught_up()

    async def _compare(self, found: str, partitions: Sequence[TopicPartition]) -> None:
        known = self.writer.about.get("topic_id", "")
        if found and known and found != known:
            await self._begin_anew("was made anew", partitions, found)
        elif len(partitions) > len(self._partitions):
            await self._write()
            await self._written()
            self.bar.say(f"dateline: {self.topic} has {counted(len(partitions), 'partition')} now")
            await self._assign(partitions)

    def _last_stable(self) -> Ends:
        """What is known from the last fetches; a partition that was not fetched yet has no end in sight."""
        ends = {tp: self.client.last_stable_offset(tp) for tp in self._partitions}
        return {tp: 1 << 62 if end is None else end for tp, end in ends.items()}

    async def _has_reached(self, ends: Ends) -> bool:
        return all([await self.client.position(tp) >= end for tp, end in ends.items()])

    def _note_caught_up(self) -> None:
        self.writer.note(caught_up_ms=str(time.time_ns() // 1_000_000))

    def _say_anew(self, why: str) -> None:
        self.bar.say(f"dateline: {self.topic} {why}: the index is emptied and made from its start")

    def _say_if_stale(self, about: Mapping[str, str]) -> None:
        now_ms = time.time_ns() // 1_000_000
        age_ms = now_ms - int(about.get("caught_up_ms", now_ms))
        if age_ms > TOMBSTONES_KEPT_MS:
            hours = age_ms / 3_600_000
            self.bar.say(
                f"dateline: the index was last up to date {hours:,.0f} hours ago: the topic may "
                "have forgotten retractions since (delete.retention.ms); --anew indexes it from the start"
            )

    def _say_once(self, line: str) -> None:
        if not self._is_silent:
            self._is_silent = True
            self.bar.say(f"dateline: {line}")
