"""`dateline rules put`, `delete` and `import`: the difference to what is there is written."""

import time
from collections.abc import Sequence

from worker.channels import Channel
from worker.commands.rules.changes import RuleChange, changes_summary, deletions, puts
from worker.commands.rules.topic import RulesTopic, read_rules, write_changes
from worker.commands.rules.typed import has_expired
from worker.commands.shell.terminal import Problem, say
from worker.records.rules import Rule
from worker.settings import Settings


async def put_rules(settings: Settings, rules: Sequence[Rule], *, dry_run: bool) -> None:
    """A line for each rule."""
    there = await read_rules(settings, only=[rule.id for rule in rules])
    _warn(settings, there, rules)
    await _carry_out(settings, puts(there.book, rules), dry_run=dry_run)


async def delete_rules(
    settings: Settings, rule_ids: Sequence[str], *, ignore_missing: bool, dry_run: bool
) -> None:
    """Raises Problem and writes nothing if one is not there."""
    rule_ids = list(dict.fromkeys(rule_ids))
    there = await read_rules(settings, only=rule_ids)
    names = {rule_id: there.resolve_id(rule_id) for rule_id in rule_ids}
    unknown = [rule_id for rule_id, name in names.items() if name is None]
    if unknown and not ignore_missing:
        raise Problem("\n".join([*map(there.not_found, unknown), "nothing was deleted"]))
    await _carry_out(settings, _deletions(there, {name for name in names.values() if name}), dry_run=dry_run)


async def import_rules(
    settings: Settings, rules: Sequence[Rule], *, delete_others: bool, dry_run: bool
) -> None:
    """A line for each rule that changes. Deletions come last.

    Raises Problem and writes nothing if all there is would be deleted.
    """
    there = await read_rules(settings)
    if delete_others and not rules and there.keys:
        raise Problem(
            f"the file holds no rule; --delete-others would delete all {len(there.keys):,}: "
            "`dateline rules delete` does that by name"
        )
    _warn(settings, there, rules)
    changes = puts(there.book, rules)
    if delete_others:
        changes += _deletions(there, there.keys.keys() - {rule.id for rule in rules})
    await _carry_out(settings, changes, dry_run=dry_run, only_written=True)


def _warn(settings: Settings, there: RulesTopic, rules: Sequence[Rule]) -> None:
    """Of what keeps the rules from matching, though they can be written."""
    if there.partitions > 1:
        topic = settings.topic(Channel.RULES)
        say(
            f"dateline: {topic} has {there.partitions} partitions and takes 1: with more, the versions of a "
            "rule have no order, and no worker of a cluster starts"
        )
    now_ms = time.time_ns() // 1_000_000
    for rule in rules:
        if has_expired(rule, now_ms):
            say(f"dateline: {rule.id} expired already, at {rule.expires_at}: it matches nothing that comes")


def _deletions(there: RulesTopic, names: set[str]) -> list[RuleChange]:
    keys = ((name, there.keys[name]) for name in sorted(names))
    return deletions(there.book, [(name, key) for name, key in keys if key is not None])


async def _carry_out(
    settings: Settings, changes: Sequence[RuleChange], *, dry_run: bool, only_written: bool = False
) -> None:
    if not dry_run:
        await write_changes(settings, changes)
    for change in changes:
        if change.is_written or not only_written:
            print(change.line())
    say(changes_summary(changes) + ("; nothing was written" if dry_run else ""))
