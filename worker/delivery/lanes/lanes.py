"""All lanes of this worker: opened and closed at a rebalance, finished when the worker stops."""

import asyncio
import logging
import time
from collections.abc import Callable, Iterable
from functools import partial
from typing import Protocol

from aiokafka import TopicPartition
from aiokafka.structs import OffsetAndMetadata

from worker import metrics
from worker.channels import Channel
from worker.delivery.kafka.beginning import Beginnings
from worker.delivery.kafka.errors import describe, fatal_reason
from worker.delivery.kafka.lag import ReadPosition
from worker.delivery.kafka.sending import NowMs, unchecked_now_ms
from worker.delivery.lanes.budget import Budget
from worker.delivery.lanes.dead_letter import refusing_faulty
from worker.delivery.lanes.inbox import Arrival
from worker.delivery.lanes.lane import BatchLimits, Lane, Source
from worker.delivery.lanes.publisher import PUBLISHERS
from worker.delivery.lanes.stage import ForeseeingWork, Outputs, RunnableStage, Work
from worker.delivery.lanes.status import LanesStatus
from worker.delivery.lanes.trace import LaneTrace, Traces
from worker.delivery.lanes.views import LaneSnapshot, lag_of, progress_of
from worker.delivery.lanes.watchdog import LaneProgress
from worker.delivery.lanes.workload import Workload
from worker.log import log_event
from worker.records.messages import FIRST_STEPS, RawMessage
from worker.settings import Settings

log = logging.getLogger(__name__)

# The whole group waits during a rebalance: what is not delivered by then is left to the next owner.
HAND_OVER_SECONDS = 5.0
CLOSE_SECONDS = 5.0


class Reader(Source, Protocol):
    """What reads for the lanes, and commits offsets for lanes that deliver at least once."""

    async def commit_offset(self, partition: TopicPartition, offset: OffsetAndMetadata) -> None:
        """Commits one partition's offset as this member of the group."""

    def read_position(self, partition: TopicPartition) -> ReadPosition | None:
        """How far the partition had been read when its leader last answered; None if it has not answered."""


class _WorkCounter:
    """Counts the records of a partition that are being worked on, and those that are finished.

    It outlives the partition's lanes, so that a rebalance does not look like progress.
    """

    def __init__(self) -> None:
        self.in_progress = self.finished = 0

    def counting(self, work: Work) -> Work:
        """The work, counted."""

        async def counted(message: RawMessage) -> Outputs:
            self.in_progress += 1
            try:
                outputs = await work(message)
            finally:
                self.in_progress -= 1
            self.finished += 1
            return outputs

        return counted


class _StageResources:
    """What the lanes of one stage share: memory, concurrency and hands."""

    def __init__(self, stage: RunnableStage, memory_bytes: int, on_relief: Callable[[], None]) -> None:
        self.stage, self.memory_bytes = stage, memory_bytes
        self.budget = Budget(memory_bytes)
        self.concurrency = asyncio.Semaphore(stage.tuning.max_concurrent)
        self.workload = Workload(stage.tuning.hands, stage.tuning.max_concurrent, on_relief)

    @property
    def are_short(self) -> bool:
        """Whether a lane has to wait for others before it can begin a record."""
        return self.concurrency.locked() or self.budget.is_short


class Lanes:
    """One lane for each assigned partition of each stage.

    `end` is called with the reason when a lane can't go on; it ends the worker. `now_ms` gives the time that
    records are written with. `traces` are told of each delivery.
    """

    def __init__(
        self,
        settings: Settings,
        stages: Iterable[RunnableStage],
        *,
        end: Callable[[str], None],
        now_ms: NowMs = unchecked_now_ms,
        traces: Traces | None = None,
    ) -> None:
        stages = list(stages)
        self._now_ms, self._traces = now_ms, traces
        self._settings, self._end = settings, end
        self._beginnings = Beginnings(settings)
        bytes_per_weight = settings.in_flight_bytes // sum(stage.tuning.memory_weight for stage in stages)
        self._resources = {
            settings.topic(stage.reads): _StageResources(
                stage, bytes_per_weight * stage.tuning.memory_weight, self._look_again
            )
            for stage in stages
        }
        self._first_stage = self._resources[settings.topic(stages[0].reads)]
        self._reader: Reader | None = None
        self._lanes: dict[TopicPartition, Lane] = {}
        self._running: dict[asyncio.Task[None], Lane] = {}
        self._counters: dict[TopicPartition, _WorkCounter] = {}
        self._finishing = False
        self._records_gone = self._mismatches_mended = 0
        self._generation = -1

    async def open(self, partitions: Iterable[TopicPartition], generation: int, reader: Reader) -> None:
        """Opens a lane for each partition, all at once.

        A lane that can't be opened in time goes on trying while the others work. Raises what it met if
        trying again can't help.
        """
        self._reader = reader
        lanes = [self._lane(partition, generation, reader) for partition in partitions]
        began = time.monotonic()
        try:
            async with asyncio.TaskGroup() as opening:
                for lane in lanes:
                    opening.create_task(lane.try_open())
        except BaseException:
            await _close_all(lanes)
            raise
        self._generation = generation
        for lane in lanes:
            self._lanes[lane.partition] = lane
            task = asyncio.create_task(lane.run(), name=f"lane {lane.partition}")
            self._running[task] = lane
            task.add_done_callback(self._ended)
            if self._finishing:
                lane.finish()
        offsets = {_name(lane): lane.next for lane in lanes if lane.is_open}
        late = [_name(lane) for lane in lanes if not lane.is_open]
        seconds = time.monotonic() - began
        metrics.LANES_OPEN_SECONDS.observe(seconds)
        log_event(
            log,
            logging.INFO,
            "lanes opened",
            generation=generation,
            seconds=round(seconds, 3),
            offsets=offsets,
            **({"not_yet": late} if late else {}),
        )

    async def drain(self, seconds: float) -> bool:
        """Takes no more records and waits for those in flight; returns whether all of them were delivered."""
        self.finish()
        lanes = list(self._running.values())
        late = await self._still_running_after(seconds)
        return not late and not any(lane.left_undelivered for lane in lanes)

    async def close(self, seconds: float = HAND_OVER_SECONDS) -> None:
        """Gives the lanes this long to deliver what they have begun, then closes them."""
        lanes, self._lanes = self._lanes, {}
        for lane in lanes.values():
            lane.finish()
        late = await self._still_running_after(seconds)
        # Cancelled first: a task that waits for a transaction whose producer is gone waits for ever.
        for task in late:
            task.cancel()
        if late:
            await asyncio.wait(late, timeout=CLOSE_SECONDS)
            await _close_all(late.values())
        if lanes:
            left = {_name(lane): lane.delivered for lane in late.values()}
            log_event(log, logging.INFO, "lanes closed", lanes=len(lanes), left_uncommitted_from=left)

    async def _still_running_after(self, seconds: float) -> dict[asyncio.Task[None], Lane]:
        running = dict(self._running)
        if not running:
            return {}
        done, _ = await asyncio.wait(running, timeout=seconds)
        return {task: lane for task, lane in running.items() if task not in done}

    def finish(self) -> None:
        """No lane takes anything from now on."""
        self._finishing = True
        for lane in self._lanes.values():
            lane.finish()

    def put(self, arrival: Arrival) -> None:
        """Gives a record to its partition's lane, or drops it if the partition is no longer this worker's."""
        message = arrival.message
        lane = self._lanes.get(TopicPartition(message.topic, message.partition))
        if lane is not None:
            lane.put(arrival)

    def has_room(self, partition: TopicPartition) -> bool:
        """Whether more should be read for this partition. The consumer's thread calls it."""
        lane = self._lanes.get(partition)
        if lane is None or not lane.has_room():
            return False
        return self._waiting_bytes(partition.topic) < self._resources[partition.topic].memory_bytes // 4

    def _patience(self, topic: str, is_idle: bool) -> float:
        """How many seconds a batch of this topic may wait to fill, as things are.

        A batch of the first stage goes at once while a process is free. One of a later stage goes at once if
        its lane is idle, except in a backlog: then articles wait longer anyway, and a transaction costs as
        much for one record as for many.
        """
        stage, first = self._resources[topic], self._first_stage
        batch_wait_seconds = self._settings.batch_wait_ms / 1000
        if stage is first:
            return 0.0 if first.workload.has_free_hand else batch_wait_seconds
        may_collect = stage.stage.tuning.collect_seconds and first.workload.is_behind
        if may_collect and self._waiting_bytes(topic) < stage.memory_bytes // 8:
            return stage.stage.tuning.collect_seconds
        return 0.0 if is_idle else batch_wait_seconds

    def _look_again(self) -> None:
        """A process is free, or a backlog is over: lanes look whether to wait on.

        Those of the first stage come first, and of these the one whose record waits longest. It may take the
        process, and the rest see that.
        """
        first = self._settings.topic(self._first_stage.stage.reads)
        waiting = [
            (tp.topic != first, since, lane)
            for tp, lane in self._lanes.items()
            if (since := lane.waiting_since) is not None
        ]
        for *_, lane in sorted(waiting, key=lambda one: one[:2]):
            lane.look_again()

    def _waiting_bytes(self, topic: str) -> int:
        return sum(lane.waiting_bytes for tp, lane in list(self._lanes.items()) if tp.topic == topic)

    def note_records_gone(self, records: int) -> None:
        """Counts records that the log lost before they were read. Only the consumer's thread calls it."""
        self._records_gone += records
        metrics.RECORDS_GONE.inc(records)

    def note_mismatch_mended(self) -> None:
        """Counts that reading was sent back to the offset that a lane waited for."""
        self._mismatches_mended += 1
        metrics.GAPS_MENDED.inc()

    @property
    def generation(self) -> int:
        """The group's generation in which the lanes were opened; -1 before the first."""
        return self._generation

    @property
    def all_open(self) -> bool:
        """Whether every lane is open; one that is not goes on trying."""
        return all(lane.is_open for lane in self._lanes.values())

    def wanted(self) -> dict[TopicPartition, int]:
        """The offset that each open lane waits for."""
        return {partition: lane.next for partition, lane in self._lanes.items() if lane.is_open}

    def progress(self) -> list[LaneProgress]:
        """Whether each lane moves, for the watchdog."""
        return [progress_of(partition, lane) for partition, lane in self._snapshots().items()]

    def status(self) -> LanesStatus:
        """For the health page and the metrics."""
        snapshots = self._snapshots()
        lags = {partition: lag_of(lane) for partition, lane in snapshots.items()}
        return LanesStatus(
            generation=self._generation,
            bytes_in_flight=sum(resources.budget.used_bytes for resources in self._resources.values()),
            records_gone=self._records_gone,
            gaps_mended=self._mismatches_mended,
            lanes={partition: lane.status for partition, lane in sorted(snapshots.items())},
            lag={partition: lag for partition, lag in lags.items() if lag is not None},
        )

    def _snapshots(self) -> dict[TopicPartition, LaneSnapshot]:
        return {
            partition: LaneSnapshot(
                lane.status(),
                read=self._reader.read_position(partition) if self._reader else None,
                in_progress=self._counters[partition].in_progress,
                finished=self._counters[partition].finished,
                has_room=self.has_room(partition),
                lacks_resources=self._resources[partition.topic].are_short,
            )
            for partition, lane in self._lanes.items()
        }

    @property
    def _open_seconds(self) -> float:
        # While partitions are being assigned nobody sends heartbeats.
        return self._settings.session_timeout_seconds * 0.45

    @property
    def _open_again_seconds(self) -> float:
        """Heartbeats go on meanwhile. What never ends within a session's time would never open at all."""
        return max(self._open_seconds, self._settings.deliver_seconds)

    def _lane(self, partition: TopicPartition, generation: int, reader: Reader) -> Lane:
        settings, resources = self._settings, self._resources[partition.topic]
        stage = resources.stage
        topics = settings.topics(stage.writes)
        publisher = PUBLISHERS[settings.delivery]
        counter = self._counters.setdefault(partition, _WorkCounter())

        step = FIRST_STEPS[stage.reads]
        trace = None if self._traces is None else LaneTrace(self._traces, stage, partition)

        def wrapped(work: Work) -> Work:
            work = counter.counting(refusing_faulty(work, step))
            return work if trace is None else trace.following(work)

        async def make_work(offset: int) -> Work:
            work = await stage.make_work(partition, offset)
            return work.wrapped(wrapped) if isinstance(work, ForeseeingWork) else wrapped(work)

        return Lane(
            partition,
            generation,
            channel=stage.reads,
            writes=stage.writes,
            latest_only=stage.latest_only,
            make_publisher=lambda: publisher(settings, partition, topics, reader.commit_offset, self._now_ms),
            make_work=make_work,
            first_offset=partial(self._beginnings.first_offset, partition, _told_by(stage.writes)),
            source=reader,
            budget=resources.budget,
            concurrency=resources.concurrency,
            workload=resources.workload,
            limits=BatchLimits(
                batch_size=settings.batch_size,
                batch_bytes=resources.memory_bytes // 16,
                results_bytes=int(resources.memory_bytes * stage.tuning.results_fraction),
                batches_in_flight=settings.batches_in_flight,
                deliver_seconds=settings.deliver_seconds,
                open_seconds=self._open_seconds,
                open_again_seconds=self._open_again_seconds,
            ),
            patience=partial(self._patience, partition.topic),
            trace=trace,
            keeps_state=stage.keeps_state,
        )

    def _ended(self, task: asyncio.Task[None]) -> None:
        lane = self._running.pop(task)
        lane.finish()
        if not task.cancelled() and (error := task.exception()):
            self._end(fatal_reason(error) or describe(error))
        elif not self._finishing and self._lanes.get(lane.partition) is lane:
            # Nobody told it to stop: its partition would stand still, and nobody would hear of it.
            self._end(f"the lane of {_name(lane)} stopped by itself")


def _told_by(writes: Iterable[Channel]) -> list[Channel]:
    """The channels that show whether a stage has written before: others write to the rest too."""
    return [channel for channel in writes if channel not in (Channel.DEAD, Channel.STATE)]


def _name(lane: Lane) -> str:
    return f"{lane.partition.topic}/{lane.partition.partition}"


async def _close_all(lanes: Iterable[Lane]) -> None:
    if closing := [asyncio.ensure_future(lane.close()) for lane in lanes]:
        await asyncio.wait(closing, timeout=CLOSE_SECONDS)
