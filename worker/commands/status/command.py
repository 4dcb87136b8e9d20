"""`dateline status`: the group as the brokers see it, also when all its workers are dead."""

import asyncio

import click

from worker.commands.shell.numbers import Number
from worker.commands.shell.options import cluster_options, read_settings
from worker.commands.shell.output import print_json, print_line, say
from worker.commands.shell.terminal import Problem
from worker.commands.shell.variables import READER_SETTINGS, reads
from worker.commands.status.shown import look_fields, show_look
from worker.commands.status.take import take_look
from worker.commands.status.troubles import Trouble, troubles
from worker.settings import Settings


@reads(*READER_SETTINGS, "group", "outputs")
@click.command()
@cluster_options
@click.option(
    "--watch",
    type=Number(min=1),
    metavar="SECONDS",
    help="Look again every so many seconds, until interrupted.",
)
@click.option("--json", "wants_json", is_flag=True, help="One JSON object, with --watch one a line.")
def command(brokers: str | None, prefix: str | None, watch: float | None, wants_json: bool) -> None:
    """The group as the brokers see it: workers, partitions, lag, dead letters, and what needs a person.

    Lag is records that wait, transaction markers not counted, and is true when every worker is dead.

    DATELINE_OUTPUTS tells the stages if no worker is alive to do so.

    \b
    Exit codes: 0 nothing needs a person, 1 something does (or a problem), 130 interrupted.
    """
    settings = read_settings(brokers=brokers, prefix=prefix)
    if watch is not None:
        asyncio.run(_watch(settings, watch, wants_json=wants_json))
    elif asyncio.run(_look(settings, wants_json=wants_json)):
        raise click.exceptions.Exit(1)


async def _look(settings: Settings, *, wants_json: bool) -> list[Trouble]:
    """Looks once and prints it; returns what needs a person."""
    look = await take_look(settings)
    found = troubles(look)
    if wants_json:
        print_json(look_fields(look, found))
    else:
        show_look(look, found)
    return found


async def _watch(settings: Settings, seconds: float, *, wants_json: bool) -> None:
    """Looks again and again. Brokers that do not answer are said, and asked again."""
    while True:
        try:
            await _look(settings, wants_json=wants_json)
        except Problem as problem:
            say(f"dateline: {problem.message}")
        if not wants_json:
            print_line()
        await asyncio.sleep(seconds)
