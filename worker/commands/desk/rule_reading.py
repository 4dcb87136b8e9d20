"""What the desk shows of rules, read from their topic and from that of alerts."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from worker.alerts.book import name_of
from worker.alerts.typed_rules import cooldown_to_text
from worker.commands.rules.hits import Hits, count_hits
from worker.commands.rules.listing import ListedRule, limit_in_words, listed_rules
from worker.commands.rules.overruns import Overruns
from worker.commands.rules.topic import read_rules, text_of_header
from worker.commands.shell.part_reader import TopicRecord
from worker.desk.source import PageFields
from worker.records.cloudevents import rfc3339
from worker.settings import Settings

CHANGED_BY = "changed-by"
"""The header of a rule's record that says who changed it, as the desk's proxy names them."""


@dataclass
class RuleOrigins:
    """Who wrote the newest record of each rule, and when: what a rule itself does not say."""

    of: dict[str, dict[str, str]] = field(default_factory=dict)

    def note(self, record: TopicRecord) -> None:
        self.of[name_of(record.key)] = {
            "changed_by": text_of_header(tuple(record.headers), CHANGED_BY),
            "changed_at": rfc3339(record.timestamp),
        }


async def read_rule_list(settings: Settings, since: int | str, overruns: Overruns | None) -> PageFields:
    """All rules by id, with how many alerts each has raised since then, and when it was at a limit.

    `overruns`: None if it is not known when rules were at a limit.
    """
    origins = RuleOrigins()
    current = await read_rules(settings, on_record=origins.note)
    hits = await count_hits(settings, since)
    return {
        "rules": [_fields(listed, origins) for listed in listed_rules(current, hits, overruns or {})],
        "has_hits": hits is not None,
        "has_limits": overruns is not None,
    }


async def read_one_rule(settings: Settings, rule_id: str, overruns: Overruns | None) -> PageFields | None:
    """One rule as the list has it, but for its alerts; None if there is none of this id.

    `has_limits` is False without `overruns`.
    """
    origins = RuleOrigins()
    current = await read_rules(settings, only=[rule_id], on_record=origins.note)
    no_hits: Mapping[str, Hits] = {}
    found = list(listed_rules(current, no_hits, overruns or {}))
    return _fields(found[0], origins) | {"has_limits": overruns is not None} if found else None


def _fields(listed: ListedRule, origins: RuleOrigins) -> dict[str, Any]:
    cooldown = listed.active.rule.cooldown if listed.active else None
    origin = origins.of[listed.rule_id]
    return {
        **listed.as_fields(),
        "at_limits": [
            {"said": limit_in_words(one), "article": one.article, "at": one.at} for one in listed.overruns
        ],
        "cooldown": cooldown_to_text(cooldown) if cooldown else "",
        "changed_by": origin["changed_by"],
        "changed_at": origin["changed_at"],
    }
