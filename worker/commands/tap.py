"""`dateline tap`: watch a topic's records, as member of no group."""

import asyncio
import sys
import time
from collections.abc import AsyncIterator, Callable

import click
from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition

from worker.channels import Channel
from worker.commands.cluster import admin_client, asking, consumer
from worker.commands.options import cluster_options, read_settings
from worker.commands.since import BEGINNING, END, Since
from worker.commands.tap_formats import as_json, show
from worker.commands.terminal import Problem, result_console
from worker.settings import Settings

POLL_MS = 500
# A reader that stops at the end gives up when nothing moves for so long: a cluster that has gone away.
STALLED_SECONDS = 30
# What was fetched stays compressed until it is taken.
MOST_AT_ONCE = 500


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
    TOPIC is raw, enriched, entities, quotes, search, dead, or any topic's full name.
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
    printed: Callable[[ConsumerRecord], None] = _print_json if wants_json else _printer(topic, settings)
    partitions = await _partitions(settings, topic)
    shown = 0
    async with consumer(settings) as client:
        client.assign(partitions)
        async with asking(settings):
            await _seek(client, partitions, since)
        async for record in _records(client, partitions, settings, follow=follow):
            if key is not None and record.key != key.encode():
                continue
            printed(record)
            shown += 1
            if shown == limit:
                return


async def _partitions(settings: Settings, topic: str) -> list[TopicPartition]:
    async with admin_client(settings) as admin, asking(settings):
        # All are listed: asking for one by name would make it, where brokers do so by themselves.
        topics = {found["topic"]: found for found in await admin.describe_topics()}
    if topic not in topics:
        ours = ", ".join(sorted(name for name in topics if not name.startswith("__"))[:20]) or "none"
        raise Problem(f"no topic {topic} on {settings.brokers}; it has {ours}")
    return [TopicPartition(topic, partition["partition"]) for partition in topics[topic]["partitions"]]


async def _seek(client: AIOKafkaConsumer, partitions: list[TopicPartition], since: int | str) -> None:
    if since == BEGINNING:
        await client.seek_to_beginning(*partitions)
        return
    await client.seek_to_end(*partitions)
    if since == END:
        return
    found = await client.offsets_for_times(dict.fromkeys(partitions, since))
    for partition, at in found.items():
        if at is not None:
            client.seek(partition, at.offset)


async def _records(
    client: AIOKafkaConsumer, partitions: list[TopicPartition], settings: Settings, *, follow: bool
) -> AsyncIterator[ConsumerRecord]:
    """Those there are, and with `follow` those that come."""
    ends: dict[TopicPartition, int] = {}
    if not follow:
        async with asking(settings):
            # What can be read now: to the last stable offset. Transaction markers count as offsets, so the
            # position tells the end, not the last record.
            ends = await client.end_offsets(partitions)
    moved_at = time.monotonic()
    while True:
        if not follow and not (ends := await _unfinished(client, ends, settings)):
            return
        fetched = await client.getmany(timeout_ms=POLL_MS, max_records=MOST_AT_ONCE)
        records = [record for batch in fetched.values() for record in batch]
        for record in sorted(records, key=lambda record: record.timestamp):
            end = ends.get(TopicPartition(record.topic, record.partition))
            if follow or (end is not None and record.offset < end):
                yield record
        sys.stdout.flush()
        if records:
            moved_at = time.monotonic()
        elif not follow and time.monotonic() > moved_at + STALLED_SECONDS:
            raise Problem(
                f"nothing more from {settings.brokers} for {STALLED_SECONDS} s, before the topic's end"
            )


async def _unfinished(
    client: AIOKafkaConsumer, ends: dict[TopicPartition, int], settings: Settings
) -> dict[TopicPartition, int]:
    async with asking(settings):
        return {partition: end for partition, end in ends.items() if await client.position(partition) < end}


def _print_json(record: ConsumerRecord) -> None:
    sys.stdout.buffer.write(as_json(record) + b"\n")


def _printer(topic: str, settings: Settings) -> Callable[[ConsumerRecord], None]:
    channels = {settings.topic(channel): channel for channel in Channel}
    console = result_console()
    return lambda record: show(console, channels.get(topic), record)
