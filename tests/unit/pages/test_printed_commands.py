"""Each command that a page prints is one that there is.

The pages are README.md and the others at the top, docs/*.md, and those of deploy, seeds and training. Of each
`dateline` command behind a prompt in a fenced block, the real parser takes every word: commands, options and
their values. Of one that is described, as `dateline feed [PATH...] [--rate N]` is, command and options exist.
Each `make` target is one that make would run, with variables that the Makefile reads.

Run as printed, here: those that need neither Kafka nor the pipeline. The others run as printed in
tests/topology/test_printed_commands.py (the pipeline alone) and tests/kafka/commands/test_printed_commands.py
(in the pages' order, on one Kafka). Only parsed: `make` targets, what is not a command of ours (docker, pip,
curl, faust), and what these two files name as left out.
"""

import re
import subprocess

import click
import pytest

from tests.unit.pages.printed_commands import (
    PAGES,
    ROOT,
    WITH_THE_PIPELINE,
    WITHOUT_KAFKA,
    described,
    on_kafka,
    parsed,
    run_as_printed,
    shell_environment,
    shown_below,
    typed,
    unknown_words,
)

TYPED = [printed for page in PAGES for printed in typed(page)]
CALLS = [(printed, call) for printed in TYPED for call in printed.calls if call[0] == "dateline"]
FORMS = [form for page in PAGES for form in described(page) if form.text.startswith("dateline ")]
MAKE = [(printed, call) for printed in TYPED for call in printed.calls if call[0] == "make"] + [
    (form, form.text.split()) for page in PAGES for form in described(page) if form.text.startswith("make ")
]


def test_pages_print_commands_and_all_of_them_are_found():
    assert len(CALLS) > 30
    prompts = sum(len(re.findall(r"^ *\$ .*\bdateline ", (ROOT / page).read_text(), re.M)) for page in PAGES)
    assert prompts == len({printed for printed, _ in CALLS})


@pytest.mark.parametrize(("printed", "call"), CALLS, ids=str)
def test_the_real_parser_takes_every_command_as_printed(printed, call, capsys):
    try:
        parsed(call)
    except click.exceptions.Exit:
        assert call[1:] == ["--version"]
    except click.UsageError as error:
        pytest.fail(f"{printed}: {error.format_message()}", pytrace=False)


@pytest.mark.parametrize(
    "words", ["tap quotes --tail 3", "tapp quotes", "tap quotes --limit no", "rules putt"]
)
def test_what_there_is_not_would_be_noticed(words):
    with pytest.raises(click.UsageError):
        parsed(["dateline", *words.split()])
    assert unknown_words("dateline tap TOPIC [--last N] [--tail N] [--no-follow]") == ["--tail"]
    assert unknown_words("dateline rules putt ID") == ["putt"]


@pytest.mark.parametrize("form", FORMS, ids=str)
def test_commands_and_options_that_are_described_exist(form):
    assert unknown_words(form.text) == []


@pytest.mark.parametrize(("printed", "call"), MAKE, ids=str)
def test_make_would_run_every_target_with_the_variables_that_are_printed(printed, call):
    makefile = (ROOT / "Makefile").read_text()
    for variable in (word.partition("=")[0] for word in call[1:] if "=" in word):
        assert f"$({variable})" in makefile, printed
    would = subprocess.run(
        [*call[:1], "--dry-run", *call[1:]], cwd=ROOT, capture_output=True, text=True, timeout=60
    )
    assert (would.returncode, would.stderr) == (0, ""), printed


@pytest.mark.parametrize("beginning", WITHOUT_KAFKA)
def test_what_needs_neither_kafka_nor_the_pipeline_runs_as_printed(tmp_path, beginning):
    (printed,) = [each for each in TYPED if each.text.startswith(beginning)][:1]
    done = run_as_printed(printed, tmp_path, shell_environment(tmp_path))
    assert done.returncode == WITHOUT_KAFKA[beginning], done
    if done.returncode:
        assert done.stderr.splitlines() == shown_below(printed)


def test_every_command_that_is_printed_has_a_test_that_runs_it():
    named = [beginning for table in (WITHOUT_KAFKA, WITH_THE_PIPELINE) for beginning in table]
    assert [each for each in named if not any(printed.text.startswith(each) for printed in TYPED)] == []
    run = {*on_kafka(), *(printed for printed in TYPED if printed.text.startswith(tuple(named)))}
    assert [str(printed) for printed, _ in CALLS if printed not in run] == []
