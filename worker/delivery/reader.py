"""The thread that reads: what the lanes have room for, each record with where the reader stood before it."""

import asyncio
import logging
from collections.abc import Iterable
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.coordinator.assignors.roundrobin import RoundRobinPartitionAssignor
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

from worker.delivery.connection import client_options, without_making_topics
from worker.delivery.inbox import Arrival
from worker.delivery.lanes import Lanes
from worker.delivery.refusals import NotOurs
from worker.log import event
from worker.records.messages import RawMessage
from worker.settings import Settings

log = logging.getLogger(__name__)

# Few at a time: each may be as large as a record can be, and none is needed before the lanes have room.
RECORDS_AT_ONCE = 50
FULL_SECONDS = 0.02
# A worker that does not read for so long leaves the group: its main thread hangs.
IDLE_SECONDS = 300.0
PARTITION_FETCH_BYTES = 1 << 20


class ReaderThread(driver.AIOKafkaConsumerThread):
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
        consumer = AIOKafkaConsumer(
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
        without_making_topics(consumer._client)
        return consumer

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

    async def confirm(self, generation: int) -> None:
        """Raises unless the group counts this worker as its member in this generation, and that stands."""
        coordinator = self._ensure_consumer()._coordinator
        if coordinator.generation != generation:
            raise NotOurs(f"the group is past generation {generation}")
        response = await coordinator._send_req(
            HeartbeatRequest(coordinator.group_id, generation, coordinator.member_id)
        )
        error = for_code(response.error_code)
        if error is not NoError:
            raise error

    async def seek_to(self, offsets: dict[TopicPartition, int], generation: int) -> None:
        """Reads on from these offsets, where the partitions are still this generation's."""
        consumer = self._ensure_consumer()
        if consumer._coordinator.generation != generation:
            return
        for tp in consumer.assignment() & offsets.keys():
            consumer.seek(tp, offsets[tp])
            self._read_to[tp] = offsets[tp]
            self._anew.discard(tp)


def _name(tp: TopicPartition) -> dict[str, Any]:
    return {"topic": tp.topic, "partition": tp.partition}
