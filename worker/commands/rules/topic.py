"""Reads the rules' topic to its end, as every worker does, and writes changes to it durably."""

import asyncio
import os
from collections.abc import AsyncIterator, Callable, Collection, Iterable, Sequence
from contextlib import asynccontextmanager
from difflib import get_close_matches

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError
from aiokafka.structs import RecordMetadata

from worker.alerts.book import RuleBook, name_of
from worker.channels import SPECS, Channel
from worker.commands.rules.changes import PAUSED_END, RuleChange
from worker.commands.shell.cluster import asking, consumer, explain, producer
from worker.commands.shell.part_reader import TopicRecord
from worker.commands.shell.reading import partitions_of, read_records, seek
from worker.commands.shell.since import BEGINNING
from worker.commands.shell.terminal import Problem
from worker.commands.shell.visible import visible
from worker.delivery.kafka.connection import without_making_topics
from worker.records.messages import Headers
from worker.records.rules import Rule
from worker.settings import Settings

_BATCH_BYTES = 256 << 10
MAX_IN_FLIGHT_CHANGES = 1_000
MAX_SUGGESTIONS = 5
_MAX_HEADER_CHARS = 200


class RulesTopic:
    """The state of the rules' topic: `book` holds the rules, `partitions` says how many partitions there are.

    `keys` holds the key of every record that is not deleted, by its id (`name_of` the key). With `only`, the
    book holds the rules with these ids alone.

    `paused_ends` holds the end that a paused rule had, by id, as its newest valid record says it. `ends` has
    the offset behind the last record of each partition.
    """

    def __init__(self, only: Collection[str] | None = None, *, partitions: int = 1) -> None:
        self.partitions = partitions
        self.book = RuleBook()
        self.keys: dict[str, bytes | None] = {}
        self.paused_ends: dict[str, str] = {}
        self.ends: dict[int, int] = {}
        self._only = None if only is None else frozenset(only)

    def apply(self, key: bytes | None, value: bytes | None, headers: Headers = ()) -> None:
        """Applies a record. Records of one key must come in their order."""
        name = name_of(key)
        # The version before one that is refused stays in force, and so does the end that it had.
        if (self._only is None or name in self._only) and self.book.apply(key, value) is None:
            self.paused_ends.pop(name, None)
            if value is not None and (end := text_of_header(headers, PAUSED_END)):
                self.paused_ends[name] = end
        if value is None:
            self.keys.pop(name, None)
        else:
            self.keys[name] = key

    def resolve_id(self, typed: str) -> str | None:
        """The id that is typed, or that of the key that is typed; None if the topic has neither."""
        return next((name for name in (typed, name_of(os.fsencode(typed))) if name in self.keys), None)

    def rules(self, rule_ids: Iterable[str]) -> list[Rule]:
        """The rules in force with these ids. Raises Problem with a line for each id that has none."""
        found = {rule_id: self.book.index.get(rule_id) for rule_id in rule_ids}
        missing = [self.not_in_force(rule_id) for rule_id, active in found.items() if active is None]
        if missing:
            raise Problem("\n".join(missing))
        return [active.rule for active in found.values() if active is not None]

    def not_in_force(self, rule_id: str) -> str:
        """The message for an id under which the topic has no valid rule."""
        error = self.book.refused.get(rule_id)
        return self.not_found(rule_id) if error is None else f"{rule_id} is no rule: {visible(error)}"

    def not_found(self, rule_id: str) -> str:
        """The message for an id that the topic does not have, with the ids that could be meant."""
        like = get_close_matches(rule_id, self.keys, n=MAX_SUGGESTIONS)
        meant = f"; there is {', '.join(like)}" if like else ""
        return f"no rule {rule_id!r}{meant}" if self.keys else f"no rule {rule_id!r}, there are none"


def text_of_header(headers: Headers, name: str) -> str:
    """The text of the last header of this name, cut at 200 characters; empty if there is none."""
    values = [value or b"" for each, value in headers if each == name]
    return values[-1].decode(errors="replace")[:_MAX_HEADER_CHARS] if values else ""


async def read_rules(
    settings: Settings,
    only: Collection[str] | None = None,
    *,
    on_record: Callable[[TopicRecord], None] | None = None,
) -> RulesTopic:
    """Reads the topic to its end. Raises Problem if it is missing or can't be read.

    `on_record` is called with each record, of whatever rule.
    """
    partitions = await partitions_of(settings, settings.topic(Channel.RULES))
    rules = RulesTopic(only, partitions=len(partitions))
    async with consumer(settings) as client:
        client.assign(partitions)
        async with asking(settings):
            await seek(client, partitions, BEGINNING)
        async for record in read_records(client, partitions, settings):
            rules.apply(record.key, record.value, tuple(record.headers))
            rules.ends[record.partition] = record.offset + 1
            if on_record is not None:
                on_record(record)
    return rules


async def write_changes(settings: Settings, changes: Sequence[RuleChange]) -> None:
    """Returns when all replicas have all changes. Raises Problem, and then some changes may be written."""
    changed = [change for change in changes if change.is_written]
    if not changed:
        return
    topic = settings.topic(Channel.RULES)
    async with _rule_producer(settings) as client:
        for start in range(0, len(changed), MAX_IN_FLIGHT_CHANGES):
            some = changed[start : start + MAX_IN_FLIGHT_CHANGES]
            sent = [await _sent(client, topic, change, settings) for change in some]
            for change, acknowledged in zip(some, sent, strict=True):
                try:
                    await acknowledged
                except KafkaError as error:
                    raise _refused(change, topic, settings, error) from None


@asynccontextmanager
async def _rule_producer(settings: Settings) -> AsyncIterator[AIOKafkaProducer]:
    async with producer(
        settings,
        acks="all",
        enable_idempotence=True,
        compression_type=None if settings.compression == "none" else settings.compression,
        linger_ms=5,
        max_batch_size=_BATCH_BYTES,
        max_request_size=SPECS[Channel.RULES].max_message_bytes,
    ) as client:
        without_making_topics(client.client)
        yield client


async def _sent(
    client: AIOKafkaProducer, topic: str, change: RuleChange, settings: Settings
) -> asyncio.Future[RecordMetadata]:
    try:
        acknowledged: asyncio.Future[RecordMetadata] = await client.send(
            topic, change.value, key=change.key, headers=list(change.headers)
        )
    except KafkaError as error:
        raise _refused(change, topic, settings, error) from None
    return acknowledged


def _refused(change: RuleChange, topic: str, settings: Settings, error: KafkaError) -> Problem:
    return Problem(
        f"{change.rule_id}: not written to {topic} on {settings.brokers}: {explain(error)}; "
        "the same command again writes what is missing"
    )
