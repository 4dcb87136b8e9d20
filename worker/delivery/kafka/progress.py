"""The internal progress topic: how far each group has delivered, and which group it is that writes.

Brokers forget a group's offsets when it stood for longer than `offsets.retention.minutes`, a week by default.
This topic is compacted and forgets nothing.
"""

import logging
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import orjson
from aiokafka import AIOKafkaProducer, ConsumerRecord, TopicPartition
from pydantic import ValidationError

from worker.channels import Channel
from worker.delivery.kafka.compacted import CompactedTopic
from worker.delivery.kafka.connection import client_name, client_options, without_making_topics
from worker.delivery.kafka.errors import FatalError
from worker.delivery.kafka.sending import discard, load_topics
from worker.log import log_event
from worker.records.cloudevents import rfc3339
from worker.records.codec import from_bytes, to_bytes
from worker.records.messages import OutMessage
from worker.records.progress import WRITER_KEY, GroupProgress, Lately, position_key
from worker.settings import Settings

log = logging.getLogger(__name__)

_AT_ONCE = 1000


@dataclass
class StoredProgress:
    """What the topic holds: positions by key, and writers in the order in which they were recorded."""

    positions: dict[str, GroupProgress] = field(default_factory=dict)
    writers: list[GroupProgress] = field(default_factory=list)

    def position(self, group: str, partition: TopicPartition) -> GroupProgress | None:
        """How far the group has delivered the partition."""
        return self.positions.get(position_key(group, *partition))

    def knows(self, group: str, topic: str) -> bool:
        """Whether the group has delivered anything of a topic of this name."""
        return any(key.rpartition("/")[0] == f"{group}/{topic}" for key in self.positions)

    def apply(self, records: Iterable[ConsumerRecord[bytes, bytes]]) -> None:
        """Takes what follows in the topic. What is no record of it is logged and passed over."""
        for record in records:
            try:
                self._apply((record.key or b"").decode(), record.value)
            except (ValidationError, orjson.JSONDecodeError, UnicodeDecodeError) as error:
                log_event(
                    log,
                    logging.ERROR,
                    "a record of progress can't be read, and is passed over",
                    place=f"{record.topic}/{record.partition}/{record.offset}",
                    error=" ".join(str(error).split()),
                )

    def _apply(self, key: str, value: bytes | None) -> None:
        if key == WRITER_KEY:
            self.writers += [from_bytes(GroupProgress, value)] if value is not None else []
        elif value is None:
            self.positions.pop(key, None)
        else:
            self.positions[key] = from_bytes(GroupProgress, value)


def position_message(
    group: str, partition: TopicPartition, offset: int, topic_id: str, lately: Lately | None = None
) -> OutMessage:
    """The message that says how far the group has delivered the partition."""
    key = position_key(group, *partition)
    value = GroupProgress(group=group, offset=offset, topic_id=topic_id, since=None, lately=lately)
    return OutMessage(Channel.PROGRESS, key.encode(), to_bytes(value), ())


async def read_progress(
    settings: Settings, *, ends: Mapping[TopicPartition, int] | None = None
) -> StoredProgress:
    """Reads the topic up to `ends`, by default to what is committed now."""
    progress = StoredProgress()
    async with CompactedTopic(settings, settings.topic(Channel.PROGRESS)) as topic:
        async for records in topic.to_the_end(at_once=_AT_ONCE, ends=ends):
            progress.apply(records)
    return progress


async def claim_outputs(settings: Settings) -> None:
    """Records this worker's group as the one that writes the topics of its prefix.

    Raises FatalError if another group does.
    """
    before = (await read_progress(settings)).writers
    if before and before[-1].group == settings.group_id:
        return
    if before and before[-1].group != settings.former_group:
        raise FatalError(_refusal(settings, before[-1]))
    now = rfc3339(time.time_ns() // 1_000_000)
    await _record(settings, GroupProgress(group=settings.group_id, offset=None, topic_id=None, since=now))
    # Of groups that begin at the same moment the first one in the topic counts.
    winner = first_since(before, (await read_progress(settings)).writers)
    if winner.group != settings.group_id:
        await _record(settings, winner)
        raise FatalError(_refusal(settings, winner))
    log_event(
        log,
        logging.INFO,
        "group writes from now on",
        group=settings.group_id,
        prefix=settings.topic_prefix,
        former=before[-1].group if before else None,
    )


def first_since(before: Sequence[GroupProgress], after: Sequence[GroupProgress]) -> GroupProgress:
    """The first writer in `after` that was recorded behind the last one of `before`.

    Compaction may have taken earlier ones away, and a group that came second recorded the first one again: so
    the last record like it counts.
    """
    behind = [place for place, writer in enumerate(after, start=1) if before and writer == before[-1]]
    return after[behind[-1] if behind else 0]


def _refusal(settings: Settings, writer: GroupProgress) -> str:
    return (
        f"the group {writer.group} writes the topics of {settings.topic_prefix!r} since {writer.since}: if "
        f"{settings.group_id} did so too, everything would be written twice; to go on where it ended, stop "
        f"all its workers and set DATELINE_FORMER_GROUP={writer.group}; to write beside it, set another "
        "DATELINE_TOPIC_PREFIX"
    )


async def _record(settings: Settings, writer: GroupProgress) -> None:
    producer = AIOKafkaProducer(**client_options(settings), client_id=client_name(settings), acks="all")
    without_making_topics(producer.client)
    try:
        await producer.start()
        topic = settings.topic(Channel.PROGRESS)
        await load_topics(producer.client, [topic])
        await producer.send_and_wait(topic, to_bytes(writer), key=WRITER_KEY.encode())
    finally:
        await discard(producer)
