"""Follows a run on the brokers while it goes on: what comes in, what is written and what is committed."""

import asyncio
from bisect import bisect_left
from collections import defaultdict
from contextlib import AsyncExitStack, suppress

from aiokafka import AIOKafkaConsumer, TopicPartition

from tests.faults.account import CLIENT_ERRORS, KafkaRecord
from tests.faults.rules import RulesOutage
from tests.faults.sightings import WATCHED_CHANNELS, Sightings
from worker.channels import SPECS, Channel, topic_name

# What the group reads, in the order of the stages.
_STAGES = (
    Channel.RAW,
    Channel.ENRICHED,
    Channel.SKETCHES,
    Channel.STORIES,
    Channel.MATCHES,
    Channel.TREND_NOTES,
)
# The verdict alone compares what comes of these, when all is done.
_COMPARED_LATER = (Channel.SKETCHES, Channel.STORIES, Channel.TREND_NOTES)
_CATCH_UP_SECONDS = 60.0
_ANSWER_SECONDS = 5.0


class Tail:
    """Reads the group's inputs as committed, its outputs as written, and checks its offsets against both."""

    def __init__(self, brokers: str, prefix: str, group: str) -> None:
        self.seen = Sightings()
        self.samples = 0
        """How often the committed offsets were held against what is written."""
        self.inputs: dict[TopicPartition, list[int]] = defaultdict(list)
        """Offsets of what the group is to read: raw articles, enriched ones, and matches."""
        self.outages: list[RulesOutage] = []
        self._output_topics = {topic_name(channel, prefix): channel for channel in WATCHED_CHANNELS}
        self._input_topics = {topic_name(channel, prefix): channel for channel in _STAGES}
        self._checked: dict[TopicPartition, int] = defaultdict(int)
        self._read_to: dict[str, dict[TopicPartition, int]] = defaultdict(lambda: defaultdict(int))
        self._brokers, self._group = brokers, group
        self._offset_client: AIOKafkaConsumer | None = None
        self._asking = asyncio.Lock()
        self._highest: dict[TopicPartition, int] = defaultdict(int)
        self._consumers: dict[str, AIOKafkaConsumer] = {}
        self._tasks: list[asyncio.Task[None]] = []
        self._stack = AsyncExitStack()

    async def start(self, partitions: int) -> None:
        """Begins to read all topics from their start; they exist, with so many partitions each."""
        levels = {
            "in": ("read_committed", list(self._input_topics)),
            "out": ("read_uncommitted", list(self._output_topics)),
        }
        for name, (level, topics) in levels.items():
            consumer = AIOKafkaConsumer(
                bootstrap_servers=self._brokers,
                enable_auto_commit=False,
                isolation_level=level,
                auto_offset_reset="earliest",
            )
            await consumer.start()
            self._stack.push_async_callback(consumer.stop)
            tps = [
                TopicPartition(topic, number)
                for topic in topics
                for number in range(self._partitions_of(topic) or partitions)
            ]
            consumer.assign(tps)
            await consumer.seek_to_beginning(*tps)
            self._consumers[name] = consumer
            self._tasks.append(asyncio.create_task(self._follow(name)))

    async def stop(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._offset_client:
            await _discard(self._offset_client)
        await self._stack.aclose()

    @property
    def fed(self) -> int:
        """How many articles have come in so far."""
        return sum(len(offsets) for tp, offsets in self.inputs.items() if self._is_raw(tp))

    def target(self) -> dict[TopicPartition, int]:
        """For each raw partition, the offset that is committed once all articles known now are delivered."""
        return {tp: offsets[-1] + 1 for tp, offsets in self.inputs.items() if self._is_raw(tp)}

    async def committed(self) -> dict[TopicPartition, int]:
        """The group's committed offsets; empty where no broker answers."""
        async with self._asking:
            client = self._offset_client or AIOKafkaConsumer(
                bootstrap_servers=self._brokers, group_id=self._group, enable_auto_commit=False
            )
            try:
                async with asyncio.timeout(_ANSWER_SECONDS):
                    if self._offset_client is None:
                        await client.start()
                    asked = list(self._consumers["in"].assignment())
                    coordinator = client._coordinator
                    assert coordinator is not None  # a consumer of a group has one once it is started
                    found = await coordinator.fetch_committed_offsets(asked)
            except (*CLIENT_ERRORS, asyncio.CancelledError) as error:
                self._offset_client = None
                await _discard(client)
                if isinstance(error, asyncio.CancelledError):
                    raise
                return {}
            self._offset_client = client
            answer = {tp: max(0, found[tp].offset) if tp in found else 0 for tp in asked}
            if not any(answer.values()) or any(answer[tp] < ever for tp, ever in self._highest.items()):
                # aiokafka goes on asking a broker that is no longer the coordinator, and gets less.
                self._offset_client = None
                await _discard(client)
            # A coordinator that has just taken over may answer with older offsets.
            for tp, offset in answer.items():
                self._highest[tp] = max(self._highest[tp], offset)
            return dict(self._highest)

    async def caught_up(self, target: dict[TopicPartition, int], idle_seconds: float) -> float | None:
        """Waits until the target is committed on the raw topic, then what follows from it on later stages.

        Returns how many seconds that took; None once a partition that is behind has stood still for
        `idle_seconds`. A machine that is too slow for what is fed takes longer, and is not taken for a hang.
        """
        clock = asyncio.get_running_loop().time
        began = clock()
        for topic, channel in self._input_topics.items():
            due = target if channel is Channel.RAW else await self._all_of(topic, clock() + idle_seconds)
            if not await self._until_committed(due, idle_seconds):
                return None
        return clock() - began

    async def _until_committed(self, target: dict[TopicPartition, int], idle_seconds: float) -> bool:
        clock = asyncio.get_running_loop().time
        moved = dict.fromkeys(target, (0, clock()))
        while True:
            committed = await self.committed()
            late = {tp: committed.get(tp, 0) for tp, due in target.items() if committed.get(tp, 0) < due}
            if not late:
                return True
            for tp, offset in late.items():
                before, since = moved[tp]
                if offset > before:
                    moved[tp] = (offset, clock())
                elif clock() - since > idle_seconds:
                    return False
            await asyncio.sleep(0.1)

    async def _all_of(self, topic: str, deadline: float) -> dict[TopicPartition, int]:
        """The offsets that are committed once all that is in a topic now is done, as far as read in time."""
        partitions = [tp for tp in self._consumers["in"].assignment() if tp.topic == topic]
        ends = await self._ends(partitions)
        clock = asyncio.get_running_loop().time
        while not self._has_read("in", ends) and clock() < deadline:  # noqa: ASYNC110
            await asyncio.sleep(0.05)
        return {tp: self.inputs[tp][-1] + 1 for tp in partitions if self.inputs[tp]}

    async def _ends(self, partitions: list[TopicPartition]) -> dict[TopicPartition, int]:
        """Where partitions end for readers of committed records; asks until the brokers answer."""
        while True:
            try:
                async with asyncio.timeout(_ANSWER_SECONDS):
                    return dict(await self._consumers["in"].end_offsets(partitions))
            except CLIENT_ERRORS:
                await asyncio.sleep(0.2)

    async def behind(self, target: dict[TopicPartition, int]) -> str:
        """Names the partitions, of the raw topic and of later stages, that lag behind."""
        committed = await self.committed()
        if not committed:
            return "no broker says what is committed"
        known = {tp: seen[-1] + 1 for tp, seen in self.inputs.items() if seen and not self._is_raw(tp)}
        late = {tp: (committed.get(tp, 0), offset) for tp, offset in {**target, **known}.items()}
        return ", ".join(
            f"{self._input_topics[tp.topic]}/{tp.partition} at {at} of {of}"
            for tp, (at, of) in late.items()
            if at < of
        )

    async def begin_rules_outage(self) -> None:
        """Says that workers may lack rules from now on; until now they had them all."""
        while not (committed := await self.committed()):  # noqa: ASYNC110
            await asyncio.sleep(0.2)
        self.outages.append(RulesOutage(committed))

    async def end_rules_outage(self) -> None:
        """Says that workers have all rules again."""
        assigned = self._consumers["in"].assignment()
        matched = (Channel.ENRICHED, Channel.STORIES)
        self.outages[-1].until = await self._ends(
            [tp for tp in assigned if self._input_topics[tp.topic] in matched]
        )

    async def check(self) -> bool:
        """Checks that every input before a committed offset has its outputs on the brokers.

        False where the brokers did not answer.
        """
        if not (committed := await self.committed()):
            return False
        consumer = self._consumers["out"]
        try:
            async with asyncio.timeout(_CATCH_UP_SECONDS):
                ends = await consumer.end_offsets(list(consumer.assignment()))
                while not (self._has_read("in", committed) and self._has_read("out", ends)):  # noqa: ASYNC110
                    await asyncio.sleep(0.05)
        except CLIENT_ERRORS:
            return False
        for tp, offset in committed.items():
            if self._input_topics.get(tp.topic) in _COMPARED_LATER:
                continue
            start = self._checked[tp]
            for one in _between(self.inputs[tp], start, offset):
                if self._is_raw(tp) or not any(outage.covers(tp, one) for outage in self.outages):
                    self.seen.check(f"{tp.topic}/{tp.partition}/{one}", offset)
            self._checked[tp] = max(start, offset)
        self.samples += 1
        return True

    async def _follow(self, name: str) -> None:
        consumer, read_to = self._consumers[name], self._read_to[name]
        while True:
            try:
                batches = await consumer.getmany(timeout_ms=200)
            except CLIENT_ERRORS:
                await asyncio.sleep(0.2)
                continue
            for tp, records in batches.items():
                # A consumer that was set back, by a broker that knew less for a moment, reads records twice.
                new = [record for record in records if record.offset >= read_to[tp]]
                if name == "in":
                    self._take_in(tp, new)
                else:
                    self.seen.note(self._output_topics[tp.topic], new)
            for tp in consumer.assignment():
                read_to[tp] = max(read_to[tp], await consumer.position(tp))

    def _take_in(self, tp: TopicPartition, records: list[KafkaRecord]) -> None:
        self.inputs[tp] += [record.offset for record in records]
        if not self._is_raw(tp) and self._input_topics[tp.topic] not in _COMPARED_LATER:
            self.seen.read(self._input_topics[tp.topic], records)

    def _has_read(self, name: str, ends: dict[TopicPartition, int]) -> bool:
        return all(self._read_to[name][tp] >= end for tp, end in ends.items())

    def _partitions_of(self, topic: str) -> int | None:
        """How many partitions the topic has, whatever the run's setting; None if it has as many as that."""
        channel = self._input_topics.get(topic)
        return None if channel is None else SPECS[channel].partitions

    def _is_raw(self, tp: TopicPartition) -> bool:
        return self._input_topics[tp.topic] is Channel.RAW


async def _discard(client: AIOKafkaConsumer) -> None:
    """Stops a client that may be stuck; errors are of no interest any more."""
    with suppress(*CLIENT_ERRORS):
        async with asyncio.timeout(_ANSWER_SECONDS):
            await client.stop()


def _between(offsets: list[int], start: int, end: int) -> list[int]:
    """Those of ascending offsets from `start` up to `end`, excluded."""
    return offsets[bisect_left(offsets, start) : bisect_left(offsets, end)]
