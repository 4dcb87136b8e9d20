"""Reads a topic's committed records without a consumer group: to its end, or on without one."""

import heapq
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from difflib import get_close_matches

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from aiokafka.errors import KafkaError

from worker.channels import Channel, short_name
from worker.commands.shell.cluster import admin_client, asking, explain
from worker.commands.shell.output import say
from worker.commands.shell.since import BEGINNING, END
from worker.commands.shell.terminal import Problem
from worker.commands.shell.variables import misspelt_hint
from worker.delivery.kafka.faulty import why_unread
from worker.delivery.kafka.preflight import hidden_topics
from worker.settings import Settings

READ_POLL_MS = 500
# A reader that is to stop at the end gives up if no record comes for so long: the cluster is gone.
STALLED_SECONDS = 30
# Fetched records stay compressed until the client hands them out, so few are taken at a time.
_FETCH_RECORDS = 500
_MAX_NAMED = 20

Ends = dict[TopicPartition, int]
"""The offset after the last record of each partition."""


async def partitions_of(settings: Settings, topic: str) -> list[TopicPartition]:
    """The topic's partitions. Raises Problem if there is no such topic."""
    topics = await all_topics(settings)
    if topic not in topics:
        raise Problem(await why_missing(settings, topic, topics))
    return [TopicPartition(topic, partition) for partition in range(topics[topic])]


async def why_missing(settings: Settings, topic: str, topics: Mapping[str, int]) -> str:
    """The message for a topic that is not among those that the cluster lists."""
    async with admin_client(settings) as admin, asking(settings):
        if await hidden_topics(admin._client, [topic]):
            return hidden_message(topic)
    return missing_topic(settings, topic, topics)


def hidden_message(*topics: str) -> str:
    """The message for topics to which this user has no right, so that they seem to be missing."""
    return (
        f"the cluster hides {', '.join(topics)} from this user, who has no right to read there; "
        "docs/security.md lists the rights that each command needs"
    )


def missing_topic(settings: Settings, topic: str, topics: Mapping[str, int]) -> str:
    """The message for a topic that does not exist: names similar topics, and those that do exist."""
    there = sorted(name for name in topics if not name.startswith("__"))
    ours = {settings.topic(channel): short_name(channel) for channel in Channel}
    said = f"no topic {topic} on {settings.brokers}"
    if ours.keys().isdisjoint(there):
        if prefixes := _other_prefixes(there):
            named = ", ".join(map(repr, prefixes))
            return (
                f"{said}: dateline's topics there begin with {named}, not with {settings.topic_prefix!r} "
                f"(DATELINE_TOPIC_PREFIX){misspelt_hint()}; `dateline topics create` makes what is missing"
            )
        named = (
            f"it has {', '.join(there[:_MAX_NAMED])}, none of dateline's" if there else "there are no topics"
        )
        return f"{said}: {named}; `dateline topics create` makes them"
    meant = get_close_matches(topic, [*ours.values(), *there], n=1)
    hint = f"; do you mean {meant[0]}?" if meant else ""
    return f"{said}{hint}; it has {', '.join(there[:_MAX_NAMED])}"


def _other_prefixes(topics: Sequence[str]) -> list[str]:
    """What the names begin with of raw topics that are there, whatever DATELINE_TOPIC_PREFIX is."""
    raw = Channel.RAW.value
    return [name.removesuffix(raw) for name in topics if name.endswith(raw)][:_MAX_NAMED]


async def all_topics(settings: Settings) -> dict[str, int]:
    """The number of partitions of each topic, by its name."""
    async with admin_client(settings) as admin, asking(settings):
        # All are listed, because asking for one by name makes brokers with automatic creation create it.
        return {found["topic"]: len(found["partitions"]) for found in await admin.describe_topics()}


async def seek(client: AIOKafkaConsumer, partitions: Sequence[TopicPartition], since: int | str) -> None:
    """Moves to the beginning, the end, or the first record since a time (milliseconds since the epoch)."""
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
    """Where committed records end now: the last stable offset of each partition."""
    async with asking(settings):
        ends: Ends = await client.end_offsets(partitions)
        return ends


async def record_at(
    client: AIOKafkaConsumer, settings: Settings, partition: TopicPartition, offset: int
) -> ConsumerRecord[bytes, bytes] | None:
    """The record at a place; None if there is none that is committed and still kept.

    The client reads this partition alone from then on. Raises Problem if the brokers do not answer.
    """
    client.assign([partition])
    async with asking(settings):
        begin = (await client.beginning_offsets([partition]))[partition]
        end = (await client.end_offsets([partition]))[partition]
        if not begin <= offset < end:
            return None
        client.seek(partition, offset)
        while await client.position(partition) <= offset:
            for records in (await client.getmany(timeout_ms=READ_POLL_MS, max_records=1)).values():
                return records[0] if records[0].offset == offset else None
    return None


async def read_records(
    client: AIOKafkaConsumer,
    partitions: Sequence[TopicPartition],
    settings: Settings,
    *,
    follow: bool = False,
    ends: Ends | None = None,
    on_wait: Callable[[], None] | None = None,
) -> AsyncIterator[ConsumerRecord[bytes, bytes]]:
    """The records up to `ends`, by default to where the topic ends now. With `follow` it never stops.

    `on_wait` is called once, when that end is reached and `follow` waits for more.
    Records of a partition are in order; partitions that are fetched together are merged by timestamp.
    What a batch that is too large or damaged leaves unread is passed over, with a line on standard error.
    Raises Problem if the topic can't be read, or if nothing comes before the end.
    """
    assert follow or on_wait is None, "a reader that stops at the end does not wait there"
    unfinished = {} if follow and on_wait is None else (ends or await ends_of(client, partitions, settings))
    moved_at = time.monotonic()
    while True:
        # Transaction markers take offsets too, so the position tells whether the end is reached.
        if (not follow or on_wait) and not (unfinished := await _unfinished(client, unfinished, settings)):
            if on_wait is None:
                return
            sys.stdout.flush()
            on_wait()
            on_wait = None
        try:
            fetched = await client.getmany(timeout_ms=READ_POLL_MS, max_records=_FETCH_RECORDS)
        except KafkaError as error:
            raise Problem(f"{partitions[0].topic} can't be read: {explain(error)}") from None
        for record in _merged(fetched, None if follow else unfinished):
            yield record
        sys.stdout.flush()
        if fetched:
            moved_at = time.monotonic()
        elif not follow and time.monotonic() > moved_at + STALLED_SECONDS:
            raise Problem(
                f"nothing more from {settings.brokers} for {STALLED_SECONDS} s, before the topic's end"
            )


def _merged(
    fetched: Mapping[TopicPartition, Sequence[ConsumerRecord[bytes, bytes]]], ends: Ends | None
) -> Iterator[ConsumerRecord[bytes, bytes]]:
    """The fetched records by time, before their ends if there are any, without those that can't be read."""
    for record in heapq.merge(*fetched.values(), key=lambda record: record.timestamp):
        if ends is not None and record.offset >= ends.get(TopicPartition(record.topic, record.partition), 0):
            continue
        if why := why_unread(record):
            say(f"dateline: {record.topic}/{record.partition}/{record.offset} is passed over: {why}")
            continue
        yield record


async def _unfinished(client: AIOKafkaConsumer, ends: Ends, settings: Settings) -> Ends:
    async with asking(settings):
        return {partition: end for partition, end in ends.items() if await client.position(partition) < end}
