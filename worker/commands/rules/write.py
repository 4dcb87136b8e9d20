"""`dateline rules put`, `delete` and `import`: write what differs from the topic, and print it."""

import time
from collections.abc import Sequence

from worker.alerts.book import MAX_RULES
from worker.alerts.cooldown import too_long
from worker.alerts.typed_rules import has_expired, is_paused
from worker.alerts.work import too_costly
from worker.channels import Channel
from worker.commands.rules.changes import RuleChange, changes_summary, deletions, puts
from worker.commands.rules.topic import RulesTopic, read_rules, write_changes
from worker.commands.shell.output import print_line, say
from worker.commands.shell.terminal import Problem
from worker.records.rules import Rule
from worker.settings import Settings


async def put_rules(settings: Settings, rules: Sequence[Rule], *, dry_run: bool) -> None:
    """Puts the rules in force, and prints a line for each. Raises Problem if one would cost too much."""
    current = await read_rules(settings, only=[rule.id for rule in rules])
    warn_of_idle_rules(settings, current, rules)
    await _carry_out(settings, cheap_puts(current, rules), dry_run=dry_run)


async def delete_rules(
    settings: Settings, rule_ids: Sequence[str], *, ignore_missing: bool, dry_run: bool
) -> None:
    """Deletes these rules. Raises Problem and writes nothing if one of them does not exist."""
    rule_ids = list(dict.fromkeys(rule_ids))
    current = await read_rules(settings, only=rule_ids)
    names = {rule_id: current.resolve_id(rule_id) for rule_id in rule_ids}
    unknown = [rule_id for rule_id, name in names.items() if name is None]
    if unknown and not ignore_missing:
        raise Problem("\n".join([*map(current.not_found, unknown), "nothing was deleted"]))
    changes = _deletions(current, {name for name in names.values() if name})
    await _carry_out(settings, changes, dry_run=dry_run)


async def import_rules(
    settings: Settings, rules: Sequence[Rule], *, delete_others: bool, dry_run: bool
) -> None:
    """Puts the rules in force, then deletes the others if asked to, and prints a line for each change.

    Raises Problem and writes nothing if that would delete every rule and put none, or if one costs too much.
    """
    current = await read_rules(settings)
    if delete_others and not rules and current.keys:
        raise Problem(
            f"the file holds no rule; --delete-others would delete all {len(current.keys):,}: "
            "`dateline rules delete` does that by name"
        )
    warn_of_idle_rules(settings, current, rules)
    changes = cheap_puts(current, rules)
    if delete_others:
        changes += _deletions(current, current.keys.keys() - {rule.id for rule in rules})
    await _carry_out(settings, changes, dry_run=dry_run, only_written=True)


def cheap_puts(current: RulesTopic, rules: Sequence[Rule]) -> list[RuleChange]:
    """The changes that put these rules. Raises Problem if a rule that is not in force yet costs too much."""
    changes = puts(current.book, rules, paused_ends=current.paused_ends)
    written = {change.rule_id for change in changes if change.is_written}
    told = [
        f"{rule.id}: {why}"
        for rule in rules
        if rule.id in written
        for why in (too_costly(rule), too_long(rule))
        if why
    ]
    added = {change.rule_id for change in changes} - current.keys.keys()
    if added and (count := len(current.keys) + len(added)) > MAX_RULES:
        told.append(
            f"the topic would have {count:,} rules, and workers take {MAX_RULES:,}: delete some first"
        )
    if told:
        raise Problem("\n".join([*told, "nothing was written"]))
    return changes


def warn_of_idle_rules(settings: Settings, current: RulesTopic, rules: Sequence[Rule]) -> None:
    """Warns of what keeps rules that are written from matching."""
    if current.partitions > 1:
        topic = settings.topic(Channel.RULES)
        say(
            f"dateline: {topic} has {current.partitions} partitions and takes 1: with more, the versions of "
            "a rule have no order, and no worker of a cluster starts"
        )
    now_ms = time.time_ns() // 1_000_000
    for rule in rules:
        if is_paused(rule):
            say(f"dateline: {rule.id} is paused: it matches nothing until it is resumed")
        elif has_expired(rule, now_ms):
            say(f"dateline: {rule.id} expired already, at {rule.expires_at}: it matches nothing that comes")


def _deletions(current: RulesTopic, names: set[str]) -> list[RuleChange]:
    keys = ((name, current.keys[name]) for name in sorted(names))
    return deletions(current.book, [(name, key) for name, key in keys if key is not None])


async def _carry_out(
    settings: Settings, changes: Sequence[RuleChange], *, dry_run: bool, only_written: bool = False
) -> None:
    if not dry_run:
        await write_changes(settings, changes)
    for change in changes:
        if change.is_written or not only_written:
            print_line(change.line())
    say(changes_summary(changes) + ("; nothing was written" if dry_run else ""))
