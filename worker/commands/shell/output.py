"""Writes to standard output and standard error. What is not printable is escaped here, whoever it comes from.

Commands write nothing by other ways (a test holds that), so a record's text can't control the terminal of
whoever looks at it, nor of whoever looks at a file that the output went to.
"""

import json
import os
import sys
from typing import TYPE_CHECKING, Any, TextIO

import click

from worker.commands.shell.encodings import writes_utf8
from worker.commands.shell.visible import visible

if TYPE_CHECKING:
    from rich.console import Console

_WITHOUT_COLOURS = ("dumb", "unknown")


def print_line(text: str = "", *, label: str = "", file: TextIO | None = None) -> None:
    """Prints text, by default on standard output. `label` is our own and may have colours.

    NO_COLOR and a terminal without colours get none.
    """
    if os.environ.get("NO_COLOR") or os.environ.get("TERM", "") in _WITHOUT_COLOURS:
        label = click.unstyle(label)
    click.echo(f"{label}{visible(text, keep_lines=True)}", file=file or sys.stdout)


def say(text: str) -> None:
    """Prints a message on standard error, because standard output is for results."""
    print_line(text, file=sys.stderr)


def print_json(value: Any) -> None:
    """Prints a value, or bytes of JSON, in one line on standard output: in UTF-8, whatever the locale.

    A terminal of another encoding gets ASCII, which means the same: to it, bytes of UTF-8 are other
    characters, and some are controls.
    """
    is_foreign = sys.stdout.isatty() and not writes_utf8(sys.stdout)
    sys.stdout.buffer.write((_in_ascii(json_line(value)) if is_foreign else json_line(value)) + b"\n")


def message_json(value: Any) -> str:
    """One line of JSON for standard error, in ASCII if its encoding is not UTF-8."""
    line = json_line(value)
    return (line if writes_utf8(sys.stderr) else _in_ascii(line)).decode()


def json_line(value: Any) -> bytes:
    r"""One line of JSON without the line's end. Strings have `\u001b` for what is not printable.

    `value`: what orjson takes, or bytes that are one line of JSON already. The line means the same.
    """
    import orjson

    try:
        line = (value if isinstance(value, bytes) else orjson.dumps(value)).decode()
    except orjson.JSONEncodeError:
        # Half a character, as in a file's name that is not UTF-8: JSON can say it, UTF-8 can't.
        return json.dumps(value).encode()
    if not line.isprintable():
        # JSON has tabs between its values alone; in strings they are escaped.
        line = "".join(
            char if char.isprintable() else json.dumps(char)[1:-1] for char in line.replace("\t", " ")
        )
    return line.encode()


def _in_ascii(line: bytes) -> bytes:
    """JSON has characters that are not ASCII in its strings alone, where an escape means the same."""
    return "".join(char if char.isascii() else json.dumps(char)[1:-1] for char in line.decode()).encode()


def result_console() -> "Console":
    """A console for results on standard output: colours and wrapping on a terminal, plain lines in a pipe."""
    from worker.commands.shell.console import ResultConsole

    # Wide enough that no table is wrapped in a pipe.
    width = None if sys.stdout.isatty() else 300
    return ResultConsole(file=sys.stdout, width=width, highlight=False, soft_wrap=width is not None)
