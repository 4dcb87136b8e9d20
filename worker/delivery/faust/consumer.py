"""Faust's consumer, changed to read for the lanes: it commits nothing, and never skips or repeats unnoticed.

It depends on internals of faust-streaming 0.15 and aiokafka 0.14, which is why both are pinned. Each method
says what it changes, and why.
"""

import asyncio
import logging
import time
from collections.abc import Coroutine, Sequence
from contextlib import suppress
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.consumer.group_coordinator import GroupCoordinator
from aiokafka.errors import InconsistentGroupProtocolError
from aiokafka.structs import OffsetAndMetadata
from faust.transport.drivers import aiokafka as driver
from faust.types.tuples import TP, ConsumerMessage
from mode import Service

from worker import metrics
from worker.delivery.faust.host import host_of
from worker.delivery.faust.position_mismatches import PositionMismatches
from worker.delivery.faust.reader import ASK_SECONDS, ReaderThread
from worker.delivery.kafka.errors import GENERATION_OVER, NotOwner, describe, fatal_reason
from worker.delivery.kafka.internals import fetcher_of
from worker.delivery.kafka.lag import ReadPosition
from worker.delivery.kafka.sending import missing_topics_message
from worker.delivery.lanes.inbox import Arrival
from worker.log import log_event

log = logging.getLogger(__name__)

WATCH_SECONDS = 1.0
# A broker that has just started may not know all topics yet.
MISSING_ANSWERS = 10
ASK_EVERY_SECONDS = 2.0
COMPARE_EVERY_SECONDS = 10.0


class Message(ConsumerMessage):
    """Faust's message, which carries arrivals to the agent: all of a partition that were read at once.

    Each of Faust's messages takes many steps of its own, whatever is in it.
    """

    __slots__ = ("arrivals",)
    arrivals: Sequence[Arrival]


class _NoOffsets(dict[TP, int | None]):
    """Takes the place of the offsets that Faust remembers, by which it would drop what a lane reads again."""

    def __getitem__(self, key: TP) -> None:
        return None

    def __setitem__(self, key: TP, value: int | None) -> None:
        pass


class Consumer(driver.Consumer):
    """Opens lanes when partitions are assigned, closes them when they are revoked, and commits nothing."""

    logger = logging.getLogger("faust.consumer")
    _thread: ReaderThread

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        host = host_of(self.app)
        self.lanes, self.end, self.agreement = host.lanes, host.shutdown.end, host.agreement
        self._read_offset = _NoOffsets()
        self.partitions: set[Any] | None = None
        """The assigned partitions; None before the first assignment and during a rebalance."""
        self._mismatches = PositionMismatches()
        self._waiting_since: float | None = None

    def _new_consumer_thread(self) -> ReaderThread:
        return ReaderThread(self, loop=self.loop, beacon=self.beacon)

    # What Faust must not do

    async def commit(self, topics: Any = None, start_new_transaction: bool = True) -> bool:
        """Commits nothing: the lanes do. Faust would commit whatever its streams have passed on."""
        return False

    def verify_event_path(self, now: float, tp: Any) -> None:
        """Does nothing: to Faust's own watchdog, a worker that leaves commits to others hangs."""

    def highwater(self, tp: Any) -> int:
        """Faust's own asks aiokafka from another thread, and fails if the partition has just been revoked."""
        return 0

    def _to_message(self, tp: Any, record: Sequence[Arrival]) -> Message:
        raw = record[0].message
        message = Message(
            raw.topic, raw.partition, raw.offset, raw.timestamp_ms / 1000, 0, None,
            None, b"", None, 0, 0, tp, generation_id=record[0].generation,
        )  # fmt: skip
        message.arrivals = record
        return message

    # Rebalances

    async def on_partitions_revoked(self, revoked: set[Any]) -> None:
        self._waiting_since = self._waiting_since or time.monotonic()
        await self.lanes.close()
        self.partitions = None
        await super().on_partitions_revoked(revoked)

    async def on_partitions_assigned(self, assigned: set[Any], generation_id: int = 0) -> None:
        """Opens the lanes before Faust does anything with the partitions.

        A worker that the group refuses opens none. A failure ends the worker, because aiokafka would log it,
        keep the partitions and read nothing. If the group has gone on meanwhile, as after the process was
        frozen, another assignment follows instead.
        """
        if self.agreement.refusal:
            await self._leave_or_ask_again()
            return
        try:
            await self.lanes.close(seconds=0)
            if await self._is_past(generation_id):
                raise NotOwner(f"the group is past generation {generation_id}")  # do not fence its new owner
            await self.lanes.open([TopicPartition(*tp) for tp in assigned], generation_id, self)
            if not self.lanes.all_open and await self._is_past(generation_id):
                await self.lanes.close(seconds=0)
                raise NotOwner(f"the group is past generation {generation_id}")
            await self.seek_to_committed()
        except BaseException as error:
            if isinstance(error, Exception) and await self._is_past(generation_id):
                log_event(
                    log,
                    logging.WARNING,
                    "assignment is past before its lanes were open",
                    generation=generation_id,
                    error=describe(error),
                )
                return
            self.end(fatal_reason(error) or f"can't open lanes in time: {describe(error)}")
            raise
        self.partitions = set(assigned)
        self._thread.heard_at = time.monotonic()
        self._note_rebalance()
        await super().on_partitions_assigned(assigned, generation_id)

    async def _leave_or_ask_again(self) -> None:
        """Ends this worker, which may not write with its group; no lane is opened before."""
        if self.agreement.doubt():
            await self._in_thread(self._thread.join_again())
        else:
            self.end(self.agreement.refusal)

    def _note_rebalance(self) -> None:
        metrics.REBALANCES.inc()
        if self._waiting_since is not None:
            metrics.REBALANCE_SECONDS.observe(time.monotonic() - self._waiting_since)
        self._waiting_since = None

    async def _is_past(self, generation: int) -> bool:
        """Whether the group says that this generation is over, or about to end."""
        try:
            async with asyncio.timeout(ASK_SECONDS):
                await self.confirm(generation)
        except GENERATION_OVER:
            return True
        except Exception:
            return False  # the group did not answer
        return False

    async def seek_to_committed(self) -> dict[Any, int]:
        """Seeks to where the lanes go on: committed offsets that they read after fencing former owners.

        Faust calls this more than once in an assignment, and its own version leaves out partitions for which
        nothing was committed.
        """
        wanted = self.lanes.wanted()
        await self._in_thread(self._thread.seek_to(wanted, self.lanes.generation))
        return wanted

    # For the lanes

    async def resume_at(self, partition: TopicPartition, generation: int, offset: int) -> None:
        await self._in_thread(self._thread.seek_to({partition: offset}, generation))

    async def confirm(self, generation: int) -> None:
        await self._in_thread(self._thread.confirm(generation))

    async def commit_offset(self, partition: TopicPartition, offset: OffsetAndMetadata) -> None:
        await self._in_thread(self._thread._ensure_consumer().commit({partition: offset}))

    def read_position(self, partition: TopicPartition) -> ReadPosition | None:
        """How far the partition had been read when its leader last answered; None if it has not answered."""
        return self._thread.read_positions.get(partition)

    @property
    def heard_at(self) -> float:
        """When the cluster last answered the consumer, by the monotonic clock."""
        return self._thread.heard_at

    async def leave_group(self) -> None:
        """Tells the group that the partitions are free, before the session times out."""
        consumer = self._thread._consumer
        if consumer is not None and consumer._coordinator is not None:
            await self._in_thread(_leave(consumer._coordinator))

    async def _in_thread(self, work: Coroutine[Any, Any, Any]) -> Any:
        return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(work, self._thread.thread_loop))

    @Service.task
    async def _watch(self) -> None:
        """Looks for errors that aiokafka reports only to readers, since nobody reads without partitions."""
        while not self.should_stop:
            await self.sleep(WATCH_SECONDS)
            consumer = self._thread._consumer
            if consumer is None or self.should_stop:
                continue
            if not self.partitions:
                await self._in_thread(_stay_in_group(consumer))
            await self._mend_mismatches()
            if reason := self._thread.fenced_reason or _hidden_reason(consumer):
                self.end(reason)

    @Service.task
    async def _ask(self) -> None:
        """Asks the cluster again and again how far the partitions go, and so whether it answers."""
        while not self.should_stop:
            await self.sleep(ASK_EVERY_SECONDS)
            if self._thread._consumer is not None and not self.should_stop:
                with suppress(TimeoutError):
                    async with asyncio.timeout(3 * ASK_SECONDS):
                        await self._in_thread(self._thread.ask_cluster())

    @Service.task
    async def _compare(self) -> None:
        """Notices that those have gone from whom this worker's settings differ."""
        while not self.should_stop:
            await self.sleep(COMPARE_EVERY_SECONDS)
            if self._thread._consumer is not None and not self.should_stop:
                await self._in_thread(self._thread.compare_settings())

    async def _mend_mismatches(self) -> None:
        """Seeks back to the offset that a lane waits for, if reading has gone elsewhere."""
        wanted = self.lanes.wanted()
        astray = self._mismatches.look(wanted, {tp: self._thread.read_to(tp) for tp in wanted})
        for tp, offset in astray.items():
            log_event(
                log,
                logging.ERROR,
                "reading went astray, and goes back to what the lane wants",
                topic=tp.topic,
                partition=tp.partition,
                wanted=offset,
                read_to=self._thread.read_to(tp),
            )
            self.lanes.note_mismatch_mended()
        if astray:
            await self._in_thread(self._thread.seek_to(astray, self.lanes.generation))

    @Service.task
    async def _watch_topics(self) -> None:
        """Ends the worker when a topic it reads was deleted; it would wait for partitions for ever."""
        answers = 0
        while not self.should_stop:
            await self.sleep(WATCH_SECONDS)
            consumer = self._thread._consumer
            if consumer is None or not (missing := _missing_topics(consumer)):
                answers = 0
                continue
            answers += await self._in_thread(_ask_for_topics(consumer))
            if answers >= MISSING_ANSWERS:
                self.end(missing_topics_message(missing))


def _missing_topics(consumer: AIOKafkaConsumer) -> list[str]:
    """The topics that the consumer reads and the cluster, by its last answer, does not have."""
    cluster = consumer._client.cluster
    topics = consumer._client._topics - cluster.unauthorized_topics if cluster.brokers() else ()
    return [topic for topic in topics if cluster.partitions_for_topic(topic) is None]


async def _ask_for_topics(consumer: AIOKafkaConsumer) -> bool:
    """Whether a broker answered."""
    return bool(await consumer._client.force_metadata_update())


async def _stay_in_group(consumer: AIOKafkaConsumer) -> None:
    """Keeps a worker without partitions in the group; aiokafka would take it for one that hangs."""
    with consumer._subscription.fetch_context():
        pass


async def _leave(coordinator: GroupCoordinator) -> None:
    """Leaves the group for good: whoever left asks to join again at once, unless it is known to close.

    The group would wait for that member, which is gone, and give its partitions to nobody until the session
    of it ends.
    """
    if not coordinator._closing.done():
        coordinator._closing.set_result(None)
    await coordinator._maybe_leave_group()


def _hidden_reason(consumer: AIOKafkaConsumer) -> str | None:
    """Why the worker can't go on, if aiokafka knows and has not raised it."""
    error = _hidden_error(consumer)
    if error is None:
        return None
    if isinstance(error, InconsistentGroupProtocolError):
        return (
            "the group's other workers deliver in another way: stop all of them before DATELINE_DELIVERY "
            "changes, or give this worker a DATELINE_TOPIC_PREFIX of its own"
        )
    return fatal_reason(error) or f"the consumer failed: {describe(error)}"


def _hidden_error(consumer: AIOKafkaConsumer) -> BaseException | None:
    coordinator = consumer._coordinator
    if coordinator is None:
        return None
    pending: BaseException | None = coordinator._pending_exception
    if pending is not None:
        return pending
    tasks: tuple[asyncio.Future[None], ...] = (
        coordinator._coordination_task,
        fetcher_of(consumer)._fetch_task,
    )
    errors = (task.exception() for task in tasks if task.done() and not task.cancelled())
    return next((error for error in errors if error), None)


class Transport(driver.Transport):
    """Faust's aiokafka driver with this consumer."""

    Consumer = Consumer
