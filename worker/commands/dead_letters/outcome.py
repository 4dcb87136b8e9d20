"""The options of a redrive, and its outcome."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from worker.commands.dead_letters.letter import Letter
from worker.commands.shell.terminal import counted
from worker.commands.shown.cards import printable
from worker.records.messages import RawMessage

NOTED_LETTERS = 200


@dataclass(frozen=True)
class RedriveOptions:
    """The options of `dateline dead-letters redrive`.

    `rate` is the most letters a second. `again` includes letters that were sent back before. `due` takes
    withheld letters alone, those whose time has come. With `wants_json` standard output holds the outcome
    alone, as a JSON object.
    """

    dry_run: bool = False
    rate: float | None = None
    limit: int | None = None
    max_redrives: int = 3
    force: bool = False
    again: bool = False
    due: bool = False
    wants_json: bool = False


@dataclass
class LostLetters:
    """Letters that their topic drops before they are due. `first`: the place of one, and when it is due."""

    letters: int = 0
    first: str = ""

    def __bool__(self) -> bool:
        return self.letters > 0

    def add(self, letter: Letter) -> None:
        self.letters += 1
        self.first = self.first or f"{letter.place}, due at {printable(letter.until)}"


@dataclass
class Withheld:
    """The withheld letters that `--due` passed over, since their time is to come or they have none."""

    not_due: int = 0
    without_time: int = 0
    next_due: str | None = None

    def add(self, until: str) -> None:
        """Counts a letter. `until`: when it is due; empty if it never is."""
        if not until:
            self.without_time += 1
            return
        self.not_due += 1
        self.next_due = min(self.next_due or until, until)

    @property
    def summary(self) -> str:
        """`; 2 not due yet, the first at 2026-01-31T08:00:00Z; 1 without a time`"""
        text = f"; {self.not_due:,} not due yet, the first at {self.next_due}" if self.not_due else ""
        return text + (f"; {self.without_time:,} without a time" if self.without_time else "")


@dataclass
class RedriveNotes:
    """What a redrive says to a page and not to a terminal: NOTED_LETTERS letters and lines at most.

    `letters`: those that were or would be sent, each with the place that its original goes to.
    """

    letters: list[dict[str, Any]] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)

    def took(self, letter: Letter, original: RawMessage) -> None:
        if len(self.letters) < NOTED_LETTERS:
            self.letters.append(
                {
                    "place": letter.place,
                    "time": letter.time,
                    "reason": letter.reason,
                    "error": letter.error,
                    "to": f"{original.topic}/{original.partition}",
                    "bytes": len(original.value or b""),
                }
            )

    def say(self, line: str) -> None:
        if len(self.lines) < NOTED_LETTERS:
            self.lines.append(line)

    def update(self, done_bytes: int, text: str) -> None:
        """A page asks for the outcome when it wants it."""

    def close(self) -> None:
        """Nothing is open."""


@dataclass
class RedriveOutcome:
    """How many letters were sent back (by reason), stayed (by kind of obstacle), or had been sent before.

    `withheld`: those that were not asked for, with `--due` alone.
    """

    sent: Counter[str] = field(default_factory=Counter)
    left: Counter[str] = field(default_factory=Counter)
    sent_before: int = 0
    topics: set[str] = field(default_factory=set)
    withheld: Withheld | None = None

    def summary(self, *, dry_run: bool) -> str:
        """`3 letters sent back to raw (2 invalid, 1 too-large), 1 left: 1 no topic; 4 were sent before`"""
        by_reason = ", ".join(f"{count:,} {reason}" for reason, count in self.sent.most_common())
        to = f" to {', '.join(sorted(self.topics))} ({by_reason})" if self.sent else ""
        text = f"{counted(self.sent.total(), 'letter')} {'would be ' * dry_run}sent back{to}"
        if self.left:
            text += f", {self.left.total():,} left: " + "; ".join(
                f"{count:,} {why}" for why, count in self.left.most_common()
            )
        text += f"; {self.sent_before:,} had been sent back before" if self.sent_before else ""
        return text + (self.withheld.summary if self.withheld else "")

    def as_fields(self, *, dry_run: bool) -> dict[str, Any]:
        fields = {
            "dry_run": dry_run,
            "sent": self.sent.total(),
            "reasons": dict(self.sent),
            "left": dict(self.left),
            "before": self.sent_before,
        }
        return fields | (vars(self.withheld) if self.withheld else {})
