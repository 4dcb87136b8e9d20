"""All lanes of this worker: opened and closed at a rebalance, finished at the end."""

import asyncio
import logging
import time
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any, Protocol

from aiokafka import TopicPartition
from aiokafka.structs import OffsetAndMetadata

from worker import metrics
from worker.delivery.kafka.lag import Lag, Reading
from worker.delivery.kafka.refusals import describe, hopeless
from worker.delivery.lanes.budget import Budget
from worker.delivery.lanes.inbox import Arrival
from worker.delivery.lanes.lane import Lane, Pace, Source
from worker.delivery.lanes.publisher import PUBLISHERS
from worker.delivery.lanes.stage import Outputs, Stage, Work
from worker.delivery.lanes.watchdog import Stand
from worker.log import log_event
from worker.records.messages import RawMessage
from worker.settings import Settings

log = logging.getLogger(__name__)

# Rebalances make everybody wait: what is not delivered by then is left to the partition's next owner.
HAND_OVER_SECONDS = 5.0
CLOSE_SECONDS = 5.0

End = Callable[[str], None]


class Reader(Source, Protocol):
    """What reads for the lanes, and commits for those that deliver at least once."""

    async def commit_offset(self, partition: TopicPartition, offset: OffsetAndMetadata) -> None:
        """Commits one partition's offset, as the group's member this worker is."""

    def reading(self, partition: TopicPartition) -> Reading | None:
        """How things stood with a partition when the cluster was last asked; None: it was not, or in vain."""


class _Tally:
    """How much of a partition's work is under way and how much is done, whichever lane does it."""

    def __init__(self) -> None:
        self.in_hand = self.finished = 0

    def of(self, work: Work) -> Work:
        """The work, counted."""

        async def counted(message: RawMessage) -> Outputs:
            self.in_hand += 1
            try:
                outputs = await work(message)
            finally:
                self.in_hand -= 1
            self.finished += 1
            return outputs

        return counted


class _Shared:
    """What the lanes of one stage share: memory, and hands."""

    def __init__(self, stage: Stage, bytes_: int) -> None:
        self.stage, self.bytes = stage, bytes_
        self.budget = Budget(self.bytes)
        self.hands = asyncio.Semaphore(stage.hands)


class Lanes:
    """The lanes by partition, of every stage that the settings have the group read.

    `end` is called with the reason when a lane has given up.
    """

    def __init__(self, settings: Settings, stages: Iterable[Stage]) -> None:
        self._settings = settings
        self.stages = [stage for stage in stages if stage.channel in settings.inputs]
        share = settings.in_flight_bytes // sum(stage.share for stage in self.stages)
        self._shared = {
            settings.topic(stage.channel): _Shared(stage, share * stage.share) for stage in self.stages
        }
        self._lanes: dict[TopicPartition, Lane] = {}
        self._running: dict[asyncio.Task[None], Lane] = {}
        self._tallies: dict[TopicPartition, _Tally] = {}
        self._finishing = False
        self.records_gone = 0
        """Records the log no longer held when they were to be read."""
        self.gaps_mended = 0
        """How often reading had gone astray, and went back to what a lane wanted."""
        self.generation = -1
        self.reader: Reader
        """Set by the consumer, before it is assigned anything."""
        self.end: End
        """Set by the application."""

    async def open(self, partitions: Iterable[TopicPartition], generation: int) -> None:
        """Opens a lane for each partition, all at once: an exception where any of them can't be."""
        lanes = [self._lane(partition, generation) for partition in partitions]
        began = time.monotonic()
        try:
            async with asyncio.timeout(self._open_seconds), asyncio.TaskGroup() as opening:
                for lane in lanes:
                    opening.create_task(lane.open())
        except BaseException:
            await _close_all(lanes)
            raise
        self.generation = generation
        for lane in lanes:
            self._lanes[lane.partition] = lane
            task = asyncio.create_task(lane.run(), name=f"lane {lane.partition}")
            self._running[task] = lane
            task.add_done_callback(self._ended)
            if self._finishing:
                lane.finish()
        offsets = {_name(lane): lane.next for lane in lanes}
        seconds = time.monotonic() - began
        metrics.LANES_OPEN_SECONDS.observe(seconds)
        log_event(
            log,
            logging.INFO,
            "lanes opened",
            generation=generation,
            seconds=round(seconds, 3),
            offsets=offsets,
        )

    async def drain(self, seconds: float) -> bool:
        """Takes nothing more, and waits so long for what is in flight; whether all of it was delivered."""
        self.finish()
        lanes = list(self._running.values())
        late = await self._late(seconds)
        return not late and not any(lane.gave_up for lane in lanes)

    async def close(self, seconds: float = HAND_OVER_SECONDS) -> None:
        """Lets the lanes deliver what they have begun, for so long, then closes them."""
        lanes, self._lanes = self._lanes, {}
        for lane in lanes.values():
            lane.finish()
        late = await self._late(seconds)
        # Cancelled first: a task that waits for a transaction whose producer is gone waits for ever.
        for task in late:
            task.cancel()
        if late:
            await asyncio.wait(late, timeout=CLOSE_SECONDS)
            await _close_all(late.values())
        if lanes:
            left = {_name(lane): lane.delivered for lane in late.values()}
            log_event(log, logging.INFO, "lanes closed", lanes=len(lanes), left_uncommitted_from=left)

    async def _late(self, seconds: float) -> dict[asyncio.Task[None], Lane]:
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
        """Gives a message to its partition's lane; one that is no longer ours to deliver is dropped."""
        message = arrival.message
        lane = self._lanes.get(TopicPartition(message.topic, message.partition))
        if lane is not None:
            lane.put(arrival)

    def has_room(self, partition: TopicPartition) -> bool:
        """Whether more should be read for this partition. It only looks: the consumer's thread asks."""
        lane = self._lanes.get(partition)
        if lane is None or not lane.has_room():
            return False
        return self._waiting_bytes(partition.topic) < self._shared[partition.topic].bytes // 4

    def _may_collect(self, topic: str) -> bool:
        """Whether a batch of this topic may wait to fill: articles wait for processes, and here is room."""
        first = self._shared[self._settings.topic(self.stages[0].channel)]
        return first.hands.locked() and self._waiting_bytes(topic) < self._shared[topic].bytes // 8

    def _waiting_bytes(self, topic: str) -> int:
        return sum(lane.waiting_bytes for tp, lane in list(self._lanes.items()) if tp.topic == topic)

    def note_gone(self, records: int) -> None:
        """Counts records that are gone. Called from the consumer's thread, the only one that counts."""
        self.records_gone += records
        metrics.RECORDS_GONE.inc(records)

    def wanted(self) -> dict[TopicPartition, int]:
        """The offset each lane wants next."""
        return {partition: lane.next for partition, lane in self._lanes.items() if lane.is_open}

    def lag(self) -> dict[TopicPartition, Lag]:
        """How far behind each lane is, where its partition's last stable offset is known."""
        readings = {partition: self.reader.reading(partition) for partition in self._lanes}
        return {
            partition: Lag(_position(self._lanes[partition], reading), reading.last_stable)
            for partition, reading in readings.items()
            if reading is not None
        }

    def stands(self) -> list[Stand]:
        """How each lane stands, for the watchdog."""
        lag = self.lag()
        return [
            Stand(
                partition,
                lane.delivered,
                waiting=_waits(lane, lag.get(partition)),
                in_hand=self._tallies[partition].in_hand,
                finished=self._tallies[partition].finished,
                held_up=self._is_held_up(lane),
            )
            for partition, lane in self._lanes.items()
        ]

    def _is_held_up(self, lane: Lane) -> bool:
        if self._tallies[lane.partition].in_hand:
            return False
        if lane.delivered < lane.next:
            shared = self._shared[lane.partition.topic]
            return shared.hands.locked() or shared.budget.is_short
        return not self.has_room(lane.partition)

    def lanes(self) -> dict[TopicPartition, dict[str, int]]:
        """How each lane is getting on."""
        return {tp: lane.status() for tp, lane in sorted(self._lanes.items())}

    def status(self) -> dict[str, Any]:
        """For the health page."""
        lanes = {f"{tp.topic}/{tp.partition}": status for tp, status in self.lanes().items()}
        return {
            "generation": self.generation,
            "bytes_in_flight": sum(shared.budget.used_bytes for shared in self._shared.values()),
            "records_gone": self.records_gone,
            "gaps_mended": self.gaps_mended,
            "lanes": lanes,
        }

    @property
    def _open_seconds(self) -> float:
        # Nobody sends heartbeats while partitions are being assigned.
        return self._settings.session_timeout_seconds * 0.45

    def _lane(self, partition: TopicPartition, generation: int) -> Lane:
        settings, reader = self._settings, self.reader
        publisher, shared = PUBLISHERS[settings.delivery], self._shared[partition.topic]
        tally = self._tallies.setdefault(partition, _Tally())

        async def make_work(offset: int) -> Work:
            return tally.of(await shared.stage.open(partition, offset))

        return Lane(
            partition,
            generation,
            channel=shared.stage.channel,
            make_publisher=lambda: publisher(settings, partition, reader.commit_offset),
            make_work=make_work,
            source=reader,
            budget=shared.budget,
            hands=shared.hands,
            pace=Pace(
                batch_size=settings.batch_size,
                batch_bytes=shared.bytes // 16,
                results_bytes=int(shared.bytes * shared.stage.batch_share),
                batch_wait_seconds=settings.batch_wait_ms / 1000,
                batches_in_flight=settings.batches_in_flight,
                deliver_seconds=settings.deliver_seconds,
                open_seconds=self._open_seconds,
                collect_seconds=shared.stage.collect_seconds,
            ),
            may_collect=partial(self._may_collect, partition.topic),
        )

    def _ended(self, task: asyncio.Task[None]) -> None:
        lane = self._running.pop(task)
        lane.finish()
        if not task.cancelled() and (error := task.exception()):
            self.end(hopeless(error) or describe(error))
        elif not self._finishing and self._lanes.get(lane.partition) is lane:
            # Nobody told it to: its partition would stand still, and nobody would hear of it.
            self.end(f"the lane of {_name(lane)} stopped by itself")


def _name(lane: Lane) -> str:
    return f"{lane.partition.topic}/{lane.partition.partition}"


def _waits(lane: Lane, lag: Lag | None) -> bool | None:
    if lane.delivered < lane.next:
        return True
    return None if lag is None else lag.waiting > 0


def _position(lane: Lane, reading: Reading) -> int:
    """Past the last record that was read there may be transaction markers, which nobody delivers."""
    all_delivered = lane.delivered == lane.next == reading.read_to
    return reading.position if all_delivered else lane.delivered


async def _close_all(lanes: Iterable[Lane]) -> None:
    if closing := [asyncio.ensure_future(lane.close()) for lane in lanes]:
        await asyncio.wait(closing, timeout=CLOSE_SECONDS)
