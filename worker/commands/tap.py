"""`dateline tap`: prints a topic's records. It joins no consumer group, so it moves nobody's offsets."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from enum import StrEnum

import click
from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition

from worker.channels import Channel, channel_called
from worker.commands.shell.cluster import asking, consumer
from worker.commands.shell.completion import complete_topic
from worker.commands.shell.last import MOST_BYTES, LastRecords, read_last
from worker.commands.shell.numbers import WholeNumber
from worker.commands.shell.options import cluster_options, read_settings
from worker.commands.shell.output import print_json, result_console, say
from worker.commands.shell.reading import ends_of, partitions_of, read_records, seek
from worker.commands.shell.since import BEGINNING, END, Since
from worker.commands.shell.terminal import Problem, counted
from worker.commands.shell.variables import READER_SETTINGS, reads
from worker.commands.shown.formats import as_fields, print_value, show_record
from worker.settings import Settings

_Print = Callable[[ConsumerRecord[bytes, bytes]], None]


class _Format(StrEnum):
    """How records are printed."""

    AUTO = "auto"
    LINE = "line"
    VALUE = "value"
    JSON = "json"


@dataclass(frozen=True, slots=True)
class _Query:
    """Which records are to be printed."""

    topic: str
    partitions: tuple[int, ...]
    since: int | str
    offset: int | None
    last: int | None
    limit: int | None
    key: bytes | None
    follow: bool

    def wants(self, record: ConsumerRecord[bytes, bytes]) -> bool:
        return self.key is None or record.key == self.key


@reads(*READER_SETTINGS)
@click.command()
@click.argument("topic", shell_complete=complete_topic)
@cluster_options
@click.option(
    "--from",
    "since",
    type=Since(),
    metavar="WHEN",
    help="beginning, end, 10m or 2h (ago), or an ISO time [end; beginning with --no-follow].",
)
@click.option("--last", type=WholeNumber(min=1), metavar="N", help="Begin with the last N records there are.")
@click.option(
    "--partition",
    "partitions",
    type=WholeNumber(min=0),
    multiple=True,
    metavar="P",
    help="Only this partition; may be given several times.",
)
@click.option(
    "--offset", type=WholeNumber(min=0), metavar="O", help="Begin at this offset of the one --partition."
)
@click.option("--limit", type=WholeNumber(min=1), metavar="N", help="Stop after N records.")
@click.option("--key", metavar="TEXT", help="Only records with this key.")
@click.option("--follow/--no-follow", default=True, help="Go on at the end of the topic, or stop there.")
@click.option(
    "--format",
    "shape",
    type=click.Choice([shape.value for shape in _Format]),
    help="auto: enriched articles and stories as cards, others in a line; line: all in a line; value: the "
    "value alone, in a line; json: one JSON object a line, with all of the record [auto].",
)
@click.option("--json", "wants_json", is_flag=True, help="The same as --format json.")
def command(
    topic: str,
    brokers: str | None,
    prefix: str | None,
    since: int | str | None,
    last: int | None,
    partitions: tuple[int, ...],
    offset: int | None,
    limit: int | None,
    key: str | None,
    follow: bool,
    shape: str | None,
    wants_json: bool,
) -> None:
    """Watch a topic's records: what is committed, oldest first within each partition.

    \b
    TOPIC is raw, enriched, entities, quotes, search, rules, alerts, matches, state, stories,
    story-articles, dead, redriven, or
    any topic's full name.
    At the end it waits for more until Ctrl-C, and says so on standard error.
    With --json: topic, partition, offset, timestamp, key, headers, and the value, as JSON in `value`,
    else as `value_text`, else (no UTF-8) as `value_base64`; likewise `key_base64`.

    \b
    Exit codes: 0 done, 1 a problem, 2 wrong usage, 130 interrupted, 141 the reader of the pipe has gone.
    """
    if sum(value is not None for value in (since, last, offset)) > 1:
        raise click.UsageError("--from, --last and --offset exclude each other: each says where to begin")
    if offset is not None and len(set(partitions)) != 1:
        raise click.UsageError("--offset takes one --partition, which it belongs to")
    if wants_json and shape not in (None, _Format.JSON):
        raise click.UsageError(f"--json is --format json, got --format {shape} as well")
    settings = read_settings(brokers=brokers, prefix=prefix)
    query = _Query(
        topic=_topic(topic, settings),
        partitions=partitions,
        since=since if since is not None else END if follow else BEGINNING,
        offset=offset,
        last=last,
        limit=limit,
        key=None if key is None else key.encode(errors="surrogateescape"),
        follow=follow,
    )
    printed = _printer(_Format.JSON if wants_json else _Format(shape or _Format.AUTO), query.topic, settings)
    asyncio.run(_tap(settings, query, printed))


def _topic(name: str, settings: Settings) -> str:
    channel = channel_called(name)
    return settings.topic(channel) if channel else name


async def _tap(settings: Settings, query: _Query, printed: _Print) -> None:
    partitions = _chosen(await partitions_of(settings, query.topic), query)
    shown = 0
    async with consumer(settings) as client:
        client.assign(partitions)
        async for record in _records(client, partitions, settings, query):
            printed(record)
            shown += 1
            if shown == query.limit:
                return


def _chosen(partitions: list[TopicPartition], query: _Query) -> list[TopicPartition]:
    """The partitions that are read. Raises Problem if the topic lacks one."""
    numbers = {each.partition for each in partitions}
    for number in query.partitions:
        if number not in numbers:
            there = f"0 to {max(numbers)}" if len(numbers) > 1 else "0 alone"
            raise Problem(f"{query.topic} has no partition {number}: it has {there}")
    return [each for each in partitions if not query.partitions or each.partition in query.partitions]


async def _records(
    client: AIOKafkaConsumer, partitions: list[TopicPartition], settings: Settings, query: _Query
) -> AsyncIterator[ConsumerRecord[bytes, bytes]]:
    """What the query wants, from where it begins, without end if it follows."""
    if query.last is None:
        await _seek(client, partitions, settings, query)
    else:
        ends = await ends_of(client, partitions, settings)
        last = LastRecords(query.last)
        await read_last(client, ends, settings, last, query.wants)
        found = last.in_order()
        if last.is_cut:
            say(
                f"dateline: the last {counted(len(found), 'record')} only: more are over {MOST_BYTES:,} bytes"
            )
        for record in found:
            yield record
        if not query.follow:
            return
        client.assign(partitions)
        for partition, end in ends.items():
            client.seek(partition, end)
    on_wait = (lambda: say(_waiting(query))) if query.follow else None
    async for record in read_records(client, partitions, settings, follow=query.follow, on_wait=on_wait):
        if query.wants(record):
            yield record


async def _seek(
    client: AIOKafkaConsumer, partitions: list[TopicPartition], settings: Settings, query: _Query
) -> None:
    """Moves to where the query begins. Raises Problem if the offset is not there."""
    async with asking(settings):
        if query.offset is None:
            await seek(client, partitions, query.since)
            return
        (partition,) = partitions
        begin = (await client.beginning_offsets(partitions))[partition]
        end = (await client.end_offsets(partitions))[partition]
    # The client would begin at the topic's beginning instead, without a word.
    if not begin <= query.offset <= end:
        where = f"{query.topic}/{partition.partition}"
        raise Problem(f"{where} has no offset {query.offset}: it begins at {begin} and ends before {end}")
    client.seek(partition, query.offset)


def _waiting(query: _Query) -> str:
    """What is said when all that is there has been printed."""
    end = "Ctrl-C ends it"
    if query.since == END and query.offset is None and query.last is None:
        return f"waiting for new records of {query.topic}; --last N shows the last there are; {end}"
    return f"waiting for more records of {query.topic}; {end}"


def _print_json(record: ConsumerRecord[bytes, bytes]) -> None:
    print_json(as_fields(record))


def _printer(shape: _Format, topic: str, settings: Settings) -> _Print:
    match shape:
        case _Format.JSON:
            return _print_json
        case _Format.VALUE:
            return print_value
    channels = {settings.topic(channel): channel for channel in Channel}
    console = result_console()
    in_a_line = shape is _Format.LINE
    return lambda record: show_record(console, channels.get(topic), record, in_a_line=in_a_line)
