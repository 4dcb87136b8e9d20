"""Rules, alerts and what lies between them, a line each."""

from typing import TypeVar

import orjson
from pydantic import ValidationError

from worker.alerts.text import condition_to_text
from worker.commands.shown.cards import HEADLINE_CHARS, LINE_CHARS, clean
from worker.records.alerts import Alert, AlertMatch, Silence
from worker.records.article import Record
from worker.records.cloudevents import rfc3339
from worker.records.codec import from_bytes
from worker.records.rules import RuleError, rule_from_bytes

R = TypeVar("R", bound=Record)


def rule_line(value: bytes) -> str:
    """`The harbour at Porthaven (city desk): "Porthaven harbour"`, or what is wrong with it."""
    try:
        rule = rule_from_bytes(value)
    except RuleError as error:
        return f"no rule: {clean(error, most=2 * LINE_CHARS)}"
    condition = clean(condition_to_text(rule.when), most=LINE_CHARS)
    return f"{_short(rule.name)} ({_short(rule.owner)}): {condition}"


def alert_line(value: bytes) -> str | None:
    """`dock-strikes Dock strikes in Peru: Dockers of Callao to walk out  [topic:labour  medtop:09000000]`

    None for a value that is no such record, here and below.
    """
    alert = _read(Alert, value)
    return None if alert is None else _told(alert)


def match_line(value: bytes) -> str | None:
    """The alert that it may become."""
    match = _read(AlertMatch, value)
    return None if match is None else _told(match.alert)


def silence_line(value: bytes) -> str | None:
    """`dock-strikes about gpe:peru silent until 2025-01-13T10:00:04.250Z`"""
    silence = _read(Silence, value)
    if silence is None:
        return None
    about = f" about {_short(silence.entity)}" if silence.entity else ""
    return f"{_short(silence.rule)}{about} silent until {rfc3339(silence.until_ms)}"


def reason_text(condition: str, found: str) -> str:
    """What was found stands only where the condition does not say it already."""
    condition, found = clean(condition, most=LINE_CHARS), _short(found)
    return condition if found.casefold() in condition.casefold() else f"{condition}  {found}"


def _told(alert: Alert) -> str:
    why = f"  [{reason_text(alert.why[0].condition, alert.why[0].found)}]" if alert.why else ""
    rule = f"{_short(alert.rule.id)} {_short(alert.rule.name)}"
    return f"{rule}: {_short(alert.article.headline or alert.article.id)}{why}"


def _short(text: str) -> str:
    return clean(text, most=HEADLINE_CHARS)


def _read(kind: type[R], value: bytes) -> R | None:
    try:
        return from_bytes(kind, value)
    except (orjson.JSONDecodeError, ValidationError):
        return None
