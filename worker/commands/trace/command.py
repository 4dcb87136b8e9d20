"""`dateline trace`: what became of one article, from its raw records to its alerts."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import replace

import click

from worker.channels import Channel
from worker.commands.articles.documents import InputDocument, InputDocuments, UnreadableInput
from worker.commands.shell.cluster import consumer
from worker.commands.shell.options import cluster_options, read_settings
from worker.commands.shell.output import print_json, print_line, say
from worker.commands.shell.part_reader import PartReader, Searched
from worker.commands.shell.reading import all_topics, missing_topic
from worker.commands.shell.since import END, HowLong, Since, begin_ms
from worker.commands.shell.terminal import Problem, counted, progress
from worker.commands.shell.variables import READER_SETTINGS, reads
from worker.commands.trace.fields import publish_fields
from worker.commands.trace.identify import Identifier, identifier
from worker.commands.trace.lines import publish_lines, summary_line
from worker.commands.trace.publish import Publish
from worker.commands.trace.search import Bounds, Search
from worker.commands.trace.wanted import (
    Wanted,
    misread_place,
    names_file,
    names_folder,
    wanted_file,
    wanted_id,
    wanted_place,
    wanted_url,
)
from worker.records.messages import RawMessage
from worker.settings import Settings

# Whoever asks where an article is asks about today's. Raw articles are kept for seven days, and to read all
# of them takes seven times as long.
SINCE_SECONDS = 24 * 3600
# Matches and alerts mostly come within seconds.
WITHIN_MS = 600_000
_MOST_FILE_BYTES = 64 << 20


@reads(*READER_SETTINGS, "group", "language", "languages", "fields", "article_memory_bytes")
@click.command()
@click.argument("asked", metavar="ID|URL|FILE|TOPIC/PARTITION/OFFSET")
@cluster_options
@click.option(
    "--id", "is_id", is_flag=True, help="Take the word for an article's id, whatever it looks like."
)
@click.option(
    "--since",
    type=Since(),
    metavar="WHEN",
    help="Look for what was written from then on: beginning, 10m or 2h (ago), or an ISO time [1d].",
)
@click.option(
    "--within",
    "within_ms",
    type=HowLong(),
    default=WITHIN_MS,
    metavar="HOW-LONG",
    help="Look for matches, alerts, stories and trends so long after the enriched record: 30s, 2h [10m].",
)
@click.option("--all-partitions", is_flag=True, help="Search the partitions that keys leave out, too.")
@click.option("--json", "wants_json", is_flag=True, help="One JSON object.")
def command(
    asked: str,
    brokers: str | None,
    prefix: str | None,
    is_id: bool,
    since: int | str | None,
    within_ms: int,
    all_partitions: bool,
    wants_json: bool,
) -> None:
    """Tell what became of an article: each time it was published, and all that came of it.

    \b
    Named by its id, its url, a file with it, or the place of its raw record or of any record that came
    of it; TOPIC is a full name or one of tap's (raw/3/41). It reads committed records, joins no group,
    and goes by keys and times, so that it reads a small part of the topics. What it read, what that
    cost and what it did not search is said on standard error.

    \b
    Exit codes: 0 found; 1 not found in what was searched, or a problem; 2 wrong usage; 130 interrupted.
    """
    if not asked.strip():
        raise click.UsageError("name an article: its id, its url, a file with it, or a record's place")
    if since == END:
        raise click.UsageError("--since end leaves nothing to search")
    settings = read_settings(brokers=brokers, prefix=prefix)
    now_ms = time.time_ns() // 1_000_000
    since_ms = begin_ms(since, now_ms=now_ms, default_ms=SINCE_SECONDS * 1000)
    bounds = Bounds(since_ms, within_ms, is_given=since is not None, all_partitions=all_partitions)
    if not asyncio.run(_trace(settings, asked, bounds, now_ms, is_id=is_id, wants_json=wants_json)):
        raise click.exceptions.Exit(1)


async def _trace(
    settings: Settings, asked: str, bounds: Bounds, now_ms: int, *, is_id: bool, wants_json: bool
) -> bool:
    """Searches and prints; returns whether anything was found."""
    topics = await all_topics(settings)
    if settings.topic(Channel.RAW) not in topics:
        raise Problem(missing_topic(settings, settings.topic(Channel.RAW), topics))
    began = time.monotonic()
    async with consumer(settings) as client, identifier(settings) as identify:
        wanted = await _wanted(settings, asked, identify, is_id=is_id)
        with progress(None) as bar:
            reader = PartReader(settings, client, topics, bar)
            search = Search(settings, reader, identify, bounds, now_ms=now_ms)
            origins = await search.run(wanted)
    publishes = [search.ledger.publish(origin) for origin in origins]
    seconds = round(time.monotonic() - began, 3)
    if wants_json:
        print_json(_fields(asked, publishes, reader.searched, search.unsearched, seconds))
    else:
        _print(publishes, wanted)
    _say_cost(wanted, publishes, reader.searched, search.unsearched, seconds)
    return bool(publishes)


async def _wanted(settings: Settings, asked: str, identify: Identifier, *, is_id: bool) -> Wanted:
    """What is asked about. Raises Problem for a file that is not one article."""
    if is_id:
        return wanted_id(asked)
    topics = {settings.topic(channel): channel for channel in Channel}
    found = wanted_place(asked, topics) or wanted_url(asked)
    if found is not None:
        return found
    if not names_file(asked):
        if names_folder(asked):
            raise Problem(f"{asked} is a folder: name a file in it, or say --id if that is an article's id")
        return replace(wanted_id(asked), misread=misread_place(asked))
    document = _document(asked)
    message = RawMessage("", 0, 0, 0, document.key, document.value, document.raw_headers)
    article = await identify.of(message)
    return wanted_file(asked, document.value, article.id, article.url)


def _document(path: str) -> InputDocument:
    documents = list(_first_two(InputDocuments((path,), max_bytes=_MOST_FILE_BYTES)))
    if not documents:
        raise Problem(f"{path} holds no article")
    (document, *more) = documents
    if more:
        raise Problem(
            f"{path} holds several articles: name one by its id, its url or the place `feed` printed"
        )
    if isinstance(document, UnreadableInput):
        raise Problem(f"{document.place}: {document.error}")
    return document


def _first_two(documents: InputDocuments) -> Sequence[InputDocument | UnreadableInput]:
    found = []
    for document in documents:
        found.append(document)
        if len(found) == 2:
            break
    return found


def _print(publishes: Sequence[Publish], wanted: Wanted) -> None:
    if publishes:
        print_line(summary_line(publishes, wanted.known_id))
    for publish in publishes:
        print_line()
        for line in publish_lines(publish):
            print_line(line)


def _say_cost(
    wanted: Wanted,
    publishes: Sequence[Publish],
    searched: Sequence[Searched],
    unsearched: Sequence[str],
    seconds: float,
) -> None:
    if not publishes:
        say(f"dateline: {wanted.taken_for} was not found in what was searched")
        if wanted.misread:
            say(wanted.misread)
        say(
            "an input that could not be read has no id: its place finds it, which `feed --json` and "
            "`dateline dead-letters list` print"
        )
    records, size = sum(one.records for one in searched), sum(one.bytes for one in searched)
    topics = len({one.topic for one in searched})
    say(
        f"read {counted(records, 'record')} of {counted(topics, 'topic')}, {size:,} bytes, in {seconds:.1f} s"
    )
    for words in unsearched:
        say(f"not searched: {words}")


def _fields(
    asked: str,
    publishes: Sequence[Publish],
    searched: Sequence[Searched],
    unsearched: Sequence[str],
    seconds: float,
) -> dict[str, object]:
    return {
        "asked": asked,
        "publishes": [publish_fields(publish) for publish in publishes],
        "searched": [one.as_fields() for one in searched],
        "not_searched": list(unsearched),
        "seconds": seconds,
    }
