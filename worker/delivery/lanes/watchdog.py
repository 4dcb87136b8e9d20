"""Ends a worker that stands still while articles wait; leaves alone one that is idle, slow, or cut off.

The watchdog adds up the time between its own looks, and counts at most twice the usual time between two: if
more has passed, the whole process was frozen.
"""

import asyncio
import logging
import os
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from aiokafka import TopicPartition

from worker.log import log_event

log = logging.getLogger(__name__)

_LOOK_SECONDS = 1.0
# The name of the timer that counts seconds in which no article was finished. None is due while none comes.
_IDLE = "idle"


@dataclass(frozen=True, slots=True)
class LaneProgress:
    """Whether one lane moves."""

    partition: TopicPartition
    delivered: int
    waiting: bool | None
    """Whether anything of the partition is left to deliver; None if that is not known yet."""
    in_progress: int
    """Records being worked on."""
    finished: int
    """Records worked on since the worker started."""
    blocked: bool
    """Whether it waits for what other lanes hold: concurrency or memory."""


@dataclass(frozen=True, slots=True)
class WorkerProgress:
    """Whether the worker as a whole can move."""

    cluster_answers: bool
    """Whether the cluster answers anything in this process."""
    consumer_connected: bool
    """Whether the cluster answers the consumer."""
    assigned: bool
    reading: bool
    """Whether the consumer reads, as far as the lanes have room."""
    pool_ready: bool
    """Whether there are processes to enrich articles."""
    lanes: Iterable[LaneProgress] = ()


@dataclass(frozen=True, slots=True)
class StallLimits:
    """How long what may take, in seconds."""

    stall: float
    article: float
    """One article, with all its attempts."""
    articles_ahead: int
    """How many such articles may be handed to a process before an article's turn comes."""
    rebalance: float


class Watchdog:
    """Looks at the worker's progress every second.

    If something stands still for too long, `stalled` says what, and `end` is called with it.
    """

    def __init__(
        self, limits: StallLimits, *, look: Callable[[], WorkerProgress], end: Callable[[str], None]
    ) -> None:
        self.stalled: str | None = None
        self._limits, self._look, self._end = limits, look, end
        self._seconds: dict[object, float] = {}
        self._signs: dict[TopicPartition, tuple[int, int]] = {}
        self._finished = 0
        self._looks = 0

    async def run(self) -> None:
        """Looks until the process ends, or until something stands still for too long."""
        threading.Thread(target=self._guard, args=[_LOOK_SECONDS], name="watchdog", daemon=True).start()
        before = time.monotonic()
        while self.stalled is None:
            await asyncio.sleep(_LOOK_SECONDS)
            now = time.monotonic()
            self.look(min(now - before, 2 * _LOOK_SECONDS))
            before = now

    @property
    def still_seconds(self) -> float:
        """The longest time for which something that should have moved has not."""
        return max((seconds for name, seconds in self._seconds.items() if name != _IDLE), default=0.0)

    def look(self, elapsed: float) -> None:
        """Looks once, `elapsed` seconds after the look before."""
        self._looks += 1
        reason = self._reason(self._look(), elapsed)
        if reason is not None and self.stalled is None:
            self.stalled = reason
            self._end(reason)

    def _reason(self, worker: WorkerProgress, elapsed: float) -> str | None:
        if not worker.cluster_answers:
            self._seconds.clear()
            return None
        limit = max(self._limits.stall, self._limits.rebalance)
        for is_so, meaning in (
            (not worker.consumer_connected, "its consumer hears nothing, though the cluster answers"),
            (not worker.assigned, "the group assigned nothing, though the cluster answers"),
            (not worker.reading, "it does not read"),
        ):
            if self._count(meaning, elapsed, is_so) > limit:
                return f"stalled: for {limit:g} s {meaning}"
        return self._lane_standing_still(worker, elapsed) if worker.assigned and worker.pool_ready else None

    def _lane_standing_still(self, worker: WorkerProgress, elapsed: float) -> str | None:
        lanes = list(worker.lanes)
        # Every finished article frees its process for those that wait behind it.
        finished = sum(lane.finished for lane in lanes)
        idle = self._count(_IDLE, elapsed, finished == self._finished)
        self._finished = finished
        for lane in lanes:
            tp, sign = lane.partition, (lane.delivered, lane.finished)
            moved, self._signs[tp] = self._signs.get(tp) != sign, sign
            # A new lane after a rebalance is not progress.
            counts = not lane.blocked and lane.waiting is not None
            still = self._count(tp, elapsed if counts else 0, lane.waiting is not False and not moved)
            limit = self._limits.stall
            if lane.in_progress:
                alone = limit + self._limits.article
                limit += self._limits.article * (1 if idle > alone else self._limits.articles_ahead)
            if still > limit:
                return (
                    f"stalled: {tp.topic}/{tp.partition} has articles waiting and delivered nothing from "
                    f"offset {lane.delivered} on for {limit:g} s"
                )
        return None

    def _count(self, name: object, elapsed: float, is_so: bool) -> float:
        """Returns for how long it has been so."""
        self._seconds[name] = self._seconds.get(name, 0.0) + elapsed if is_so else 0.0
        return self._seconds[name]

    def _guard(self, pause: float) -> None:
        """Runs in a thread of its own, and ends the process if the event loop stays blocked."""
        looks, blocked = self._looks, 0.0
        while blocked <= self._limits.stall:
            before = time.monotonic()
            time.sleep(pause)
            blocked = blocked + min(time.monotonic() - before, 2 * pause) if self._looks == looks else 0.0
            looks = self._looks
            if self.stalled is not None:
                return
        log_event(
            log, logging.CRITICAL, "worker ends", reason=f"stalled: its loop was blocked for {blocked:.0f} s"
        )
        os._exit(1)
