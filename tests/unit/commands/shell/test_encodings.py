"""Whatever the terminal's encoding lacks is replaced, by every way that commands write."""

import io
import json
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout

import orjson
import pytest
from rich.text import Text

from worker.commands.rules.typed import shell_quoted
from worker.commands.shell import terminal
from worker.commands.shell.encodings import replace_what_is_lacking
from worker.commands.shell.output import message_json, print_json, print_line, result_console, say
from worker.commands.shown.cards import show_card

TEXT = "“Señora Nuñez… 3 × 2 – 中, \U0001f600, ё, \x9b2J, \udcff”"
ASCII = '"Se\\xf1ora Nu\\xf1ez... 3 x 2 - \\u4e2d, \\U0001f600, \\u0451, \\x9b2J, \\xff"'
LATIN_1 = '"Señora Nuñez... 3 × 2 - \\u4e2d, \\U0001f600, \\u0451, \\x9b2J, \\xff"'
UTF_8 = "“Señora Nuñez… 3 × 2 – 中, \U0001f600, ё, \\x9b2J, \\xff”"
SHOWN = {"ascii": ASCII, "latin-1": LATIN_1, "utf-8": UTF_8}


class Stream(io.TextIOWrapper):
    """Standard output or error as Python opens it: strict, so that what its encoding lacks is an error."""

    def __init__(self, encoding: str, *, is_terminal: bool) -> None:
        super().__init__(io.BytesIO(), encoding=encoding, errors="strict", newline="\n")
        self._is_terminal = is_terminal
        replace_what_is_lacking(self)

    def isatty(self) -> bool:
        return self._is_terminal

    @contextmanager
    def in_place(self) -> Iterator[None]:
        """Stands for both; not from a fixture, since pytest puts its own streams in place for each test."""
        with redirect_stdout(self), redirect_stderr(self):
            yield

    def written(self) -> str:
        self.flush()
        data = self.buffer.getvalue()  # type: ignore[attr-defined]
        return data.decode(self.encoding)


@pytest.fixture(params=[False, True], ids=["pipe", "terminal"])
def is_terminal(request) -> bool:
    return request.param


@pytest.fixture(params=SHOWN)
def stream(request, is_terminal, monkeypatch) -> Stream:
    # Colours would stand between the characters.
    monkeypatch.setenv("TERM", "dumb")
    monkeypatch.setenv("NO_COLOR", "1")
    return Stream(request.param, is_terminal=is_terminal)


def _bar(text: str) -> None:
    with terminal.progress(10) as bar:
        bar.update(5, text)
        bar.say(text)


WAYS = {
    "a line": print_line,
    "a message": say,
    "a console": lambda text: result_console().print(Text(text), soft_wrap=True),
    "a card": lambda text: show_card(result_console(), text, [("quotes", "")]),
    "a progress bar": _bar,
}


@pytest.mark.parametrize("write", WAYS.values(), ids=WAYS)
def test_every_way_shows_what_can_be_shown(stream, write):
    with stream.in_place():
        write(TEXT)
    assert SHOWN[stream.encoding] in stream.written()


def test_json_on_standard_output_is_utf8_in_a_pipe_and_ascii_on_a_terminal_of_another_encoding(
    stream, is_terminal
):
    with stream.in_place():
        print_json({"text": TEXT[:-4]})
    stream.flush()
    data = stream.buffer.getvalue()
    assert orjson.loads(data) == {"text": TEXT[:-4]}
    assert data.isascii() is (is_terminal and stream.encoding != "utf-8")


def test_json_on_standard_error_stays_json(stream):
    with stream.in_place():
        say(message_json({"text": TEXT[:-4]}))
    assert json.loads(stream.written()) == {"text": TEXT[:-4]}


@pytest.mark.parametrize(
    ("encoding", "quoted"),
    [("utf-8", "'Köln “中”'"), ("latin-1", r"$'Köln \xe2\x80\x9c\xe4\xb8\xad\xe2\x80\x9d'"),
     ("ascii", r"$'K\xc3\xb6ln \xe2\x80\x9c\xe4\xb8\xad\xe2\x80\x9d'")],
)  # fmt: skip
def test_what_is_to_be_typed_again_keeps_its_meaning(encoding, quoted):
    with Stream(encoding, is_terminal=True).in_place():
        assert shell_quoted("Köln “中”") == quoted


def test_the_frame_around_all_commands_prepares_both_streams():
    from worker.commands import main

    out, err = (io.TextIOWrapper(io.BytesIO(), encoding="ascii") for _ in range(2))
    with redirect_stdout(out), redirect_stderr(err), pytest.raises(SystemExit):
        main(["no “such” command"])
    err.flush()
    assert b"No such command 'no \"such\" command'" in err.buffer.getvalue()
    assert out.errors == err.errors != "strict"
