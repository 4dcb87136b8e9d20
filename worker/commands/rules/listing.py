"""`dateline rules list`: rules in force with their hits, and those whose newest record is no valid rule."""

import sys
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from shutil import get_terminal_size
from typing import Any

from rich.cells import cell_len, set_cell_size

from worker.alerts.book import name_of
from worker.alerts.index import ActiveRule
from worker.alerts.text import condition_to_text
from worker.alerts.typed_rules import cooldown_to_text, has_expired, is_paused
from worker.channels import Channel
from worker.commands.rules.hits import Hits, count_hits
from worker.commands.rules.overruns import latest_overruns
from worker.commands.rules.topic import RulesTopic, read_rules
from worker.commands.rules.typed import shell_quoted
from worker.commands.shell.output import print_json, print_line, say
from worker.commands.shell.terminal import counted
from worker.commands.shell.visible import visible
from worker.commands.shown.cards import printable
from worker.records.alerts import RuleOverrun
from worker.records.cloudevents import rfc3339
from worker.records.rules import RULE
from worker.settings import Settings

MAX_COLUMN_CHARS = {"id": 40, "name": 30, "owner": 20, "when": 60}
MIN_WHEN_CHARS = 20
NUMERIC_COLUMNS = ("hits",)
_COOLDOWN_LIMITS = ("entities", "partition")
_OVER = {
    "steps": "over its budget of {:,} steps, and so not matched",
    "entities": "suspended for further entities until cooldowns end, with {:,} in cooldown; last about",
    "story": "suspended for a story of which {:,} rules hold; last of the one with",
    "partition": "suspended until cooldowns end, with {:,} in the partition of its matches; last about",
}


@dataclass(frozen=True, slots=True)
class ListedRule:
    """A line of the list. `error` says why the newest record is not a valid rule, if it is not.

    `active` is the rule in force: that of the newest valid record, or None if the topic has no valid one.
    `expired` means that no new article can match. `overruns` are the latest articles on which the rule, as it
    stands, was at a limit. `key` is the Kafka key, under which it can be deleted.
    """

    rule_id: str
    active: ActiveRule | None
    error: str | None
    hits: Hits | None
    expired: bool = False
    key: bytes | None = None
    overruns: Sequence[RuleOverrun] = ()

    @property
    def when(self) -> str:
        return condition_to_text(self.active.rule.when) if self.active else ""

    def has(self, owner: str | None, match: str | None) -> bool:
        """Whether the rule has this owner and this text somewhere, in any letter case."""
        rule = self.active.rule if self.active else None
        if owner is not None and (rule is None or rule.owner.casefold() != owner.casefold()):
            return False
        if match is None:
            return True
        texts = (self.rule_id, *((rule.name, rule.owner, self.when) if rule else ()))
        return any(match.casefold() in text.casefold() for text in texts)

    def as_fields(self) -> dict[str, Any]:
        """The fields of `--json`: the rule as stored, its hits, and what is wrong with it."""
        rule = self.active.rule if self.active else None
        last = self.hits.last_ms if self.hits else None
        return {
            "id": self.rule_id,
            "version": self.active.version if self.active else None,
            "when": self.when or None,
            "hits": self.hits.alerts if self.hits else None,
            "last_hit": None if last is None else rfc3339(last),
            "expired": self.expired,
            "paused": self.active is not None and is_paused(self.active.rule),
            "error": self.error,
            "overruns": [
                overrun.model_dump(include={"article", "at", "limit", "most"}) for overrun in self.overruns
            ],
            "rule": rule and RULE.dump_python(rule, by_alias=True, exclude_defaults=True),
        }

    def row(self) -> dict[str, str]:
        """The text of each column of the table."""
        rule = self.active.rule if self.active else None
        last = self.hits.last_ms if self.hits else None
        return {
            "id": printable(self.rule_id),
            "name": printable(rule.name) if rule else "(no rule)",
            "owner": printable(rule.owner) if rule else "",
            "when": printable(self.when),
            "cooldown": cooldown_to_text(rule.cooldown) if rule and rule.cooldown else "",
            "expires": self._end(),
            "hits": f"{self.hits.alerts:,}" if self.hits else "?",
            "last": "" if last is None else rfc3339(last)[:19] + "Z",
        }

    def _end(self) -> str:
        """When the rule ends; `paused` for one that is."""
        if self.active is None:
            return ""
        if is_paused(self.active.rule):
            return "paused"
        return (self.active.rule.expires_at or "") + (" expired" if self.expired else "")

    def notes(self) -> list[str]:
        """What is wrong with the newest record, and the latest articles that were too much for the rule."""
        notes = []
        if self.error is not None:
            stays = f"; {self.active.version} stays in force" if self.active else ""
            notes.append(f"  no rule: {visible(self.error)}{stays}{self._deletion()}")
        notes += [
            f"  {limit_in_words(overrun)}: {printable(overrun.article)}, {overrun.at}"
            for overrun in self.overruns
        ]
        return notes

    def _deletion(self) -> str:
        """The command that deletes a record whose key is no id: no rule that is put could replace it."""
        if self.key is None or name_of(self.key) == self.key.decode(errors="replace"):
            return ""
        try:
            typed = self.key.decode()
        except UnicodeDecodeError:
            typed = self.rule_id
        argument = f"{'-- ' if typed.startswith('-') else ''}{shell_quoted(typed)}"
        return f"; `dateline rules delete {argument}` deletes it"


def limit_in_words(overrun: RuleOverrun) -> str:
    """At which limit a rule was, and what that does; the article's id is to follow."""
    return _OVER[overrun.limit].format(overrun.most)


async def list_rules(
    settings: Settings, since: int | str, *, owner: str | None, match: str | None, wants_json: bool
) -> None:
    """Prints the rules by id. Of the alerts only a count for each rule is kept."""
    current = await read_rules(settings)
    hits = await count_hits(settings, since)
    overruns = await latest_overruns(settings, since)
    rules = [listed for listed in listed_rules(current, hits, overruns or {}) if listed.has(owner, match)]
    if wants_json:
        for listed in rules:
            print_json(listed.as_fields())
    else:
        width = get_terminal_size().columns if sys.stdout.isatty() else None
        for line in rules_table(rules, width=width):
            print_line(line)
    if hits is None:
        say(f"no topic {settings.topic(Channel.ALERTS)} that this user may see: hits are unknown")
    if overruns is None:
        say(f"no topic {settings.topic(Channel.STATE)}: whether a rule was at a limit is unknown")
    say(rules_summary(rules))


def rules_summary(rules: Sequence[ListedRule]) -> str:
    """`19 rules in force, 1 expired, 2 whose latest value is no rule`"""
    refused = sum(listed.error is not None for listed in rules)
    over = sum(any(one.limit == "steps" for one in listed.overruns) for listed in rules)
    suspended = sum(any(one.limit in _COOLDOWN_LIMITS for one in listed.overruns) for listed in rules)
    expired = sum(listed.expired for listed in rules)
    in_force = sum(listed.active is not None for listed in rules) - expired
    return (
        f"{counted(in_force, 'rule')} in force"
        + (f", {expired:,} expired" if expired else "")
        + (f", {refused:,} whose latest value is no rule" if refused else "")
        + (f", {over:,} over budget on an article" if over else "")
        + (f", {suspended:,} at the limit of cooldowns" if suspended else "")
    )


def listed_rules(
    current: RulesTopic, hits: Mapping[str, Hits] | None, overruns: Mapping[str, Sequence[RuleOverrun]]
) -> Iterable[ListedRule]:
    """All rules by id; of overruns only those of versions that are still in force."""
    now_ms = time.time_ns() // 1_000_000
    book = current.book
    names = {active.rule.id for active in book.index} | book.refused.keys()
    for name in sorted(names):
        found = None if hits is None else hits.get(name, Hits())
        active = book.index.get(name)
        expired = active is not None and has_expired(active.rule, now_ms)
        over = [one for one in overruns.get(name, ()) if active and active.version == one.version]
        yield ListedRule(name, active, book.refused.get(name), found, expired, current.keys.get(name), over)


def rules_table(rules: Sequence[ListedRule], *, width: int | None) -> list[str]:
    """A line for each rule, and below it what is wrong with it. Conditions are cut to fit `width`."""
    if not rules:
        return []
    rows = [listed.row() for listed in rules]
    columns = {
        name: min(max(len(name), *(cell_len(row[name]) for row in rows)), MAX_COLUMN_CHARS.get(name, 40))
        for name in rows[0]
    }
    if width is not None:
        spare = width - sum(columns.values()) - 2 * (len(columns) - 1)
        columns["when"] = max(min(MIN_WHEN_CHARS, columns["when"]), columns["when"] + min(0, spare))
    lines = [_line({name: name for name in columns}, columns)]
    for listed, row in zip(rules, rows, strict=True):
        lines.append(_line(row, columns))
        lines += listed.notes()
    return lines


def _line(row: Mapping[str, str], columns: Mapping[str, int]) -> str:
    texts = (_fitted(row[name], cells, name in NUMERIC_COLUMNS) for name, cells in columns.items())
    return "  ".join(texts).rstrip()


def _fitted(text: str, cells: int, is_number: bool) -> str:
    if cell_len(text) > cells:
        return set_cell_size(text, cells - 1) + "…"
    padding = " " * (cells - cell_len(text))
    return padding + text if is_number else text + padding
