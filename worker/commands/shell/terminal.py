"""Writes messages, results and progress, suited to a person at a terminal or a program behind a pipe."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

import click

from worker.commands.shell.output import say

PLAIN_PROGRESS_SECONDS = 10.0


class Problem(click.ClickException):
    """An error that the user can act on. The command prints it in one line and ends with exit code 1."""

    def show(self, file: object = None) -> None:
        say(f"dateline: {self.message}")


def counted(number: int, noun: str) -> str:
    """`1 record`, `2,000 records`."""
    return f"{number:,} {noun}" + ("" if number == 1 else "s")


class Progress(Protocol):
    """Shows how far a command has come."""

    def update(self, done_bytes: int, text: str) -> None:
        """Shows the progress, such as `update(done_bytes, "12 records sent")`."""

    def say(self, line: str) -> None:
        """Prints a line on standard error without breaking the progress bar."""

    def close(self) -> None:
        """Removes the progress bar."""


class _PlainProgress:
    """A line every `PLAIN_PROGRESS_SECONDS`, for logs; none if it is silent."""

    def __init__(self, *, silent: bool = False) -> None:
        self._silent = silent
        self._due = time.monotonic() + PLAIN_PROGRESS_SECONDS

    def update(self, done_bytes: int, text: str) -> None:
        if not self._silent and time.monotonic() >= self._due:
            self._due = time.monotonic() + PLAIN_PROGRESS_SECONDS
            say(text)

    def say(self, line: str) -> None:
        say(line)

    def close(self) -> None:
        pass


class _ProgressBar:
    """A progress bar on standard error."""

    def __init__(self, total_bytes: int | None) -> None:
        from rich.progress import (
            BarColumn,
            Progress,
            SpinnerColumn,
            TaskProgressColumn,
            TextColumn,
            TimeElapsedColumn,
            TimeRemainingColumn,
        )

        from worker.commands.shell.console import ResultConsole, spinner_for

        console = ResultConsole(stderr=True)
        known = [BarColumn(), TaskProgressColumn(), TimeRemainingColumn()]
        columns = known if total_bytes else [TimeElapsedColumn()]
        self._bar = Progress(
            SpinnerColumn(spinner_for(console)),
            TextColumn("{task.description}"),
            *columns,
            console=console,
            transient=True,
        )
        self._task = self._bar.add_task("starting", total=total_bytes)
        self._bar.start()

    def update(self, done_bytes: int, text: str) -> None:
        self._bar.update(self._task, completed=done_bytes, description=text)

    def say(self, line: str) -> None:
        self._bar.console.print(line, markup=False, highlight=False, soft_wrap=True)

    def close(self) -> None:
        self._bar.stop()


@contextmanager
def progress(total_bytes: int | None, *, results_on_stdout: bool = False) -> Iterator[Progress]:
    """A progress bar on standard error if that is a terminal, else plain lines.

    `total_bytes`: what `update` counts up to; None if the end is not known.
    `results_on_stdout`: no progress is shown if the results go to the same terminal.
    """
    shows_results = results_on_stdout and sys.stdout.isatty()
    bar: Progress = (
        _ProgressBar(total_bytes)
        if sys.stderr.isatty() and not shows_results
        else _PlainProgress(silent=shows_results)
    )
    try:
        yield bar
    finally:
        bar.close()
