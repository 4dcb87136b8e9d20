"""Dead letters as `list` prints them: a line or a JSON object for each, and a count for each reason."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from worker.commands.dead_letters.letter import Letter
from worker.commands.shell.terminal import counted
from worker.commands.shown.cards import LINE_CHARS, printable

MAX_LISTED_ERROR_CHARS = 2 * LINE_CHARS


def letter_line(letter: Letter, *, sent_back: bool = False) -> str:
    """`2026-01-31T08:00:00Z 3/17 invalid news.articles.raw.v1/3/41: text is missing (key a-1, 60 bytes)`"""
    key = letter.record.key
    named = "-" if key is None else printable(key.decode(errors="replace"), most=LINE_CHARS)
    notes = [f"key {named}", counted(len(letter.record.value or b""), "byte")]
    if letter.truncated_from is not None:
        notes[1] = f"truncated from {letter.truncated_from:,} bytes"
    if letter.stands_for:
        notes[1] = f"stands for offsets {printable(letter.stands_for)}"
    if letter.until:
        notes.append(f"until {printable(letter.until)}")
    if letter.redriven:
        notes.append(f"came back {counted(letter.redriven, 'time')}")
    if sent_back:
        notes.append("sent back")
    error = printable(letter.error, most=MAX_LISTED_ERROR_CHARS)
    where = f"{letter.time} {letter.place} {printable(letter.reason)} {printable(letter.origin)}"
    return f"{where}: {error} ({', '.join(notes)})"


def letter_fields(letter: Letter, *, sent_back: bool) -> dict[str, Any]:
    """What the worker's headers say, as a JSON object: without key, value and the publisher's headers."""
    partition, _, offset = letter.place.partition("/")
    return {
        "partition": int(partition),
        "offset": int(offset),
        "time": letter.time,
        "reason": letter.reason,
        "error": letter.error,
        "stage": letter.stage,
        "origin": letter.origin,
        "first_origin": letter.first_origin,
        "redriven": letter.redriven,
        "sent_back": sent_back,
        "bytes": len(letter.record.value or b"") if letter.truncated_from is None else letter.truncated_from,
        "truncated": letter.truncated_from is not None,
        "stands_for": printable(letter.stands_for),
        "until": printable(letter.until) or None,
    }


@dataclass
class ReasonCount:
    """How many letters have one reason, how many of them were sent back, and when the first and last came."""

    letters: int = 0
    sent_back: int = 0
    first: str = ""
    last: str = ""

    def add(self, letter: Letter, *, sent_back: bool) -> None:
        self.letters += 1
        self.sent_back += sent_back
        self.first = min(self.first or letter.time, letter.time)
        self.last = max(self.last, letter.time)


@dataclass
class ReasonCounts:
    """Counts letters by reason, in memory that does not grow with their number."""

    by_reason: dict[str, ReasonCount] = field(default_factory=dict)

    def add(self, letter: Letter, *, sent_back: bool) -> None:
        self.by_reason.setdefault(letter.reason, ReasonCount()).add(letter, sent_back=sent_back)

    @property
    def total(self) -> int:
        return sum(count.letters for count in self.by_reason.values())

    def as_fields(self) -> dict[str, Any]:
        return {
            "letters": self.total,
            "reasons": {reason: vars(count) for reason, count in self._sorted().items()},
        }

    def lines(self) -> list[str]:
        """A table with the most frequent reason first."""
        if not self.by_reason:
            return ["no letters"]
        rows = [("reason", "letters", "sent back", "first", "last")]
        rows += [
            (printable(reason), f"{count.letters:,}", f"{count.sent_back:,}", count.first, count.last)
            for reason, count in self._sorted().items()
        ]
        widths = [max(len(row[column]) for row in rows) for column in range(5)]
        return [
            f"{row[0]:<{widths[0]}}  {row[1]:>{widths[1]}}  {row[2]:>{widths[2]}}  "
            f"{row[3]:<{widths[3]}}  {row[4]}".rstrip()
            for row in rows
        ]

    def _sorted(self) -> Mapping[str, ReasonCount]:
        return dict(sorted(self.by_reason.items(), key=lambda item: -item[1].letters))
