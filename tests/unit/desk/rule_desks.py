"""Alerts, rules and changes for the desk's tests: records of every kind, and who carries changes out."""

import asyncio
from typing import Any

import orjson

from tests.unit.desk.texts import TEXT, span
from worker.alerts.text import condition_to_text
from worker.alerts.typed_rules import PAUSED_SINCE, cooldown_to_text, is_paused, paused_rule
from worker.desk.alert_record import PlacedAlert
from worker.desk.changes.sink import ChangeRefused, ConfirmedChange, RuleConflict
from worker.desk.source import PageFields, RedriveSelection, SourceError
from worker.records.rules import RULE, Rule, rule_from, rule_version

WHEN = {"speaker": {"name": "Ada Obi"}}


def alert(**changes: Any) -> dict[str, Any]:
    """An alert as `alerts.v1` has it."""
    return {
        "id": "0" * 32,
        "rule": {"id": "quays", "version": "30dbe156152d1a6c", "name": "Quays", "owner": "city desk"},
        "article": {
            "id": "quay-1",
            "url": "https://harbour.example/quay",
            "headline": "Quay opens again",
            "source": "Harbour Post",
            "language": "en",
            "published_at": "2026-01-13T10:05:00Z",
        },
        "why": [
            {
                "condition": 'speaker:"Ada Obi"',
                "found": "person:ada-obi",
                "spans": [{"field": "text", **span(TEXT, "Ada Obi")}],
            },
            {
                "condition": "headline:quay",
                "found": "Quay",
                "spans": [{"field": "headline", "start": 0, "end": 4, "text": "Quay"}],
            },
        ],
        "entities": ["person:ada-obi"],
        "at": "2026-01-13T10:05:00.000Z",
    } | changes


def story_alert(**changes: Any) -> dict[str, Any]:
    story = {
        "id": "5f0c",
        "version": 2,
        "headline": "Quay opens again",
        "articles": 3,
        "sources": 2,
        "reprints": 1,
    }
    why = [{"condition": "sources>=2", "found": "2 sources", "spans": []}]
    return alert(id="1" * 32, why=why, story=story) | changes


def placed_alert(offset: int = 0, *, partition: int = 0, **changes: Any) -> PlacedAlert:
    """An alert at its place; each place has an alert of its own."""
    fields = alert(**{"id": f"{offset:032x}", **changes})
    return PlacedAlert(partition, offset, 1_768_298_700_000 + offset, orjson.dumps(fields))


def a_rule(**changes: Any) -> Rule:
    fields = {"id": "quays", "name": "Quays", "owner": "city desk", "when": WHEN} | changes
    return rule_from(fields)


def rule_fields(rule: Rule | None = None, **changes: Any) -> PageFields:
    """A rule as a source has it."""
    rule = rule or a_rule()
    return {
        "id": rule.id,
        "version": rule_version(rule),
        "when": condition_to_text(rule.when),
        "hits": 3,
        "last_hit": "2026-01-13T10:05:00.000Z",
        "expired": rule.expires_at is not None and rule.expires_at < "2026",
        "paused": is_paused(rule),
        "error": None,
        "overruns": [],
        "at_limits": [],
        "rule": RULE.dump_python(rule, by_alias=True, exclude_defaults=True),
        "cooldown": cooldown_to_text(rule.cooldown) if rule.cooldown else "",
        "changed_by": "",
        "changed_at": "2026-01-13T10:00:00.000Z",
    } | changes


def plan_of(number: int, **changes: Any) -> PageFields:
    """What a redrive of so many letters would send."""
    letters = [
        {
            "place": f"2/{offset}",
            "time": "2026-01-13T10:05:00.000Z",
            "reason": "invalid",
            "error": "text is missing",
            "to": "news.articles.raw.v1/0",
            "bytes": 141,
        }
        for offset in range(7, 7 + number)
    ]
    return {
        "letters": letters,
        "lines": [],
        "sent": number,
        "left": 0,
        "summary": f"{number} letters would be sent back to news.articles.raw.v1 ({number} invalid)",
        "is_full": False,
    } | changes


class FakeRuleSource:
    """What a source tells of alerts, rules and redrives: what a test sets."""

    def __init__(self) -> None:
        self.away: SourceError | None = None
        self.told_alerts: dict[tuple[int, int], PlacedAlert] = {}
        self.kept_rules: dict[str, PageFields] = {"quays": rule_fields()}
        self.has_hits = self.has_limits = True
        self.plan = plan_of(2)
        self.planned: list[RedriveSelection] = []

    def _ask(self) -> None:
        if self.away is not None:
            raise self.away

    async def alert(self, partition: int, offset: int) -> PlacedAlert | None:
        self._ask()
        return self.told_alerts.get((partition, offset))

    async def rules(self) -> PageFields:
        self._ask()
        rules = list(self.kept_rules.values())
        return {"rules": rules, "has_hits": self.has_hits, "has_limits": self.has_limits}

    async def rule(self, rule_id: str) -> PageFields | None:
        self._ask()
        rule = self.kept_rules.get(rule_id)
        return None if rule is None else rule | {"has_limits": self.has_limits}

    async def redrive_plan(self, selection: RedriveSelection) -> PageFields:
        self._ask()
        self.planned.append(selection)
        return self.plan


class FakeChanges:
    """Changes the rules of a source as a topic would have them, and notes who asked for what."""

    def __init__(self, source: FakeRuleSource) -> None:
        self.source = source
        self.done: list[tuple[str, str, str]] = []
        self.away: SourceError | None = None
        self.refuses = ""
        self.overtaken: tuple[str, ...] = ()
        self.redriven: list[RedriveSelection] = []
        self.may_end = asyncio.Event()
        self.may_end.set()

    def _now(self, rule_id: str) -> str:
        there = self.source.kept_rules.get(rule_id)
        return (there["version"] or "") if there else ""

    def _begin(self, name: str, rule_id: str, seen: str, by: str) -> None:
        if self.away is not None:
            raise self.away
        if self._now(rule_id) != seen:
            raise RuleConflict(self._now(rule_id))
        if self.refuses:
            raise ChangeRefused(self.refuses)
        self.done.append((name, rule_id, by))

    def _put(self, rule: Rule, by: str) -> ConfirmedChange:
        self.source.kept_rules[rule.id] = rule_fields(rule, changed_by=by)
        return ConfirmedChange(rule.id, rule_version(rule), self.overtaken)

    def _rule(self, rule_id: str) -> Rule:
        return rule_from(self.source.kept_rules[rule_id]["rule"])

    async def put_rule(self, rule: Rule, *, seen: str, by: str) -> ConfirmedChange:
        self._begin("put", rule.id, seen, by)
        return self._put(rule, by)

    async def pause_rule(self, rule_id: str, *, seen: str, by: str) -> ConfirmedChange:
        self._begin("pause", rule_id, seen, by)
        return self._put(paused_rule(self._rule(rule_id)), by)

    async def resume_rule(self, rule_id: str, *, seen: str, by: str) -> ConfirmedChange:
        self._begin("resume", rule_id, seen, by)
        fields = self.source.kept_rules[rule_id]["rule"]
        assert fields.pop("expires_at") == PAUSED_SINCE
        return self._put(rule_from(fields), by)

    async def delete_rule(self, rule_id: str, *, seen: str, by: str) -> ConfirmedChange:
        self._begin("delete", rule_id, seen, by)
        del self.source.kept_rules[rule_id]
        return ConfirmedChange(rule_id, "")

    async def redrive(self, selection: RedriveSelection, *, by: str) -> PageFields:
        if self.away is not None:
            raise self.away
        self.redriven.append(selection)
        await self.may_end.wait()
        self.done.append(("redrive", str(selection.place or selection.reason), by))
        number = self.source.plan["sent"]
        return plan_of(number, summary=f"{number} letters sent back to news.articles.raw.v1")
