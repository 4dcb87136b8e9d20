"""The commands that the pages print, and what the real parser makes of them."""

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from tests.forked import run_forked
from worker.commands import main

ROOT = Path(__file__).parents[3]
PAGES = sorted(
    path.relative_to(ROOT)
    for pattern in ("*.md", "docs/*.md", "deploy/*/README.md", "seeds/README.md", "training/*.md")
    for path in ROOT.glob(pattern)
    if path.name != "CHANGELOG.md"  # which also tells of what there was
)
# The beginning of each line that runs without a cluster, with the exit code that the page shows it to have.
WITHOUT_KAFKA = {
    "dateline --version": 0,
    "dateline tap raw --brokers 127.0.0.1:1": 1,
    "DATELINE_BATCH_SIZE=64 dateline settings | head -n 3": 0,
    "dateline settings": 0,
    "dateline search 'speaker:Okafor sorce:wire.example'": 1,
    "dateline rules put harbour --name 'The harbour' --owner 'city desk'": 1,
}
WITH_THE_PIPELINE = {
    "dateline enrich articles/more.jsonl | cut -c1-150": 1,
    "dateline enrich articles/harbour.txt": 0,
    "dateline enrich article.txt articles.jsonl page.html > enriched.jsonl": 0,
    "dateline rules test --when 'speaker:\"Sarah Lindqvist\"'": 0,
    "dateline stories assign morning.jsonl evening.jsonl": 0,
    "dateline score --stories gold.jsonl": 0,
    "dateline score": 0,
}
_SPAN = re.compile(r"(?<!`)`((?:dateline|make) [a-z][^`]*)`(?!`)")
_VARIABLE = re.compile(r"[A-Z_]+=.*")
_BETWEEN = {"|", "||", "&&", ";", "&"}
_REDIRECTIONS = {"<", ">", ">>"}
# What a shell would read otherwise than as words and quotes.
_SHELL = re.compile(r"[|&;<>$`*?\[{~#\\\n=]")
_SECONDS = 200


@dataclass(frozen=True, slots=True)
class Printed:
    """A line that a page shows to be typed at a prompt, with those that continue it, or a form of words."""

    page: Path
    line: int
    text: str
    last: int = 0
    """The number of its last line."""

    def __str__(self) -> str:
        return f"{self.page}:{self.line}: {self.text}"

    @property
    def calls(self) -> list[list[str]]:
        """The words of each command of the line, without variables before it and redirections."""
        lexer = shlex.shlex(self.text.replace("\\\n", " "), posix=True, punctuation_chars=True)
        lexer.whitespace_split = True
        calls: list[list[str]] = [[]]
        words = iter(lexer)
        for word in words:
            if word in _BETWEEN:
                calls.append([])
            elif word in _REDIRECTIONS:
                next(words)
            elif calls[-1] or not _VARIABLE.fullmatch(word):
                calls[-1].append(word)
        return [call for call in calls if call]


def typed(page: Path) -> Iterator[Printed]:
    """What stands behind a prompt in the page's fenced blocks."""
    fenced, lines = False, iter(enumerate((ROOT / page).read_text().splitlines(), start=1))
    for number, line in lines:
        if line.lstrip().startswith("```"):
            fenced = not fenced
        elif fenced and line.lstrip().startswith("$ "):
            text, last = line.strip().removeprefix("$ "), number
            while not _is_whole(text):
                last, more = next(lines)
                text = f"{text}\n{more}"
            yield Printed(page, number, text, last)


def _is_whole(text: str) -> bool:
    """Whether a shell would not wait for another line."""
    try:
        shlex.split(text, comments=True)
    except ValueError:
        return False
    return not text.endswith("\\")


def described(page: Path) -> Iterator[Printed]:
    """What the page says of how to call commands: `dateline tap TOPIC [--json]`, in blocks and in text."""
    fenced = False
    text = (ROOT / page).read_text()
    for number, line in enumerate(text.splitlines(), start=1):
        if line.lstrip().startswith("```"):
            fenced = not fenced
        elif fenced and re.match(r"\s*dateline [a-z]", line):
            yield Printed(page, number, line.strip())
    for span in _SPAN.finditer(text):
        yield Printed(page, text.count("\n", 0, span.start()) + 1, " ".join(span[1].split()))


def parsed(words: list[str]) -> click.Context:
    """What the real parser makes of a command's words. Raises click.UsageError if it takes them for wrong."""
    command: click.Command = main
    context, name = None, words[0]
    words = words[1:]
    while True:
        context = command.make_context(name, list(words), parent=context)
        if not isinstance(command, click.Group):
            return context
        found, sub, words = command.resolve_command(context, [*context._protected_args, *context.args])
        assert found is not None
        name, command = found or "", sub or command


def unknown_words(form: str) -> list[str]:
    """The commands and options of `dateline COMMAND ... [--option]` that do not exist."""
    command: click.Command = main
    words = form.split()[1:]
    while words and isinstance(command, click.Group) and re.fullmatch("[a-z-]+", words[0]):
        found = command.get_command(click.Context(command), words[0])
        if found is None:
            return [words[0]]
        command, words = found, words[1:]
    there = {name for param in command.params for name in (*param.opts, *param.secondary_opts)} | {"--help"}
    return [option for option in re.findall(r"(?<![\w-])--[a-z-]+", " ".join(words)) if option not in there]


def on_kafka() -> list[Printed]:
    """The lines that need a cluster: all others of README and these pages, in this order."""
    elsewhere = (*WITHOUT_KAFKA, *WITH_THE_PIPELINE)
    return [
        printed
        for page in (
            "README.md",
            "docs/alerts.md",
            "docs/story-rules.md",
            "docs/trends.md",
            "docs/command-line.md",
        )
        for printed in typed(Path(page))
        if any(call[0] == "dateline" for call in printed.calls) and not printed.text.startswith(elsewhere)
    ]


def run_as_printed(
    printed: Printed, folder: Path, environ: dict[str, str]
) -> subprocess.CompletedProcess[Any]:
    """Runs the line in this folder: a plain call in a forked process, all else in a shell.

    A command before `| head` may be cut off before it ends.
    """
    if not _SHELL.search(printed.text):
        name, *words = shlex.split(printed.text)
        if name == "dateline":
            return run_forked("worker", *words, env=environ, cwd=folder, timeout=_SECONDS)
    line = printed.text if "| head" in printed.text else f"set -o pipefail; {printed.text}"
    return subprocess.run(
        ["bash", "-c", line], cwd=folder, env=environ, capture_output=True, text=True, timeout=_SECONDS
    )


def shown_below(printed: Printed) -> list[str]:
    """The output that the page prints below the command."""
    below = (ROOT / printed.page).read_text().splitlines()[printed.last :]
    return below[: next(n for n, line in enumerate(below) if line.strip().startswith(("```", "$ ")))]


def shape(line: str) -> str:
    """A printed line with one sign for each number, time, version and list of places, and columns closed."""
    masked = re.sub(r"\d[\d.,:TZ-]*(\+[0-9a-f]{6})?", "#", line)
    return re.sub(r"(?<=\S) {2,}", "  ", re.sub(r"( #/#)+", " #/#", masked))


def shell_environment(folder: Path, **variables: str) -> dict[str, str]:
    """An environment without settings but these, whose `dateline` is this one. `folder` gets its script."""
    script = folder / "bin" / "dateline"
    if not script.exists():
        script.parent.mkdir(parents=True, exist_ok=True)
        script.write_text(f'#!/bin/sh\nexec {sys.executable} -m worker "$@"\n')
        script.chmod(0o755)
    kept = {name: value for name, value in os.environ.items() if not name.startswith("DATELINE_")}
    paths = {"PATH": f"{script.parent}:{os.environ['PATH']}", "PYTHONPATH": str(ROOT)}
    return kept | paths | variables


def make_inputs(folder: Path) -> None:
    """The files that the pages' commands name."""
    (folder / "seeds").symlink_to(ROOT / "seeds")
    (folder / "articles").mkdir()
    harbour = (
        "Porthaven's harbour will reopen on Monday, eleven weeks after the storm that tore away its northern "
        "wall.\n\n“We have waited long enough,” said Lena Okafor, who leads the Maritime Trust.\n"
    )
    strike = (
        '{"id": "wire-20932", "headline": "Strike ends at airport", "text": "Ground staff return to work."}'
    )
    (folder / "articles" / "harbour.txt").write_text(harbour)
    (folder / "articles" / "more.jsonl").write_text(
        f'{strike}\n{{"id": "wire-20933", "headline": "Empty"}}\n'
    )
    (folder / "article.txt").write_text(harbour)
    (folder / "articles.jsonl").write_text(f"{strike}\n")
    (folder / "morning.jsonl").write_text(f"{strike}\n")
    (folder / "evening.jsonl").write_text(strike.replace("wire-20932", "local-7") + "\n")
    (folder / "gold.jsonl").write_text(strike.replace("{", '{"story": "strike", ') + "\n")
    (folder / "page.html").write_text(f"<html><body><article><p>{harbour}</p></article></body></html>")
    (folder / "bad.jsonl").write_text(
        '{"id": "floods", "when": "topic:weather AND flood~3x"}\n{"id": "floods 2"}\n'
    )
    rule = '{"id": "port", "name": "The port", "owner": "city desk", "when": "topic:weather AND harbour"}'
    (folder / "port.jsonl").write_text(f"{rule}\n")
