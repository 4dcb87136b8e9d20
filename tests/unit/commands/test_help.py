"""The help of every command names the settings that it heeds, and a shell completes what can be completed."""

import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from tests.forked import run_forked
from tests.unit.pages.printed_commands import shell_environment
from worker.channels import Channel, short_name
from worker.commands import COMMANDS, main
from worker.commands.shell.variables import EVERYWHERE
from worker.settings import Settings, variable_name


def leaves() -> Iterator[tuple[str, click.Command]]:
    """Every command that does something, by the words that call it."""
    for name in COMMANDS:
        command = main.get_command(click.Context(main), name)
        if isinstance(command, click.Group):
            yield from ((f"{name} {sub}", each) for sub, each in command.commands.items())
        else:
            yield name, command


LEAVES = dict(leaves())


def help_of(name: str, capsys: pytest.CaptureFixture[str]) -> str:
    with pytest.raises(SystemExit) as end:
        main([*name.split(), "--help"])
    assert end.value.code == 0
    return capsys.readouterr().out


def settings_in(text: str) -> set[str]:
    """The settings that the help's last paragraph names."""
    named = re.search(r"Settings it reads: (.*)", text, re.DOTALL)
    assert named is not None
    return set(re.findall(r"DATELINE_[A-Z_]+", named[1]))


@pytest.mark.parametrize("name", LEAVES)
def test_the_help_of_every_command_names_settings_that_there_are(capsys, name):
    named = settings_in(help_of(name, capsys))
    assert named <= {variable_name(field) for field in Settings.model_fields}
    takes_brokers = any("--brokers" in param.opts for param in LEAVES[name].params)
    assert ("DATELINE_BROKERS" in named) is (takes_brokers or name == "worker")
    assert "DATELINE_SASL_PASSWORD" in named or not takes_brokers


@pytest.mark.parametrize("name", ["worker", "check", "settings"])
def test_those_that_stand_for_the_worker_name_all_that_it_heeds(capsys, name):
    for_topics = {"partitions", "replication"} if name == "worker" else set()
    heeded = {variable_name(field) for field in Settings.model_fields if field not in EVERYWHERE | for_topics}
    assert settings_in(help_of(name, capsys)) == heeded


def test_what_every_command_heeds_stands_in_the_help_of_all(capsys):
    with pytest.raises(SystemExit):
        main(["--help"])
    shown = capsys.readouterr().out
    assert all(variable_name(field) in shown for field in EVERYWHERE)


@pytest.mark.parametrize("name", ["", *COMMANDS, *LEAVES])
def test_help_is_ascii(capsys, name):
    """Click writes it by a way of its own, in UTF-8 to an ASCII terminal."""
    assert help_of(name, capsys).isascii()


def completed(*words: str) -> list[str]:
    """What Tab offers behind these words; of a file's name, that it is one."""
    environ = dict(os.environ) | {
        "_DATELINE_COMPLETE": "zsh_complete",
        "COMP_WORDS": " ".join(["dateline", *words]),
        "COMP_CWORD": str(len(words)),
    }
    done = run_forked("worker", env=environ, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    return [kind if kind != "plain" else value for kind, value in zip(lines[::3], lines[1::3], strict=True)]


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        ([""], list(COMMANDS)),
        (["se"], ["search", "settings"]),
        (["rules", "ex"], ["export"]),
        (["tap", ""], [short_name(channel) for channel in Channel]),
        (["tap", "quo"], ["quotes"]),
        (["tap", "quotes", "--format", ""], ["auto", "line", "value", "json"]),
        (["tap", "quotes", "--la"], ["--last"]),
        (["feed", "art"], ["file"]),
        (["enrich", ""], ["file"]),
        (["rules", "put", "po"], ["file"]),
    ],
    ids=lambda value: " ".join(value),
)
def test_tab_offers(words, offered):
    assert sorted(completed(*words)) == sorted(offered)


def test_bash_completes_with_the_line_that_the_page_prints(tmp_path):
    page = (Path(__file__).parents[3] / "docs" / "command-line.md").read_text()
    (line,) = re.findall(r'^eval "\$\(_DATELINE_COMPLETE=bash_source dateline\)".*$', page, re.MULTILINE)
    typed = "COMP_WORDS=(dateline tap quo) COMP_CWORD=2; _dateline_completion dateline"
    script = f"{line}\n{typed}\necho ${{COMPREPLY[@]}}"
    done = subprocess.run(
        ["bash", "-c", script],
        env=shell_environment(tmp_path),
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert (done.stdout, done.stderr) == ("quotes\n", "")
