"""What is not printable is escaped in all that commands write."""

import ast
import io
import json
from pathlib import Path

import click
import pytest
from rich.table import Table
from rich.text import Text

from worker.commands.shell.console import ResultConsole
from worker.commands.shell.output import json_line, print_json, print_line, say

COMMANDS = Path(__file__).parents[4] / "worker" / "commands"
# Escape, C1's control sequence introducer, bidirectional override and isolate, delete, zero width space.
EVIL = "a\x1b[2J\x9b2J\u202eb\u2066\x7f\u200b\x00"
SHOWN = "a\\x1b[2J\\x9b2J\\u202eb\\u2066\\x7f\\u200b\\x00"


def test_lines_and_messages_are_escaped_and_keep_their_line_breaks(capsys):
    print_line(f"{EVIL}\nb")
    say(EVIL)
    assert capsys.readouterr() == (f"{SHOWN}\nb\n", f"{SHOWN}\n")


@pytest.mark.parametrize(
    ("variables", "coloured"),
    [
        ({"TERM": "xterm"}, True),
        ({"TERM": "xterm", "NO_COLOR": ""}, True),
        ({"TERM": "xterm", "NO_COLOR": "1"}, False),
        ({"TERM": "dumb"}, False),
    ],
)
def test_labels_have_colours_only_where_a_terminal_has_and_wants_them(variables, coloured, monkeypatch):
    class Terminal(io.StringIO):
        def isatty(self):
            return True

    monkeypatch.delenv("NO_COLOR", raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    out = Terminal()
    print_line(" rest", label=click.style("problem", fg="red"), file=out)
    assert click.unstyle(out.getvalue()) == "problem rest\n"
    assert ("\x1b" in out.getvalue()) is coloured


@pytest.mark.parametrize(
    "value",
    [
        {EVIL: [EVIL, 1.5, None]},
        json.dumps({"a": EVIL}, ensure_ascii=False).encode(),
        b'{"a":\t"\x7f\xe2\x80\xae",\t"b": 12345678901234567890123}',
        {"name": "not UTF-8 \udcff"},
        {"astral": "\U000e0001"},
    ],
)
def test_json_is_printable_and_means_the_same(capsysbinary, value):
    print_json(value)
    line = capsysbinary.readouterr().out.decode()
    assert line[:-1].isprintable()
    assert line[-1] == "\n"
    assert json.loads(line) == (json.loads(value) if isinstance(value, bytes) else value)


@pytest.mark.parametrize("line", [b'{"a":"\xc3\xa9 \xe2\x80\x9c"}', b"[1.50]"])
def test_json_without_such_characters_stays_byte_for_byte(line):
    assert json_line(line) == line


@pytest.mark.parametrize("is_terminal", [True, False])
@pytest.mark.parametrize("kind", [str, Text, "table"])
def test_a_console_prints_no_control_but_its_own(kind, is_terminal):
    out = io.StringIO()
    console = ResultConsole(file=out, force_terminal=is_terminal, width=200, color_system=None)
    table = Table.grid()
    table.add_row(Text(EVIL))
    console.print(table if kind == "table" else kind(EVIL))
    assert not [char for char in out.getvalue() if not char.isprintable() and char != "\n"]
    assert "b" in out.getvalue()


def _writes(tree: ast.AST) -> list[str]:
    """The calls and names of a module that write past `shell.output`."""
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            name = ast.unparse(node.func)
            if name in ("print", "click.echo", "click.secho", "Console", "traceback.print_exc"):
                found.append(name)
        elif isinstance(node, ast.Attribute) and ast.unparse(node) in (
            "sys.stdout.buffer",
            "sys.stdout.write",
            "sys.stderr.write",
            "sys.stderr.buffer",
        ):
            found.append(ast.unparse(node))
    return found


@pytest.mark.parametrize(
    "path",
    [path for path in sorted(COMMANDS.rglob("*.py")) if path.name != "output.py"],
    ids=lambda path: str(path.relative_to(COMMANDS)),
)
def test_no_command_writes_by_another_way(path):
    assert _writes(ast.parse(path.read_text())) == []


def test_wrong_usage_that_quotes_what_was_typed_is_escaped(capsys):
    from worker.commands import main

    for words in ([f"x{EVIL[:-1]}"], ["tap", "raw", f"--{EVIL[:-1]}"], ["feed", "--topic"]):
        with pytest.raises(SystemExit) as end:
            main(words)
        assert end.value.code == 2
        said = capsys.readouterr().err
        assert said.replace("\n", "").isprintable()
