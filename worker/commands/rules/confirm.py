"""Reads changes of rules back: whether the topic has them, and what others wrote in the same moment.

Kafka does not compare before it writes. What somebody else wrote between the reading of the rules and a
change is found only behind that reading, when the change is there.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from worker.alerts.book import RuleBook
from worker.commands.rules.changes import RuleChange
from worker.commands.rules.topic import RulesTopic, read_rules
from worker.commands.shell.part_reader import TopicRecord
from worker.commands.shell.terminal import Problem
from worker.settings import Settings


@dataclass(frozen=True, slots=True)
class ConfirmedWrite:
    """A change that the topic has. `version`: the rule's by the change; empty if it deletes the rule.

    `overtaken`: what somebody else wrote first, and the change replaced; versions, `deleted` or `no rule`.
    `now`: the rule's version by the end of the topic; another one if somebody wrote after the change.
    """

    rule_id: str
    version: str
    overtaken: tuple[str, ...]
    now: str

    @property
    def is_last(self) -> bool:
        """Whether nobody has written another version since."""
        return self.now == self.version


async def confirm_changes(
    settings: Settings, changes: Sequence[RuleChange], before: RulesTopic
) -> list[ConfirmedWrite]:
    """The changes as the topic has them. `before`: the topic as they were made from it.

    Raises Problem if it does not show one of them.
    """
    values: dict[bytes | None, list[bytes | None]] = {change.key: [] for change in changes}

    def note(record: TopicRecord) -> None:
        if record.key in values and record.offset >= before.ends.get(record.partition, 0):
            values[record.key].append(record.value)

    after = await read_rules(settings, only=[change.rule_id for change in changes], on_record=note)
    return [_confirmed(change, values[change.key], after) for change in changes]


def version_in_force(book: RuleBook, rule_id: str) -> str:
    """The version of a rule; empty if there is none."""
    active = book.index.get(rule_id)
    return active.version if active else ""


def _confirmed(change: RuleChange, values: list[bytes | None], after: RulesTopic) -> ConfirmedWrite:
    if change.value not in values:
        raise Problem(
            f"{change.rule_id} was written, but its topic does not show it yet: look again in a moment"
        )
    overtaken = [_version_of(change, value) for value in values[: values.index(change.value)]]
    version = "" if change.value is None else change.version or ""
    now = version_in_force(after.book, change.rule_id)
    return ConfirmedWrite(change.rule_id, version, tuple(overtaken), now)


def _version_of(change: RuleChange, value: bytes | None) -> str:
    """The version in another's record of the same rule; `deleted`, or `no rule` for one that is not valid."""
    if value is None:
        return "deleted"
    book = RuleBook()
    book.apply(change.key, value)
    return version_in_force(book, change.rule_id) or "no rule"
