"""Takes a look at a group: asks the brokers, and reads what waits, the last letters and the last progress.

It joins no group and commits nothing, and needs no worker to be alive.
"""

import asyncio
import time
from collections import Counter
from collections.abc import Collection, Mapping, Sequence

import orjson
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.client import AIOKafkaClient
from pydantic import ValidationError

from worker.channels import Channel
from worker.commands.dead_letters.letter import Letter
from worker.commands.shell.cluster import asking, consumer
from worker.commands.shell.reading import all_topics, hidden_message, why_missing
from worker.commands.shell.terminal import Problem
from worker.commands.shell.variables import misspelt_hint
from worker.commands.status.look import (
    LettersSeen,
    Look,
    PartitionSeen,
    StageSeen,
    differences_among,
    workers_seen,
)
from worker.commands.status.pace import UNKNOWN_PACE, WINDOW_MS, Pace, pace_of
from worker.commands.status.stretch import FoundRecord, Stretch, read_stretches
from worker.delivery.kafka.group.member_settings import eldest
from worker.delivery.kafka.group.members import GroupNow, described_group
from worker.delivery.kafka.offsets import offsets_now
from worker.delivery.kafka.preflight import hidden_topics
from worker.delivery.kafka.progress import read_progress
from worker.delivery.kafka.sending import load_topics
from worker.delivery.kafka.topic_identity import topic_id
from worker.records.codec import from_bytes
from worker.records.messages import Reason
from worker.records.progress import GroupProgress, position_key
from worker.settings import Output, Settings

LETTERS_MS, _MINUTE_MS = 3_600_000, 60_000
# Read of each partition at most; beyond that lag is reckoned, and letters are told as `at least`.
MOST_WAITING, MOST_LETTERS, MOST_PROGRESS = 1_000, 2_000, 20_000
# A little more than five minutes, since what waited then is asked of that very moment.
_PROGRESS_MS = WINDOW_MS + 30_000
# A rebalance mostly takes a second or two; one that takes longer waits for a worker that is gone.
_SETTLE_SECONDS, _SETTLE_POLL_SECONDS = 8.0, 0.5
_FETCH_BYTES = 256 << 10
_REASONS, _OTHER = frozenset(reason.value for reason in Reason), "other"

_Positions = dict[TopicPartition, int]
_Reads = Mapping[str, str]
"""The topic that each stage reads, by the stage's name."""


async def take_look(settings: Settings) -> Look:
    """Raises Problem if the brokers do not answer, refuse, or know nothing of such a group."""
    topics = await all_topics(settings)
    for channel in (Channel.RAW, Channel.DEAD):
        if (topic := settings.topic(channel)) not in topics:
            raise Problem(await why_missing(settings, topic, topics))
    async with consumer(settings, max_partition_fetch_bytes=_FETCH_BYTES) as client:
        async with asking(settings, seconds=_SETTLE_SECONDS + 10):
            group = await _settled(client._client, settings.group_id)
        reads, missing = topics_read(settings, group, topics)
        # A topic of another stage may be hidden, or the progress.
        await _refuse_hidden(client, settings, [*missing, settings.topic(Channel.PROGRESS)])
        look = _Looking(settings, client, topics)
        stages = await look.at_stages(group, reads)
        letters = await look.at_letters()
    return Look(
        group=settings.group_id,
        brokers=settings.brokers,
        at_ms=look.now_ms,
        state=group.state,
        is_rebalancing=group.is_rebalancing,
        workers=workers_seen(group.members, settings.group_id),
        stages=stages,
        letters=letters,
        missing=missing,
        differences=differences_among(group.members, settings.group_id),
    )


async def _settled(client: AIOKafkaClient, name: str) -> GroupNow:
    """The group, once it is not rebalancing; as it is if that takes long."""
    deadline = time.monotonic() + _SETTLE_SECONDS
    while True:
        group = await described_group(client, name)
        if not group.is_rebalancing or time.monotonic() > deadline:
            return group
        await asyncio.sleep(_SETTLE_POLL_SECONDS)


def topics_read(
    settings: Settings, group: GroupNow, topics: Collection[str]
) -> tuple[_Reads, tuple[str, ...]]:
    """The topics that the group's stages read and, apart from these, those of them that do not exist.

    The stages follow from the outputs that living workers tell; where there are none, from the settings here.
    """
    # It brings the agents with it, which a connection that is refused does not need.
    from worker.topology import stages_in_force

    told = [member.told for member in group.members if member.told is not None]
    ours = [member for member in told if member.prefix == settings.topic_prefix]
    if ours:
        outputs = eldest(ours).outputs
        settings = settings.model_copy(update={"outputs": tuple(o for o in Output if o in outputs)})
    reads = {stage.name: settings.topic(stage.reads) for stage in stages_in_force(settings)}
    there = {name: topic for name, topic in reads.items() if topic in topics}
    return there, tuple(topic for topic in reads.values() if topic not in topics)


async def _refuse_hidden(client: AIOKafkaConsumer, settings: Settings, topics: Sequence[str]) -> None:
    async with asking(settings):
        if hidden := await hidden_topics(client._client, topics):
            raise Problem(hidden_message(*sorted(hidden)))


class _Looking:
    """A look under way. `topics`: the number of partitions of each topic that there is."""

    def __init__(self, settings: Settings, client: AIOKafkaConsumer, topics: Mapping[str, int]) -> None:
        self._settings, self._client, self._topics = settings, client, topics
        self.now_ms = time.time_ns() // 1_000_000

    async def at_stages(self, group: GroupNow, reads: _Reads) -> tuple[StageSeen, ...]:
        partitions = [tp for topic in reads.values() for tp in self._partitions(topic)]
        async with asking(self._settings):
            begins, ends = await self._bounds(partitions)
            positions = await self._committed(reads.values())
        if len(positions) < len(partitions):
            positions = {**await self._stored(partitions), **positions}
        if not positions and not group.members:
            raise Problem(
                f"no worker has joined the group {self._settings.group_id} (DATELINE_GROUP) on "
                f"{self._settings.brokers} yet; `dateline worker` starts one{misspelt_hint()}"
            )
        begun = {tp: min(max(positions.get(tp, 0), begins[tp]), ends[tp]) for tp in partitions}
        spans = {tp: (begun[tp], ends[tp]) for tp in partitions}
        waiting = await read_stretches(self._client, self._settings, spans, most=MOST_WAITING)
        paces = await self._paces(begun)
        then = await self._waited_then(paces)
        workers = workers_seen(group.members, self._settings.group_id)
        owners = {tp: worker.name for worker in workers for tp in worker.assigned}
        return tuple(
            StageSeen(
                name,
                topic,
                tuple(
                    _seen(tp, owners.get(tp), waiting[tp], paces[tp], then.get(tp))
                    for tp in self._partitions(topic)
                ),
            )
            for name, topic in reads.items()
        )

    async def at_letters(self) -> LettersSeen:
        since_ms = self.now_ms - LETTERS_MS
        reasons: Counter[str] = Counter()
        minutes: Counter[tuple[int, str]] = Counter()

        def count(record: FoundRecord) -> None:
            # Times need not be in the order of offsets, as where a worker's clock was set.
            if record.timestamp >= since_ms:
                reason = Letter(record).reason
                known = reason if reason in _REASONS else _OTHER
                reasons[known] += 1
                minutes[record.timestamp - record.timestamp % _MINUTE_MS, known] += 1

        spans, whole = await self._since(self._settings.topic(Channel.DEAD), since_ms, most=MOST_LETTERS)
        read = await read_stretches(self._client, self._settings, spans, most=MOST_LETTERS, take=count)
        whole = whole and all(stretch.is_whole for stretch in read.values())
        return LettersSeen(since_ms, dict(sorted(reasons.items())), whole, dict(sorted(minutes.items())))

    def _partitions(self, topic: str) -> list[TopicPartition]:
        return [TopicPartition(topic, number) for number in range(self._topics.get(topic, 0))]

    async def _bounds(self, partitions: Sequence[TopicPartition]) -> tuple[_Positions, _Positions]:
        """The first offset of each partition, and the one behind its last committed record."""
        await load_topics(self._client._client, {tp.topic for tp in partitions})
        return await self._client.beginning_offsets(partitions), await self._client.end_offsets(partitions)

    async def _committed(self, topics: Collection[str]) -> _Positions:
        client, group = self._client._client, self._settings.group_id
        found: _Positions = {}
        for topic in topics:
            numbers = [tp.partition for tp in self._partitions(topic)]
            offsets = await offsets_now(client, group, topic, numbers, await topic_id(client, topic))
            found |= {TopicPartition(topic, number): offset for number, offset in offsets.items()}
        return found

    async def _stored(self, partitions: Sequence[TopicPartition]) -> _Positions:
        """What the progress topic says of these: it remembers what the brokers have forgotten."""
        if self._settings.topic(Channel.PROGRESS) not in self._topics:
            return {}
        async with asking(self._settings):
            progress = await read_progress(self._settings)
        stored = {tp: progress.position(self._settings.group_id, tp) for tp in partitions}
        return {tp: one.offset for tp, one in stored.items() if one is not None and one.offset is not None}

    async def _paces(self, positions: _Positions) -> dict[TopicPartition, Pace]:
        """How fast each partition is delivered, by the progress of the last minutes."""
        topic = self._settings.topic(Channel.PROGRESS)
        if topic not in self._topics:
            return dict.fromkeys(positions, UNKNOWN_PACE)
        group = self._settings.group_id
        told: dict[str, list[tuple[int, GroupProgress]]] = {position_key(group, *tp): [] for tp in positions}
        first_ms: list[int] = []

        def keep(record: FoundRecord) -> None:
            first_ms[:] = first_ms or [record.timestamp]
            key = (record.key or b"").decode(errors="replace")
            if key in told and (progress := _read_progress_record(record.value)) is not None:
                told[key].append((record.timestamp, progress))

        window_ms = self.now_ms - _PROGRESS_MS
        spans, whole = await self._since(topic, window_ms, most=MOST_PROGRESS)
        read = await read_stretches(self._client, self._settings, spans, most=MOST_PROGRESS, take=keep)
        if not all(stretch.is_whole for stretch in read.values()):
            return dict.fromkeys(positions, UNKNOWN_PACE)
        window_ms = window_ms if whole else max(first_ms, default=self.now_ms)
        return {
            tp: pace_of(told[position_key(group, *tp)], position, now_ms=self.now_ms, window_ms=window_ms)
            for tp, position in positions.items()
        }

    async def _since(
        self, topic: str, since_ms: int, *, most: int
    ) -> tuple[dict[TopicPartition, tuple[int, int]], bool]:
        """The offsets of each partition since a moment, and whether these are all.

        Of one with more than `most` offsets since then, the last ones.
        """
        partitions = self._partitions(topic)
        if not partitions:
            return {}, True
        async with asking(self._settings):
            _, ends = await self._bounds(partitions)
            found = await self._client.offsets_for_times(dict.fromkeys(partitions, since_ms))
        starts = {tp: ends[tp] if at is None else min(at.offset, ends[tp]) for tp, at in found.items()}
        spans = {tp: (max(starts[tp], ends[tp] - most), ends[tp]) for tp in partitions}
        return spans, all(spans[tp][0] == starts[tp] for tp in partitions)

    async def _waited_then(self, paces: Mapping[TopicPartition, Pace]) -> _Positions:
        """How many offsets waited five minutes ago, by where the logs ended then; where that is known."""
        then = {tp: pace.then for tp, pace in paces.items() if pace.then is not None}
        if not then:
            return {}
        async with asking(self._settings):
            _, ends = await self._bounds(list(then))
            found = await self._client.offsets_for_times({tp: at for tp, (at, _) in then.items()})
        ended = {tp: ends[tp] if at is None else at.offset for tp, at in found.items()}
        return {tp: max(0, ended[tp] - position) for tp, (_, position) in then.items()}


def _seen(
    tp: TopicPartition, worker: str | None, waiting: Stretch, pace: Pace, offsets_then: int | None
) -> PartitionSeen:
    return PartitionSeen(
        partition=tp,
        worker=worker,
        position=waiting.start,
        end=waiting.end,
        lag=waiting.records,
        is_exact=waiting.is_whole,
        oldest_ms=waiting.first_ms,
        delivered_ms=pace.delivered_ms,
        per_second=pace.per_second,
        offsets_then=offsets_then,
    )


def _read_progress_record(value: bytes | None) -> GroupProgress | None:
    try:
        return None if value is None else from_bytes(GroupProgress, value)
    except (ValidationError, orjson.JSONDecodeError):
        return None
