"""`dateline rules pause` and `resume`: a rule matches nothing for a while, and keeps the end that it had.

The desk pauses and resumes with the same functions.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from pydantic import ValidationError

from worker.alerts.typed_rules import is_paused, paused_rule
from worker.commands.rules.changes import RuleChange, changes_summary, puts, unchanged
from worker.commands.rules.confirm import ConfirmedWrite, confirm_changes
from worker.commands.rules.topic import RulesTopic, read_rules, write_changes
from worker.commands.rules.write import cheap_puts, warn_of_idle_rules
from worker.commands.shell.output import print_line, say
from worker.commands.shell.terminal import Problem
from worker.records.rules import Rule
from worker.settings import Settings


def pausing_changes(current: RulesTopic, rules: Iterable[Rule]) -> list[RuleChange]:
    """The changes that pause these rules; one that is paused stays as it is.

    No rule is too costly to be paused.
    """
    return [
        unchanged(rule)
        if is_paused(rule)
        else puts(current.book, [paused_rule(rule)], paused_ends=current.paused_ends)[0]
        for rule in rules
    ]


def resuming_changes(current: RulesTopic, rules: Sequence[Rule]) -> list[RuleChange]:
    """The changes that give paused rules back the end that they had; one that is not paused stays as it is.

    Raises Problem if a rule costs too much, or its former end is no time.
    """
    resumed = [_resumed(current, rule) for rule in rules if is_paused(rule)]
    made = {change.rule_id: change for change in cheap_puts(current, resumed)}
    return [made.get(rule.id) or unchanged(rule) for rule in rules]


async def pause_rules(settings: Settings, rule_ids: Iterable[str], *, dry_run: bool) -> None:
    """Pauses these rules, and prints a line for each.

    Raises Problem and writes nothing if one of them does not exist.
    """
    current, rules = await _read_named(settings, rule_ids)
    warn_of_idle_rules(settings, current, ())
    await _carry_out(settings, current, pausing_changes(current, rules), dry_run=dry_run)


async def resume_rules(settings: Settings, rule_ids: Iterable[str], *, dry_run: bool) -> None:
    """Resumes these rules, and prints a line for each.

    Raises Problem and writes nothing if one of them does not exist or can't be resumed.
    """
    current, rules = await _read_named(settings, rule_ids)
    changes = resuming_changes(current, rules)
    resumed = [_resumed(current, rule) for rule in rules if is_paused(rule)]
    warn_of_idle_rules(settings, current, resumed)
    await _carry_out(settings, current, changes, dry_run=dry_run)


async def _read_named(settings: Settings, rule_ids: Iterable[str]) -> tuple[RulesTopic, list[Rule]]:
    names = list(dict.fromkeys(rule_ids))
    current = await read_rules(settings, only=names)
    try:
        return current, current.rules(names)
    except Problem as problem:
        raise Problem(f"{problem.message}\nnothing was written") from None


def _resumed(current: RulesTopic, rule: Rule) -> Rule:
    end = current.paused_ends.get(rule.id) or None
    try:
        resumed = replace(rule, expires_at=end)
    except ValidationError:
        resumed = rule
    if is_paused(resumed):
        raise Problem(
            f"{rule.id}: the end that it had is said to be {end!r}: "
            "`dateline rules put` gives it one\nnothing was written"
        )
    return resumed


async def _carry_out(
    settings: Settings, current: RulesTopic, changes: Sequence[RuleChange], *, dry_run: bool
) -> None:
    """Writes the changes, prints them and reads them back. Raises Problem if another's came after one."""
    written = [change for change in changes if change.is_written]
    if not dry_run:
        await write_changes(settings, written)
    for change in changes:
        print_line(change.line())
    say(changes_summary(changes) + ("; nothing was written" if dry_run else ""))
    if written and not dry_run:
        _tell_of_others(await confirm_changes(settings, written, current))


def _tell_of_others(confirmed: Iterable[ConfirmedWrite]) -> None:
    lines = []
    for one in confirmed:
        if one.overtaken:
            replaced = ", ".join(one.overtaken)
            say(f"dateline: {one.rule_id}: replaces what somebody else wrote in the same moment: {replaced}")
        if not one.is_last:
            now = f"it is {one.now} now" if one.now else "it is gone"
            lines.append(f"{one.rule_id}: somebody else has written it since: {now}")
    if lines:
        raise Problem("\n".join(lines))
