"""Reads the indexed topics into an index: one transaction writes a batch together with its offsets."""

import asyncio
import time
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from aiokafka import ConsumerRecord

from worker.commands.search.changes import SkippedRecord, change_of
from worker.commands.search.source import RebuildNeeded, TopicReader
from worker.commands.shell.reading import STALLED_SECONDS, ends_of
from worker.commands.shell.terminal import Problem, Progress, counted
from worker.search.writing import LogPosition, Writer, Written

# The most that one SQLite transaction writes.
INDEX_BATCH_RECORDS = 5_000
INDEX_BATCH_BYTES = 32 << 20
# One batch is prepared while another is written.
_MAX_BATCHES = 2
# A record waits at most so long for its batch to fill up, unless earlier batches are still being written.
_BATCH_SECONDS = 1.0
# A follower writes into the index this often that it is up to date.
_NOTE_SECONDS = 60.0


@dataclass
class Totals:
    """How many records a run has indexed, deleted, found older than the index, and skipped as unreadable.

    `assigned`: how many articles were given a story.
    """

    indexed: int = 0
    deleted: int = 0
    outdated: int = 0
    skipped: int = 0
    assigned: int = 0

    def add(self, written: Written) -> None:
        """Adds what one batch changed in the index."""
        self.indexed += written.indexed
        self.deleted += written.deleted
        self.outdated += written.outdated
        self.assigned += written.assigned

    def __str__(self) -> str:
        others = {
            "retracted": self.deleted,
            "outdated": self.outdated,
            "given a story": self.assigned,
            "skipped": self.skipped,
        }
        parts = (f", {number:,} {what}" for what, number in others.items() if number)
        return f"{counted(self.indexed, 'document')} indexed{''.join(parts)}"


@dataclass
class Indexer:
    """Moves batches of records from the reader to the index file. `batch_records`: the most of one batch."""

    reader: TopicReader
    writer: Writer
    bar: Progress
    totals: Totals = field(default_factory=Totals)
    batch_records: int = INDEX_BATCH_RECORDS
    _batch: list[ConsumerRecord[bytes, bytes]] = field(default_factory=list)
    _batch_bytes: int = 0
    _batch_began: float = 0.0
    _positions: Mapping[LogPosition, int] = field(default_factory=dict)
    _in_flight: deque[asyncio.Task[None]] = field(default_factory=deque)
    _read: int = 0
    _noted_at: float = 0.0

    async def run(self, *, follow: bool, anew: bool, stop: asyncio.Event) -> bool:
        """Indexes to where the topics end now, or with `follow` until `stop` is set.

        Returns whether the end was reached; with `follow` that is never so. `anew` empties the index first.
        """
        read_on = self._follow if follow else self._read_to_end
        try:
            await self.reader.start(anew=anew)
        except RebuildNeeded as rebuild:
            self.reader.rebuild(rebuild)
        while True:
            try:
                is_done = await read_on(stop)
                break
            except RebuildNeeded as rebuild:
                await self._finish_writing()
                self._batch, self._batch_bytes = [], 0
                self.reader.rebuild(rebuild)
        await self._start_writing()
        await self._finish_writing()
        if is_done:
            self._note_caught_up()
        return is_done

    async def _read_to_end(self, stop: asyncio.Event) -> bool:
        reader = self.reader
        ends = await ends_of(reader.client, reader.partitions, reader.settings)
        moved_at = time.monotonic()
        while not stop.is_set():
            if await self._fetch_once():
                moved_at = time.monotonic()
            if await reader.has_reached(ends):
                return True
            if time.monotonic() > moved_at + STALLED_SECONDS:
                brokers = reader.settings.brokers
                raise Problem(f"nothing more from {brokers} for {STALLED_SECONDS} s, before the topics' end")
        return False

    async def _follow(self, stop: asyncio.Event) -> bool:
        while not stop.is_set():
            await self._fetch_once()
            if await self.reader.found_partitions_if_due():
                await self._start_writing()
                await self._finish_writing()
                await self.reader.add_partitions()
            await self._note_if_due()
        return False

    async def _fetch_once(self) -> bool:
        """Fetches once, and starts to write the batch if it is full or due. Returns whether records came."""
        records = await self.reader.fetch()
        if records and not self._batch:
            self._batch_began = time.monotonic()
        self._batch += records
        self._batch_bytes += sum(len(record.value or b"") for record in records)
        is_full = len(self._batch) >= self.batch_records or self._batch_bytes >= INDEX_BATCH_BYTES
        is_due = not records or time.monotonic() >= self._batch_began + _BATCH_SECONDS
        if is_full or (self._batch and is_due and self._has_room()):
            await self._start_writing()
        return bool(records)

    def _has_room(self) -> bool:
        return len(self._in_flight) < _MAX_BATCHES or self._in_flight[0].done()

    async def _start_writing(self) -> None:
        """Starts to write the batch and the positions, once fewer than `_MAX_BATCHES` are in flight."""
        while self._in_flight and (len(self._in_flight) >= _MAX_BATCHES or self._in_flight[0].done()):
            await self._in_flight.popleft()
        positions = await self.reader.positions()
        if not self._batch and positions == self._positions:
            return
        batch, self._batch, self._batch_bytes, self._positions = self._batch, [], 0, positions
        before = self._in_flight[-1] if self._in_flight else None
        self._in_flight.append(asyncio.create_task(self._write_batch(batch, positions, before)))

    async def _write_batch(
        self,
        batch: Sequence[ConsumerRecord[bytes, bytes]],
        positions: Mapping[LogPosition, int],
        before: asyncio.Task[None] | None,
    ) -> None:
        """Prepares the changes while the batch before is being written, then writes them."""
        channel_of = self.reader.channel_of
        found = await asyncio.to_thread(
            lambda: [change_of(record, channel_of(record.topic)) for record in batch]
        )
        if before:
            await asyncio.wait([before])
            before.result()
        changes = [each for each in found if each is not None and not isinstance(each, SkippedRecord)]
        self.totals.add(await asyncio.to_thread(self.writer.write, changes, positions))
        for each in found:
            if isinstance(each, SkippedRecord):
                self.totals.skipped += 1
                self.bar.say(f"dateline: {each.problem}")
        self._read += len(batch)
        self.bar.update(self._read, str(self.totals))

    async def _finish_writing(self) -> None:
        """Waits until every batch in flight is written."""
        while self._in_flight:
            await self._in_flight.popleft()

    async def _note_if_due(self) -> None:
        now = time.monotonic()
        is_due = not self._noted_at or now >= self._noted_at + _NOTE_SECONDS
        if is_due and not self._batch and await self.reader.is_caught_up():
            await self._finish_writing()
            if not self._noted_at:
                self.bar.say(f"caught up, {counted(self.writer.count, 'document')}")
            self._noted_at = now
            self._note_caught_up()

    def _note_caught_up(self) -> None:
        self.writer.note(caught_up_ms=str(time.time_ns() // 1_000_000))
