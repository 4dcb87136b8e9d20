"""`dateline index`: reads articles and their stories into an index on this machine, for `dateline search`."""

import asyncio
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import click
from aiokafka.client import AIOKafkaClient

from worker.channels import Channel
from worker.commands.search.ingest import Indexer
from worker.commands.search.source import TopicReader
from worker.commands.shell.cluster import admin_client, asking, consumer
from worker.commands.shell.options import cluster_options, index_option, read_settings
from worker.commands.shell.output import say
from worker.commands.shell.reading import all_topics, partitions_of
from worker.commands.shell.terminal import Problem, counted, progress
from worker.commands.shell.variables import READER_SETTINGS, reads
from worker.delivery.kafka.connection import without_making_topics
from worker.delivery.kafka.preflight import hidden_topics
from worker.delivery.kafka.topic_request import READ, describe_topic
from worker.search.file import opened_for_writing
from worker.search.layout import STORY_CHANNELS
from worker.search.writing import Writer
from worker.settings import Settings


@reads(*READER_SETTINGS)
@click.command()
@cluster_options
@index_option
@click.option("--follow/--no-follow", default=True, help="Go on at the end of the topic, or stop there.")
@click.option("--anew", is_flag=True, help="Empty the index first, and read the topic from its start.")
def command(brokers: str | None, prefix: str | None, index: Path, follow: bool, anew: bool) -> None:
    """Index the search topic in a file on this machine, for `dateline search`.

    It goes on where it stopped: how far the topic was read stands in the file, with the documents. Only
    what is committed is read, as member of no group. SIGTERM and Ctrl-C write what was read, then stop.
    The topics of stories are read too, if they are there, so that a search can fold reprints.

    \b
    Exit codes: 0 done, 1 a problem, 2 wrong usage; with --no-follow 130 or 143: stopped before the end.
    """
    asyncio.run(_index(read_settings(brokers=brokers, prefix=prefix), index, follow, anew))


async def _index(settings: Settings, path: Path, follow: bool, anew: bool) -> None:
    topic = settings.topic(Channel.SEARCH)
    # Asked before the file is created, so that a missing topic leaves no empty file behind.
    await partitions_of(settings, topic)
    topics = {Channel.SEARCH: topic, **await story_topics(settings, say)}
    with opened_for_writing(path, say=lambda line: say(f"dateline: {line}")) as connection:
        writer = Writer(connection)
        known = writer.about.get("topic", topic)
        if known != topic and not anew:
            raise Problem(f"{path} is an index of {known}, not of {topic}: --anew empties it")
        if follow:
            say(f"following {topic} into {path} from {counted(writer.count, 'document')}")
        # "none" makes aiokafka raise where an offset is out of range: TopicReader decides where to continue.
        async with consumer(settings, auto_offset_reset="none") as client:
            without_making_topics(client._client)
            with _stopped_by_signals() as stopped, progress(None) as bar:
                reader = TopicReader(client, writer, topics, settings, bar)
                indexer = Indexer(reader, writer, bar)
                is_done = await indexer.run(follow=follow, anew=anew, stop=stopped.event)
        say(f"{indexer.totals}; {path} has {counted(writer.count, 'document')}")
    if stopped.signal_number and not follow and not is_done:
        raise click.exceptions.Exit(128 + stopped.signal_number)


async def story_topics(settings: Settings, tell: Callable[[str], None]) -> dict[Channel, str]:
    """The topics of stories. None, and `tell` is told why, if this user can't read both of them."""
    topics = {channel: settings.topic(channel) for channel in STORY_CHANNELS}
    names = list(topics.values())
    there = await all_topics(settings)
    async with admin_client(settings) as admin, asking(settings):
        refused = await hidden_topics(admin._client, [name for name in names if name not in there])
        refused |= {name for name in names if name in there and not await _may_read(admin._client, name)}
    missing = [name for name in names if name not in there and name not in refused]
    if not refused and not missing:
        return topics
    why = (
        f"this user has no right to read {', '.join(sorted(refused))}"
        if refused
        else f"the cluster has no topic {' and no topic '.join(missing)}"
    )
    tell(f"dateline: stories are not indexed: {why}; all else is")
    return {}


async def _may_read(client: AIOKafkaClient, topic: str) -> bool:
    """Whether this user may read the topic, as far as the brokers tell."""
    allowed = (await describe_topic(client, topic)).allowed
    return allowed is None or bool(allowed & READ)


@dataclass
class _StopRequest:
    """`event` is set by the first SIGTERM or SIGINT; a second one ends the process at once."""

    event: asyncio.Event = field(default_factory=asyncio.Event)
    signal_number: int | None = None


@contextmanager
def _stopped_by_signals() -> Iterator[_StopRequest]:
    stop = _StopRequest()
    loop = asyncio.get_running_loop()
    signals = (signal.SIGTERM, signal.SIGINT)

    def request_stop(number: int) -> None:
        stop.signal_number = number
        stop.event.set()
        for each in signals:
            loop.remove_signal_handler(each)

    for each in signals:
        loop.add_signal_handler(each, request_stop, each)
    try:
        yield stop
    finally:
        for each in signals:
            loop.remove_signal_handler(each)
