"""`dateline rules get` and `export`: print rules in force, as they are typed or as they are stored."""

from pathlib import Path

from worker.commands.articles.documents import STANDARD_INPUT
from worker.commands.rules.files import write_whole
from worker.commands.rules.topic import read_rules
from worker.commands.rules.typed import rule_to_typed
from worker.commands.shell.output import json_line, print_json, print_line, say
from worker.commands.shell.terminal import Problem, counted
from worker.commands.shell.visible import visible
from worker.records.rules import rule_to_bytes
from worker.settings import Settings

STANDARD_OUTPUT = STANDARD_INPUT


async def show_rule(settings: Settings, rule_id: str, *, wants_json: bool) -> None:
    """Prints one rule. Raises Problem if there is none in force."""
    current = await read_rules(settings, only=[rule_id])
    active, error = current.book.index.get(rule_id), current.book.refused.get(rule_id)
    if active is None:
        raise Problem(current.not_in_force(rule_id))
    if wants_json:
        print_json(rule_to_bytes(active.rule))
    else:
        print_line(rule_to_typed(active.rule))
    if error is not None:
        say(f"its latest value is no rule: {visible(error)}; this is the version before, {active.version}")


async def export_rules(settings: Settings, path: str) -> None:
    """Writes JSON lines by id, so that the same rules give the same bytes. `-` is standard output."""
    book = (await read_rules(settings)).book
    rules = sorted((active.rule for active in book.index), key=lambda rule: rule.id)
    lines = [json_line(rule_to_bytes(rule)) for rule in rules]
    if path == STANDARD_OUTPUT:
        for line in lines:
            print_json(line)
    else:
        write_whole(Path(path), (line + b"\n" for line in lines))
    for rule_id, error in sorted(book.refused.items()):
        stays = "the version before is exported" if book.index.get(rule_id) else "left out"
        say(f"{rule_id} is no rule: {visible(error)}; {stays}")
    say(f"{counted(len(lines), 'rule')} exported" + ("" if path == STANDARD_OUTPUT else f" to {path}"))
