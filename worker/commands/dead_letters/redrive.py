"""`dateline dead-letters redrive`: sends letters' originals back in batches, and says which stay and why."""

import asyncio
import math
import time
from collections.abc import Coroutine
from contextlib import AsyncExitStack

from worker.channels import Channel
from worker.commands.dead_letters.filter import Filter
from worker.commands.dead_letters.letter import Letter
from worker.commands.dead_letters.lines import letter_line
from worker.commands.dead_letters.original import Obstacle, Originals, original_reader
from worker.commands.dead_letters.outcome import (
    LostLetters,
    RedriveNotes,
    RedriveOptions,
    RedriveOutcome,
    Withheld,
)
from worker.commands.dead_letters.reader import LetterReader, letter_reader
from worker.commands.dead_letters.receipts import (
    Receipts,
    read_receipts,
    read_retention,
    receipt_of,
    retention_warning,
)
from worker.commands.dead_letters.resend import batch_size, redriven_message
from worker.commands.dead_letters.sender import Sender, letter_sender
from worker.commands.shell.output import print_json, print_line, say
from worker.commands.shell.own_clock import refuse_a_wrong_clock
from worker.commands.shell.rate_limiter import RateLimiter
from worker.commands.shell.reading import all_topics
from worker.commands.shell.terminal import Problem, Progress, counted, progress
from worker.commands.shown.cards import printable
from worker.commands.topics.settings import largest_record
from worker.records.cloudevents import rfc3339
from worker.records.messages import RawMessage, Reason
from worker.settings import Settings

MAX_BATCH_LETTERS = 200
MAX_BATCH_BYTES = 4 << 20
# So many letters that stay are named one by one; more are only counted.
MAX_NAMED_LETTERS = 20
Batch = list[tuple[Letter, RawMessage]]
"""Letters of one partition, each with its original."""
TOO_MANY_REDRIVES = "sent back too often (--force sends them all the same)"
NOT_DUE = "withheld until a time that has not come (--force sends them all the same)"
WITHHELD = "withheld without a time (--force sends them all the same)"


def redrive_and_report(settings: Settings, filters: Filter, options: RedriveOptions) -> bool:
    """Returns whether letters were left. Reports what was sent even if the redrive was interrupted."""
    outcome = RedriveOutcome()
    is_done = False
    try:
        asyncio.run(redrive(settings, filters, options, outcome))
        is_done = True
    finally:
        if is_done or outcome.sent:
            if options.wants_json:
                print_json(outcome.as_fields(dry_run=options.dry_run))
            say(outcome.summary(dry_run=options.dry_run))
    return bool(outcome.left)


async def redrive(
    settings: Settings,
    filters: Filter,
    options: RedriveOptions,
    outcome: RedriveOutcome,
    *,
    notes: RedriveNotes | None = None,
) -> None:
    """Sends letters back and counts in `outcome` what became of each. Raises Problem.

    With `notes` it says there what it would print.
    """
    tell = say if notes is None else notes.say
    topics = await all_topics(settings)
    noted = settings.topic(Channel.REDRIVEN)
    if noted not in topics and not options.dry_run:
        raise Problem(
            f"no topic {noted}, where it is noted what was sent back: `dateline topics create` makes it"
        )
    kept = await read_retention(settings)
    if (warning := retention_warning(settings, kept)) is not None:
        tell(f"dateline: warning: {warning}")
    async with AsyncExitStack() as stack:
        sender = None
        if not options.dry_run:
            if (unchecked := await refuse_a_wrong_clock(settings)) is not None:
                tell(f"dateline: warning: this machine's clock can't be checked: {unchecked}")
            # Connects first: that aborts a transaction that another redrive left open, and makes all of its
            # receipts readable.
            sender = await stack.enter_async_context(letter_sender(settings, topics))
        receipts = await read_receipts(settings, topics)
        reader = await stack.enter_async_context(letter_reader(settings, filters))
        originals = await stack.enter_async_context(original_reader(settings, topics))
        bar = notes or stack.enter_context(progress(reader.total, results_on_stdout=options.dry_run))
        run = _Redrive(
            settings,
            options,
            outcome,
            receipts,
            originals,
            sender,
            reader,
            bar,
            kept_ms=kept.letters_ms,
            notes=notes,
        )
        await run.run()
    if run.lost:
        tell(f"dateline: warning: {_lost_warning(settings, run.lost)}")


class _Redrive:
    def __init__(
        self,
        settings: Settings,
        options: RedriveOptions,
        outcome: RedriveOutcome,
        receipts: Receipts,
        originals: Originals,
        sender: Sender | None,
        reader: LetterReader,
        bar: Progress,
        *,
        kept_ms: float | None = None,
        notes: RedriveNotes | None = None,
    ) -> None:
        self._settings, self._options, self._outcome = settings, options, outcome
        self._receipts, self._originals, self._sender = receipts, originals, sender
        self._reader, self._bar, self._notes = reader, bar, notes
        self._pace = RateLimiter(options.rate)
        # With a rate, a batch holds one second's letters at most, so that batches do not come in bursts.
        self._batch_letters = max(1, min(MAX_BATCH_LETTERS, int(options.rate or MAX_BATCH_LETTERS)))
        self._batch: Batch = []
        self._limits: dict[str, int] = {}
        if options.due:
            outcome.withheld = Withheld()
        # How long letters are kept, if that is known, and those that are gone before they are due.
        self._kept_ms = math.inf if kept_ms is None else kept_ms
        self.lost = LostLetters()

    async def run(self) -> None:
        async for letter in self._reader.letters():
            self._bar.update(self._reader.passed, self._status())
            if self._options.due and letter.reason != Reason.WITHHELD:
                continue
            if self._receipts.has(letter) and not self._options.again:
                self._outcome.sent_before += 1
                continue
            if self._outcome.withheld is not None and not self._is_due(letter):
                self._outcome.withheld.add("" if letter.until_ms is None else letter.until)
                continue
            original = await self._sendable(letter)
            if isinstance(original, Obstacle):
                self._leave(letter, original)
                continue
            await self._add(letter, original)
            if self._taken == self._options.limit:
                break
        await self._flush()

    @property
    def _taken(self) -> int:
        return self._outcome.sent.total() + len(self._batch)

    def _is_due(self, letter: Letter) -> bool:
        """Whether its time has come; never that of a letter that has none. Notes one that is gone before."""
        if letter.until_ms is None:
            return False
        if letter.until_ms <= time.time_ns() // 1_000_000:
            return True
        if letter.until_ms > letter.record.timestamp + self._kept_ms:
            self.lost.add(letter)
        return False

    async def _sendable(self, letter: Letter) -> RawMessage | Obstacle:
        """The letter's original, or why it can't be sent back."""
        if letter.reason == Reason.WITHHELD and not self._options.force and not self._is_due(letter):
            if letter.until_ms is None:
                return Obstacle(WITHHELD, "its publisher withholds it, and it names no time")
            return Obstacle(NOT_DUE, f"withheld until {printable(letter.until)}")
        if letter.redriven >= self._options.max_redrives and not self._options.force:
            return Obstacle(TOO_MANY_REDRIVES, f"sent back {counted(letter.redriven, 'time')} already")
        original = await self._originals.of(letter)
        if isinstance(original, Obstacle):
            return original
        if original.topic not in self._originals.topics:
            return Obstacle("of a topic that is gone", f"no topic {original.topic} on the cluster")
        limit = await self._limit(original.topic)
        size = batch_size(redriven_message(letter, original, at=_now()), limit, self._settings.compression)
        if size > limit:
            return Obstacle(
                "too large", f"{size:,} bytes, and {original.topic} takes {limit:,} (max.message.bytes)"
            )
        return original

    async def _limit(self, topic: str) -> int:
        if topic not in self._limits:
            self._limits[topic] = await largest_record(self._settings, topic)
        return self._limits[topic]

    async def _add(self, letter: Letter, original: RawMessage) -> None:
        first = self._batch[0][0].record if self._batch else letter.record
        size = sum(len(message.value or b"") for _, message in self._batch)
        if first.partition != letter.record.partition or size + len(original.value or b"") > MAX_BATCH_BYTES:
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
            self._count(batch)
        else:
            await _uninterrupted(self._send(self._sender, batch))

    async def _send(self, sender: Sender, batch: Batch) -> None:
        at = _now()
        back = [redriven_message(letter, original, at=at) for letter, original in batch]
        await sender.send(back, receipt_of([letter for letter, _ in batch], at=at))
        self._count(batch)

    def _count(self, batch: Batch) -> None:
        if self._notes is not None:
            for letter, original in batch:
                self._notes.took(letter, original)
        self._outcome.sent.update(letter.reason for letter, _ in batch)
        self._outcome.topics.update(original.topic for _, original in batch)
        self._bar.update(self._reader.passed, self._status())

    def _show(self, letter: Letter) -> None:
        if self._notes is None and not self._options.wants_json:
            print_line(letter_line(letter))

    def _leave(self, letter: Letter, obstacle: Obstacle) -> None:
        self._outcome.left[obstacle.kind] += 1
        if self._outcome.left.total() <= MAX_NAMED_LETTERS:
            self._bar.say(f"{letter.place} of {printable(letter.origin)} is left: {obstacle.why}")

    def _status(self) -> str:
        left = self._outcome.left.total()
        done = "to send back" if self._options.dry_run else "sent back"
        sent = f"{counted(self._outcome.sent.total(), 'letter')} {done}"
        return f"{sent}, {left:,} left" if left else sent


def _lost_warning(settings: Settings, lost: LostLetters) -> str:
    dead, noted = settings.topic(Channel.DEAD), settings.topic(Channel.REDRIVEN)
    due = "it is due" if lost.letters == 1 else "they are due"
    return (
        f"{counted(lost.letters, 'letter')} may be gone before {due}, the first {lost.first}: {dead} "
        "keeps letters for less long (retention.ms). Export them (`dateline dead-letters export --reason "
        f"withheld`), or raise the retention of {dead}, and that of {noted} above it"
    )


def _now() -> str:
    return rfc3339(time.time_ns() // 1_000_000)


async def _uninterrupted(sending: Coroutine[None, None, None]) -> None:
    """Waits until a batch is sent, even if Ctrl-C comes meanwhile, so that it is sent and counted whole."""
    task = asyncio.create_task(sending)
    try:
        await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait([task])
        raise
