"""Ends a worker that stands still while articles wait; leaves alone one that is idle, slow, or cut off.

Time is counted by what passes between two looks, at most twice what should: if more passed, the process was
frozen.
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

LOOK_SECONDS = 1.0
# The count of seconds in which no article was finished, which is as it should be where none comes.
IDLE = "idle"


@dataclass(frozen=True, slots=True)
class Stand:
    """How one lane stands."""

    partition: TopicPartition
    delivered: int
    waiting: bool | None
    """Whether anything of the partition is left to deliver; None: it is not known yet."""
    in_hand: int
    """Articles being enriched."""
    finished: int
    """Articles enriched since the worker started."""
    held_up: bool
    """Whether it waits for what other lanes have: processes, or memory."""


@dataclass(frozen=True, slots=True)
class View:
    """How the worker stands."""

    answering: bool
    """Whether the cluster answers anybody here."""
    hearing: bool
    """Whether it answers the consumer."""
    assigned: bool
    flowing: bool
    """Whether the consumer reads, as far as the lanes have room."""
    working: bool
    """Whether there are processes to enrich articles."""
    stands: Iterable[Stand] = ()


@dataclass(frozen=True, slots=True)
class Limits:
    """How long what may take, in seconds."""

    stall: float
    article: float
    """An article, with all its tries."""
    articles_ahead: int
    """How many of the kind may be handed to a process before one's turn comes."""
    rebalance: float


class Watchdog:
    """`stalled` says why the worker is not healthy, if so; `end` is called with it."""

    def __init__(self, limits: Limits, *, look: Callable[[], View], end: Callable[[str], None]) -> None:
        self.stalled: str | None = None
        self._limits, self._look, self._end = limits, look, end
        self._seconds: dict[object, float] = {}
        self._signs: dict[TopicPartition, tuple[int, int]] = {}
        self._finished = 0
        self._looks = 0

    async def run(self) -> None:
        """Looks until the process ends, or there is a reason to end it."""
        threading.Thread(target=self._guard, args=[LOOK_SECONDS], name="watchdog", daemon=True).start()
        before = time.monotonic()
        while self.stalled is None:
            await asyncio.sleep(LOOK_SECONDS)
            now = time.monotonic()
            self.look(min(now - before, 2 * LOOK_SECONDS))
            before = now

    @property
    def still_seconds(self) -> float:
        """For how long something that should move has not, the longest of all."""
        return max((seconds for name, seconds in self._seconds.items() if name != IDLE), default=0.0)

    def look(self, elapsed: float) -> None:
        """One look, `elapsed` seconds after the last one."""
        self._looks += 1
        reason = self._reason(self._look(), elapsed)
        if reason is not None and self.stalled is None:
            self.stalled = reason
            self._end(reason)

    def _reason(self, view: View, elapsed: float) -> str | None:
        if not view.answering:
            self._seconds.clear()
            return None
        patience = max(self._limits.stall, self._limits.rebalance)
        for name, is_so, limit, meaning in (
            ("deaf", not view.hearing, patience, "its consumer hears nothing, though the cluster answers"),
            (
                "unassigned",
                not view.assigned,
                patience,
                "the group assigned nothing, though the cluster answers",
            ),
            ("dry", not view.flowing, patience, "it does not read"),
        ):
            if self._count(name, elapsed, is_so) > limit:
                return f"stalled: for {limit:g} s {meaning}"
        return self._standing_still(view, elapsed) if view.assigned and view.working else None

    def _standing_still(self, view: View, elapsed: float) -> str | None:
        stands = list(view.stands)
        # Whatever is enriched frees processes for what waits behind it.
        finished = sum(stand.finished for stand in stands)
        idle = self._count(IDLE, elapsed, finished == self._finished)
        self._finished = finished
        for stand in stands:
            tp, sign = stand.partition, (stand.delivered, stand.finished)
            moved, self._signs[tp] = self._signs.get(tp) != sign, sign
            # A rebalance alone is no sign of life.
            counts = not stand.held_up and stand.waiting is not None
            still = self._count(tp, elapsed if counts else 0, stand.waiting is not False and not moved)
            limit = self._limits.stall
            if stand.in_hand:
                alone = limit + self._limits.article
                limit += self._limits.article * (1 if idle > alone else self._limits.articles_ahead)
            if still > limit:
                return (
                    f"stalled: {tp.topic}/{tp.partition} has articles waiting and delivered nothing from "
                    f"offset {stand.delivered} on for {limit:g} s"
                )
        return None

    def _count(self, name: object, elapsed: float, is_so: bool) -> float:
        """For how long it has been so."""
        self._seconds[name] = self._seconds.get(name, 0.0) + elapsed if is_so else 0.0
        return self._seconds[name]

    def _guard(self, pause: float) -> None:
        """In a thread of its own: nobody looks while the loop is blocked."""
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
