"""Who carries changes out. The desk has one only where whoever runs it allows changes."""

from dataclasses import dataclass
from typing import Protocol

from worker.desk.source import PageFields, RedriveSelection
from worker.records.rules import Rule


class RuleConflict(Exception):
    """The rule is no longer as it was when its visitor looked. `now`: its version; empty: it is gone."""

    def __init__(self, now: str) -> None:
        super().__init__(now)
        self.now = now


class ChangeRefused(Exception):
    """The change would do harm, or can't be done. The message is for people."""


@dataclass(frozen=True, slots=True)
class ConfirmedChange:
    """A change as the topic has it, read back. `version`: the rule's now; empty where it is deleted.

    `overtaken`: versions that somebody else wrote at the same moment, which this change replaced.
    `is_last`: nobody has written the rule since.
    """

    rule_id: str
    version: str
    overtaken: tuple[str, ...] = ()
    is_last: bool = True


class DeskChanges(Protocol):
    """Each method raises SourceError, and writes nothing that was not asked for by name.

    `seen` is the version that whoever asks has looked at, empty for a rule that is not there; another than
    the topic's raises RuleConflict. `by`: who asks, as the proxy names them; empty where nobody does.
    """

    async def put_rule(self, rule: Rule, *, seen: str, by: str) -> ConfirmedChange:
        """Puts a rule in force. Raises ChangeRefused for one that costs too much."""

    async def pause_rule(self, rule_id: str, *, seen: str, by: str) -> ConfirmedChange:
        """Lets a rule match nothing until it is resumed."""

    async def resume_rule(self, rule_id: str, *, seen: str, by: str) -> ConfirmedChange:
        """Puts a paused rule in force again, with the end that it had."""

    async def delete_rule(self, rule_id: str, *, seen: str, by: str) -> ConfirmedChange:
        """Deletes a rule."""

    async def redrive(self, selection: RedriveSelection, *, by: str) -> PageFields:
        """Sends letters back as `dateline dead-letters redrive` does. Returns what became of them."""
