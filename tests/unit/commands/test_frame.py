"""The frame around all commands: one line and an exit code for whatever happens."""

import os
import subprocess
import sys
import time
from pathlib import Path

import click
import pytest

import worker
from tests.forked import run_forked
from worker.commands import COMMANDS, main


def run(*words: str, **environ: str) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("DATELINE_")}
    return run_forked("worker", *words, env=kept | environ, timeout=60)


def test_version_and_help_come_without_loading_what_commands_need():
    code = (
        "import sys\nfrom worker.commands import main\n"
        "try: main(['{}'])\nexcept SystemExit as end: assert end.code == 0, end.code\n"
        "print(sorted({{'faust', 'aiokafka', 'spacy', 'pydantic', 'rich'}} & set(sys.modules)))"
    )
    for word in ("--version", "--help"):
        done = subprocess.run([sys.executable, "-c", code.format(word)], capture_output=True, text=True)
        assert done.stdout.splitlines()[-1] == "[]", done
    assert run("--version").stdout.startswith(f"dateline {worker.__version__}\n")


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_says_what_it_does(capsys, name):
    with pytest.raises(SystemExit) as end:
        main([name, "--help"])
    assert end.value.code == 0
    assert capsys.readouterr().out.startswith(f"Usage: dateline {name}")


@pytest.mark.parametrize(
    ("words", "code", "line"),
    [
        ([], 2, "Usage: dateline"),
        (["fed"], 2, "No such command 'fed'. Did you mean 'feed'?"),
        (["zzz"], 2, "No such command 'zzz'.\n"),
        (["rules", "lst"], 2, "No such command 'lst'. Did you mean 'list'?"),
        (["dead-letters", "redrve"], 2, "No such command 'redrve'. Did you mean 'redrive'?"),
        (["topics", "chek"], 2, "Did you mean 'check'?"),
        (["stories", "asign"], 2, "Did you mean 'assign'?"),
        (["status", "--watch", "2s"], 2, "'--watch': takes a number from 1 on, got '2s'"),
        (["tap", "raw", "--last", "x"], 2, "'--last': takes a whole number from 1 on, got 'x'"),
        (["tap", "raw", "--limit", "0"], 2, "'--limit': takes a whole number from 1 on, got '0'"),
        (["feed", "a.txt", "--rate", "0"], 2, "'--rate': takes a number above 0, got '0'"),
        (["enrich", "a.txt", "--processes", "999"], 2, "takes a whole number from 1 to 256, got '999'"),
        (["trace", ""], 2, "name an article: its id, its url, a file with it, or a record's place"),
        (["feed"], 2, "nothing to send"),
        (["dead-letters", "list", "--at", "3"], 2, "'3' is no partition/offset of a letter"),
        (["dead-letters", "list", "--since", "2h", "--until", "3h"], 2, "--since is not before --until"),
        (["dead-letters", "export"], 2, "either a FOLDER or --jsonl"),
        (["dead-letters", "export", "--jsonl", "a.jsonl"], 2, "ends in .letters.jsonl"),
        (["dead-letters", "redrive", "--brokers", "127.0.0.1:1"], 1, "127.0.0.1:1 (DATELINE_BROKERS)"),
        (["tap", "raw", "--from", "soon"], 2, "'soon' is none of beginning, end"),
        (["tap", "raw", "--from", "9999999d"], 2, "'9999999d' ago is before 1970"),
        (["rules", "list", "--since", "9" * 5000 + "d"], 2, "ago is before 1970"),
        (["search", "since:9999999d"], 1, "'9999999d' ago is before 1970"),
        (["search", "until:0001-01-01T00:00:00+14:00"], 1, "no index at"),
        (["topics", "check", "--brokers", "kafka"], 1, "DATELINE_BROKERS got 'kafka', takes host:port"),
        (["tap", "raw", "--brokers", "127.0.0.1:1"], 1, "127.0.0.1:1 (DATELINE_BROKERS)"),
    ],
)
def test_what_is_wrong_is_said_in_one_line(words, code, line):
    done = run(*words)
    assert (done.returncode, done.stdout) == (code, "")
    assert line in done.stderr
    assert "Traceback" not in done.stderr
    if code == 1 and words[0] != "search":  # which shows the place in the query
        assert len(done.stderr.splitlines()) == 1, done.stderr


def test_brokers_that_say_nothing_are_named_within_ten_seconds():
    import socket

    with socket.create_server(("127.0.0.1", 0)) as silent:
        started = time.monotonic()
        done = run("topics", "check", DATELINE_BROKERS=f"127.0.0.1:{silent.getsockname()[1]}")
    assert done.returncode == 1
    assert "nothing within 10 s" in done.stderr
    assert time.monotonic() - started < 20


@pytest.mark.parametrize(
    ("error", "code", "said"),
    [
        (KeyboardInterrupt(), 130, ""),
        (click.ClickException("no"), 1, "Error: no\n"),
        (OSError(28, "No space left on device"), 1, "dateline: [Errno 28] No space left on device\n"),
        (RuntimeError("two\nlines"), 1, "dateline: unforeseen RuntimeError: two lines\n"),
    ],
)
def test_whatever_a_command_raises_ends_as_a_line_and_a_code(monkeypatch, capsys, error, code, said):
    @click.command()
    def command() -> None:
        raise error

    monkeypatch.setattr(main, "get_command", lambda _ctx, _name: command)
    with pytest.raises(SystemExit) as end:
        main(["tap"])
    assert end.value.code == code
    assert capsys.readouterr().err.lstrip("\n") == said


def test_every_command_and_option_stands_in_the_page_about_them():
    page = (Path(__file__).parents[3] / "docs" / "command-line.md").read_text()
    missing = []
    for name in COMMANDS:
        command = main.get_command(click.Context(main), name)
        subcommands = command.commands.values() if isinstance(command, click.Group) else [command]
        missing += [] if f"\n## {name}\n" in page else [name]
        for each in subcommands:
            options = [option for param in each.params for option in param.opts if option.startswith("--")]
            missing += [f"{name} {option}" for option in options if option not in page]
    assert missing == []


def test_the_line_of_rules_names_all_of_its_commands():
    named = COMMANDS["rules"].summary.partition(": ")[2].removesuffix(".").split(", ")
    assert set(named) == set(main.get_command(click.Context(main), "rules").commands)
