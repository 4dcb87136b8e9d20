"""What the desk shows of rules, read from their topic and from that of alerts."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from worker.alerts.book import name_of
from worker.alerts.typed_rules import cooldown_to_text
from worker.commands.rules.hits import Hits, count_hits
from worker.commands.rules.listing import ListedRule, listed_rules
from worker.commands.rules.topic import read_rules
from worker.commands.shell.part_reader import TopicRecord
from worker.desk.source import PageFields
from worker.records.cloudevents import rfc3339
from worker.records.messages import Headers
from worker.settings import Settings

CHANGED_BY = "changed-by"
"""The header of a rule's record that says who changed it, as the desk's proxy names them."""
PAUSED_END = "paused-expires-at"
"""The header of a paused rule's record with the end that it had, if it had one."""
_MOST_NAME_CHARS = 200


@dataclass
class RuleOrigins:
    """Who wrote the newest record of each rule, and when: what a rule itself does not say.

    `ends`: the offset behind the last record of each partition.
    """

    of: dict[str, dict[str, str]] = field(default_factory=dict)
    ends: dict[int, int] = field(default_factory=dict)

    def note(self, record: TopicRecord) -> None:
        self.ends[record.partition] = record.offset + 1
        headers: Headers = tuple(record.headers)
        self.of[name_of(record.key)] = {
            "changed_by": _last(headers, CHANGED_BY),
            "changed_at": rfc3339(record.timestamp),
            "paused_end": _last(headers, PAUSED_END),
        }


def _last(headers: Headers, name: str) -> str:
    """The text of the last header of this name; empty if there is none."""
    values = [value or b"" for each, value in headers if each == name]
    return values[-1].decode(errors="replace")[:_MOST_NAME_CHARS] if values else ""


async def read_rule_list(settings: Settings, since: int | str) -> PageFields:
    """All rules by id, with how many alerts each has raised since then."""
    origins = RuleOrigins()
    current = await read_rules(settings, on_record=origins.note)
    hits = await count_hits(settings, since)
    return {
        "rules": [_fields(listed, origins) for listed in listed_rules(current, hits, {})],
        "has_hits": hits is not None,
    }


async def read_one_rule(settings: Settings, rule_id: str) -> PageFields | None:
    """One rule as the list has it, but for its alerts; None if there is none of this id."""
    origins = RuleOrigins()
    current = await read_rules(settings, only=[rule_id], on_record=origins.note)
    no_hits: Mapping[str, Hits] = {}
    found = list(listed_rules(current, no_hits, {}))
    return _fields(found[0], origins) if found else None


def _fields(listed: ListedRule, origins: RuleOrigins) -> dict[str, Any]:
    cooldown = listed.active.rule.cooldown if listed.active else None
    origin = origins.of[listed.rule_id]
    return {
        **listed.as_fields(),
        "cooldown": cooldown_to_text(cooldown) if cooldown else "",
        "changed_by": origin["changed_by"],
        "changed_at": origin["changed_at"],
    }
