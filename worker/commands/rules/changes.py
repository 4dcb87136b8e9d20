"""The records to write so that the rules' topic holds the wanted rules. Pure."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from worker.alerts.book import RuleBook
from worker.alerts.typed_rules import is_paused
from worker.records.messages import Headers
from worker.records.rules import Rule, rule_to_bytes, rule_version

ChangeKind = Literal["new", "changed", "unchanged", "deleted"]
PAUSED_END = "paused-expires-at"
"""The header of a paused rule's record with the end that it had, if it had one."""


@dataclass(frozen=True, slots=True)
class RuleChange:
    """What changes for one rule. `value` is None for a deletion, `version` if no version was valid.

    `headers`: what is said of the change, beside the rule.
    """

    kind: ChangeKind
    rule_id: str
    version: str | None
    key: bytes
    value: bytes | None
    headers: Headers = ()

    @property
    def is_written(self) -> bool:
        return self.kind != "unchanged"

    def line(self) -> str:
        """`changed    harbour  30dbe156152d1a6c`"""
        return f"{self.kind:<9}  {self.rule_id}" + (f"  {self.version}" if self.version else "")


def puts(book: RuleBook, rules: Iterable[Rule], *, paused_ends: Mapping[str, str]) -> list[RuleChange]:
    """The changes that put these rules in force. A rule whose newest record is not valid is written again.

    A paused rule is written with the end that it has, or had before it was paused: `paused_ends` by id.
    """
    return [_put(book, rule, paused_ends) for rule in rules]


def unchanged(rule: Rule) -> RuleChange:
    """What is printed of a rule that is as it should be."""
    return RuleChange("unchanged", rule.id, rule_version(rule), rule.id.encode(), rule_to_bytes(rule))


def deletions(book: RuleBook, keys: Iterable[tuple[str, bytes]]) -> list[RuleChange]:
    """The changes that delete the rules with these ids and keys."""
    return [RuleChange("deleted", name, _version(book, name), key, None) for name, key in keys]


def changes_summary(changes: Sequence[RuleChange]) -> str:
    """`2 new, 1 unchanged`"""
    count = Counter(change.kind for change in changes)
    kinds: Sequence[ChangeKind] = ("new", "changed", "unchanged", "deleted")
    return ", ".join(f"{count[kind]:,} {kind}" for kind in kinds if count[kind]) or "nothing to do"


def _put(book: RuleBook, rule: Rule, paused_ends: Mapping[str, str]) -> RuleChange:
    version, before = rule_version(rule), _version(book, rule.id)
    kind: ChangeKind = "changed"
    if rule.id not in book.refused:
        kind = "new" if before is None else "unchanged" if before == version else "changed"
    end = _former_end(book, rule.id, paused_ends) if is_paused(rule) else ""
    headers: Headers = ((PAUSED_END, end.encode()),) if end else ()
    return RuleChange(kind, rule.id, version, rule.id.encode(), rule_to_bytes(rule), headers)


def _former_end(book: RuleBook, rule_id: str, paused_ends: Mapping[str, str]) -> str:
    """The end that a rule has, or had before it was paused; empty if there is none."""
    active = book.index.get(rule_id)
    if active is None or is_paused(active.rule):
        return paused_ends.get(rule_id, "")
    return active.rule.expires_at or ""


def _version(book: RuleBook, rule_id: str) -> str | None:
    active = book.index.get(rule_id)
    return active.version if active else None
