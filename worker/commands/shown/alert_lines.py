"""Describes rules, alerts, matches, silences and overruns in one line each."""

from typing import TypeVar

import orjson
from pydantic import ValidationError

from worker.alerts.text import condition_to_text
from worker.commands.shown.cards import LINE_CHARS, SHOWN_HEADLINE_CHARS, printable
from worker.records.alerts import Alert, AlertMatch, RuleOverrun, Silence
from worker.records.article import Record
from worker.records.cloudevents import rfc3339
from worker.records.codec import from_bytes
from worker.records.rules import RuleError, rule_from_bytes

_LIMITS = {"steps": "over its budget", "story": "at the limit of a story's rules"}
_R = TypeVar("_R", bound=Record)


def rule_line(value: bytes) -> str:
    """Describes a rule, or says what is wrong with it.

    `The harbour at Porthaven (city desk): "Porthaven harbour"`
    """
    try:
        rule = rule_from_bytes(value)
    except RuleError as error:
        return f"no rule: {printable(error, most=2 * LINE_CHARS)}"
    condition = printable(condition_to_text(rule.when), most=LINE_CHARS)
    return f"{_short(rule.name)} ({_short(rule.owner)}): {condition}"


def alert_line(value: bytes) -> str | None:
    """Describes an alert, or returns None if the value is not one.

    `dock-strikes Dock strikes in Peru: Dockers of Callao to walk out  [topic:labour  medtop:09000000]`
    """
    alert = _read(Alert, value)
    return None if alert is None else _describe(alert)


def match_line(value: bytes) -> str | None:
    """Describes the alert that a match may become, or returns None if the value is not a match."""
    match = _read(AlertMatch, value)
    return None if match is None else _describe(match.alert)


def state_line(value: bytes) -> str | None:
    """Describes a silence or a rule's overrun, or returns None if the value is neither.

    `dock-strikes about gpe:peru silent until 2025-01-13T10:00:04.250Z`
    """
    silence = _read(Silence, value)
    if silence is None:
        overrun = _read(RuleOverrun, value)
        if overrun is None:
            return None
        limit = _LIMITS.get(overrun.limit, "at the limit of cooldowns")
        return f"{_short(overrun.rule)} {limit} on {_short(overrun.article)}"
    about = f" about {_short(silence.entity)}" if silence.entity else ""
    return f"{_short(silence.rule)}{about} silent until {rfc3339(silence.until_ms)}"


def reason_text(condition: str, found: str) -> str:
    """The condition, followed by what it found unless the condition says that already."""
    condition, found = printable(condition, most=LINE_CHARS), _short(found)
    return condition if found.casefold() in condition.casefold() else f"{condition}  {found}"


def _describe(alert: Alert) -> str:
    why = f"  [{reason_text(alert.why[0].condition, alert.why[0].found)}]" if alert.why else ""
    rule = f"{_short(alert.rule.id)} {_short(alert.rule.name)}"
    return f"{rule}: {_short(alert.article.headline or alert.article.id)}{why}"


def _short(text: str) -> str:
    return printable(text, most=SHOWN_HEADLINE_CHARS)


def _read(kind: type[_R], value: bytes) -> _R | None:
    try:
        return from_bytes(kind, value)
    except (orjson.JSONDecodeError, ValidationError):
        return None
