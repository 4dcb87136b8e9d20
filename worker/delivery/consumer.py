"""Faust's consumer, made to read for the lanes: it commits nothing, and skips and repeats nothing unnoticed.

Leans on the insides of faust-streaming 0.15 and aiokafka 0.14, which is why both are pinned. What it changes,
and why, stands at each method.
"""

import asyncio
import logging
from collections.abc import Coroutine, Iterable
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.coordinator.assignors.roundrobin import RoundRobinPartitionAssignor
from aiokafka.errors import (
    ConsumerStoppedError,
    KafkaError,
    NoOffsetForPartitionError,
    OffsetOutOfRangeError,
)
from aiokafka.structs import ConsumerRecord
from faust.transport.drivers import aiokafka as driver
from faust.types.tuples import ConsumerMessage
from mode import Service

from worker.delivery.connection import client_options
from worker.delivery.lane import Arrival
from worker.delivery.lanes import Lanes
from worker.delivery.refusals import describe, hopeless
from worker.log import event
from worker.records.messages import RawMessage
from worker.settings import Settings

log = logging.getLogger(__name__)

# Few at a time: each may be as large as a record can be, and none is needed before the lanes have room.
RECORDS_AT_ONCE = 50
FULL_SECONDS = 0.02
# A worker that does not read for so long leaves the group: its main thread hangs.
IDLE_SECONDS = 300.0
WATCH_SECONDS = 1.0
PARTITION_FETCH_BYTES = 1 << 20


class Message(ConsumerMessage):
    """Faust's message around an arrival, which is what the agent reads."""

    __slots__ = ("arrival",)
    arrival: Arrival


class _NoOffsets(dict[Any, None]):
    """Stands in for offsets Faust remembers: by them it would drop what a lane has asked to read again."""

    def __getitem__(self, key: Any) -> None:
        return None

    def __setitem__(self, key: Any, value: Any) -> None:
        pass


class ConsumerThread(driver.AIOKafkaConsumerThread):
    """aiokafka's consumer in its own thread, where it sends its heartbeats whatever the main thread does."""

    logger = logging.getLogger("faust.consumer.thread")

    def __post_init__(self) -> None:
        super().__post_init__()
        self.lanes: Lanes = self.app.lanes
        self._read_to: dict[TopicPartition, int] = {}
        self._anew: set[TopicPartition] = set()

    def _create_worker_consumer(self, transport: driver.Transport) -> AIOKafkaConsumer:
        """Like Faust's, but of committed records only, and with no reset of offsets that nobody hears of."""
        settings: Settings = self.app.own
        session_ms = int(settings.session_timeout_seconds * 1000)
        rebalance_ms = max(60_000, session_ms)
        return AIOKafkaConsumer(
            **client_options(settings),
            client_id=settings.group_id,
            group_id=settings.group_id,
            enable_auto_commit=False,
            auto_offset_reset="none",
            isolation_level="read_committed",
            partition_assignment_strategy=[RoundRobinPartitionAssignor],
            session_timeout_ms=session_ms,
            heartbeat_interval_ms=min(3000, session_ms // 6),
            rebalance_timeout_ms=rebalance_ms,
            # The answer to a join comes when everybody has joined.
            request_timeout_ms=rebalance_ms + 5000,
            max_poll_interval_ms=int(IDLE_SECONDS * 1000),
            max_partition_fetch_bytes=PARTITION_FETCH_BYTES,
            fetch_max_bytes=max(PARTITION_FETCH_BYTES, settings.in_flight_bytes // 4),
        )

    async def on_partitions_revoked(self, revoked: set[Any]) -> None:
        self._read_to.clear()
        self._anew.clear()
        await super().on_partitions_revoked(revoked)

    async def _fetch_records(
        self,
        consumer: AIOKafkaConsumer,
        active_partitions: set[Any],
        timeout: float | None = None,  # noqa: ASYNC109 (aiokafka's)
        max_records: int | None = None,
    ) -> dict[Any, list[Arrival]]:
        """What the lanes have room for, each record with where the reader stood before it."""
        readable = {tp for tp in active_partitions if self.lanes.has_room(TopicPartition(*tp))}
        if len(readable) < len(active_partitions):
            timeout = FULL_SECONDS
        fetched: dict[Any, Any] = {}
        with consumer._subscription.fetch_context():
            # Caught inside: the context counts who is reading, and forgets to count down after an exception.
            try:
                if readable:
                    fetched = await self._fetched(consumer, readable, timeout)
                else:
                    # aiokafka takes an empty set for "all".
                    await asyncio.sleep(FULL_SECONDS)
            except NoOffsetForPartitionError:
                pass  # assigned a moment ago: its lane has not said yet where to read from
            except OffsetOutOfRangeError as error:
                for partition, offset in error.args[0].items():
                    await self._out_of_range(consumer, partition, offset)
        return {tp: list(self._arrivals(consumer, tp, records)) for tp, records in fetched.items()}

    async def _fetched(
        self, consumer: AIOKafkaConsumer, readable: set[Any], seconds: float | None
    ) -> dict[Any, Any]:
        if not self.consumer.flow_active:
            return {}
        if consumer._closed or consumer._fetcher._closed:
            raise ConsumerStoppedError
        return await consumer._fetcher.fetched_records(readable, timeout=seconds, max_records=RECORDS_AT_ONCE)

    def _arrivals(
        self, consumer: AIOKafkaConsumer, tp: TopicPartition, records: Iterable[ConsumerRecord[bytes, bytes]]
    ) -> Iterable[Arrival]:
        after = self._read_to.get(tp)
        if after is None:
            return  # read before any lane asked for it: there will be a seek
        generation = consumer._coordinator.generation
        for record in records:
            message = RawMessage(
                record.topic,
                record.partition,
                record.offset,
                record.timestamp,
                record.key,
                record.value,
                tuple(record.headers),
            )
            yield Arrival(message, after, generation, anew=tp in self._anew)
            self._anew.discard(tp)
            after = record.offset + 1
        self._read_to[tp] = after

    async def _out_of_range(self, consumer: AIOKafkaConsumer, tp: TopicPartition, offset: int) -> None:
        """Reads on from the first record there is, and says so: truncated at the front, or a topic made anew.

        The first record after it bridges the gap for the lane.
        """
        try:
            earliest = (await consumer.beginning_offsets([tp]))[tp]
        except KafkaError:
            return  # the next fetch asks again
        if tp not in consumer.assignment() or tp not in self._read_to:
            return
        if earliest > offset:
            event(log, logging.ERROR, "records gone before they were read", **_name(tp),
                  first=offset, last=earliest - 1)  # fmt: skip
        else:
            event(log, logging.ERROR, "log is shorter than what was read of it; reading it from its start",
                  **_name(tp), read_to=offset, earliest=earliest)  # fmt: skip
            self._anew.add(tp)
        self.lanes.note_gone(max(0, earliest - offset))
        consumer.seek(tp, earliest)

    async def seek_to(self, offsets: dict[TopicPartition, int], generation: int) -> None:
        """Reads on from these offsets, where the partitions are still this generation's."""
        consumer = self._ensure_consumer()
        if consumer._coordinator.generation != generation:
            return
        for tp in consumer.assignment() & offsets.keys():
            consumer.seek(tp, offsets[tp])
            self._read_to[tp] = offsets[tp]
            self._anew.discard(tp)


class Consumer(driver.Consumer):
    """Opens lanes when partitions are assigned, closes them when they are revoked; commits nothing itself."""

    logger = logging.getLogger("faust.consumer")
    _thread: ConsumerThread

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.lanes: Lanes = self.app.lanes
        self._read_offset = _NoOffsets()
        self.lanes.reader = self
        self.partitions: set[Any] | None = None
        """What is assigned; None while nothing is settled."""

    def _new_consumer_thread(self) -> ConsumerThread:
        return ConsumerThread(self, loop=self.loop, beacon=self.beacon)

    # What Faust must not do

    async def commit(self, topics: Any = None, start_new_transaction: bool = True) -> bool:
        """Who delivers commits. Faust would, and counts what its streams have merely passed on."""
        return False

    def verify_event_path(self, now: float, tp: Any) -> None:
        """Faust's own watchdog takes a worker that lets others commit for one that hangs."""

    def highwater(self, tp: Any) -> int:
        """Faust's asks aiokafka from another thread, and fails if the partition has just gone."""
        return 0

    def _to_message(self, tp: Any, record: Arrival) -> Message:
        raw = record.message
        message = Message(
            raw.topic, raw.partition, raw.offset, raw.timestamp_ms / 1000, 0, None,
            None, b"", None, 0, 0, tp, generation_id=record.generation,
        )  # fmt: skip
        message.arrival = record
        return message

    # Rebalances

    async def on_partitions_revoked(self, revoked: set[Any]) -> None:
        await self.lanes.close()
        self.partitions = None
        await super().on_partitions_revoked(revoked)

    async def on_partitions_assigned(self, assigned: set[Any], generation_id: int = 0) -> None:
        """Opens the lanes before Faust does anything with the partitions.

        A failure ends the worker: aiokafka would log it, keep the partitions and read nothing.
        """
        try:
            await self.lanes.close(seconds=0)
            await self.lanes.open([TopicPartition(*tp) for tp in assigned], generation_id)
            await self.seek_to_committed()
        except BaseException as error:
            self.lanes.end(hopeless(error) or f"can't open lanes in time: {describe(error)}")
            raise
        self.partitions = set(assigned)
        await super().on_partitions_assigned(assigned, generation_id)

    async def seek_to_committed(self) -> dict[Any, int]:
        """Where the lanes want to go on: committed offsets that were read behind their fences.

        Faust seeks more than once in an assignment, and its own leaves out partitions with nothing committed.
        """
        wanted = self.lanes.wanted()
        await self._in_thread(self._thread.seek_to(wanted, self.lanes.generation))
        return wanted

    # For the lanes

    async def earliest(self, partition: TopicPartition) -> int:
        offsets = await self._in_thread(self._thread._ensure_consumer().beginning_offsets([partition]))
        return int(offsets[partition])

    async def seek(self, partition: TopicPartition, generation: int, offset: int) -> None:
        await self._in_thread(self._thread.seek_to({partition: offset}, generation))

    async def commit_offset(self, partition: TopicPartition, offset: int) -> None:
        await self._in_thread(self._thread._ensure_consumer().commit({partition: offset}))

    async def leave_group(self) -> None:
        """Tells the group at once that the partitions are free."""
        consumer = self._thread._consumer
        if consumer is not None and consumer._coordinator is not None:
            await self._in_thread(consumer._coordinator._maybe_leave_group())

    async def _in_thread(self, work: Coroutine[Any, Any, Any]) -> Any:
        return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(work, self._thread.thread_loop))

    @Service.task
    async def _watch(self) -> None:
        """What aiokafka keeps to itself until somebody reads, and nobody does without partitions."""
        while not self.should_stop:
            await self.sleep(WATCH_SECONDS)
            consumer = self._thread._consumer
            if consumer is None or self.should_stop:
                continue
            if not self.partitions:
                await self._in_thread(_stay_in_group(consumer))
            if (error := _hidden_error(consumer)) is not None:
                self.lanes.end(hopeless(error) or f"the consumer failed: {describe(error)}")


async def _stay_in_group(consumer: AIOKafkaConsumer) -> None:
    """A worker with no partitions to read waits for some; aiokafka would take it for one that hangs."""
    with consumer._subscription.fetch_context():
        pass


def _hidden_error(consumer: AIOKafkaConsumer) -> BaseException | None:
    coordinator = consumer._coordinator
    if coordinator is None:
        return None
    if coordinator._pending_exception is not None:
        return coordinator._pending_exception
    for task in (coordinator._coordination_task, consumer._fetcher._fetch_task):
        if task.done() and not task.cancelled() and (error := task.exception()):
            return error
    return None


class Transport(driver.Transport):
    """Faust's aiokafka driver with this consumer."""

    Consumer = Consumer


def _name(tp: TopicPartition) -> dict[str, Any]:
    return {"topic": tp.topic, "partition": tp.partition}
