"""Follows a run on the brokers while it goes on: what is fed, what is written, and what is committed."""

import asyncio
from bisect import bisect_left
from collections import defaultdict
from contextlib import AsyncExitStack, suppress

from aiokafka import AIOKafkaConsumer, TopicPartition

from bench.faults.account import CLIENT_ERRORS
from bench.faults.sightings import WATCHED, Sightings
from worker.channels import Channel, topic_name

CATCH_UP_SECONDS = 60.0
ANSWER_SECONDS = 5.0


class Tail:
    """Follows the raw topic as committed and the outputs as written."""

    def __init__(self, brokers: str, prefix: str, group: str) -> None:
        self.seen = Sightings()
        self.samples = 0
        """How often the committed offsets were held against what is written."""
        self.inputs: dict[TopicPartition, list[int]] = defaultdict(list)
        self._names = {topic_name(channel, prefix): channel for channel in WATCHED}
        self._raw = topic_name(Channel.RAW, prefix)
        self._checked: dict[TopicPartition, int] = defaultdict(int)
        self._read_to: dict[TopicPartition, int] = defaultdict(int)
        self._brokers, self._group = brokers, group
        self._asker: AIOKafkaConsumer | None = None
        self._asking = asyncio.Lock()
        self._ever: dict[TopicPartition, int] = defaultdict(int)
        self._consumers: dict[str, AIOKafkaConsumer] = {}
        self._tasks: list[asyncio.Task[None]] = []
        self._stack = AsyncExitStack()

    async def start(self, partitions: int) -> None:
        """Reads from the start of all topics, which are there and have so many partitions each."""
        levels = {"raw": ("read_committed", [self._raw]), "out": ("read_uncommitted", list(self._names))}
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

    def target(self) -> dict[TopicPartition, int]:
        """For each partition the offset that is committed once every input known now is delivered."""
        return {tp: offsets[-1] + 1 for tp, offsets in self.inputs.items()}

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
                    answer = {tp: await asker.committed(tp) for tp in self._consumers["raw"].assignment()}
            except (*CLIENT_ERRORS, asyncio.CancelledError) as error:
                self._asker = None
                await _give_up(asker)
                if isinstance(error, asyncio.CancelledError):
                    raise
                return {}
            self._asker = asker
            if None in answer.values():
                # aiokafka also says so, and goes on asking, where the broker no longer is the coordinator.
                self._asker = None
                await _give_up(asker)
            # A coordinator that has just taken over may give older ones to who doesn't insist on stable ones.
            for tp, offset in answer.items():
                self._ever[tp] = max(self._ever[tp], offset or 0)
            return dict(self._ever)

    async def caught_up(self, target: dict[TopicPartition, int], seconds: float) -> float | None:
        """Waits until so much is committed; after how many seconds, or None: it was not, in time."""
        clock = asyncio.get_running_loop().time
        began = clock()
        while clock() - began < seconds:
            committed = await self.committed()
            if committed and all(committed.get(tp, 0) >= offset for tp, offset in target.items()):
                return clock() - began
            await asyncio.sleep(0.1)
        return None

    async def behind(self, target: dict[TopicPartition, int]) -> str:
        """Which partitions have less committed, in words."""
        committed = await self.committed()
        if not committed:
            return "no broker says what is committed"
        late = {tp.partition: (committed.get(tp, 0), offset) for tp, offset in target.items()}
        return ", ".join(
            f"partition {number} at {at} of {of}" for number, (at, of) in late.items() if at < of
        )

    async def check(self) -> bool:
        """Holds what is committed against what is written, up to where it ended when the offset was read.

        False where the brokers could not say.
        """
        if not (committed := await self.committed()):
            return False
        consumer = self._consumers["out"]
        try:
            async with asyncio.timeout(CATCH_UP_SECONDS):
                due = committed | await consumer.end_offsets(list(consumer.assignment()))
                while any(self._read_to[tp] < end for tp, end in due.items()):  # noqa: ASYNC110
                    await asyncio.sleep(0.05)
        except CLIENT_ERRORS:
            return False
        for tp, offset in committed.items():
            start = self._checked[tp]
            for one in _between(self.inputs[tp], start, offset):
                self.seen.check(f"{tp.topic}/{tp.partition}/{one}", offset)
            self._checked[tp] = max(start, offset)
        self.samples += 1
        return True

    async def _follow(self, name: str) -> None:
        consumer = self._consumers[name]
        while True:
            try:
                batches = await consumer.getmany(timeout_ms=200)
            except CLIENT_ERRORS:
                await asyncio.sleep(0.2)
                continue
            for tp, records in batches.items():
                # A follower that was set back, say by brokers that know less for a moment, reads twice.
                new = [record for record in records if record.offset >= self._read_to[tp]]
                if name == "raw":
                    self.inputs[tp] += [record.offset for record in new]
                else:
                    self.seen.note(self._names[tp.topic], new)
            for tp in consumer.assignment():
                self._read_to[tp] = max(self._read_to[tp], await consumer.position(tp))


async def _give_up(client: AIOKafkaConsumer) -> None:
    """One that has lost its way among brokers that come and go is not asked again."""
    with suppress(*CLIENT_ERRORS):
        async with asyncio.timeout(ANSWER_SECONDS):
            await client.stop()


def _between(offsets: list[int], start: int, end: int) -> list[int]:
    """Of ascending offsets those from `start` up to `end`."""
    return offsets[bisect_left(offsets, start) : bisect_left(offsets, end)]
