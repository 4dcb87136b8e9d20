"""A lane: one input partition during one assignment, from the records read to the records delivered.

Batches are worked on side by side and delivered in input order. After a delivery that fails, the lane drops
everything it holds: it makes a new publisher, reads the committed offset again, and reads the partition again
from there. Outputs and committed offset change together, so there is never anything to undo.
"""

import asyncio
import logging
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable, Collection, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from itertools import takewhile
from typing import Protocol

from aiokafka import TopicPartition

from worker import metrics
from worker.channels import Channel
from worker.delivery.kafka.errors import (
    DeliveryTimeout,
    ErrorKind,
    FatalError,
    RecordRefused,
    causes,
    describe,
    error_kind,
    fatal_reason,
)
from worker.delivery.kafka.sending import OutgoingRecord, retry_groups
from worker.delivery.lanes.budget import Budget
from worker.delivery.lanes.dead_letter import refused
from worker.delivery.lanes.delivery_log import log_delivery
from worker.delivery.lanes.delivery_metrics import count_delivery
from worker.delivery.lanes.inbox import Arrival, Inbox, size_of
from worker.delivery.lanes.preparation import Preparation
from worker.delivery.lanes.publisher import Publisher
from worker.delivery.lanes.retry_policy import RetryPolicy
from worker.delivery.lanes.stage import ForeseeingWork, Outputs, Work
from worker.delivery.lanes.status import LaneStatus
from worker.delivery.lanes.trace import LaneTrace
from worker.delivery.lanes.workload import BegunRecords, Workload
from worker.log import log_event
from worker.records.messages import RawMessage

log = logging.getLogger(__name__)

_IN_INBOX, _FOR_MEMORY, _TO_ENRICH, _FOR_ITS_TURN = (
    metrics.BATCH_STEP.labels(step) for step in ("inbox", "memory", "enrich", "turn")
)
# A batch that is sized by results takes at most this many times as many records as the one before.
GROWTH = 4


@dataclass(frozen=True)
class BatchLimits:
    """How many records a lane takes at once, and how long it may wait.

    If `results_bytes` is set, a batch takes only as many records as are expected to write that many bytes,
    which the batches before it tell (the first batch takes one record), and reserves that much memory.
    Opening may take `open_seconds` while partitions are assigned, and `open_again_seconds` after a failure.
    """

    batch_size: int
    batch_bytes: int
    batches_in_flight: int
    deliver_seconds: float
    open_seconds: float
    open_again_seconds: float
    results_bytes: int = 0


class Source(Protocol):
    """Where a lane's records come from."""

    async def resume_at(self, partition: TopicPartition, generation: int, offset: int) -> None:
        """Reads on from this offset. Does nothing if the partition has gone to another worker."""

    async def confirm(self, generation: int) -> None:
        """Raises unless the group says that this worker is its member in this generation."""


@dataclass(frozen=True, slots=True)
class _Results:
    outputs: list[Outputs]
    done_at: float


@dataclass(frozen=True, slots=True)
class _Batch:
    arrivals: Sequence[Arrival]
    size: int
    results: asyncio.Task[_Results]


class Lane:
    """Takes the records of its partition in order, each once, and delivers what comes of them.

    `open` or `try_open` it, then `run` it to the end. Its work is made once it runs, while its inbox fills.
    `put` gives it records; `finish` lets it deliver what it has begun.
    `first_offset` says where to begin if the group has committed no offset.
    `trace`: who is told of each delivery, if anybody.
    `writes`: the channels that its work may write to. `concurrency` limits how many records the lanes of one
    stage work on together. `workload` counts what they have taken to work on. `patience` says how long a
    batch may wait to fill, as things are; it is asked with whether the lane is idle, that is, has nothing
    under way. `keeps_state`: the work remembers something between records. `latest_only`: channels of which
    a batch writes each key once, with its latest value.
    """

    def __init__(
        self,
        partition: TopicPartition,
        generation: int,
        *,
        channel: Channel,
        writes: Collection[Channel],
        make_publisher: Callable[[], Publisher],
        make_work: Callable[[int], Awaitable[Work]],
        first_offset: Callable[[], Awaitable[int]],
        source: Source,
        budget: Budget,
        concurrency: asyncio.Semaphore,
        workload: Workload,
        limits: BatchLimits,
        patience: Callable[[bool], float],
        trace: LaneTrace | None = None,
        keeps_state: bool = False,
        latest_only: Collection[Channel] = (),
    ) -> None:
        self.partition, self.generation = partition, generation
        self.next = 0
        """The lowest offset that it will still take."""
        self.delivered = 0
        """Everything below this offset is delivered, and committed for the group."""
        self.start_overs = 0
        self.is_open = False
        self.left_undelivered = False
        """Whether it holds, or held when it ended, work that was begun and not delivered."""
        self._channel, self._writes, self._latest_only = channel, writes, latest_only
        self._make_publisher, self._first_offset, self._source = make_publisher, first_offset, source
        self._budget, self._concurrency, self._limits = budget, concurrency, limits
        self._trace, self._keeps_state = trace, keeps_state
        self._workload, self._begun = workload, BegunRecords(workload)
        self._publisher: Publisher | None = None
        self._preparation = Preparation(partition, make_work)
        self._preparing: asyncio.Task[None] | None = None
        self._failed_to_open: Exception | None = None
        self._inbox = Inbox(
            batch_size=limits.batch_size,
            batch_bytes=limits.batch_bytes,
            patience=lambda: patience(not self._in_flight),
        )
        self._held_bytes = self._in_flight = 0
        self._finishing = False
        self._refused: dict[int, list[str]] = defaultdict(list)
        self._groups: dict[int, int] = {}
        self._retry_policy = RetryPolicy()

    # Called from outside

    async def open(self) -> None:
        """Fences off the partition's former owner, then reads the committed offset to go on from it."""
        self._publisher = self._make_publisher()
        committed = await self._publisher.start()
        if committed is None:
            committed = await self._first_offset()
            # Committed at once: what retention deletes before it is read shows as a gap behind this offset.
            await self._publisher.begin(committed)
        self.next = committed
        self._preparation.begin(self.next)
        self.delivered = self.next
        self._inbox.max_records = 1 if self._limits.results_bytes else self._limits.batch_size
        self.is_open = True

    async def try_open(self) -> None:
        """Opens it. If that fails or takes too long, `run` begins by trying again.

        Raises what it met if trying again can't help.
        """
        try:
            async with asyncio.timeout(self._limits.open_seconds):
                await self.open()
        except Exception as error:
            if error_kind(error) is ErrorKind.FATAL:
                raise
            self._failed_to_open = error

    def put(self, arrival: Arrival) -> bool:
        """Takes a record if it is the next one, and drops it if not; returns whether it was taken.

        Records that were read before a rebalance or a seek, or are read again, are not the next one. Offsets
        have gaps, so the next record is recognized by where the reader stood before it.
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
        """Bytes of the records that were read and not begun."""
        return self._inbox.size_bytes

    @property
    def waiting_since(self) -> float | None:
        """Since when the oldest record that is not begun has waited; None if there is none."""
        return self._inbox.waiting_since

    def look_again(self) -> None:
        """If a batch waits to fill, looks whether it still has to."""
        self._inbox.look_again()

    def has_room(self) -> bool:
        """Whether more may be read for it."""
        return self.is_open and self._inbox.has_room()

    def finish(self) -> None:
        """Takes no more records; `run` ends when those in flight are delivered."""
        self._finishing = True
        self._inbox.close()
        if self._preparing is not None:
            self._preparing.cancel()

    async def run(self) -> None:
        """Works and delivers until told to finish. Raises FatalError if trying again can't help."""
        if self._failed_to_open is not None:
            await self._start_over(self._failed_to_open)
        while not self._finishing:
            attempt = asyncio.create_task(self._run_until_failure())
            try:
                # `await attempt` would hide a cancellation: a task group that is cancelled while it fails
                # raises only the failure.
                await asyncio.wait([attempt])
            except asyncio.CancelledError:
                self.left_undelivered = self.left_undelivered or self._in_flight > 0
                raise
            finally:
                attempt.cancel()
            try:
                await attempt
            except Exception as error:
                await self._start_over(error)
        await self.close()

    async def close(self) -> None:
        """Delivers nothing from now on."""
        self._finishing, self.is_open = True, False
        self._empty()
        if self._publisher is not None:
            await self._publisher.stop()

    def status(self) -> LaneStatus:
        """For the health page and the metrics."""
        return LaneStatus(
            next=self.next,
            delivered=self.delivered,
            waiting=len(self._inbox),
            in_flight=self._in_flight,
            failures=self._retry_policy.failures,
            start_overs=self.start_overs,
            prepared=self._preparation.work is not None,
        )

    # From one opening to the next failure

    async def _run_until_failure(self) -> None:
        if not await self._is_prepared():
            return
        slots = asyncio.Semaphore(self._limits.batches_in_flight)
        in_order: asyncio.Queue[_Batch | None] = asyncio.Queue()
        async with asyncio.TaskGroup() as tasks:
            taking = tasks.create_task(self._take(tasks, slots, in_order))
            await self._deliver(slots, in_order)
            # The lane is to finish: the batches that are left were not begun.
            taking.cancel()
            while not in_order.empty():
                if (batch := in_order.get_nowait()) is not None:
                    batch.results.cancel()

    async def _is_prepared(self) -> bool:
        """Waits until the work is there. Returns whether it is; not so if told to finish meanwhile."""
        if self._finishing:
            return False
        self._preparing = preparing = asyncio.create_task(self._preparation.run())
        try:
            await asyncio.wait([preparing])
        finally:
            preparing.cancel()
            self._preparing = None
        return not preparing.cancelled()

    async def _take(
        self, tasks: asyncio.TaskGroup, slots: asyncio.Semaphore, in_order: "asyncio.Queue[_Batch | None]"
    ) -> None:
        while await slots.acquire() and (arrivals := await self._inbox.next_batch()):
            # Before anything else has its turn: other lanes go by it.
            self._begun.begin(len(arrivals))
            size = max(self._limits.results_bytes, sum(arrival.size for arrival in arrivals))
            _IN_INBOX.observe(time.monotonic() - arrivals[0].read_at)
            with _FOR_MEMORY.time():
                await self._budget.take(size)
            self._held_bytes += size
            self._in_flight += len(arrivals)
            work = self._work_on(arrivals, self._begun)
            in_order.put_nowait(_Batch(arrivals, size, tasks.create_task(work)))
        in_order.put_nowait(None)

    async def _work_on(self, arrivals: Sequence[Arrival], begun: BegunRecords) -> _Results:
        """The records' outputs, in order; if the lane finishes meanwhile, of those it had begun."""

        async def work(message: RawMessage) -> Outputs | None:
            try:
                return await self._outputs(message)
            finally:
                begun.finish_one()

        if isinstance(whole := self._preparation.work, ForeseeingWork):
            whole.foresee([arrival.message for arrival in arrivals])
        with _TO_ENRICH.time():
            results = await asyncio.gather(*(work(arrival.message) for arrival in arrivals))
        outputs = [result for result in takewhile(_is_done, results) if result is not None]
        size = sum(size_of(message) for messages in outputs for message in messages)
        self._budget.add(size)
        self._held_bytes += size
        self._adapt_batches(len(outputs), size)
        return _Results(outputs, time.monotonic())

    def _adapt_batches(self, messages: int, size: int) -> None:
        """Sizes the next batches by what these records wrote, growing in steps: the next may write more."""
        if self._limits.results_bytes and messages:
            fitting = self._limits.results_bytes * messages // max(1, size)
            self._inbox.max_records = max(
                1, min(fitting, GROWTH * self._inbox.max_records, self._limits.batch_size)
            )

    async def _outputs(self, message: RawMessage) -> Outputs | None:
        """What one record becomes; None if it was not begun, which leaves it to whoever reads it next."""
        work = self._preparation.work
        assert work is not None
        async with self._concurrency:
            if self._finishing:
                return None
            refusals = self._refused.get(message.offset, ())
            # What a stage remembers of a record must be what is written of it: of a refused one, nothing.
            outputs = () if refusals and self._keeps_state else await work(message)
        self._check_declared(outputs)
        for error in refusals:
            outputs = (refused(message, outputs, error),)
        return outputs

    def _check_declared(self, outputs: Outputs) -> None:
        for output in outputs:
            if output.channel not in self._writes:
                raise FatalError(
                    f"the stage that reads {self.partition.topic} wrote to {output.channel}, "
                    "which it does not declare"
                )

    async def _deliver(self, slots: asyncio.Semaphore, in_order: "asyncio.Queue[_Batch | None]") -> None:
        while (batch := await in_order.get()) is not None:
            results = await batch.results
            outputs = results.outputs
            _FOR_ITS_TURN.observe(time.monotonic() - results.done_at)
            arrivals = batch.arrivals[: len(outputs)]
            records = [
                OutgoingRecord(arrival.message.offset, message)
                for arrival, messages in zip(arrivals, outputs, strict=True)
                for message in messages
            ]
            if arrivals:
                await self._publish(_latest_of(records, self._latest_only), arrivals)
            if len(arrivals) < len(batch.arrivals):
                return  # what follows is not begun either
            self._in_flight -= len(arrivals)
            freed = batch.size + sum(size_of(record.message) for record in records)
            self._held_bytes -= freed
            self._budget.give(freed)
            slots.release()
            self._inbox.look_again()

    async def _publish(self, records: Sequence[OutgoingRecord], arrivals: Sequence[Arrival]) -> None:
        assert self._publisher is not None
        next_offset = arrivals[-1].message.offset + 1
        offsets = [arrival.message.offset for arrival in arrivals]
        with nullcontext() if self._trace is None else self._trace.delivering(arrivals, records):
            try:
                async with asyncio.timeout(self._limits.deliver_seconds):
                    await self._publisher.publish(
                        records, next_offset, inputs=len(arrivals), groups=self._groups
                    )
            except TimeoutError:
                raise DeliveryTimeout(f"not delivered within {self._limits.deliver_seconds:g} s") from None
        self.delivered = next_offset
        self._retry_policy.reset()
        count_delivery(self._channel, self.partition, arrivals, records)
        log_delivery(self._channel, arrivals, records)
        for offset in offsets:
            self._refused.pop(offset, None)
            self._groups.pop(offset, None)

    # Starting over

    async def _start_over(self, error: BaseException) -> None:
        """Drops everything and opens the lane again. Raises FatalError if that can't or did not help."""
        self.left_undelivered = True
        while not self._finishing:
            self._note(error)
            self.is_open = False
            self._empty()
            try:
                if self._publisher is not None:
                    await self._publisher.stop()
                await asyncio.sleep(self._retry_policy.backoff_seconds)
                async with asyncio.timeout(self._limits.open_again_seconds):
                    # A worker that was frozen past its session must not fence the partition's new owner.
                    await self._source.confirm(self.generation)
                    await self.open()
                    await self._source.resume_at(self.partition, self.generation, self.next)
            except Exception as again:
                error = again
                continue
            self.left_undelivered = False
            self.start_overs += 1
            metrics.START_OVERS.inc()
            log_event(log, logging.INFO, "lane started over", **self._name(), offset=self.next)
            return

    def _note(self, error: BaseException) -> None:
        """Finds out from a failure which record is at fault. Raises FatalError if trying again can't help."""
        kind, why = error_kind(error), describe(error)
        metrics.LANE_FAILURES.labels(kind.value).inc()
        if kind is ErrorKind.FATAL:
            raise FatalError(fatal_reason(error)) from error
        if kind is ErrorKind.RECORD:
            self._note_refusal(next(cause for cause in causes(error) if isinstance(cause, RecordRefused)))
            return
        may_try = self._retry_policy.failed(kind)
        log_event(
            log,
            logging.WARNING,
            "delivery failed",
            **self._name(),
            nature=kind.value,
            failures=self._retry_policy.failures,
            error=why,
        )
        if not may_try:
            where, spent = f"{self.partition.topic}/{self.partition.partition}", self._retry_policy.spent
            raise FatalError(f"{where}: nothing delivered by {spent}, the last failed with {why}") from error

    def _note_refusal(self, refusal: RecordRefused) -> None:
        offsets, error = refusal.offsets, str(refusal)
        log_event(log, logging.WARNING, "publish rejected", **self._name(), offsets=offsets, error=error)
        if len(refusal.origins) == 1:
            self._refused[offsets[0]].append(error)
        else:
            self._groups |= retry_groups(offsets)

    def _empty(self) -> None:
        """Drops the records that wait or are in flight; they are read again, here or by another worker."""
        self._inbox.clear()
        if self._trace is not None:
            self._trace.forget()
        self._budget.give(self._held_bytes)
        self._held_bytes = self._in_flight = 0
        self._begun.drop()
        self._begun = BegunRecords(self._workload)

    def _name(self) -> dict[str, str | int]:
        return {"topic": self.partition.topic, "partition": self.partition.partition}


def _is_done(result: Outputs | None) -> bool:
    return result is not None


def _latest_of(records: Sequence[OutgoingRecord], channels: Collection[Channel]) -> Sequence[OutgoingRecord]:
    """The records, without those of these channels that a later one of the same key replaces."""
    if not channels:
        return records
    latest = {
        (record.message.channel, record.message.key, record.message.partition): index
        for index, record in enumerate(records)
        if record.message.channel in channels
    }
    kept = frozenset(latest.values())
    return [
        record
        for index, record in enumerate(records)
        if record.message.channel not in channels or index in kept
    ]
