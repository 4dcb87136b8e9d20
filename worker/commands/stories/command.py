"""`dateline stories`: which articles are copies of one another, and which tell of the same event."""

import logging

import click

from worker.commands.shell.completion import complete_path
from worker.commands.shell.groups import CommandGroup
from worker.commands.shell.numbers import WholeNumber
from worker.commands.shell.options import follow_links_option, read_settings
from worker.commands.shell.output import print_json
from worker.commands.shell.variables import PIPELINE_SETTINGS, reads
from worker.commands.stories.files import stories_of_files
from worker.stories.messages import record_of


@click.group(cls=CommandGroup)
def command() -> None:
    """Stories and copies: which articles tell of the same event, and which print the same text."""


@reads(*PIPELINE_SETTINGS)
@command.command()
@click.argument("paths", nargs=-1, required=True, metavar="PATH...", shell_complete=complete_path)
@click.option(
    "--processes", type=WholeNumber(1, 256), metavar="N", help="Enrichment processes [DATELINE_PROCESSES]."
)
@click.option("--content-type", metavar="TYPE", help="What every input is, whatever its ending.")
@follow_links_option
def assign(
    paths: tuple[str, ...], processes: int | None, content_type: str | None, follow_links: bool
) -> None:
    """The story of each article of files, without Kafka: one JSON object a line, in their order.

    \b
    PATH is what `dateline enrich` takes, or what it has written, which is quicker. A line has:
      id        the article
      story     its story; articles with the same one tell of the same event
      relation  original, reprint, excerpt (a part of another), extends (has another in it), quotes
      of        the earlier article whose text it shares; null for an original
      score     how sure the story is, from 0 to 1
      share     the part of its text that is in the other, and of_share: that of the other in it
      wire      the agency that it credits, such as AP; null for none
      record_source   the agency, else who published it

    The lines come when all files are read, since a later article can make one story of two. What can't be
    enriched goes to standard error, as of `dateline enrich`.

    \b
    Exit codes: 0 all assigned, 1 something could not be, 2 wrong usage, 130 interrupted.
    """
    # Silences the pool's log of processes that died: the line about the article reports the same.
    logging.getLogger("worker").addHandler(logging.NullHandler())
    settings = read_settings(processes=processes)
    assigned = stories_of_files(settings, paths, content_type=content_type, follow_links=follow_links)
    for assignment in assigned.assignments:
        print_json(record_of(assignment))
    if assigned.failed:
        raise click.exceptions.Exit(1)
