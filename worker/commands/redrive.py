"""`dateline dead-letters redrive`: which letters go back, in batches, and which ones stay and why."""

import asyncio
from collections import Counter
from collections.abc import Coroutine
from contextlib import AsyncExitStack
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

import orjson
from aiokafka.producer.message_accumulator import BatchBuilder

from worker.channels import Channel
from worker.commands.cards import clean
from worker.commands.letter import Letter
from worker.commands.letter_filter import Filter
from worker.commands.letter_lines import letter_line
from worker.commands.letter_original import Missing, Originals, original_reader
from worker.commands.letter_reader import LetterReader, letter_reader
from worker.commands.letter_sender import Sender, letter_sender
from worker.commands.pace import Pace
from worker.commands.reading import all_topics
from worker.commands.receipts import Receipts, read_receipts, receipt_of
from worker.commands.terminal import Problem, Progress, counted, progress, say
from worker.commands.topic_settings import largest_record
from worker.delivery import wire
from worker.delivery.dead_letter import FIRST_ORIGIN, REDRIVEN, REDRIVEN_AT, REDRIVEN_FROM
from worker.records.messages import RawMessage
from worker.settings import Settings

BATCH_LETTERS = 200
BATCH_BYTES = 4 << 20
# Letters that stay are named one by one up to here, then counted.
MOST_NAMED = 20
GUARDED = "sent back too often (--force sends them all the same)"
_CODECS = {"none": 0, "gzip": 1, "snappy": 2, "lz4": 3, "zstd": 4}


@dataclass(frozen=True)
class Orders:
    """`rate`: most letters a second. `again`: also letters that were sent back before."""

    dry_run: bool = False
    rate: float | None = None
    limit: int | None = None
    max_redrives: int = 3
    force: bool = False
    again: bool = False


@dataclass
class Outcome:
    """What became of the letters that the filter takes, and how many were there."""

    sent: Counter[str] = field(default_factory=Counter)
    left: Counter[str] = field(default_factory=Counter)
    before: int = 0
    topics: set[str] = field(default_factory=set)

    def told(self, *, dry_run: bool) -> str:
        """`3 letters sent back to raw (2 invalid, 1 too-large), 1 left, 4 were sent back before`"""
        by_reason = ", ".join(f"{count:,} {reason}" for reason, count in self.sent.most_common())
        to = f" to {', '.join(sorted(self.topics))} ({by_reason})" if self.sent else ""
        text = f"{counted(self.sent.total(), 'letter')} {'would be ' * dry_run}sent back{to}"
        if self.left:
            text += f", {self.left.total():,} left: " + "; ".join(
                f"{count:,} {why}" for why, count in self.left.most_common()
            )
        return text + (f"; {self.before:,} had been sent back before" if self.before else "")

    def as_fields(self, *, dry_run: bool) -> dict[str, Any]:
        return {
            "dry_run": dry_run,
            "sent": self.sent.total(),
            "reasons": dict(self.sent),
            "left": dict(self.left),
            "before": self.before,
        }


def redrive_and_tell(settings: Settings, filters: Filter, orders: Orders, *, wants_json: bool) -> bool:
    """Whether letters were left. Tells what was done also where something came in between."""
    outcome = Outcome()
    is_done = False
    try:
        asyncio.run(redrive(settings, filters, orders, outcome))
        is_done = True
    finally:
        if is_done or outcome.sent:
            if wants_json:
                print(orjson.dumps(outcome.as_fields(dry_run=orders.dry_run)).decode())
            say(outcome.told(dry_run=orders.dry_run))
    return bool(outcome.left)


async def redrive(settings: Settings, filters: Filter, orders: Orders, outcome: Outcome) -> None:
    """Raises Problem; `outcome` then says how far it came."""
    topics = await all_topics(settings)
    noted = settings.topic(Channel.REDRIVEN)
    if noted not in topics and not orders.dry_run:
        raise Problem(
            f"no topic {noted}, where it is noted what was sent back: `dateline topics create` makes it"
        )
    async with AsyncExitStack() as stack:
        sender = None
        if not orders.dry_run:
            # First of all: what another one left open is undone now, and all that it noted can be read.
            sender = await stack.enter_async_context(letter_sender(settings, topics))
        receipts = await read_receipts(settings, topics)
        reader = await stack.enter_async_context(letter_reader(settings, filters))
        originals = await stack.enter_async_context(original_reader(settings, topics))
        bar = stack.enter_context(progress(reader.total, results_on_stdout=orders.dry_run))
        await _Redrive(settings, orders, outcome, receipts, originals, sender, reader, bar).run()


class _Redrive:
    def __init__(
        self,
        settings: Settings,
        orders: Orders,
        outcome: Outcome,
        receipts: Receipts,
        originals: Originals,
        sender: Sender | None,
        reader: LetterReader,
        bar: Progress,
    ) -> None:
        self._settings, self._orders, self._outcome = settings, orders, outcome
        self._receipts, self._originals, self._sender = receipts, originals, sender
        self._reader, self._bar = reader, bar
        self._pace = Pace(orders.rate)
        # What is sent at once took a second to gather, at most.
        self._batch_letters = max(1, min(BATCH_LETTERS, int(orders.rate or BATCH_LETTERS)))
        self._batch: list[tuple[Letter, RawMessage]] = []
        self._limits: dict[str, int] = {}

    async def run(self) -> None:
        async for letter in self._reader.letters():
            self._bar.update(self._reader.passed, self._told())
            if self._receipts.has(letter) and not self._orders.again:
                self._outcome.before += 1
                continue
            if letter.redriven >= self._orders.max_redrives and not self._orders.force:
                self._leave(letter, Missing(GUARDED, f"sent back {counted(letter.redriven, 'time')} already"))
                continue
            original = await self._originals.of(letter)
            if (obstacle := await self._obstacle(letter, original)) is not None:
                self._leave(letter, obstacle)
                continue
            assert isinstance(original, RawMessage)
            await self._take(letter, original)
            if self._taken == self._orders.limit:
                break
        await self._flush()

    @property
    def _taken(self) -> int:
        return self._outcome.sent.total() + len(self._batch)

    async def _obstacle(self, letter: Letter, original: RawMessage | Missing) -> Missing | None:
        """Why the letter stays; None: it can go."""
        if isinstance(original, Missing):
            return original
        if original.topic not in self._originals.topics:
            return Missing("of a topic that is gone", f"no topic {original.topic} on the cluster")
        limit = await self._limit(original.topic)
        size = _size(_back(letter, original, at=_now()), limit, self._settings.compression)
        if size > limit:
            return Missing(
                "too large", f"{size:,} bytes, and {original.topic} takes {limit:,} (max.message.bytes)"
            )
        return None

    async def _limit(self, topic: str) -> int:
        if topic not in self._limits:
            self._limits[topic] = await largest_record(self._settings, topic)
        return self._limits[topic]

    async def _take(self, letter: Letter, original: RawMessage) -> None:
        first = self._batch[0][0].record if self._batch else letter.record
        size = sum(len(message.value or b"") for _, message in self._batch)
        if first.partition != letter.record.partition or size + len(original.value or b"") > BATCH_BYTES:
            await self._flush()
        await self._pace.wait()
        self._batch.append((letter, original))
        if len(self._batch) >= self._batch_letters:
            await self._flush()

    async def _flush(self) -> None:
        if not self._batch:
            return
        batch, self._batch = self._batch, []
        if self._sender is None:
            for letter, _ in batch:
                self._show(letter)
        else:
            at = _now()
            back = [_back(letter, original, at=at) for letter, original in batch]
            receipt = receipt_of([letter for letter, _ in batch], at=at)
            await _to_its_end(self._sender.send(back, receipt))
        self._outcome.sent.update(letter.reason for letter, _ in batch)
        self._outcome.topics.update(original.topic for _, original in batch)
        self._bar.update(self._reader.passed, self._told())

    def _show(self, letter: Letter) -> None:
        print(letter_line(letter))

    def _leave(self, letter: Letter, obstacle: Missing) -> None:
        self._outcome.left[obstacle.kind] += 1
        if self._outcome.left.total() <= MOST_NAMED:
            self._bar.say(f"{letter.place} of {clean(letter.origin)} is left: {obstacle.why}")

    def _told(self) -> str:
        left = self._outcome.left.total()
        return f"{counted(self._outcome.sent.total(), 'letter')} sent back" + (
            f", {left:,} left" if left else ""
        )


def _back(letter: Letter, original: RawMessage, *, at: str) -> RawMessage:
    """The original with headers that say how often, when and from where it was sent back."""
    provenance = {
        REDRIVEN: str(letter.redriven + 1),
        REDRIVEN_AT: at,
        REDRIVEN_FROM: f"{letter.record.topic}/{letter.place}",
        FIRST_ORIGIN: letter.first_origin,
    }
    ours = tuple((name, value.encode()) for name, value in provenance.items())
    return replace(original, headers=(*original.headers, *ours))


def _size(message: RawMessage, limit: int, compression: str) -> int:
    """Bytes of a batch with this record alone; as it is compressed, where that decides."""
    size = wire.record_size(message.key, message.value, message.headers)
    if size <= limit or compression == "none":
        return size
    batch = BatchBuilder(1, _CODECS[compression], is_transactional=1)
    headers = [("-" * len(name.encode(errors="surrogateescape")), value) for name, value in message.headers]
    batch.append(timestamp=None, key=message.key, value=message.value, headers=headers)
    return len(batch._build())


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


async def _to_its_end(sending: Coroutine[None, None, None]) -> None:
    """What is on its way arrives, also where Ctrl-C comes in between."""
    task = asyncio.create_task(sending)
    try:
        await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait([task])
        raise
