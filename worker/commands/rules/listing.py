"""`dateline rules list`: the rules in force, what each has raised, and those whose latest value is none."""

import sys
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from shutil import get_terminal_size
from typing import Any

import orjson
from rich.cells import cell_len, set_cell_size

from worker.alerts.book import name_of
from worker.alerts.index import Held
from worker.alerts.text import condition_to_text
from worker.channels import Channel
from worker.commands.rules.hits import Hits, count_hits
from worker.commands.rules.topic import RulesTopic, read_rules
from worker.commands.rules.typed import cooldown_to_text, has_expired, shell_quoted
from worker.commands.shell.terminal import counted, say
from worker.commands.shell.visible import visible
from worker.commands.shown.cards import clean
from worker.records.cloudevents import rfc3339
from worker.records.rules import RULE
from worker.settings import Settings

MAX_COLUMN_CHARS = {"id": 40, "name": 30, "owner": 20, "when": 60}
MIN_WHEN_CHARS = 20
NUMERIC_COLUMNS = ("hits",)


@dataclass(frozen=True, slots=True)
class ListedRule:
    """A rule in force, or (`held` is None) one that has a value which is none, and no version before it.

    `expired`: it matches nothing that comes now. `key`: what deletes it.
    """

    rule_id: str
    held: Held | None
    error: str | None
    hits: Hits | None
    expired: bool = False
    key: bytes | None = None

    @property
    def when(self) -> str:
        return condition_to_text(self.held.rule.when) if self.held else ""

    def has(self, owner: str | None, match: str | None) -> bool:
        """Whether it is this owner's and has this text somewhere, in any letter case."""
        rule = self.held.rule if self.held else None
        if owner is not None and (rule is None or rule.owner.casefold() != owner.casefold()):
            return False
        if match is None:
            return True
        texts = (self.rule_id, *((rule.name, rule.owner, self.when) if rule else ()))
        return any(match.casefold() in text.casefold() for text in texts)

    def as_fields(self) -> dict[str, Any]:
        """For machines: the rule as stored, and what is said of it."""
        rule = self.held.rule if self.held else None
        last = self.hits.last_ms if self.hits else None
        return {
            "id": self.rule_id,
            "version": self.held.version if self.held else None,
            "when": self.when or None,
            "hits": self.hits.alerts if self.hits else None,
            "last_hit": None if last is None else rfc3339(last),
            "expired": self.expired,
            "error": self.error,
            "rule": rule and RULE.dump_python(rule, by_alias=True, exclude_defaults=True),
        }

    def row(self) -> dict[str, str]:
        """For a person, one text a column."""
        rule = self.held.rule if self.held else None
        last = self.hits.last_ms if self.hits else None
        return {
            "id": clean(self.rule_id),
            "name": clean(rule.name) if rule else "(no rule)",
            "owner": clean(rule.owner) if rule else "",
            "when": clean(self.when),
            "cooldown": cooldown_to_text(rule.cooldown) if rule and rule.cooldown else "",
            "expires": ((rule.expires_at or "") if rule else "") + (" expired" if self.expired else ""),
            "hits": f"{self.hits.alerts:,}" if self.hits else "?",
            "last": "" if last is None else rfc3339(last)[:19] + "Z",
        }

    def note(self) -> str | None:
        """What is wrong with its latest value."""
        if self.error is None:
            return None
        stays = f"; {self.held.version} stays in force" if self.held else ""
        return f"  no rule: {visible(self.error)}{stays}{self._deletion()}"

    def _deletion(self) -> str:
        """The command that deletes what has a key that is no id: nothing that is put would mend it."""
        if self.key is None or name_of(self.key) == self.key.decode(errors="replace"):
            return ""
        try:
            typed = self.key.decode()
        except UnicodeDecodeError:
            typed = self.rule_id
        argument = f"{'-- ' if typed.startswith('-') else ''}{shell_quoted(typed)}"
        return f"; `dateline rules delete {argument}` deletes it"


async def list_rules(
    settings: Settings, since: int | str, *, owner: str | None, match: str | None, wants_json: bool
) -> None:
    """A line a rule, by id. What is kept of alerts is a count for each rule."""
    there = await read_rules(settings)
    hits = await count_hits(settings, since)
    rules = [listed for listed in _listed(there, hits) if listed.has(owner, match)]
    if wants_json:
        sys.stdout.buffer.writelines(orjson.dumps(listed.as_fields()) + b"\n" for listed in rules)
    else:
        width = get_terminal_size().columns if sys.stdout.isatty() else None
        for line in rules_table(rules, width=width):
            print(line)
    if hits is None:
        say(f"no topic {settings.topic(Channel.ALERTS)}: hits are unknown")
    say(rules_summary(rules))


def rules_summary(rules: Sequence[ListedRule]) -> str:
    """`19 rules in force, 1 expired, 2 whose latest value is no rule`"""
    refused = sum(listed.error is not None for listed in rules)
    expired = sum(listed.expired for listed in rules)
    in_force = sum(listed.held is not None for listed in rules) - expired
    return (
        f"{counted(in_force, 'rule')} in force"
        + (f", {expired:,} expired" if expired else "")
        + (f", {refused:,} whose latest value is no rule" if refused else "")
    )


def _listed(there: RulesTopic, hits: Mapping[str, Hits] | None) -> Iterable[ListedRule]:
    now_ms = time.time_ns() // 1_000_000
    book = there.book
    names = {held.rule.id for held in book.index} | book.refused.keys()
    for name in sorted(names):
        found = None if hits is None else hits.get(name, Hits())
        held = book.index.get(name)
        expired = held is not None and has_expired(held.rule, now_ms)
        yield ListedRule(name, held, book.refused.get(name), found, expired, there.keys.get(name))


def rules_table(rules: Sequence[ListedRule], *, width: int | None) -> list[str]:
    """A line a rule and below it what is wrong with it; conditions are cut so that it is `width` wide."""
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
        lines += [note] if (note := listed.note()) else []
    return lines


def _line(row: Mapping[str, str], columns: Mapping[str, int]) -> str:
    texts = (_fitted(row[name], cells, name in NUMERIC_COLUMNS) for name, cells in columns.items())
    return "  ".join(texts).rstrip()


def _fitted(text: str, cells: int, is_number: bool) -> str:
    if cell_len(text) > cells:
        return set_cell_size(text, cells - 1) + "…"
    padding = " " * (cells - cell_len(text))
    return padding + text if is_number else text + padding
