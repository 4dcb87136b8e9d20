"""Rules as they are typed on the command line: read from that form, and written in it."""

import re
import shlex
import sys
from datetime import datetime
from typing import Any, Literal

from pydantic import ValidationError

from worker.alerts.text import condition_from_text, condition_to_text
from worker.commands.shell.encodings import has
from worker.commands.shell.terminal import Problem
from worker.commands.shell.visible import visible
from worker.query.language import QueryError
from worker.records.rules import Cooldown, Rule, RuleError, rule_from

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


def typed_rule(rule_id: str, **fields: object) -> Rule:
    """The rule that the command line's options describe. Raises Problem."""
    try:
        return rule_from_typed({"id": rule_id, **fields})
    except RuleError as error:
        raise Problem(visible(str(error), keep_lines=True)) from None


def rule_to_typed(rule: Rule) -> str:
    """The command that puts this rule, or one that means the same."""
    parts = [
        f"dateline rules put {rule.id}",
        f"--name {shell_quoted(rule.name)}",
        f"--owner {shell_quoted(rule.owner)}",
        f"--when {shell_quoted(condition_to_text(rule.when))}",
    ]
    if rule.cooldown is not None:
        parts.append(f"--cooldown {cooldown_to_text(rule.cooldown)}")
    if rule.expires_at is not None:
        parts.append(f"--expires-at {rule.expires_at}")
    return " \\\n  ".join(parts)


def has_expired(rule: Rule, now_ms: int) -> bool:
    """Whether the rule no longer matches articles that come now."""
    return (
        rule.expires_at is not None and datetime.fromisoformat(rule.expires_at).timestamp() * 1000 <= now_ms
    )


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


def shell_quoted(text: str) -> str:
    """The text quoted for a shell. Control characters become `$'\\u001b'`, which bash and zsh read.

    A character that standard output's encoding lacks becomes its bytes in UTF-8, `$'\\xc3\\xb6'`, so that the
    command still means the same.
    """
    if text.isprintable() and has(sys.stdout, text):
        return shlex.quote(text)
    return "$'" + "".join(_escaped(char) for char in text) + "'"


def _escaped(char: str) -> str:
    if char in "\\'":
        return f"\\{char}"
    if not has(sys.stdout, char):
        return "".join(f"\\x{byte:02x}" for byte in char.encode(errors="surrogateescape"))
    code = ord(char)
    return char if char.isprintable() else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
