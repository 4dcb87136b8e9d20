"""The thread that reads what the lanes have room for, and notes with each record where it stood before it."""

import asyncio
import logging
import time
from collections.abc import Iterable
from contextlib import suppress
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import (
    ConsumerStoppedError,
    KafkaError,
    NoError,
    NoOffsetForPartitionError,
    OffsetOutOfRangeError,
    for_code,
)
from aiokafka.protocol.group import HeartbeatRequest
from aiokafka.structs import ConsumerRecord
from faust.transport.drivers import aiokafka as driver

from worker import metrics
from worker.delivery.faust.fetch_quarantine import FetchQuarantine
from worker.delivery.faust.host import host_of
from worker.delivery.kafka.connection import client_name, client_options, without_making_topics
from worker.delivery.kafka.errors import NotOwner, describe, fatal_reason
from worker.delivery.kafka.group.assignor import AgreeingAssignor
from worker.delivery.kafka.group.members import told_members
from worker.delivery.kafka.group.membership import make_static
from worker.delivery.kafka.internals import assignment_of, coordinator_of, fetcher_of, position_in
from worker.delivery.kafka.lag import ReadPosition, last_stable_offsets
from worker.delivery.kafka.records import raw_message
from worker.delivery.kafka.topic_identity import topic_id
from worker.delivery.kafka.unpacking import bound_batches
from worker.delivery.lanes.inbox import Arrival
from worker.log import log_event
from worker.records.messages import Reason
from worker.settings import Settings

log = logging.getLogger(__name__)

# Few at a time, since each may have the largest size and none is needed before a lane has room.
RECORDS_AT_ONCE = 50
PAUSE_WHEN_FULL_SECONDS = 0.02
# A worker that has not read for this long leaves the group, since its main thread must be hanging.
IDLE_SECONDS = 300.0
PARTITION_FETCH_BYTES = 1 << 20
# How soon the worker notices added partitions.
METADATA_MAX_AGE_SECONDS = 10
ASK_SECONDS = 3.0
_FAULTS = {
    Reason.TOO_LARGE: "batch unpacks to too much",
    Reason.UNDECODABLE: "batch can't be unpacked",
}


def rebalance_seconds(settings: Settings) -> float:
    """How long the group waits for its members to join again in a rebalance."""
    return max(60.0, settings.session_timeout_seconds)


class ReaderThread(driver.AIOKafkaConsumerThread):
    """aiokafka's consumer in a thread of its own, where it sends heartbeats whatever the main thread does."""

    logger = logging.getLogger("faust.consumer.thread")

    def __post_init__(self) -> None:
        super().__post_init__()
        host = host_of(self.app)
        self.settings, self.lanes, self.agreement = host.settings, host.lanes, host.agreement
        self._read_to: dict[TopicPartition, int] = {}
        self._anew: set[TopicPartition] = set()
        self._topic_ids: dict[str, str] = {}
        self._quarantine = FetchQuarantine()
        self.heard_at = float("-inf")
        """When the cluster last answered, by the monotonic clock."""
        self.read_positions: dict[TopicPartition, ReadPosition] = {}
        """How far the partitions had been read at `heard_at`, for those whose leader answered."""
        self.fenced_reason = ""
        """Why this worker is no longer a member of the group; empty while it is."""

    async def on_start(self) -> None:
        await super().on_start()
        if instance := self.settings.group_instance:
            make_static(coordinator_of(self._ensure_consumer()), instance, self._on_fenced)

    def _on_fenced(self) -> None:
        self.fenced_reason = (
            "another worker has joined the group as "
            f"DATELINE_GROUP_INSTANCE={self.settings.group_instance!r}; each takes a name of its own"
        )

    def _create_worker_consumer(self, transport: driver.Transport) -> AIOKafkaConsumer:
        """Like Faust's, but it reads committed records only, and never resets an offset silently."""
        settings = self.settings
        bound_batches(settings)
        session_ms = int(settings.session_timeout_seconds * 1000)
        rebalance_ms = int(rebalance_seconds(settings) * 1000)
        consumer = AIOKafkaConsumer(
            **client_options(settings),
            client_id=client_name(settings),
            group_id=settings.group_id,
            group_instance_id=settings.group_instance or None,
            enable_auto_commit=False,
            auto_offset_reset="none",
            isolation_level="read_committed",
            partition_assignment_strategy=[
                AgreeingAssignor(settings.delivery, self.agreement, self._generation)
            ],
            session_timeout_ms=session_ms,
            heartbeat_interval_ms=min(3000, session_ms // 6),
            rebalance_timeout_ms=rebalance_ms,
            # The answer to a join comes when everybody has joined.
            request_timeout_ms=rebalance_ms + 5000,
            metadata_max_age_ms=METADATA_MAX_AGE_SECONDS * 1000,
            max_poll_interval_ms=int(IDLE_SECONDS * 1000),
            max_partition_fetch_bytes=PARTITION_FETCH_BYTES,
            fetch_max_bytes=max(PARTITION_FETCH_BYTES, settings.in_flight_bytes // 4),
        )
        without_making_topics(consumer._client)
        return consumer

    def _generation(self) -> int:
        return int(coordinator_of(self._ensure_consumer()).generation)

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
    ) -> dict[Any, list[list[Arrival]]]:
        """Reads what the lanes have room for, and notes with each record where it stood before it.

        To Faust, all that was read of a partition is one record.
        """
        readable = {tp for tp in active_partitions if self.lanes.has_room(TopicPartition(*tp))}
        readable = self._quarantine.choose(readable)
        if len(readable) < len(active_partitions):
            timeout = PAUSE_WHEN_FULL_SECONDS
        fetched: dict[Any, Any] = {}
        with consumer._subscription.fetch_context():
            # Caught inside: after an exception the context would still count this reader as reading.
            try:
                if readable:
                    fetched = await self._fetched(consumer, readable, timeout)
                else:
                    # aiokafka takes an empty set to mean all partitions.
                    await asyncio.sleep(PAUSE_WHEN_FULL_SECONDS)
            except NoOffsetForPartitionError:
                pass  # assigned a moment ago, and not sought yet to where its lane goes on
            except OffsetOutOfRangeError as error:
                for partition, offset in error.args[0].items():
                    await self._out_of_range(consumer, partition, offset)
            except Exception as error:
                self._go_back(consumer, readable)
                if isinstance(error, ConsumerStoppedError) or fatal_reason(error):
                    raise
                self._quarantine.note_failure(readable)
                metrics.READ_FAILURES.inc()
                log_event(
                    log,
                    logging.ERROR,
                    "records can't be read",
                    error=describe(error),
                    partitions=sorted(f"{tp.topic}/{tp.partition}" for tp in readable),
                )
        read = {tp: list(self._arrivals(consumer, tp, records)) for tp, records in fetched.items()}
        return {tp: [_counted(tp, arrivals)] for tp, arrivals in read.items() if arrivals}

    async def _fetched(
        self, consumer: AIOKafkaConsumer, readable: set[Any], seconds: float | None
    ) -> dict[Any, Any]:
        if not self.consumer.flow_active:
            return {}
        fetcher = fetcher_of(consumer)
        if consumer._closed or fetcher._closed:
            raise ConsumerStoppedError
        fetched: dict[Any, Any] = await fetcher.fetched_records(
            readable, timeout=seconds, max_records=RECORDS_AT_ONCE
        )
        return fetched

    def _go_back(self, consumer: AIOKafkaConsumer, partitions: Iterable[TopicPartition]) -> None:
        """Seeks back: after an error aiokafka drops what it had fetched, and would go on after it."""
        for tp in partitions:
            if tp in self._read_to and tp in consumer.assignment():
                consumer.seek(tp, self._read_to[tp])

    def _arrivals(
        self, consumer: AIOKafkaConsumer, tp: TopicPartition, records: Iterable[ConsumerRecord[bytes, bytes]]
    ) -> Iterable[Arrival]:
        after = self._read_to.get(tp)
        if after is None:
            return  # read before the seek to where its lane goes on
        self._quarantine.note_read(tp)
        generation = coordinator_of(consumer).generation
        for record in records:
            message = raw_message(record)
            if message.batch_fault is not None and message.batch_fault.is_unread:
                log_event(
                    log,
                    logging.ERROR,
                    _FAULTS[message.batch_fault.reason],
                    **_name(tp),
                    offset=message.offset,
                    error=message.batch_fault.error,
                )
            yield Arrival(message, after, generation, anew=tp in self._anew)
            self._anew.discard(tp)
            after = record.offset + 1
        self._read_to[tp] = after

    async def _out_of_range(self, consumer: AIOKafkaConsumer, tp: TopicPartition, offset: int) -> None:
        """Reads on from the first record that the log holds, and logs which are gone.

        Either the log was truncated or the topic was made anew. The next record tells the lane where the
        reader stood before it, so the lane takes it in spite of the gap.
        """
        try:
            earliest = (await consumer.beginning_offsets([tp]))[tp]
        except KafkaError:
            return  # the next fetch asks again
        if tp not in consumer.assignment() or tp not in self._read_to:
            return
        if earliest <= offset and await self._was_made_anew(consumer, tp.topic):
            return  # the partition is assigned again, and its lane opened anew
        if earliest > offset:
            log_event(
                log,
                logging.ERROR,
                "records gone before they were read",
                **_name(tp),
                first=offset,
                last=earliest - 1,
            )
        else:
            log_event(
                log,
                logging.ERROR,
                "log is shorter than what was read of it; reading it from its start",
                **_name(tp),
                read_to=offset,
                earliest=earliest,
            )
            self._anew.add(tp)
        self.lanes.note_records_gone(max(0, earliest - offset))
        consumer.seek(tp, earliest)

    async def _was_made_anew(self, consumer: AIOKafkaConsumer, topic: str) -> bool:
        """Whether the topic was deleted and made anew; if so, has the group assign its partitions again."""
        now = await topic_id(consumer._client, topic)
        before = self._topic_ids.get(topic, now)
        self._topic_ids[topic] = now or before
        if not now or not before or now == before:
            return False
        log_event(log, logging.ERROR, "topic was made anew while it was read", topic=topic)
        coordinator_of(consumer).request_rejoin()
        return True

    async def confirm(self, generation: int) -> None:
        """Raises unless the group confirms that this worker is its member in this generation."""
        coordinator = coordinator_of(self._ensure_consumer())
        if coordinator.generation != generation:
            raise NotOwner(f"the group is past generation {generation}")
        response = await coordinator._send_req(
            HeartbeatRequest(coordinator.group_id, generation, coordinator.member_id)
        )
        error = for_code(response.error_code)
        if error is not NoError:
            raise error

    async def join_again(self) -> None:
        """Has the group assign its partitions again."""
        coordinator_of(self._ensure_consumer()).request_rejoin()

    async def compare_settings(self) -> None:
        """While settings differ from the group's, looks whether they still do."""
        if self.agreement.status.differ:
            with suppress(KafkaError):
                self.agreement.look_again(await told_members(coordinator_of(self._ensure_consumer())))

    async def seek_to(self, offsets: dict[TopicPartition, int], generation: int) -> None:
        """Reads on from these offsets, as far as the partitions are still assigned in this generation."""
        consumer = self._ensure_consumer()
        if coordinator_of(consumer).generation != generation:
            return
        for tp in consumer.assignment() & offsets.keys():
            consumer.seek(tp, offsets[tp])
            self._read_to[tp] = offsets[tp]
            self._anew.discard(tp)

    def read_to(self, tp: TopicPartition) -> int | None:
        """Where reading goes on. Safe to call from another thread."""
        return self._read_to.get(tp)

    async def ask_cluster(self) -> None:
        """Asks the cluster for the partitions' last stable offsets, and notes whether it answers."""
        consumer = self._ensure_consumer()
        partitions = list(self._read_to)
        ends = await last_stable_offsets(consumer, partitions, ASK_SECONDS)
        if ends is None:
            return
        self.heard_at = time.monotonic()
        for topic in {tp.topic for tp in partitions}:
            await self._was_made_anew(consumer, topic)
        assignment = assignment_of(consumer)
        if assignment is None:
            self.read_positions = {}
            return
        positions = {tp: position_in(assignment, tp) for tp in ends.keys() & assignment.tps}
        self.read_positions = {
            tp: ReadPosition(self._read_to[tp], position, ends[tp])
            for tp, position in positions.items()
            if tp in self._read_to and position is not None
        }


def _counted(tp: TopicPartition, arrivals: list[Arrival]) -> list[Arrival]:
    metrics.RECORDS_READ.labels(tp.topic, tp.partition).inc(len(arrivals))
    metrics.READ_BYTES.inc(sum(arrival.size for arrival in arrivals))
    return arrivals


def _name(tp: TopicPartition) -> dict[str, Any]:
    return {"topic": tp.topic, "partition": tp.partition}
