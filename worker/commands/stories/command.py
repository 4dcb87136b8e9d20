"""`dateline stories`: which articles are copies of one another, and which tell of the same event."""

import asyncio
import logging
import time

import click

from worker.commands.shell.completion import complete_path
from worker.commands.shell.groups import CommandGroup
from worker.commands.shell.numbers import WholeNumber
from worker.commands.shell.options import cluster_options, follow_links_option, read_settings
from worker.commands.shell.output import print_json
from worker.commands.shell.part_reader import TimeWindow
from worker.commands.shell.since import END, HowLong, Since, begin_ms
from worker.commands.shell.variables import PIPELINE_SETTINGS, READER_SETTINGS, reads
from worker.commands.stories.files import stories_of_files
from worker.commands.stories.follow import follow_stories
from worker.commands.stories.listing import Order, StoryFilter, list_stories
from worker.commands.stories.timeline import show_story
from worker.stories.messages import record_of

_DAY_MS = 24 * 3600 * 1000
_HOUR_MS = 3600 * 1000
_STATUSES = ("open", "closed", "merged")


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
      published_at    when it was published, as it says; null if it says nothing

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


@reads(*READER_SETTINGS)
@command.command("list", short_help="The stories that changed lately, by size, growth or sources.")
@cluster_options
@click.option(
    "--since", type=Since(), metavar="WHEN", help="Those that changed since: 10m, 2h, beginning, a time [1d]."
)
@click.option(
    "--by",
    "order",
    type=click.Choice([order.value for order in Order]),
    default=Order.ARTICLES.value,
    help="What they are ordered by, the greatest first [articles].",
)
@click.option(
    "--lately",
    "lately_ms",
    type=HowLong(),
    default=_HOUR_MS,
    metavar="HOW-LONG",
    help="Growth is counted so long back: 30s, 10m, 2h [1h].",
)
@click.option("--status", type=click.Choice([*_STATUSES, "all"]), default="open", help="[open]")
@click.option("--language", metavar="CODE", help="Only stories in this language.")
@click.option("--match", metavar="TEXT", help="Only stories with this in their headline.")
@click.option("--limit", type=WholeNumber(min=1), default=20, metavar="N", help="At most N stories [20].")
@click.option("--json", "wants_json", is_flag=True, help="One JSON object a line.")
def stories_list(
    brokers: str | None,
    prefix: str | None,
    since: int | str | None,
    order: str,
    lately_ms: int,
    status: str,
    language: str | None,
    match: str | None,
    limit: int,
    wants_json: bool,
) -> None:
    """Show the stories that changed lately, with how many articles, sources and copies they have.

    \b
    It reads the topics of stories, which workers with DATELINE_OUTPUTS=...,stories write, and joins no
    group. `lately` is how many articles came within --lately; articles of stories that became a part of
    another count for that one.

    \b
    Exit codes: 0 done, 1 a problem, 2 wrong usage, 130 interrupted.
    """
    if since == END:
        raise click.UsageError("--since end leaves nothing to list")
    settings = read_settings(brokers=brokers, prefix=prefix)
    since_ms = begin_ms(since, now_ms=time.time_ns() // 1_000_000, default_ms=_DAY_MS)
    asyncio.run(
        list_stories(
            settings,
            since=TimeWindow(since_ms),
            lately_ms=lately_ms,
            filters=StoryFilter(None if status == "all" else status, language, match),
            order=Order(order),
            limit=limit,
            wants_json=wants_json,
        )
    )


@reads(*READER_SETTINGS)
@command.command("show", short_help="One story: who had it first, who copied whom, who is in it.")
@click.argument("asked", metavar="STORY | ARTICLE")
@cluster_options
@click.option("--json", "wants_json", is_flag=True, help="One JSON object: `story` and `timeline`.")
def stories_show(asked: str, brokers: str | None, prefix: str | None, wants_json: bool) -> None:
    """Show a story as it stands, and its articles in the order in which they were published, or else came.

    \b
    Named by its id, of which the first 8 characters do if no other begins so, or by that of one of its
    articles. A story that became a part of another is shown as that one. Of each article: when it was
    published, as it says, or else when it came; what its text is to that of one that came earlier and how
    much of it is new; and the agency that it credits, else who published it.

    \b
    Exit codes: 0 shown, 1 no such story, or a problem, 2 wrong usage, 130 interrupted.
    """
    settings = read_settings(brokers=brokers, prefix=prefix)
    asyncio.run(show_story(settings, asked, wants_json=wants_json))


@reads(*READER_SETTINGS)
@command.command("follow", short_help="Stories as they begin, grow, join others and end.")
@click.argument("asked", nargs=-1, metavar="[STORY | ARTICLE]...")
@cluster_options
@click.option(
    "--from", "since", type=Since(), default=END, metavar="WHEN", help="Begin there: end, 10m, a time [end]."
)
@click.option("--limit", type=WholeNumber(min=1), metavar="N", help="Stop after N changes.")
@click.option("--json", "wants_json", is_flag=True, help="The story's record of each change, a line each.")
def stories_follow(
    asked: tuple[str, ...],
    brokers: str | None,
    prefix: str | None,
    since: int | str,
    limit: int | None,
    wants_json: bool,
) -> None:
    """Print a line for each change of a story: of all, or of those that are named, as `show` takes them.

    \b
    The word after the time is `new`, how many articles came (`+2`) or were taken back (`-1`), `changed`,
    `merged` (it became a part of the story named at the end) or `closed`. A story that is followed is
    followed into the one that it becomes a part of.

    \b
    Exit codes: 0 done, 1 no such story, or a problem, 2 wrong usage, 130 interrupted.
    """
    settings = read_settings(brokers=brokers, prefix=prefix)
    asyncio.run(follow_stories(settings, asked, since=since, limit=limit, wants_json=wants_json))
