"""`dateline dead-letters list|show|export|redrive`: the arguments, the options and the exit codes."""

import asyncio
from pathlib import Path
from typing import Any

import click

from worker.commands.dead_letters.filter import filter_options, read_filter, read_place
from worker.commands.shell.completion import complete_path
from worker.commands.shell.groups import CommandGroup
from worker.commands.shell.numbers import WholeNumber
from worker.commands.shell.options import cluster_options, rate_option, read_settings
from worker.commands.shell.variables import READER_SETTINGS, reads
from worker.records.messages import Reason

EXIT_LETTERS_LEFT = 3


@click.group(cls=CommandGroup)
def command() -> None:
    """What could not be enriched: list it, look at it, export it, send it back.

    \b
    A letter is named by its place, PARTITION/OFFSET in the dead letters' topic. All four take the same
    filters; filters of several kinds must all hold. Letters stay in their topic until it drops them:
    which ones were sent back is noted in the topic articles.redriven.v1.
    """


@reads(*READER_SETTINGS, "fields")
@command.command("list", short_help="The letters, and how many there are of each reason.")
@cluster_options
@filter_options
@click.option("--waiting", is_flag=True, help="Only letters that were not sent back.")
@click.option("--limit", type=WholeNumber(min=0), metavar="N", help="Print N letters, but count them all.")
@click.option("--counts", "only_counts", is_flag=True, help="Only the counts by reason.")
@click.option("--json", "wants_json", is_flag=True, help="A JSON object a line; with --counts, one in all.")
def letters_list(brokers: str | None, prefix: str | None, **options: Any) -> None:
    """Print letters, a line each, and how many there are of each reason.

    \b
    Exit codes: 0 done, also where there are none; 1 a problem; 2 wrong usage; 130 interrupted.
    """
    from worker.commands.dead_letters.listing import list_letters

    filters = read_filter(options)
    settings = read_settings(brokers=brokers, prefix=prefix)
    filters = filters.reading(settings.field_paths)
    asyncio.run(list_letters(settings, filters, **options))


@reads(*READER_SETTINGS, "fields", "languages", "language", "article_memory_bytes")
@command.command("show", short_help="One letter: headers, and the article as far as it can be read.")
@click.argument("name", required=False, metavar="[PARTITION/OFFSET | ID]")
@cluster_options
@filter_options
@click.option("--limit", type=WholeNumber(min=1), default=1, metavar="N", help="Show N letters [1].")
@click.option("--json", "wants_json", is_flag=True, help="A JSON object a line, with all of the letter.")
def letters_show(name: str | None, brokers: str | None, prefix: str | None, **options: Any) -> None:
    """Show a letter: what is said of it, its headers, and the article as far as it can be read.

    \b
    Named by its place, or by an id as --id takes it; or the first one that the filters take.
    Nothing that a letter holds can steer the terminal: control characters are written as \\x1b.

    \b
    Exit codes: 0 shown; 1 there is none, or a problem; 2 wrong usage; 130 interrupted.
    """
    from worker.commands.dead_letters.show import show_letters

    if name is not None:
        place = read_place(name)
        option = "ids" if place is None else "places"
        options[option] = (*options[option], name if place is None else place)
    filters = read_filter(options)
    settings = read_settings(brokers=brokers, prefix=prefix)
    filters = filters.reading(settings.field_paths)
    if not asyncio.run(show_letters(settings, filters, **options)):
        raise click.exceptions.Exit(1)


@reads(*READER_SETTINGS, "fields")
@command.command("export", short_help="Letters to files, byte for byte.")
@click.argument("folder", required=False, metavar="[FOLDER]", shell_complete=complete_path)
@cluster_options
@filter_options
@click.option("--waiting", is_flag=True, help="Only letters that were not sent back.")
@click.option("--jsonl", metavar="FILE", help="One JSON object a line, to a file or - for standard output.")
@click.option("--limit", type=WholeNumber(min=1), metavar="N", help="Stop after N letters.")
def letters_export(
    folder: str | None, jsonl: str | None, brokers: str | None, prefix: str | None, **options: Any
) -> None:
    """Write letters to files, byte for byte: two files each in FOLDER, or JSON lines.

    \b
    TOPIC-PARTITION-OFFSET.value holds the original's bytes, TOPIC-PARTITION-OFFSET.letter.json its key
    and headers and what is said of it. `dateline feed FOLDER` sends them again, mended or not; so it
    does with a file that ends in .letters.jsonl. A file that is there already is left as it is.

    \b
    Exit codes: 0 done; 1 a problem; 2 wrong usage; 3 a file that was there differs, or an original is
    gone; 130 interrupted.
    """
    from worker.commands.dead_letters.export import export_letters
    from worker.commands.dead_letters.file import LETTER_LINES_SUFFIX

    if (folder is None) == (jsonl is None):
        raise click.UsageError("name either a FOLDER or --jsonl FILE to write to")
    if jsonl is not None and jsonl != "-" and not jsonl.endswith(LETTER_LINES_SUFFIX):
        raise click.UsageError(
            f"--jsonl takes - or a name that ends in {LETTER_LINES_SUFFIX}, by which `dateline feed` knows it"
        )
    filters = read_filter(options)
    settings = read_settings(brokers=brokers, prefix=prefix)
    filters = filters.reading(settings.field_paths)
    target = None if folder is None else Path(folder)
    if asyncio.run(export_letters(settings, filters, target, jsonl, **options)):
        raise click.exceptions.Exit(EXIT_LETTERS_LEFT)


@reads(
    *READER_SETTINGS,
    "fields",
    "delivery",
    "compression",
    "deliver_seconds",
    "transaction_timeout_seconds",
    "max_clock_skew_seconds",
)
@command.command("redrive", short_help="Originals back to their topic, each once.")
@cluster_options
@filter_options
@click.option(
    "--due", is_flag=True, help="Only withheld letters whose time has come: embargoes that are over."
)
@click.option("--dry-run", is_flag=True, help="Print what would be sent back, and send nothing.")
@rate_option
@click.option("--limit", type=WholeNumber(min=1), metavar="N", help="Stop after N letters.")
@click.option(
    "--max-redrives",
    type=WholeNumber(min=1),
    default=3,
    metavar="N",
    help="Leave letters that came back N times [3].",
)
@click.option("--force", is_flag=True, help="Send back also those that came back too often or are withheld.")
@click.option("--again", is_flag=True, help="Send back also those that were sent back before.")
@click.option("--json", "wants_json", is_flag=True, help="The outcome as one JSON object.")
def letters_redrive(brokers: str | None, prefix: str | None, **options: Any) -> None:
    """Send originals back to their topic, each once, to be worked on anew.

    \b
    Key, value and headers go as they came, to the partition they came from, with headers that say how
    often, when and from where. What was sent is noted in the same transaction: interrupted or killed,
    the same command goes on where it was, and another filter takes no letter twice. A letter that came
    back --max-redrives times stays. A truncated one is read from its origin, if it is still there. A
    withheld one stays until its time has come; --due takes those, and passes over all others.

    \b
    Exit codes: 0 all sent; 1 a problem; 2 wrong usage; 3 letters were left, and the last lines say why;
    130 interrupted.
    """
    from worker.commands.dead_letters.outcome import RedriveOptions
    from worker.commands.dead_letters.redrive import redrive_and_report

    filters = read_filter(options)
    if options["due"] and filters.reasons not in ((), (Reason.WITHHELD.value,)):
        raise click.UsageError("--due takes withheld letters alone: leave --reason out")
    if options["due"] and options["force"]:
        raise click.UsageError("--due and --force exclude each other: --force sends what is not due, too")
    settings = read_settings(brokers=brokers, prefix=prefix)
    filters = filters.reading(settings.field_paths)
    if redrive_and_report(settings, filters, RedriveOptions(**options)):
        raise click.exceptions.Exit(EXIT_LETTERS_LEFT)
