"""Everything that is written while a run goes on, as a reader of uncommitted records sees it, with checks.

A committed offset runs ahead if, at the moment it can be read, an input before it has not all its records on
the brokers. A repeat is a record written again; it has to have the same bytes.
"""

import asyncio
import hashlib
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable
from contextlib import AsyncExitStack, suppress

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError
from aiokafka.structs import ConsumerRecord

from bench.faults.account import header, origin
from bench.faults.enricher import PER_ARTICLE
from worker.channels import Channel, topic_name

# Not the channel whose topic is deleted on the way.
WATCHED = (Channel.ENRICHED, Channel.SEARCH, Channel.ENTITIES, Channel.DEAD)
CATCH_UP_SECONDS = 60.0
ANSWER_SECONDS = 5.0


class Tail:
    """Follows the raw topic as committed and the outputs as written; `problems` grows."""

    def __init__(self, brokers: str, prefix: str, group: str) -> None:
        self.problems: list[str] = []
        self.repeats = 0
        """Records written again, aborted ones included."""
        self.samples = 0
        """How often the committed offsets were held against what is written."""
        self.inputs: dict[TopicPartition, list[int]] = defaultdict(list)
        self._names = {topic_name(channel, prefix): channel for channel in WATCHED}
        self._raw = topic_name(Channel.RAW, prefix)
        self._written: dict[str, set[str]] = defaultdict(set)
        self._letters: set[str] = set()
        self._first: dict[str, tuple[str, bytes]] = {}
        self._checked: dict[TopicPartition, int] = defaultdict(int)
        self._noted_to: dict[TopicPartition, int] = defaultdict(int)
        self._brokers, self._group = brokers, group
        self._asker: AIOKafkaConsumer | None = None
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
        await self._forget_asker()
        await self._stack.aclose()

    def target(self) -> dict[TopicPartition, int]:
        """For each partition the offset that is committed once every input known now is delivered."""
        return {tp: offsets[-1] + 1 for tp, offsets in self.inputs.items()}

    async def committed(self) -> dict[TopicPartition, int]:
        """What the group has committed; empty while no broker says."""
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                if self._asker is None:
                    self._asker = AIOKafkaConsumer(
                        bootstrap_servers=self._brokers, group_id=self._group, enable_auto_commit=False
                    )
                    await self._asker.start()
                return {
                    tp: await self._asker.committed(tp) or 0 for tp in self._consumers["raw"].assignment()
                }
        except (KafkaError, TimeoutError):
            await self._forget_asker()
            return {}

    async def _forget_asker(self) -> None:
        """One that has lost its way among brokers that come and go is not asked again."""
        asker, self._asker = self._asker, None
        if asker is not None:
            with suppress(KafkaError, TimeoutError):
                async with asyncio.timeout(ANSWER_SECONDS):
                    await asker.stop()

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

    async def check(self) -> None:
        """Holds what is committed against what is written, up to where it ended when the offset was read."""
        committed = await self.committed()
        consumer = self._consumers["out"]
        try:
            async with asyncio.timeout(CATCH_UP_SECONDS):
                ends = await consumer.end_offsets(list(consumer.assignment()))
                while any(self._noted_to[tp] < end for tp, end in ends.items()):  # noqa: ASYNC110
                    await asyncio.sleep(0.05)
        except (KafkaError, TimeoutError):
            return  # brokers away: another time
        if not committed:
            return
        self.samples += 1
        for tp, offset in committed.items():
            start = self._checked[tp]
            for one in _between(self.inputs[tp], start, offset):
                self._check_input(f"{tp.topic}/{tp.partition}/{one}", offset)
            self._checked[tp] = max(start, offset)

    def _check_input(self, name: str, committed: int) -> None:
        due = sum(PER_ARTICLE[channel] for channel in WATCHED if channel in PER_ARTICLE)
        if name not in self._letters and len(self._written[name]) < due:
            self.problems.append(
                f"{committed} is committed, and of {name} only {self._written[name]} is written"
            )

    async def _follow(self, name: str) -> None:
        consumer = self._consumers[name]
        while True:
            try:
                batches = await consumer.getmany(timeout_ms=200)
            except KafkaError:
                await asyncio.sleep(0.2)
                continue
            for tp, records in batches.items():
                if name == "raw":
                    self.inputs[tp] += [record.offset for record in records]
                else:
                    self._note(self._names[tp.topic], records)
            if name == "out":
                for tp in consumer.assignment():
                    self._noted_to[tp] = await consumer.position(tp)

    def _note(self, channel: Channel, records: Iterable[ConsumerRecord[bytes, bytes]]) -> None:
        for record in records:
            one = origin(record)
            part = f"{channel}/{header(record, 'part') or 0}"
            if channel is Channel.DEAD:
                self._letters.add(one)
                version, body = "", [record.key, record.value, *_originals(record)]
            else:
                self._written[one].add(part)
                version, body = header(record, "ce_id") or "", [record.key, record.value]
            digest = hashlib.blake2b(repr(body).encode(), digest_size=8).digest()
            name = f"{one}/{part}"
            if name not in self._first:
                self._first[name] = (version, digest)
                continue
            self.repeats += 1
            # Another ce_id: of another version of the pipeline, in a rolling upgrade.
            if self._first[name][0] == version and self._first[name][1] != digest:
                self.problems.append(f"{part} of {one} was written again with other bytes")


def _between(offsets: list[int], start: int, end: int) -> list[int]:
    """Of ascending offsets those from `start` up to `end`."""
    return offsets[bisect_left(offsets, start) : bisect_left(offsets, end)]


def _originals(record: ConsumerRecord[bytes, bytes]) -> list[tuple[str, bytes]]:
    return [one for one in record.headers if not one[0].startswith("dead-letter-")]
