"""Rules as people type them, where the condition and the cooldown are text."""

import re
from dataclasses import replace
from datetime import datetime
from typing import Any, Literal

from pydantic import ValidationError

from worker.alerts.text import condition_from_text
from worker.query.language import QueryError
from worker.records.rules import Cooldown, Rule, RuleError, rule_from

PAUSED_SINCE = "1970-01-01T00:00:00Z"
"""What a paused rule has as its end: no article came in before, so that it matches none, whenever it came."""
_COOLDOWN = re.compile(r"(\d{1,9})([smhd])(?:/(rule|entity|story))?")
_PER: dict[str | None, Literal["rule", "entity", "story"]] = {
    None: "rule",
    "rule": "rule",
    "entity": "entity",
    "story": "story",
}
_UNITS = {"d": 24 * 3600, "h": 3600, "m": 60, "s": 1}


def rule_from_typed(fields: Any) -> Rule:
    """Reads a rule as `rule_from` does, but `when` and `cooldown` may be text as well.

    Raises RuleError, which marks the place of an error in the condition's text.
    """
    if not isinstance(fields, dict):
        return rule_from(fields)
    read: dict[str, object] = {}
    try:
        if isinstance(when := fields.get("when"), str):
            read["when"] = condition_from_text(when)
        if isinstance(cooldown := fields.get("cooldown"), str):
            read["cooldown"] = cooldown_from_text(cooldown)
    except QueryError as error:
        raise RuleError(f"when: {error.pointed()}") from None
    except ValueError as error:
        raise RuleError(f"cooldown: {error}") from None
    return rule_from({**fields, **read})


def has_expired(rule: Rule, now_ms: int) -> bool:
    """Whether the rule no longer matches articles that come now."""
    return (
        rule.expires_at is not None and datetime.fromisoformat(rule.expires_at).timestamp() * 1000 <= now_ms
    )


def is_paused(rule: Rule) -> bool:
    """Whether the rule's end is that of a paused one."""
    return rule.expires_at == PAUSED_SINCE


def paused_rule(rule: Rule) -> Rule:
    """The rule as it matches nothing, until it is put again with another end or none."""
    return replace(rule, expires_at=PAUSED_SINCE)


def cooldown_from_text(text: str) -> Cooldown | None:
    """Reads `1h`, `30m/entity`, `6h/story`, or `none`, which gives None. Raises ValueError."""
    if text == "none":
        return None
    match = _COOLDOWN.fullmatch(text)
    if match is None:
        raise ValueError(f"takes none, or a time such as 90s, 30m, 1h, 1d/entity or 6h/story, got {text!r}")
    number, unit, per = match.groups()
    try:
        return Cooldown(int(number) * _UNITS[unit], _PER[per])
    except ValidationError:
        raise ValueError(f"takes 1s to 366d, got {text!r}") from None


def cooldown_to_text(cooldown: Cooldown) -> str:
    """The cooldown in its largest unit: `1h`, `90s/entity`."""
    unit = next(unit for unit, seconds in _UNITS.items() if cooldown.seconds % seconds == 0)
    per = "" if cooldown.per == "rule" else f"/{cooldown.per}"
    return f"{cooldown.seconds // _UNITS[unit]}{unit}{per}"
