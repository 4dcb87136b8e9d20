"""When a batch goes: at once while somebody can work on it, and else with what has come by then."""

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from types import SimpleNamespace
from typing import Any

import pytest
from aiokafka import TopicPartition

from tests.unit.delivery.lanes.lane_fakes import Partition, make_lane
from worker.channels import Channel
from worker.delivery.lanes import lanes as lanes_module
from worker.delivery.lanes.inbox import Arrival
from worker.delivery.lanes.lanes import Lanes
from worker.delivery.lanes.stage import Outputs, RunnableStage, StageTuning, stateless
from worker.delivery.lanes.workload import BegunRecords, Workload
from worker.records.messages import OutMessage, RawMessage
from worker.settings import Delivery, Settings

WAIT_MS, COLLECT_SECONDS, PROCESSES = 600, 1.5, 2
MANY = 4 * PROCESSES
SETTINGS = Settings(batch_size=8, batch_wait_ms=WAIT_MS, processes=PROCESSES)
RAW, ENRICHED = SETTINGS.topic(Channel.RAW), SETTINGS.topic(Channel.ENRICHED)


class Worker:
    """The lanes of two stages over partitions in memory. An article is worked on until `finish` says so."""

    def __init__(self) -> None:
        self.parts: dict[TopicPartition, Partition] = {}
        self.articles: dict[tuple[int, int], asyncio.Future[None]] = {}
        self.batches: list[tuple[str, int, int]] = []
        """Topic, partition and number of records of each delivery."""
        self.offsets: Counter[TopicPartition] = Counter()
        self.hands = asyncio.Semaphore(PROCESSES)
        self.problems: list[str] = []
        stages = [
            RunnableStage(
                "enrich",
                Channel.RAW,
                frozenset({Channel.ENRICHED}),
                stateless(self._enrich),
                StageTuning(max_concurrent=MANY, hands=PROCESSES, memory_weight=6),
            ),
            RunnableStage(
                "match",
                Channel.ENRICHED,
                frozenset({Channel.MATCHES}),
                stateless(self._match),
                StageTuning(max_concurrent=1, collect_seconds=COLLECT_SECONDS),
            ),
        ]
        self.lanes = Lanes(SETTINGS, stages, end=self.problems.append)

    def publisher(self, _settings: Settings, partition: TopicPartition, *_: Any) -> Any:
        part = self.parts.setdefault(partition, Partition(committed=0))
        part.on_publish = lambda records, groups: self.batches.append(
            (partition.topic, partition.partition, len(records))
        )
        return part.make_publisher()

    def put(self, topic: str, partition: int, count: int = 1) -> None:
        for _ in range(count):
            place = TopicPartition(topic, partition)
            offset = self.offsets[place]
            self.offsets[place] += 1
            message = RawMessage(topic, partition, offset, 1000, b"key", b"text")
            self.lanes.put(Arrival(message, offset, 1))

    def finish(self, *articles: tuple[int, int]) -> None:
        for article in articles or [*self.articles]:
            self.articles.pop(article).set_result(None)

    @property
    def lanes_begun(self) -> int:
        """How many articles the lanes have begun and not finished."""
        return self.lanes._first_stage.workload.begun

    async def until(self, is_so: Callable[[], bool]) -> float:
        """Waits until it is so; returns how many seconds that took."""
        began = time.monotonic()
        async with asyncio.timeout(5):
            while not is_so():  # noqa: ASYNC110
                await asyncio.sleep(0.001)
        return time.monotonic() - began

    async def _enrich(self, message: RawMessage) -> Outputs:
        done = self.articles[message.partition, message.offset] = asyncio.get_running_loop().create_future()
        async with self.hands:
            await done
        return (OutMessage(Channel.ENRICHED, b"%d" % message.offset, b"", ()),)

    async def _match(self, message: RawMessage) -> Outputs:
        return (OutMessage(Channel.MATCHES, b"%d" % message.offset, b"", ()),)


@pytest.fixture
def running(monkeypatch):
    @asynccontextmanager
    async def run(*partitions: tuple[str, int]) -> AsyncIterator[Worker]:
        worker = Worker()
        monkeypatch.setattr(lanes_module, "PUBLISHERS", {Delivery.EXACTLY_ONCE: worker.publisher})
        reader: Any = SimpleNamespace(commit_offset=None, read_position=lambda _: None)
        await worker.lanes.open((TopicPartition(*one) for one in partitions), 1, reader)
        try:
            yield worker
        finally:
            await worker.lanes.close(0)
        assert not worker.problems

    return run


async def test_while_a_process_is_free_each_article_begins_as_it_comes(running):
    async with running((RAW, 0), (RAW, 1)) as worker:
        worker.put(RAW, 0)
        worker.put(RAW, 1)
        seconds = await worker.until(lambda: len(worker.articles) == 2)
        assert seconds < WAIT_MS / 1000 / 2


async def test_while_all_processes_are_busy_a_batch_fills_and_goes_when_one_is_free(running):
    async with running((RAW, 0)) as worker:
        worker.put(RAW, 0)
        await worker.until(lambda: len(worker.articles) == 1)
        worker.put(RAW, 0)
        await worker.until(lambda: len(worker.articles) == PROCESSES)
        worker.put(RAW, 0, 3)
        await asyncio.sleep(WAIT_MS / 1000 / 3)
        assert len(worker.articles) == PROCESSES, (
            "nobody could have worked on it, and it was a batch of its own"
        )
        worker.finish((0, 0))
        seconds = await worker.until(lambda: len(worker.articles) == PROCESSES - 1 + 3)
        assert seconds < WAIT_MS / 1000 / 2
        worker.finish()
        await worker.until(lambda: worker.parts[TopicPartition(RAW, 0)].committed == 5)
        assert worker.batches == [(RAW, 0, 1), (RAW, 0, 1), (RAW, 0, 3)]


async def test_while_all_processes_are_busy_a_batch_waits_no_longer_than_the_setting_says(running):
    async with running((RAW, 0)) as worker:
        worker.put(RAW, 0, PROCESSES)
        await worker.until(lambda: len(worker.articles) == PROCESSES)
        worker.put(RAW, 0)
        seconds = await worker.until(lambda: len(worker.articles) == PROCESSES + 1)
        assert WAIT_MS / 1000 * 0.8 <= seconds < WAIT_MS / 1000 * 4


async def test_a_process_that_comes_free_is_taken_by_the_lane_that_waits_longest_and_the_others_wait_on(
    running,
):
    async with running((RAW, 0), (RAW, 1), (RAW, 2)) as worker:
        worker.put(RAW, 0, PROCESSES)
        await worker.until(lambda: len(worker.articles) == PROCESSES)
        for partition in (2, 1):
            await asyncio.sleep(0.002)
            worker.put(RAW, partition)
        worker.finish((0, 0))
        await worker.until(lambda: (2, 0) in worker.articles)
        await asyncio.sleep(0.005)
        assert (1, 0) not in worker.articles


async def test_a_backlog_goes_in_full_batches(running):
    async with running((RAW, 0)) as worker:
        worker.put(RAW, 0, 40)
        while worker.parts[TopicPartition(RAW, 0)].committed != 40:
            await asyncio.sleep(0.001)
            worker.finish()
        assert [records for *_, records in worker.batches] == [8, 8, 8, 8, 8]


async def test_a_later_stage_goes_at_once_where_it_is_idle_and_fills_while_it_delivers(running):
    async with running((ENRICHED, 0)) as worker:
        part = worker.parts[TopicPartition(ENRICHED, 0)]
        worker.put(ENRICHED, 0)
        assert await worker.until(lambda: part.committed == 1) < WAIT_MS / 1000 / 2
        part.after_commit = lambda: worker.put(ENRICHED, 0, 3) if part.committed == 2 else None
        worker.put(ENRICHED, 0)
        assert await worker.until(lambda: part.committed == 5) < WAIT_MS / 1000 / 2
        assert [records for *_, records in worker.batches] == [1, 1, 3]


async def test_a_later_stage_goes_at_once_though_all_processes_are_busy(running):
    async with running((RAW, 0), (ENRICHED, 0)) as worker:
        worker.put(RAW, 0, MANY)
        await worker.until(lambda: len(worker.articles) == MANY)
        worker.put(ENRICHED, 0)
        part = worker.parts[TopicPartition(ENRICHED, 0)]
        assert await worker.until(lambda: part.committed == 1) < WAIT_MS / 1000 / 2


async def test_a_later_stage_collects_in_a_backlog_until_it_is_over(running):
    async with running((RAW, 0), (ENRICHED, 0)) as worker:
        part = worker.parts[TopicPartition(ENRICHED, 0)]
        worker.put(RAW, 0, 2 * MANY)
        await worker.until(lambda: len(worker.articles) == MANY)
        worker.put(ENRICHED, 0)
        worker.put(ENRICHED, 0)
        await asyncio.sleep(1.5 * WAIT_MS / 1000)
        assert part.committed == 0
        worker.finish(*((0, offset) for offset in range(PROCESSES)))  # which leaves more than may run at once
        await asyncio.sleep(0.01)
        assert part.committed == 0
        while worker.lanes_begun > MANY:
            await asyncio.sleep(0.001)
            worker.finish()
        assert await worker.until(lambda: part.committed == 2) < WAIT_MS / 1000 / 2
        assert [one for one in worker.batches if one[0] == ENRICHED] == [(ENRICHED, 0, 2)]


async def test_a_later_stage_does_not_collect_for_ever(running):
    async with running((RAW, 0), (ENRICHED, 0)) as worker:
        worker.put(RAW, 0, 2 * MANY)
        await worker.until(lambda: len(worker.articles) == MANY)
        worker.put(ENRICHED, 0)
        part = worker.parts[TopicPartition(ENRICHED, 0)]
        assert await worker.until(lambda: part.committed == 1) >= COLLECT_SECONDS * 0.9


@pytest.mark.parametrize("is_stopped", [False, True])
async def test_a_lane_that_starts_over_or_ends_occupies_nobody(is_stopped):
    workload, partition = Workload(2, 8), Partition(committed=0)
    begun: list[int] = []

    async def never(message: RawMessage) -> Outputs:
        begun.append(message.offset)
        if len(begun) == 3 and not is_stopped:
            raise ConnectionError
        await asyncio.Event().wait()
        return ()

    lane = make_lane(partition, work=never, workload=workload)
    await lane.open()
    run = asyncio.create_task(lane.run())
    for offset in range(3):
        message = RawMessage("raw", 0, offset, 1000, b"key", b"text")
        lane.put(Arrival(message, offset, lane.generation))
    async with asyncio.timeout(5):
        while len(begun) < 3:  # noqa: ASYNC110
            await asyncio.sleep(0.001)
        if is_stopped:
            run.cancel()
            await asyncio.wait([run])
            await lane.close()
        while workload.begun:  # noqa: ASYNC110
            await asyncio.sleep(0.001)
    run.cancel()
    assert workload.has_free_hand


def test_records_that_were_dropped_are_not_finished_again():
    freed: list[int] = []
    workload = Workload(1, 4, on_relief=lambda: freed.append(workload.begun))
    one, other = BegunRecords(workload), BegunRecords(workload)
    one.begin(2)
    other.begin(1)
    one.drop()
    one.finish_one()
    assert (workload.begun, freed) == (1, [])
    other.finish_one()
    assert (workload.begun, freed) == (0, [0])


def test_lanes_hear_when_a_hand_is_free_and_when_a_backlog_is_over_and_else_nothing():
    heard: list[int] = []
    workload = Workload(2, 4, on_relief=lambda: heard.append(workload.begun))
    workload.begin(7)
    for _ in range(7):
        workload.finish(1)
    assert heard == [4, 1, 0]
