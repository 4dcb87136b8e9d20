"""`dateline tap`: prints a topic's records. It joins no consumer group, so it moves nobody's offsets."""

import asyncio
from collections.abc import Callable

import click
from aiokafka import ConsumerRecord

from worker.channels import Channel
from worker.commands.shell.cluster import asking, consumer
from worker.commands.shell.options import cluster_options, read_settings
from worker.commands.shell.output import print_json, result_console
from worker.commands.shell.reading import partitions_of, read_records, seek
from worker.commands.shell.since import BEGINNING, END, Since
from worker.commands.shown.formats import as_fields, show_record
from worker.settings import Settings

_Print = Callable[[ConsumerRecord[bytes, bytes]], None]


@click.command()
@click.argument("topic")
@cluster_options
@click.option(
    "--from",
    "since",
    type=Since(),
    metavar="WHEN",
    help="beginning, end, 10m or 2h (ago), or an ISO time [end; beginning with --no-follow].",
)
@click.option("--limit", type=click.IntRange(min=1), metavar="N", help="Stop after N records.")
@click.option("--key", metavar="TEXT", help="Only records with this key.")
@click.option("--follow/--no-follow", default=True, help="Go on at the end of the topic, or stop there.")
@click.option("--json", "wants_json", is_flag=True, help="One JSON object a line, with all of the record.")
def command(
    topic: str,
    brokers: str | None,
    prefix: str | None,
    since: int | str | None,
    limit: int | None,
    key: str | None,
    follow: bool,
    wants_json: bool,
) -> None:
    """Watch a topic's records: what is committed, oldest first within each partition.

    \b
    TOPIC is raw, enriched, entities, quotes, search, rules, alerts, matches, state, dead, redriven, or
    any topic's full name.
    With --json: topic, partition, offset, timestamp, key, headers, and the value, as JSON in `value`,
    else as `value_text`, else (no UTF-8) as `value_base64`; likewise `key_base64`.

    \b
    Exit codes: 0 done, 1 a problem, 2 wrong usage, 130 interrupted, 141 the reader of the pipe has gone.
    """
    settings = read_settings(brokers=brokers, prefix=prefix)
    if since is None:
        since = END if follow else BEGINNING
    asyncio.run(_tap(settings, _topic(topic, settings), since, limit, key, follow, wants_json))


def _topic(name: str, settings: Settings) -> str:
    channel = Channel.__members__.get(name.upper()) if name.islower() else None
    return settings.topic(channel) if channel else name


async def _tap(
    settings: Settings,
    topic: str,
    since: int | str,
    limit: int | None,
    key: str | None,
    follow: bool,
    wants_json: bool,
) -> None:
    printed: _Print = _print_json if wants_json else _printer(topic, settings)
    partitions = await partitions_of(settings, topic)
    shown = 0
    async with consumer(settings) as client:
        client.assign(partitions)
        async with asking(settings):
            await seek(client, partitions, since)
        async for record in read_records(client, partitions, settings, follow=follow):
            if key is not None and record.key != key.encode():
                continue
            printed(record)
            shown += 1
            if shown == limit:
                return


def _print_json(record: ConsumerRecord[bytes, bytes]) -> None:
    print_json(as_fields(record))


def _printer(topic: str, settings: Settings) -> _Print:
    channels = {settings.topic(channel): channel for channel in Channel}
    console = result_console()
    return lambda record: show_record(console, channels.get(topic), record)
