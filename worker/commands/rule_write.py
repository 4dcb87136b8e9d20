"""`dateline rules put`, `delete` and `import`: the difference to what is there is written."""

from collections.abc import Sequence

from worker.commands.rule_changes import Change, deletions, puts, summary
from worker.commands.rule_topic import Rules, read_rules, write_changes
from worker.commands.terminal import Problem, say
from worker.records.rules import Rule
from worker.settings import Settings


async def put_rules(settings: Settings, rules: Sequence[Rule], *, dry_run: bool) -> None:
    """A line for each rule."""
    there = await read_rules(settings, only=[rule.id for rule in rules])
    await _carry_out(settings, puts(there.book, rules), dry_run=dry_run)


async def delete_rules(
    settings: Settings, rule_ids: Sequence[str], *, ignore_missing: bool, dry_run: bool
) -> None:
    """Raises Problem and writes nothing if one is not there."""
    rule_ids = list(dict.fromkeys(rule_ids))
    there = await read_rules(settings, only=rule_ids)
    unknown = [rule_id for rule_id in rule_ids if rule_id not in there.keys]
    if unknown and not ignore_missing:
        raise Problem("\n".join([*map(there.unknown, unknown), "nothing was deleted"]))
    await _carry_out(settings, _deletions(there, set(rule_ids) - set(unknown)), dry_run=dry_run)


async def import_rules(
    settings: Settings, rules: Sequence[Rule], *, delete_others: bool, dry_run: bool
) -> None:
    """A line for each rule that changes. Deletions come last."""
    there = await read_rules(settings)
    changes = puts(there.book, rules)
    if delete_others:
        changes += _deletions(there, there.keys.keys() - {rule.id for rule in rules})
    await _carry_out(settings, changes, dry_run=dry_run, only_written=True)


def _deletions(there: Rules, names: set[str]) -> list[Change]:
    keys = ((name, there.keys[name]) for name in sorted(names))
    return deletions(there.book, [(name, key) for name, key in keys if key is not None])


async def _carry_out(
    settings: Settings, changes: Sequence[Change], *, dry_run: bool, only_written: bool = False
) -> None:
    if not dry_run:
        await write_changes(settings, changes)
    for change in changes:
        if change.is_written or not only_written:
            print(change.line())
    say(summary(changes) + ("; nothing was written" if dry_run else ""))
