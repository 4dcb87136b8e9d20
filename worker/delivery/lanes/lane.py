"""A lane: one input partition during one assignment, from what is read to what is delivered.

Batches are worked on side by side and delivered in input order. A delivery that fails throws everything of
the lane away: a new publisher, the committed offset read anew, the partition read from there again. What is
on the brokers and what is committed always agree, so nothing has to be undone and nothing has to be
remembered.
"""

import asyncio
import logging
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from itertools import takewhile
from typing import Protocol

from aiokafka import TopicPartition

from worker import metrics
from worker.channels import Channel
from worker.delivery.kafka.refusals import (
    Hopeless,
    Nature,
    Overdue,
    RecordRefused,
    causes,
    describe,
    hopeless,
    nature,
)
from worker.delivery.kafka.sending import Record, lots_of
from worker.delivery.lanes.account import count_delivery
from worker.delivery.lanes.budget import Budget
from worker.delivery.lanes.dead_letter import refused
from worker.delivery.lanes.inbox import Arrival, Inbox, size_of
from worker.delivery.lanes.patience import Patience
from worker.delivery.lanes.publisher import Publisher
from worker.delivery.lanes.stage import Outputs, Work
from worker.log import log_event
from worker.records.messages import RawMessage

log = logging.getLogger(__name__)

_IN_INBOX, _FOR_MEMORY, _TO_ENRICH, _FOR_ITS_TURN = (
    metrics.BATCH_STEP.labels(step) for step in ("inbox", "memory", "enrich", "turn")
)
# How many times as many messages as before a batch takes at most, where it goes by the size of results.
GROWTH = 4


@dataclass(frozen=True)
class Pace:
    """How much a lane takes at once, and how long it waits.

    A batch waits `batch_wait_seconds` to fill, and as long as it
    may collect about `collect_seconds`. With `results_bytes` it takes as few messages as have about so many
    bytes of results, going by those before it (the first takes one), and counts for so many at least.
    """

    batch_size: int
    batch_bytes: int
    batch_wait_seconds: float
    batches_in_flight: int
    deliver_seconds: float
    open_seconds: float
    collect_seconds: float = 0.0
    results_bytes: int = 0


class Source(Protocol):
    """Where a lane's messages come from."""

    async def earliest(self, partition: TopicPartition) -> int:
        """The first offset there is."""

    async def seek(self, partition: TopicPartition, generation: int, offset: int) -> None:
        """Reads on from here. Nothing happens if the partition went elsewhere."""

    async def confirm(self, generation: int) -> None:
        """Raises unless the group says that this worker is its member in this generation."""


@dataclass(frozen=True, slots=True)
class _Batch:
    arrivals: Sequence[Arrival]
    size: int
    outputs: asyncio.Task["_Worked"]


@dataclass(frozen=True, slots=True)
class _Worked:
    outputs: list[Outputs]
    done_at: float


class Lane:
    """Takes messages of its partition in order, each once, and delivers what comes of them.

    `open` it, then `run` it to the end; `put` gives it messages; `finish` lets it deliver what it has begun.
    `hands`, which lanes share, bound how many messages are worked on; one that waits for a hand is not begun.
    `may_collect`: whether a batch may wait longer to fill.
    """

    def __init__(
        self,
        partition: TopicPartition,
        generation: int,
        *,
        channel: Channel,
        make_publisher: Callable[[], Publisher],
        make_work: Callable[[int], Awaitable[Work]],
        source: Source,
        budget: Budget,
        hands: asyncio.Semaphore,
        pace: Pace,
        may_collect: Callable[[], bool] = lambda: False,
    ) -> None:
        self.partition, self.generation = partition, generation
        self.next = 0
        """The lowest offset it will still take."""
        self.delivered = 0
        """The offset the group's committed offset has reached."""
        self.start_overs = 0
        self.is_open = False
        self.gave_up = False
        """Whether it holds, or held when it ended, work that was begun and not delivered."""
        self._channel = channel
        self._make_publisher, self._make_work, self._source = make_publisher, make_work, source
        self._budget, self._hands, self._pace = budget, hands, pace
        self._publisher: Publisher | None = None
        self._work: Work
        self._inbox = Inbox(
            batch_size=pace.batch_size,
            batch_bytes=pace.batch_bytes,
            batch_wait_seconds=pace.batch_wait_seconds,
            collect_seconds=pace.collect_seconds,
            may_collect=may_collect,
        )
        self._held_bytes = self._in_flight = 0
        self._finishing = False
        self._refused: dict[int, list[str]] = defaultdict(list)
        self._lots: dict[int, int] = {}
        self._patience = Patience()

    # What its surroundings do with it

    async def open(self) -> None:
        """Fences off whoever delivered here before, then learns where to go on from."""
        self._publisher = self._make_publisher()
        committed = await self._publisher.start()
        self.next = await self._source.earliest(self.partition) if committed is None else committed
        self._work = await self._make_work(self.next)
        self.delivered = self.next
        self._inbox.most = 1 if self._pace.results_bytes else self._pace.batch_size
        self.is_open = True

    def put(self, arrival: Arrival) -> bool:
        """Takes a message, unless it is not the next one: read before a rebalance or a seek, or read again.

        Offsets have gaps, so the next message is told by where the reader stood before it.
        """
        is_next = (
            arrival.after == self.next
            if arrival.anew
            else arrival.after <= self.next <= arrival.message.offset
        )
        if not (self.is_open and is_next and arrival.generation == self.generation):
            return False
        self.next = arrival.message.offset + 1
        self._inbox.put(arrival)
        return True

    @property
    def waiting_bytes(self) -> int:
        """Bytes in its inbox: read, not begun."""
        return self._inbox.size_bytes

    def has_room(self) -> bool:
        """Whether more may be read for it."""
        return self._inbox.has_room()

    def finish(self) -> None:
        """Takes no more; `run` ends when what is in flight is delivered."""
        self._finishing = True
        self._inbox.close()

    async def run(self) -> None:
        """Works and delivers until told to finish. Raises Hopeless when there is no point in going on."""
        while not self._finishing:
            life = asyncio.create_task(self._live())
            try:
                # Not awaited itself: a task group that is cancelled as it fails tells only of the failure.
                await asyncio.wait([life])
            except asyncio.CancelledError:
                self.gave_up = self.gave_up or self._in_flight > 0
                raise
            finally:
                life.cancel()
            try:
                await life
            except Exception as error:
                await self._start_over(error)
        await self.close()

    async def close(self) -> None:
        """Delivers nothing from now on."""
        self._finishing, self.is_open = True, False
        self._empty()
        if self._publisher is not None:
            await self._publisher.stop()

    def status(self) -> dict[str, int]:
        """For the health page."""
        return {
            "next": self.next,
            "delivered": self.delivered,
            "waiting": len(self._inbox),
            "in_flight": self._in_flight,
            "failures": self._patience.failures,
            "start_overs": self.start_overs,
        }

    # One life: from one opening to the next failure

    async def _live(self) -> None:
        slots = asyncio.Semaphore(self._pace.batches_in_flight)
        in_order: asyncio.Queue[_Batch | None] = asyncio.Queue()
        async with asyncio.TaskGroup() as tasks:
            taking = tasks.create_task(self._take(tasks, slots, in_order))
            await self._deliver(slots, in_order)
            # To finish: what is left was not begun.
            taking.cancel()
            while not in_order.empty():
                if (batch := in_order.get_nowait()) is not None:
                    batch.outputs.cancel()

    async def _take(
        self, tasks: asyncio.TaskGroup, slots: asyncio.Semaphore, in_order: "asyncio.Queue[_Batch | None]"
    ) -> None:
        while await slots.acquire() and (arrivals := await self._inbox.next_batch()):
            size = max(self._pace.results_bytes, sum(arrival.size for arrival in arrivals))
            _IN_INBOX.observe(time.monotonic() - arrivals[0].read_at)
            with _FOR_MEMORY.time():
                await self._budget.take(size)
            self._held_bytes += size
            self._in_flight += len(arrivals)
            in_order.put_nowait(_Batch(arrivals, size, tasks.create_task(self._work_on(arrivals))))
        in_order.put_nowait(None)

    async def _work_on(self, arrivals: Sequence[Arrival]) -> _Worked:
        """The messages' outputs, in order; if the lane is to finish, of those it had begun."""
        with _TO_ENRICH.time():
            results = await asyncio.gather(*(self._outputs(arrival.message) for arrival in arrivals))
        outputs = [result for result in takewhile(_is_done, results) if result is not None]
        size = sum(size_of(message) for messages in outputs for message in messages)
        self._budget.add(size)
        self._held_bytes += size
        self._fit(len(outputs), size)
        return _Worked(outputs, time.monotonic())

    def _fit(self, messages: int, size: int) -> None:
        """Sizes the batches to come. They grow step by step: what the next messages make is not known."""
        if self._pace.results_bytes and messages:
            fitting = self._pace.results_bytes * messages // max(1, size)
            self._inbox.most = max(1, min(fitting, GROWTH * self._inbox.most, self._pace.batch_size))

    async def _outputs(self, message: RawMessage) -> Outputs | None:
        """None: not begun, and left to whoever reads it next."""
        async with self._hands:
            if self._finishing:
                return None
            outputs = await self._work(message)
        for error in self._refused.get(message.offset, ()):
            outputs = (refused(message, outputs, error),)
        return outputs

    async def _deliver(self, slots: asyncio.Semaphore, in_order: "asyncio.Queue[_Batch | None]") -> None:
        while (batch := await in_order.get()) is not None:
            worked = await batch.outputs
            outputs = worked.outputs
            _FOR_ITS_TURN.observe(time.monotonic() - worked.done_at)
            arrivals = batch.arrivals[: len(outputs)]
            records = [
                Record(arrival.message.offset, message)
                for arrival, messages in zip(arrivals, outputs, strict=True)
                for message in messages
            ]
            if arrivals:
                await self._publish(records, arrivals)
            if len(arrivals) < len(batch.arrivals):
                return  # what follows is not begun either
            self._in_flight -= len(arrivals)
            freed = batch.size + sum(size_of(record.message) for record in records)
            self._held_bytes -= freed
            self._budget.give(freed)
            slots.release()

    async def _publish(self, records: Sequence[Record], arrivals: Sequence[Arrival]) -> None:
        assert self._publisher is not None
        next_offset = arrivals[-1].message.offset + 1
        offsets = [arrival.message.offset for arrival in arrivals]
        try:
            async with asyncio.timeout(self._pace.deliver_seconds):
                await self._publisher.publish(records, next_offset, lots=self._lots)
        except TimeoutError:
            raise Overdue(f"not delivered within {self._pace.deliver_seconds:g} s") from None
        self.delivered = next_offset
        self._patience.restore()
        count_delivery(self._channel, self.partition, arrivals, records)
        for offset in offsets:
            self._refused.pop(offset, None)
            self._lots.pop(offset, None)

    # Starting over

    async def _start_over(self, error: BaseException) -> None:
        """Throws everything away and opens again. Raises Hopeless when that can't help, or did not."""
        self.gave_up = True
        while not self._finishing:
            self._note(error)
            self.is_open = False
            self._empty()
            try:
                if self._publisher is not None:
                    await self._publisher.stop()
                await asyncio.sleep(self._patience.backoff_seconds)
                async with asyncio.timeout(self._pace.open_seconds):
                    # Who was frozen past its session must not fence the partition's new owner.
                    await self._source.confirm(self.generation)
                    await self.open()
                    await self._source.seek(self.partition, self.generation, self.next)
            except Exception as again:
                error = again
                continue
            self.gave_up = False
            self.start_overs += 1
            metrics.START_OVERS.inc()
            log_event(log, logging.INFO, "lane started over", **self._name(), offset=self.next)
            return

    def _note(self, error: BaseException) -> None:
        """Learns from a failure: which record is at fault, or that there is no point in going on."""
        kind, why = nature(error), describe(error)
        metrics.LANE_FAILURES.labels(kind.value).inc()
        if kind is Nature.FATAL:
            raise Hopeless(hopeless(error)) from error
        if kind is Nature.RECORD:
            self._note_refusal(next(cause for cause in causes(error) if isinstance(cause, RecordRefused)))
            return
        may_try = self._patience.failed(kind)
        log_event(
            log,
            logging.WARNING,
            "delivery failed",
            **self._name(),
            nature=kind.value,
            failures=self._patience.failures,
            error=why,
        )
        if not may_try:
            where, spent = f"{self.partition.topic}/{self.partition.partition}", self._patience.spent
            raise Hopeless(f"{where}: nothing delivered by {spent}, the last failed with {why}") from error

    def _note_refusal(self, refusal: RecordRefused) -> None:
        offsets, error = refusal.offsets, str(refusal)
        log_event(log, logging.WARNING, "publish rejected", **self._name(), offsets=offsets, error=error)
        if len(refusal.origins) == 1:
            self._refused[offsets[0]].append(error)
        else:
            self._lots |= lots_of(offsets)

    def _empty(self) -> None:
        """Drops what is waiting and forgets what was in flight; it is read again, here or elsewhere."""
        self._inbox.clear()
        self._budget.give(self._held_bytes)
        self._held_bytes = self._in_flight = 0

    def _name(self) -> dict[str, str | int]:
        return {"topic": self.partition.topic, "partition": self.partition.partition}


def _is_done(result: Outputs | None) -> bool:
    return result is not None
