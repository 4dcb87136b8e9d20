"""Follows a run on the brokers while it goes on: what is fed, what is written, and what is committed."""

import asyncio
from bisect import bisect_left
from collections import defaultdict
from contextlib import AsyncExitStack, suppress

from aiokafka import AIOKafkaConsumer, TopicPartition

from tests.faults.account import CLIENT_ERRORS, Record
from tests.faults.blind import Blind
from tests.faults.sightings import WATCHED, Sightings
from worker.channels import Channel, topic_name

# What the group reads, in the order in which articles come by.
STAGES = (Channel.RAW, Channel.ENRICHED, Channel.MATCHES)
CATCH_UP_SECONDS = 60.0
ANSWER_SECONDS = 5.0


class Tail:
    """Follows what the group reads as committed, stage by stage, and what it writes as written."""

    def __init__(self, brokers: str, prefix: str, group: str) -> None:
        self.seen = Sightings()
        self.samples = 0
        """How often the committed offsets were held against what is written."""
        self.inputs: dict[TopicPartition, list[int]] = defaultdict(list)
        """Offsets of what the group is to read: raw articles, enriched ones, and matches."""
        self.blind: list[Blind] = []
        self._names = {topic_name(channel, prefix): channel for channel in WATCHED}
        self._stages = {topic_name(channel, prefix): channel for channel in STAGES}
        self._checked: dict[TopicPartition, int] = defaultdict(int)
        self._read_to: dict[str, dict[TopicPartition, int]] = defaultdict(lambda: defaultdict(int))
        self._brokers, self._group = brokers, group
        self._asker: AIOKafkaConsumer | None = None
        self._asking = asyncio.Lock()
        self._ever: dict[TopicPartition, int] = defaultdict(int)
        self._consumers: dict[str, AIOKafkaConsumer] = {}
        self._tasks: list[asyncio.Task[None]] = []
        self._stack = AsyncExitStack()

    async def start(self, partitions: int) -> None:
        """Reads from the start of all topics, which are there and have so many partitions each."""
        levels = {
            "in": ("read_committed", list(self._stages)),
            "out": ("read_uncommitted", list(self._names)),
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
            tps = [TopicPartition(topic, number) for topic in topics for number in range(partitions)]
            consumer.assign(tps)
            await consumer.seek_to_beginning(*tps)
            self._consumers[name] = consumer
            self._tasks.append(asyncio.create_task(self._follow(name)))

    async def stop(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._asker:
            await _give_up(self._asker)
        await self._stack.aclose()

    @property
    def fed(self) -> int:
        """How many articles it has seen come in."""
        return sum(len(offsets) for tp, offsets in self.inputs.items() if self._is_raw(tp))

    def target(self) -> dict[TopicPartition, int]:
        """For each raw partition the offset that is committed once every article known now is delivered."""
        return {tp: offsets[-1] + 1 for tp, offsets in self.inputs.items() if self._is_raw(tp)}

    async def committed(self) -> dict[TopicPartition, int]:
        """What the group has committed; empty while no broker says."""
        async with self._asking:
            asker = self._asker or AIOKafkaConsumer(
                bootstrap_servers=self._brokers, group_id=self._group, enable_auto_commit=False
            )
            try:
                async with asyncio.timeout(ANSWER_SECONDS):
                    if self._asker is None:
                        await asker.start()
                    asked = list(self._consumers["in"].assignment())
                    coordinator = asker._coordinator
                    assert coordinator is not None  # a consumer of a group has one once it is started
                    found = await coordinator.fetch_committed_offsets(asked)
            except (*CLIENT_ERRORS, asyncio.CancelledError) as error:
                self._asker = None
                await _give_up(asker)
                if isinstance(error, asyncio.CancelledError):
                    raise
                return {}
            self._asker = asker
            answer = {tp: max(0, found[tp].offset) if tp in found else 0 for tp in asked}
            if not any(answer.values()) or any(answer[tp] < ever for tp, ever in self._ever.items()):
                # aiokafka says less, and goes on asking, where the broker no longer is the coordinator.
                self._asker = None
                await _give_up(asker)
            # A coordinator that has just taken over may give older ones to who doesn't insist on stable ones.
            for tp, offset in answer.items():
                self._ever[tp] = max(self._ever[tp], offset)
            return dict(self._ever)

    async def caught_up(self, target: dict[TopicPartition, int], seconds: float) -> float | None:
        """Waits until so much of the raw topic is committed, and then all that has come of it, to the alerts.

        After how many seconds; None: it was not, in time.
        """
        began = asyncio.get_running_loop().time()
        deadline = began + seconds
        for topic, channel in self._stages.items():
            due = target if channel is Channel.RAW else await self._all_of(topic, deadline)
            if not await self._until_committed(due, deadline):
                return None
        return asyncio.get_running_loop().time() - began

    async def _until_committed(self, target: dict[TopicPartition, int], deadline: float) -> bool:
        while asyncio.get_running_loop().time() < deadline:
            committed = await self.committed()
            if committed and all(committed.get(tp, 0) >= offset for tp, offset in target.items()):
                return True
            await asyncio.sleep(0.1)
        return False

    async def _all_of(self, topic: str, deadline: float) -> dict[TopicPartition, int]:
        """What is committed once all that is in a topic now is worked on, as far as it is seen in time."""
        partitions = [tp for tp in self._consumers["in"].assignment() if tp.topic == topic]
        ends = await self._ends(partitions)
        clock = asyncio.get_running_loop().time
        while not self._has_read("in", ends) and clock() < deadline:  # noqa: ASYNC110
            await asyncio.sleep(0.05)
        return {tp: self.inputs[tp][-1] + 1 for tp in partitions if self.inputs[tp]}

    async def _ends(self, partitions: list[TopicPartition]) -> dict[TopicPartition, int]:
        """Where they end for readers of committed records; asks until the brokers say."""
        while True:
            try:
                async with asyncio.timeout(ANSWER_SECONDS):
                    return dict(await self._consumers["in"].end_offsets(partitions))
            except CLIENT_ERRORS:
                await asyncio.sleep(0.2)

    async def behind(self, target: dict[TopicPartition, int]) -> str:
        """Which partitions, of the raw topic or of what is known to have come of it, have less committed."""
        committed = await self.committed()
        if not committed:
            return "no broker says what is committed"
        known = {tp: seen[-1] + 1 for tp, seen in self.inputs.items() if seen and not self._is_raw(tp)}
        late = {tp: (committed.get(tp, 0), offset) for tp, offset in {**target, **known}.items()}
        return ", ".join(
            f"{self._stages[tp.topic]}/{tp.partition} at {at} of {of}"
            for tp, (at, of) in late.items()
            if at < of
        )

    async def blind_from_now(self) -> None:
        """From now on workers may lack rules; before, they had them all."""
        while not (committed := await self.committed()):  # noqa: ASYNC110
            await asyncio.sleep(0.2)
        self.blind.append(Blind(committed))

    async def blind_no_more(self) -> None:
        """From now on they have them all."""
        assigned = self._consumers["in"].assignment()
        enriched = [tp for tp in assigned if self._stages[tp.topic] is Channel.ENRICHED]
        self.blind[-1].until = await self._ends(enriched)

    async def check(self) -> bool:
        """Holds what is committed against what is written, up to where it ended when the offset was read.

        False where the brokers could not say.
        """
        if not (committed := await self.committed()):
            return False
        consumer = self._consumers["out"]
        try:
            async with asyncio.timeout(CATCH_UP_SECONDS):
                ends = await consumer.end_offsets(list(consumer.assignment()))
                while not (self._has_read("in", committed) and self._has_read("out", ends)):  # noqa: ASYNC110
                    await asyncio.sleep(0.05)
        except CLIENT_ERRORS:
            return False
        for tp, offset in committed.items():
            start = self._checked[tp]
            for one in _between(self.inputs[tp], start, offset):
                if self._is_raw(tp) or not any(blind.covers(tp, one) for blind in self.blind):
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
                # A follower that was set back, say by brokers that know less for a moment, reads twice.
                new = [record for record in records if record.offset >= read_to[tp]]
                if name == "in":
                    self._take_in(tp, new)
                else:
                    self.seen.note(self._names[tp.topic], new)
            for tp in consumer.assignment():
                read_to[tp] = max(read_to[tp], await consumer.position(tp))

    def _take_in(self, tp: TopicPartition, records: list[Record]) -> None:
        self.inputs[tp] += [record.offset for record in records]
        if not self._is_raw(tp):
            self.seen.read(self._stages[tp.topic], records)

    def _has_read(self, name: str, ends: dict[TopicPartition, int]) -> bool:
        return all(self._read_to[name][tp] >= end for tp, end in ends.items())

    def _is_raw(self, tp: TopicPartition) -> bool:
        return self._stages[tp.topic] is Channel.RAW


async def _give_up(client: AIOKafkaConsumer) -> None:
    """One that has lost its way among brokers that come and go is not asked again."""
    with suppress(*CLIENT_ERRORS):
        async with asyncio.timeout(ANSWER_SECONDS):
            await client.stop()


def _between(offsets: list[int], start: int, end: int) -> list[int]:
    """Of ascending offsets those from `start` up to `end`."""
    return offsets[bisect_left(offsets, start) : bisect_left(offsets, end)]
