"""The person at the terminal, or the program behind the pipe: what both are told, and how."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol

import click

if TYPE_CHECKING:
    from rich.console import Console

PLAIN_PROGRESS_SECONDS = 10.0


class Problem(click.ClickException):
    """What stands in the way, in one line; the command ends with exit code 1."""

    def show(self, file: object = None) -> None:
        say(f"dateline: {self.message}")


def say(text: str) -> None:
    """A line for the person, on standard error: standard output is for results."""
    click.echo(text, err=True)


def counted(number: int, noun: str) -> str:
    """`1 record`, `2,000 records`."""
    return f"{number:,} {noun}" + ("" if number == 1 else "s")


def result_console() -> "Console":
    """For results on standard output: colours and wrapping for a terminal, plain lines for a pipe."""
    from rich.console import Console

    class ResultConsole(Console):
        def on_broken_pipe(self) -> None:
            raise

    # A table in a pipe is as wide as it needs to be.
    width = None if sys.stdout.isatty() else 300
    return ResultConsole(file=sys.stdout, width=width, highlight=False, soft_wrap=width is not None)


class Progress(Protocol):
    """How far a command has come: `update(done_bytes, "12 records sent")`."""

    def update(self, done_bytes: int, text: str) -> None: ...

    def say(self, line: str) -> None:
        """A line on standard error that leaves the bar whole."""

    def close(self) -> None: ...


class _Lines:
    """A line now and then, for logs; none where results go to the same terminal."""

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


class _Bar:
    """rich's progress bar on standard error."""

    def __init__(self, total_bytes: int | None) -> None:
        from rich.console import Console
        from rich.progress import (
            BarColumn,
            Progress,
            SpinnerColumn,
            TaskProgressColumn,
            TextColumn,
            TimeElapsedColumn,
            TimeRemainingColumn,
        )

        known = [BarColumn(), TaskProgressColumn(), TimeRemainingColumn()]
        columns = known if total_bytes else [TimeElapsedColumn()]
        self._bar = Progress(
            SpinnerColumn(),
            TextColumn("{task.description}"),
            *columns,
            console=Console(stderr=True),
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
    """A bar on standard error where a terminal watches, else plain lines.

    `total_bytes` None: no end is known.
    `results_on_stdout`: a terminal that shows the results needs no bar between them.
    """
    shows_results = results_on_stdout and sys.stdout.isatty()
    bar: Progress = (
        _Bar(total_bytes) if sys.stderr.isatty() and not shows_results else _Lines(silent=shows_results)
    )
    try:
        yield bar
    finally:
        bar.close()
