"""The search topic into an index, in batches: how far it was read is written with what was read."""

import asyncio
import time
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from aiokafka import ConsumerRecord

from worker.commands.search.changes import Unfit, change_of
from worker.commands.search.source import MadeAnew, TopicReader
from worker.commands.shell.reading import STALLED_SECONDS, ends_of
from worker.commands.shell.terminal import Problem, Progress, counted
from worker.search.writing import Change, Writer, Written

# One SQLite transaction's, at most.
BATCH_RECORDS = 5_000
BATCH_BYTES = 32 << 20
# One is prepared while another is written.
UNDER_WAY = 2
# What has come is written within so long, unless the batches before are still being written.
WRITE_SECONDS = 1.0
NOTE_SECONDS = 60.0


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
        parts = (f", {number:,} {what}" for what, number in others.items() if number)
        return f"{counted(self.indexed, 'document')} indexed{''.join(parts)}"


@dataclass
class Indexing:
    """Batches of records under way from the reader to the file."""

    reader: TopicReader
    writer: Writer
    bar: Progress
    totals: Totals = field(default_factory=Totals)
    _batch: list[ConsumerRecord[bytes, bytes]] = field(default_factory=list)
    _batch_bytes: int = 0
    _batch_began: float = 0.0
    _positions: Mapping[int, int] = field(default_factory=dict)
    _under_way: deque[asyncio.Task[None]] = field(default_factory=deque)
    _read: int = 0
    _noted_at: float = 0.0

    async def run(self, *, follow: bool, anew: bool, stop: asyncio.Event) -> bool:
        """To where the topic ends now, or with `follow` on and on until `stop`. Whether all was read."""
        read_on = self._follow if follow else self._to_the_end
        try:
            await self.reader.start(anew=anew)
        except MadeAnew as made_anew:
            self.reader.begin_anew(made_anew)
        while True:
            try:
                is_done = await read_on(stop)
                break
            except MadeAnew as made_anew:
                await self._written()
                self._batch, self._batch_bytes = [], 0
                self.reader.begin_anew(made_anew)
        await self._write()
        await self._written()
        if is_done:
            self._note_caught_up()
        return is_done

    async def _to_the_end(self, stop: asyncio.Event) -> bool:
        reader = self.reader
        ends = await ends_of(reader.client, reader.partitions, reader.settings)
        moved_at = time.monotonic()
        while not stop.is_set():
            if await self._step():
                moved_at = time.monotonic()
            if await reader.has_reached(ends):
                return True
            if time.monotonic() > moved_at + STALLED_SECONDS:
                brokers = reader.settings.brokers
                raise Problem(f"nothing more from {brokers} for {STALLED_SECONDS} s, before the topic's end")
        return False

    async def _follow(self, stop: asyncio.Event) -> bool:
        while not stop.is_set():
            await self._step()
            if await self.reader.look_if_due():
                await self._write()
                await self._written()
                await self.reader.take_added()
            await self._note_if_due()
        return False

    async def _step(self) -> bool:
        """Whether there was anything to read."""
        records = await self.reader.fetch()
        if records and not self._batch:
            self._batch_began = time.monotonic()
        self._batch += records
        self._batch_bytes += sum(len(record.value or b"") for record in records)
        is_full = len(self._batch) >= BATCH_RECORDS or self._batch_bytes >= BATCH_BYTES
        is_due = not records or time.monotonic() >= self._batch_began + WRITE_SECONDS
        if is_full or (self._batch and is_due and self._has_room()):
            await self._write()
        return bool(records)

    def _has_room(self) -> bool:
        return len(self._under_way) < UNDER_WAY or self._under_way[0].done()

    async def _write(self) -> None:
        """Begins to write what was read, once there is room for it."""
        while self._under_way and (len(self._under_way) >= UNDER_WAY or self._under_way[0].done()):
            await self._under_way.popleft()
        positions = await self.reader.positions()
        if not self._batch and positions == self._positions:
            return
        batch, self._batch, self._batch_bytes, self._positions = self._batch, [], 0, positions
        before = self._under_way[-1] if self._under_way else None
        self._under_way.append(asyncio.create_task(self._write_batch(batch, positions, before)))

    async def _write_batch(
        self,
        batch: Sequence[ConsumerRecord[bytes, bytes]],
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

    async def _note_if_due(self) -> None:
        now = time.monotonic()
        is_due = not self._noted_at or now >= self._noted_at + NOTE_SECONDS
        if is_due and not self._batch and await self.reader.is_caught_up():
            await self._written()
            if not self._noted_at:
                self.bar.say(f"caught up, {counted(self.writer.count, 'document')}")
            self._noted_at = now
            self._note_caught_up()

    def _note_caught_up(self) -> None:
        self.writer.note(caught_up_ms=str(time.time_ns() // 1_000_000))
