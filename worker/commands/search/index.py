"""`dateline index`: the search topic into an index on this machine, for `dateline search`."""

import asyncio
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import click

from worker.channels import Channel
from worker.commands.search.ingest import Indexing
from worker.commands.search.source import TopicReader
from worker.commands.shell.cluster import consumer
from worker.commands.shell.options import cluster_options, index_option, read_settings
from worker.commands.shell.reading import partitions_of
from worker.commands.shell.terminal import Problem, counted, progress, say
from worker.delivery.kafka.connection import without_making_topics
from worker.search.file import opened_for_writing
from worker.search.writing import Writer
from worker.settings import Settings


@click.command()
@cluster_options
@index_option
@click.option("--follow/--no-follow", default=True, help="Go on at the end of the topic, or stop there.")
@click.option("--anew", is_flag=True, help="Empty the index first, and read the topic from its start.")
def command(brokers: str | None, prefix: str | None, index: Path, follow: bool, anew: bool) -> None:
    """Index the search topic in a file on this machine, for `dateline search`.

    It goes on where it stopped: how far the topic was read stands in the file, with the documents. Only
    what is committed is read, as member of no group. SIGTERM and Ctrl-C write what was read, then stop.

    \b
    Exit codes: 0 done, 1 a problem, 2 wrong usage; with --no-follow 130 or 143: stopped before the end.
    """
    asyncio.run(_index(read_settings(brokers=brokers, prefix=prefix), index, follow, anew))


async def _index(settings: Settings, path: Path, follow: bool, anew: bool) -> None:
    topic = settings.topic(Channel.SEARCH)
    # Before the file is made: without the topic there would be nothing in it.
    await partitions_of(settings, topic)
    with opened_for_writing(path, say=lambda line: say(f"dateline: {line}")) as connection:
        writer = Writer(connection)
        known = writer.about.get("topic", topic)
        if known != topic and not anew:
            raise Problem(f"{path} is an index of {known}, not of {topic}: --anew empties it")
        if follow:
            say(f"following {topic} into {path} from {counted(writer.count, 'document')}")
        # Where an offset is out of range, we decide where to go on, and say so.
        async with consumer(settings, auto_offset_reset="none") as client:
            without_making_topics(client._client)
            with _stopped_by_signals() as stopped, progress(None) as bar:
                reader = TopicReader(client, writer, topic, settings, bar)
                indexing = Indexing(reader, writer, bar)
                is_done = await indexing.run(follow=follow, anew=anew, stop=stopped.event)
        say(f"{indexing.totals}; {path} has {counted(writer.count, 'document')}")
    if stopped.by and not follow and not is_done:
        raise click.exceptions.Exit(128 + stopped.by)


@dataclass
class _Stop:
    """Set by the first signal that asks for an end; a second one leaves at once."""

    event: asyncio.Event = field(default_factory=asyncio.Event)
    by: int | None = None


@contextmanager
def _stopped_by_signals() -> Iterator[_Stop]:
    stop = _Stop()
    loop = asyncio.get_running_loop()
    signals = (signal.SIGTERM, signal.SIGINT)

    def leave(number: int) -> None:
        stop.by = number
        stop.event.set()
        for each in signals:
            loop.remove_signal_handler(each)

    for each in signals:
        loop.add_signal_handler(each, leave, each)
    try:
        yield stop
    finally:
        for each in signals:
            loop.remove_signal_handler(each)
