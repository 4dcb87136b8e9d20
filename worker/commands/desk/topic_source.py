"""What the desk's pages ask for beside the latest articles, read from the topics as the commands read it."""

import asyncio
import time
from collections import Counter, OrderedDict
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

from aiokafka import TopicPartition

from worker.channels import Channel
from worker.commands.dead_letters.contents import LetterContents
from worker.commands.dead_letters.letter import Letter
from worker.commands.dead_letters.lines import letter_fields
from worker.commands.dead_letters.original import Obstacle
from worker.commands.dead_letters.receipts import read_receipts
from worker.commands.dead_letters.show import letter_contents
from worker.commands.desk.following import placed_alert, placed_article
from worker.commands.desk.rule_reading import read_one_rule, read_rule_list
from worker.commands.desk.topic_changes import redrive_of
from worker.commands.rules.overruns import Overruns, latest_overruns
from worker.commands.shell.cluster import consumer
from worker.commands.shell.last import LastRecords, read_last
from worker.commands.shell.part_reader import WHOLE, TimeWindow, TopicRecord
from worker.commands.shell.reading import all_topics, ends_of, partitions_of, record_at
from worker.commands.shell.since import BEGINNING
from worker.commands.shell.terminal import Problem
from worker.commands.status.shown import look_fields
from worker.commands.status.take import take_look
from worker.commands.status.troubles import troubles
from worker.commands.stories.listing import ListedStory, Order, read_changed
from worker.commands.stories.timeline import story_with_timeline, what_is_new
from worker.commands.stories.topics import NoSuchStory
from worker.delivery.kafka.faulty import why_unread
from worker.desk.alert_record import PlacedAlert
from worker.desk.ring import PlacedArticle
from worker.desk.source import PageFields, RedriveSelection, SourceError
from worker.records.messages import RawMessage
from worker.settings import Settings

KEPT_SECONDS = 5.0
"""A page that many look at is read once in so long."""
MOST_READS = 4
"""At a time; others wait for their turn."""
CONTENTS_SECONDS, MOST_CONTENTS = 600.0, 64
"""What is told of a letter is kept so long, of so many: a process of its own takes seconds to read it."""
LISTED_STORIES, LISTED_LETTERS = 200, 500
SHOWN_BYTES, _LINE_BYTES = 2_048, 16
_HEX_COLUMN, _TEXT_COLUMN = 10, 60
# For so many times as long as a reading takes, what it read is kept at least.
_RESTS = 5
_DAY_MS, _HOUR_MS = 24 * 3600 * 1000, 3600 * 1000


class _Kept:
    """What was read last, for as long as it is new enough. Who asks meanwhile waits for the same reading."""

    def __init__(self, read: Callable[[], Awaitable[Any]], seconds: float) -> None:
        self._read, self._seconds = read, seconds
        self._value: Any = None
        self._error: SourceError | None = None
        self._until = 0.0
        self._reading = asyncio.Lock()

    def forget(self) -> None:
        """Reads anew when it is asked for again."""
        self._until = 0.0

    async def get(self) -> Any:
        async with self._reading:
            if time.monotonic() >= self._until:
                self._value, self._error = None, None
                begun = time.monotonic()
                try:
                    self._value = await self._read()
                except SourceError as error:
                    # Kept as well: brokers that are away let each wait for seconds.
                    self._error = error
                # What takes long to read, such as many thousands of rules, is read less often.
                took = (time.monotonic() - begun) * _RESTS if self._seconds else 0.0
                self._until = time.monotonic() + max(self._seconds, took)
            if self._error is not None:
                raise SourceError(str(self._error))
            return self._value


class TopicSource:
    """Reads topics as a member of no group, and writes nothing.

    `kept_seconds`: how long lists are kept. `is_embedded`: the broker is the demo's, which knows neither the
    times of its records nor its groups.
    """

    def __init__(
        self, settings: Settings, *, kept_seconds: float = KEPT_SECONDS, is_embedded: bool = False
    ) -> None:
        self._settings, self._is_embedded = settings, is_embedded
        self._reads = asyncio.Semaphore(MOST_READS)
        self._listed = _Kept(self._read_stories, kept_seconds)
        self._letters = _Kept(self._read_letters, kept_seconds)
        self._look = _Kept(self._take_look, kept_seconds)
        self._rules = _Kept(self._read_rules, kept_seconds)
        self._overruns = _Kept(self._read_overruns, kept_seconds)
        self._planning = asyncio.Lock()
        # By the letter's place, when it was written, and whether it was sent back; the oldest go first.
        self._contents: OrderedDict[tuple[int, int, int, bool], tuple[float, LetterContents]] = OrderedDict()

    def forget(self) -> None:
        """Reads rules and letters anew when they are asked for again: they were changed from here."""
        self._rules.forget()
        self._letters.forget()

    async def article(self, partition: int, offset: int) -> PlacedArticle | None:
        record = await self._record(Channel.ENRICHED, partition, offset)
        return None if record is None or record.value is None else placed_article(record, record.value)

    async def stories(self, order: str, status: str) -> PageFields:
        listed: list[ListedStory] = await self._listed.get()
        wanted = [story for story in listed if status in ("all", story.status)]
        wanted.sort(key=lambda story: story.rank(Order(order)), reverse=True)
        return {
            "stories": [story.as_fields() for story in wanted[:LISTED_STORIES]],
            "wanted": len(wanted),
        }

    async def story(self, asked: str) -> PageFields | None:
        async with self._asked():
            try:
                card, timeline = await story_with_timeline(
                    self._settings, asked, window=WHOLE if self._is_embedded else None
                )
            except NoSuchStory:
                return None
        entries = [{**entry.as_fields(), "new": what_is_new(entry.assignment)} for entry in timeline]
        return {"story": card, "timeline": entries}

    async def letters(self, reason: str | None) -> PageFields:
        read: PageFields = await self._letters.get()
        letters = [letter for letter in read["letters"] if reason in (None, letter["reason"])]
        return {**read, "letters": letters}

    async def letter(self, partition: int, offset: int) -> PageFields | None:
        record = await self._record(Channel.DEAD, partition, offset)
        if record is None:
            return None
        letter = Letter(record)
        async with self._asked():
            receipts = await read_receipts(self._settings, await all_topics(self._settings))
            sent_back = receipts.has(letter)
            contents = await self._contents_of(letter, sent_back=sent_back)
        value = record.value or b""
        first = first_shown(contents.error_at)
        shown = value[first : first + SHOWN_BYTES]
        return {
            "rows": contents.rows,
            "value": list(hex_lines(shown, first)),
            "error": error_place(contents.error_at, first, len(value)),
            "sent_back": sent_back,
            "is_cut": len(value) > len(shown),
            "shown_bytes": len(shown),
            "bytes": len(value),
        }

    async def _contents_of(self, letter: Letter, *, sent_back: bool) -> LetterContents:
        """What is known of a letter, read anew only if nobody looked at it lately."""
        record = letter.record
        key = record.partition, record.offset, record.timestamp, sent_back
        until, contents = self._contents.get(key, (0.0, LetterContents([])))
        if time.monotonic() >= until:
            contents = await letter_contents(
                letter, _original(letter), sent_back=sent_back, settings=self._settings
            )
            self._contents[key] = time.monotonic() + CONTENTS_SECONDS, contents
            self._contents.move_to_end(key)
            if len(self._contents) > MOST_CONTENTS:
                self._contents.popitem(last=False)
        return contents

    async def alert(self, partition: int, offset: int) -> PlacedAlert | None:
        record = await self._record(Channel.ALERTS, partition, offset)
        return None if record is None or record.value is None else placed_alert(record, record.value)

    async def rules(self) -> PageFields:
        read: PageFields = await self._rules.get()
        return read

    async def rule(self, rule_id: str) -> PageFields | None:
        # Before this reading's turn: the other one takes a turn of its own.
        overruns = await self._overruns.get()
        async with self._asked():
            return await read_one_rule(self._settings, rule_id, overruns)

    async def redrive_plan(self, selection: RedriveSelection) -> PageFields:
        # It may look through all letters, so one at a time leaves the other readings to other pages.
        if self._planning.locked():
            raise SourceError("The desk looks through letters for somebody else. Wait a moment.")
        async with self._planning, self._asked():
            return await redrive_of(self._settings, selection, is_embedded=self._is_embedded, dry_run=True)

    async def _read_rules(self) -> PageFields:
        overruns = await self._overruns.get()
        async with self._asked():
            return await read_rule_list(self._settings, self._a_day_ago(), overruns)

    async def _read_overruns(self) -> Overruns | None:
        try:
            async with self._asked():
                return await latest_overruns(self._settings, self._a_day_ago())
        except SourceError:
            # Rules can be read, and changed, where what their limits did can't be.
            return None

    def _a_day_ago(self) -> int | str:
        """From when on rules' alerts and limits count."""
        return BEGINNING if self._is_embedded else time.time_ns() // 1_000_000 - _DAY_MS

    async def operation(self) -> PageFields:
        if self._is_embedded:
            raise SourceError(
                "The demo's embedded broker can't tell of groups. On a cluster this page shows its stages, "
                "with what waits, and its workers.",
                is_lasting=True,
            )
        look: PageFields = await self._look.get()
        return look

    async def _read_stories(self) -> list[ListedStory]:
        async with self._asked():
            return await read_changed(self._settings, since=self._last(_DAY_MS), lately=self._last(_HOUR_MS))

    def _last(self, ms: int) -> TimeWindow:
        """The last so many milliseconds."""
        return WHOLE if self._is_embedded else TimeWindow(time.time_ns() // 1_000_000 - ms)

    async def _read_letters(self) -> PageFields:
        """The latest letters, newest first, and how many of them have each reason."""
        settings = self._settings
        async with self._asked():
            partitions = await partitions_of(settings, settings.topic(Channel.DEAD))
            receipts = await read_receipts(settings, await all_topics(settings))
            last = LastRecords(LISTED_LETTERS)
            async with consumer(settings) as client:
                ends = await ends_of(client, partitions, settings)
                await read_last(client, ends, settings, last, lambda record: record.value is not None)
        letters = [Letter(record) for record in reversed(last.in_order())]
        reasons = Counter(letter.reason for letter in letters)
        return {
            "letters": [letter_fields(letter, sent_back=receipts.has(letter)) for letter in letters],
            "reasons": dict(reasons.most_common()),
            "looked": len(letters),
            "is_whole": len(letters) < LISTED_LETTERS and not last.is_cut,
        }

    async def _take_look(self) -> PageFields:
        async with self._asked():
            look = await take_look(self._settings)
            return look_fields(look, troubles(look))

    async def _record(self, channel: Channel, partition: int, offset: int) -> TopicRecord | None:
        async with self._asked():
            topic = self._settings.topic(channel)
            if partition >= (await all_topics(self._settings)).get(topic, 0):
                return None
            async with consumer(self._settings) as client:
                record = await record_at(client, self._settings, TopicPartition(topic, partition), offset)
        if record is not None and (why := why_unread(record)):
            raise SourceError(f"The record can't be read: {why}.")
        return record

    @asynccontextmanager
    async def _asked(self) -> AsyncIterator[None]:
        """Its turn to ask the brokers, whose Problem becomes a SourceError."""
        async with self._reads:
            try:
                yield
            except Problem as problem:
                raise SourceError(f"{problem.message}.") from None


def first_shown(error_at: int | None) -> int:
    """The first byte that is shown: the first of all, or one before that of an error which is further on."""
    if error_at is None or error_at < SHOWN_BYTES:
        return 0
    return (error_at - SHOWN_BYTES // 2) // _LINE_BYTES * _LINE_BYTES


def error_place(error_at: int | None, first: int, size: int) -> PageFields | None:
    """Where the byte of an error stands in the lines from the byte `first` on: as hexadecimal, and as text.

    `line` is None for an error behind the last of the `size` bytes.
    """
    if error_at is None:
        return None
    line, column = divmod(error_at - first, _LINE_BYTES)
    return {
        "at": error_at,
        "first": first,
        "line": line if error_at < size else None,
        "hex": _HEX_COLUMN + 3 * column + (column >= _LINE_BYTES // 2),
        "char": _TEXT_COLUMN + column,
    }


def hex_lines(value: bytes, first: int = 0) -> list[str]:
    """`00000010  7b 22 69 64 22 3a 20 22  61 2d 31 22 7d           {"id": "a-1"}`, for each sixteen bytes.

    `first`: where the value stands in the whole.
    """
    lines = []
    for start in range(0, len(value), _LINE_BYTES):
        line = value[start : start + _LINE_BYTES]
        halves = line[:8].hex(" "), line[8:].hex(" ")
        text = "".join(chr(byte) if 0x20 <= byte < 0x7F else "." for byte in line)
        lines.append(f"{first + start:08x}  {halves[0]:<23}  {halves[1]:<23}  {text}")
    return lines


def _original(letter: Letter) -> RawMessage | Obstacle:
    """What stands in the letter itself: its headers may name any topic, which a viewer need not see."""
    if letter.truncated_from is not None:
        what = f"the original of {letter.truncated_from:,} bytes was too large for the letter"
        return Obstacle("truncated", what)
    return letter.as_raw()
