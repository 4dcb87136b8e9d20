"""The options of a redrive, and its outcome."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from worker.commands.shell.terminal import counted


@dataclass(frozen=True)
class RedriveOptions:
    """The options of `dateline dead-letters redrive`.

    `rate` is the most letters a second. `again` includes letters that were sent back before. With
    `wants_json` standard output holds the outcome alone, as a JSON object.
    """

    dry_run: bool = False
    rate: float | None = None
    limit: int | None = None
    max_redrives: int = 3
    force: bool = False
    again: bool = False
    wants_json: bool = False


@dataclass
class RedriveOutcome:
    """How many letters were sent back (by reason), stayed (by kind of obstacle), or had been sent before."""

    sent: Counter[str] = field(default_factory=Counter)
    left: Counter[str] = field(default_factory=Counter)
    sent_before: int = 0
    topics: set[str] = field(default_factory=set)

    def summary(self, *, dry_run: bool) -> str:
        """`3 letters sent back to raw (2 invalid, 1 too-large), 1 left: 1 no topic; 4 were sent before`"""
        by_reason = ", ".join(f"{count:,} {reason}" for reason, count in self.sent.most_common())
        to = f" to {', '.join(sorted(self.topics))} ({by_reason})" if self.sent else ""
        text = f"{counted(self.sent.total(), 'letter')} {'would be ' * dry_run}sent back{to}"
        if self.left:
            text += f", {self.left.total():,} left: " + "; ".join(
                f"{count:,} {why}" for why, count in self.left.most_common()
            )
        return text + (f"; {self.sent_before:,} had been sent back before" if self.sent_before else "")

    def as_fields(self, *, dry_run: bool) -> dict[str, Any]:
        return {
            "dry_run": dry_run,
            "sent": self.sent.total(),
            "reasons": dict(self.sent),
            "left": dict(self.left),
            "before": self.sent_before,
        }
