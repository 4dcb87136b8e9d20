"""Rules as options of the command line, and the command that puts a rule."""

import shlex
import sys

from worker.alerts.text import condition_to_text
from worker.alerts.typed_rules import cooldown_to_text, rule_from_typed
from worker.commands.shell.encodings import has
from worker.commands.shell.terminal import Problem
from worker.commands.shell.visible import visible
from worker.records.rules import Rule, RuleError


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
