"""Counts each article of a log under its subjects, by hour and by day: `take` says which counts change.

The state is a record for each article that is remembered, and a clock. All counts follow from these, so that
whoever reads them back, in any order, counts on as the worker before would have. An article that comes again
is counted once, in its latest version. Pure: no I/O, no clock.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

import orjson

from worker.channels import HOUR_MS
from worker.stories.packing import StateError
from worker.trends.bursts import BURST_RULES, Burst, burst_of, can_be_burst
from worker.trends.counts import NOTHING_COUNTED, Counted, WindowCounts, number_of, trend_mark
from worker.trends.note import Note, Subject, read_note
from worker.trends.windows import HOURS_A_DAY, KEPT_DAYS, TrendWindow, hour_of

TREND_CLOCK = b"clock"
_ARTICLE_KEY = b"a/"


@dataclass(frozen=True, slots=True)
class TrendLimits:
    """What is held at most. Beyond one of them the oldest day goes early; a single day's rest is left out.

    Articles as they usually are reach the first. The others hold what many and long names can take.
    """

    articles: int = 250_000
    """Articles that are remembered."""
    note_bytes: int = 192 << 20
    """Of their notes."""
    counts: int = 2_000_000
    """Subjects by window."""
    step_ms: int = 6 * HOUR_MS
    """A note brings the log's time on by so much at most: one with a false time must not close all days."""


TREND_LIMITS = TrendLimits()


class Uncounted(StrEnum):
    """Why an article is not counted."""

    LATE = "late"
    """Its day is not kept any more."""
    LIMIT = "limit"
    """The day has more articles, or more of their names, than are held."""


@dataclass(frozen=True, slots=True)
class Count:
    """A subject's counts in one window, as its record has them. `number`: the window's."""

    window: TrendWindow
    number: int
    subject: Subject
    counted: Counted
    burst: Burst | None


@dataclass(frozen=True, slots=True)
class Taken:
    """What follows from one note: the counts that it touched, and the records of the state that change.

    `changes`: by key; None: removed. `now_ms`: the log's time. `uncounted`: why the article is in no count.
    `days_dropped`: how many days went early, for there being too many articles.
    """

    counts: tuple[Count, ...]
    changes: Mapping[bytes, bytes | None]
    now_ms: int
    uncounted: Uncounted | None = None
    days_dropped: int = 0


class Trends:
    """The counts of one log. Its notes are given to `take` in their order."""

    def __init__(self, *, limits: TrendLimits = TREND_LIMITS) -> None:
        self._limits = limits
        self._windows: dict[TrendWindow, dict[int, WindowCounts]] = {window: {} for window in TrendWindow}
        self._hours: dict[str, int] = {}
        """The hour of each article that is remembered."""
        self._notes: dict[int, dict[str, bytes]] = {}
        """The articles of each hour, as their records have them: a third of what they take unpacked."""
        self._note_bytes = 0
        self._now_ms = 0
        self._first_day = 0

    @property
    def articles(self) -> int:
        """How many articles are remembered."""
        return len(self._hours)

    @property
    def counts(self) -> int:
        """How many counts are held: of subjects, by window."""
        return sum(len(counts) for numbered in self._windows.values() for counts in numbered.values())

    def restore(self, records: Mapping[bytes, bytes]) -> list[StateError]:
        """Takes the state as it was written. Returns why records could not be read: they are passed over."""
        unread = []
        if (clock := records.get(TREND_CLOCK)) is not None:
            try:
                self._now_ms, self._first_day = _read_clock(clock)
            except StateError as error:
                unread.append(error)
        for key, value in records.items():
            if key == TREND_CLOCK:
                continue
            try:
                article, note = _article_in(key), read_note(value)
            except StateError as error:
                unread.append(error)
                continue
            if hour_of(note.time_ms) // HOURS_A_DAY >= self._first_day:
                self._count(article, value, note)
        return unread

    def remembered(self, article: str) -> bytes | None:
        """The note of an article that is counted."""
        hour = self._hours.get(article)
        return None if hour is None else self._notes[hour][article]

    def recounted(self, article: str, value: bytes | None) -> Trends:
        """All that is remembered, counted anew; of this article that it has this note, or none."""
        records = dict(self.records())
        key = _key_of(article)
        records.pop(key, None)
        if value is not None:
            records[key] = value
        anew = Trends(limits=self._limits)
        anew.restore(records)
        return anew

    def take(self, article: str, value: bytes | None, now_ms: int) -> Taken:
        """Counts an article, or takes it out if its note is null.

        `now_ms`: when the note was written. Raises StateError, and has changed nothing, if it can't be read.
        """
        note = None if value is None else read_note(value)
        before_ms = self._now_ms or now_ms
        self._now_ms = max(before_ms, min(now_ms, before_ms + self._limits.step_ms))
        self._drop_days(hour_of(self._now_ms) // HOURS_A_DAY - KEPT_DAYS + 1)
        touched: dict[tuple[TrendWindow, int, str, str], Subject] = {}
        key = _key_of(article)
        changes: dict[bytes, bytes | None] = {}
        if (before := self._take_out(article)) is not None:
            touched.update(_touched(before))
            changes[key] = None
        uncounted, dropped = None, 0
        if note is not None and value is not None:
            if not self._is_late(note):
                dropped = self._make_room(value, note)
            uncounted = self._why_uncounted(value, note)
            if uncounted is None:
                self._count(article, value, note)
                touched.update(_touched(note))
                changes[key] = value
        changes[TREND_CLOCK] = orjson.dumps([self._now_ms, self._first_day])
        counts = tuple(self._count_of(window, number, each) for (window, number, *_), each in touched.items())
        return Taken(counts, changes, self._now_ms, uncounted, dropped)

    def records(self) -> Iterator[tuple[bytes, bytes]]:
        """The state as it is: what compaction leaves of all changes."""
        for notes in self._notes.values():
            for article, value in notes.items():
                yield _key_of(article), value
        if self._now_ms:
            yield TREND_CLOCK, orjson.dumps([self._now_ms, self._first_day])

    def _why_uncounted(self, value: bytes, note: Note) -> Uncounted | None:
        if self._is_late(note):
            return Uncounted.LATE
        return None if self._has_room(value, note) else Uncounted.LIMIT

    def _is_late(self, note: Note) -> bool:
        return hour_of(note.time_ms) // HOURS_A_DAY < self._first_day

    def _has_room(self, value: bytes, note: Note) -> bool:
        """Whether the article, and as many counts as it can add, are within the limits."""
        limits, more = self._limits, len(note.subjects) * len(TrendWindow)
        return (
            len(self._hours) < limits.articles
            and self._note_bytes + len(value) <= limits.note_bytes
            and self.counts + more <= limits.counts
        )

    def _make_room(self, value: bytes, note: Note) -> int:
        """Drops the oldest days while there is no room for the article; returns how many had some."""
        dropped, today = 0, hour_of(self._now_ms) // HOURS_A_DAY
        while not self._has_room(value, note) and self._first_day < today:
            held = len(self._hours)
            self._drop_days(self._first_day + 1)
            dropped += len(self._hours) < held
        return dropped

    def _drop_days(self, first_day: int) -> None:
        """Forgets all before this day. Its records stay as they are."""
        if first_day <= self._first_day:
            return
        self._first_day = first_day
        first_hour = first_day * HOURS_A_DAY
        for hour in [hour for hour in self._notes if hour < first_hour]:
            for article, value in self._notes.pop(hour).items():
                del self._hours[article]
                self._note_bytes -= len(value)
        for window, numbered in self._windows.items():
            first = window.number_of(first_hour)
            for number in [number for number in numbered if number < first]:
                del numbered[number]

    def _count(self, article: str, value: bytes, note: Note) -> None:
        hour = hour_of(note.time_ms)
        self._hours[article] = hour
        self._notes.setdefault(hour, {})[article] = value
        self._note_bytes += len(value)
        mark = trend_mark(note.story, is_copy=note.is_copy)
        into = [
            self._windows[window].setdefault(window.number_of(hour), WindowCounts()) for window in TrendWindow
        ]
        for subject in note.subjects:
            number = _number_of(subject)
            for counts in into:
                counts.add(number, mark)

    def _take_out(self, article: str) -> Note | None:
        """The note of an article that was counted, and is not any more."""
        hour = self._hours.pop(article, None)
        if hour is None:
            return None
        notes = self._notes[hour]
        value = notes.pop(article)
        self._note_bytes -= len(value)
        note = read_note(value)
        mark = trend_mark(note.story, is_copy=note.is_copy)
        for subject in note.subjects:
            number = _number_of(subject)
            for window in TrendWindow:
                self._windows[window][window.number_of(hour)].remove(number, mark)
        if not notes:
            del self._notes[hour]
        self._forget_empty(hour)
        return note

    def _forget_empty(self, hour: int) -> None:
        """An hour or a day without articles is not known, to whoever has restored the state as to others."""
        if hour not in self._notes:
            self._windows[TrendWindow.HOUR].pop(hour, None)
        day = hour // HOURS_A_DAY
        if not any(day * HOURS_A_DAY + each in self._notes for each in range(HOURS_A_DAY)):
            self._windows[TrendWindow.DAY].pop(day, None)

    def _count_of(self, window: TrendWindow, number: int, subject: Subject) -> Count:
        key = _number_of(subject)
        counts = self._windows[window].get(number)
        counted = NOTHING_COUNTED if counts is None else counts.of(key)
        return Count(window, number, subject, counted, self._burst(window, number, key, counted.independent))

    def _burst(self, window: TrendWindow, number: int, key: int, independent: int) -> Burst | None:
        rule = BURST_RULES[window]
        least = 0
        if window is TrendWindow.HOUR and independent >= rule.least:
            # The days that lie within the hours before say without these that most counts are no burst.
            day = number // HOURS_A_DAY
            least = sum(self._before(TrendWindow.DAY, range(day - rule.windows // HOURS_A_DAY + 1, day), key))
        if not can_be_burst(independent, least / rule.windows, rule):
            return None
        return burst_of(independent, self._before(window, range(number - rule.windows, number), key), rule)

    def _before(self, window: TrendWindow, numbers: range, key: int) -> list[int]:
        """A subject's independent articles in those of these windows that have any article."""
        known = map(self._windows[window].get, numbers)
        return [counts.of(key).independent for counts in known if counts is not None]


def _touched(note: Note) -> Iterator[tuple[tuple[TrendWindow, int, str, str], Subject]]:
    """The counts that an article is in, by what tells their records apart."""
    hour = hour_of(note.time_ms)
    for window in TrendWindow:
        number = window.number_of(hour)
        for subject in note.subjects:
            yield (window, number, subject.kind, subject.id), subject


def _number_of(subject: Subject) -> int:
    return number_of(f"{subject.kind}/{subject.id}")


def _key_of(article: str) -> bytes:
    return _ARTICLE_KEY + article.encode()


def _article_in(key: bytes) -> str:
    if not key.startswith(_ARTICLE_KEY):
        raise StateError(f"no key of an article: {key!r}")
    try:
        return key[len(_ARTICLE_KEY) :].decode()
    except UnicodeDecodeError:
        raise StateError(f"no key of an article: {key!r}") from None


def _read_clock(value: bytes) -> tuple[int, int]:
    try:
        now_ms, first_day = orjson.loads(value)
    except (ValueError, TypeError) as error:
        raise StateError(f"no clock of this version: {error}") from None
    if not (isinstance(now_ms, int) and isinstance(first_day, int)):
        raise StateError("a clock without a time and a day")
    return now_ms, first_day
