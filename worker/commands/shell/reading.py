"""A topic's committed records for the command line, as member of no group: to the end, or on and on."""

import heapq
import sys
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from difflib import get_close_matches

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from aiokafka.errors import KafkaError

from worker.channels import Channel
from worker.commands.shell.cluster import admin_client, asking, explain
from worker.commands.shell.since import BEGINNING, END
from worker.commands.shell.terminal import Problem
from worker.settings import Settings

POLL_MS = 500
# A reader that stops at the end gives up when nothing moves for so long: a cluster that has gone away.
STALLED_SECONDS = 30
# What was fetched stays compressed until it is taken.
MOST_AT_ONCE = 500
MOST_NAMED = 20

Ends = dict[TopicPartition, int]


async def partitions_of(settings: Settings, topic: str) -> list[TopicPartition]:
    """Raises Problem if this one is missing, naming those that there are, and the one that may be meant."""
    topics = await all_topics(settings)
    if topic not in topics:
        raise Problem(missing(settings, topic, topics))
    return [TopicPartition(topic, partition) for partition in range(topics[topic])]


def missing(settings: Settings, topic: str, topics: Mapping[str, int]) -> str:
    """What to say of a topic that is none of these."""
    there = sorted(name for name in topics if not name.startswith("__"))
    ours = {settings.topic(channel): channel.name.lower() for channel in Channel}
    said = f"no topic {topic} on {settings.brokers}"
    if ours.keys().isdisjoint(there):
        named = (
            f"it has {', '.join(there[:MOST_NAMED])}, none of dateline's" if there else "there are no topics"
        )
        return f"{said}: {named}; `dateline topics create` makes them"
    meant = get_close_matches(topic, [*ours.values(), *there], n=1)
    hint = f"; do you mean {meant[0]}?" if meant else ""
    return f"{said}{hint}; it has {', '.join(there[:MOST_NAMED])}"


async def all_topics(settings: Settings) -> dict[str, int]:
    """How many partitions each topic has."""
    async with admin_client(settings) as admin, asking(settings):
        # All are listed: asking for one by name would make it, where brokers do so by themselves.
        return {found["topic"]: len(found["partitions"]) for found in await admin.describe_topics()}


async def seek(client: AIOKafkaConsumer, partitions: Sequence[TopicPartition], since: int | str) -> None:
    """To the beginning, the end, or the first records of a time (milliseconds since the epoch)."""
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


async def ends_of(client: AIOKafkaConsumer, partitions: Sequence[TopicPartition], settings: Settings) -> Ends:
    """What can be read now: to the last stable offsets."""
    async with asking(settings):
        ends: Ends = await client.end_offsets(partitions)
        return ends


async def read(
    client: AIOKafkaConsumer,
    partitions: Sequence[TopicPartition],
    settings: Settings,
    *,
    follow: bool = False,
    ends: Ends | None = None,
) -> AsyncIterator[ConsumerRecord[bytes, bytes]]:
    """The records there are (to `ends`, else to where the topic ends now), and with `follow` those that come.

    In order within a partition, by time between partitions that were fetched together.
    """
    unfinished = {} if follow else (ends or await ends_of(client, partitions, settings))
    moved_at = time.monotonic()
    while True:
        # Transaction markers count as offsets, so the position tells the end, not the last record.
        if not follow and not (unfinished := await _unfinished(client, unfinished, settings)):
            return
        try:
            fetched = await client.getmany(timeout_ms=POLL_MS, max_records=MOST_AT_ONCE)
        except KafkaError as error:
            raise Problem(f"{partitions[0].topic} can't be read: {explain(error)}") from None
        for record in heapq.merge(*fetched.values(), key=lambda record: record.timestamp):
            end = unfinished.get(TopicPartition(record.topic, record.partition))
            if follow or (end is not None and record.offset < end):
                yield record
        sys.stdout.flush()
        if fetched:
            moved_at = time.monotonic()
        elif not follow and time.monotonic() > moved_at + STALLED_SECONDS:
            raise Problem(
                f"nothing more from {settings.brokers} for {STALLED_SECONDS} s, before the topic's end"
            )


async def _unfinished(client: AIOKafkaConsumer, ends: Ends, settings: Settings) -> Ends:
    async with asking(settings):
        return {partition: end for partition, end in ends.items() if await client.position(partition) < end}
