"""A partition, its reader and its publishers in memory, for a lane to run on."""

import asyncio
import random
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from typing import Any

from aiokafka import TopicPartition

from worker.channels import Channel
from worker.delivery.kafka.sending import NO_GROUPS, OutgoingRecord
from worker.delivery.lanes.budget import Budget
from worker.delivery.lanes.inbox import Arrival
from worker.delivery.lanes.lane import BatchLimits, Lane
from worker.delivery.lanes.stage import Outputs, Work
from worker.delivery.lanes.trace import LaneTrace
from worker.delivery.lanes.workload import Workload
from worker.records.messages import OutMessage, RawMessage

PARTITION = TopicPartition("raw", 0)
GENERATION = 3
WRITES = frozenset({Channel.ENRICHED, Channel.SEARCH, Channel.MATCHES, Channel.DEAD})
BATCH_WAIT_SECONDS = 0.002
LIMITS = BatchLimits(
    batch_size=4,
    batch_bytes=1 << 20,
    batches_in_flight=3,
    deliver_seconds=5,
    open_seconds=5,
    open_again_seconds=5,
)


def message(offset: int, value: bytes | None = b"text", **fields: Any) -> RawMessage:
    return RawMessage("raw", 0, offset, 1000, **{"key": b"key", "value": value, **fields})


def arrival(
    offset: int, after: int | None = None, generation: int = GENERATION, *, anew: bool = False
) -> Arrival:
    return Arrival(message(offset), offset if after is None else after, generation, anew)


async def one_record(message: RawMessage) -> Outputs:
    """Work that takes no time and gives one record, named by the message's offset."""
    return (OutMessage(Channel.ENRICHED, b"%d" % message.offset, message.value, ()),)


async def at_once(work: Work) -> Work:
    """Work that is there as soon as a lane opens."""
    return work


class Partition:
    """What the brokers hold: the records that were delivered, and the committed offset."""

    def __init__(self, committed: int | None = None) -> None:
        self.committed = committed
        self.delivered: list[OutMessage] = []
        self.publishers: list[Publisher] = []
        self.publishes = 0
        self.begun_at: int | None = None
        self.on_publish: Callable[[Sequence[OutgoingRecord], Mapping[int, int]], None] = (
            lambda records, groups: None
        )
        self.after_commit: Callable[[], None] = lambda: None
        self.on_start: Callable[[], None] = lambda: None

    def make_publisher(self) -> "Publisher":
        return Publisher(self)

    @property
    def keys(self) -> list[int]:
        """Offsets of the inputs that the delivered records come of."""
        return [int(record.key or b"-1") for record in self.delivered]


class Publisher:
    """Delivers into the partition, unless it failed or another has started since."""

    def __init__(self, partition: Partition) -> None:
        self.partition = partition
        self.spent = False

    async def start(self) -> int | None:
        self.partition.on_start()
        self.partition.publishers.append(self)
        return self.partition.committed

    async def begin(self, offset: int) -> None:
        self.partition.begun_at = offset

    async def publish(
        self,
        records: Sequence[OutgoingRecord],
        next_offset: int,
        *,
        inputs: int = 0,
        groups: Mapping[int, int] = NO_GROUPS,
    ) -> None:
        assert not self.spent, "a publisher that failed was used again"
        assert self.partition.publishers[-1] is self, "delivered though fenced"
        self.partition.publishes += 1
        self.spent = True
        await asyncio.sleep(0)
        self.partition.on_publish(records, dict(groups))
        self.partition.delivered += [record.message for record in records]
        self.partition.committed = next_offset
        self.partition.after_commit()
        self.spent = False

    async def stop(self) -> None:
        self.spent = True


class Reader:
    """Reads a log of offsets with gaps in it, from where it is sent; what it has read already still comes."""

    def __init__(self, offsets: Sequence[int]) -> None:
        self.offsets = list(offsets)
        self.position: int | None = None
        self.seeks: list[int] = []
        self.confirms: Callable[[], None] = lambda: None

    async def first_offset(self) -> int:
        return self.offsets[0]

    async def resume_at(self, partition: TopicPartition, generation: int, offset: int) -> None:
        self.seeks.append(offset)
        self.position = offset

    async def confirm(self, generation: int) -> None:
        self.confirms()

    async def read_for(self, lane: Lane, *, until: Callable[[], bool]) -> None:
        """Reads in pieces, as Faust does: some of a piece comes only after the next seek."""
        underway: list[Arrival] = []
        while not until():
            await asyncio.sleep(0)
            if self.position is not None and lane.has_room() and random.random() < 0.8:
                underway += self._piece()
            for _ in range(random.randint(0, len(underway))):
                lane.put(underway.pop(0))

    def _piece(self) -> list[Arrival]:
        assert self.position is not None
        start, piece = self.position, []
        ahead = [offset for offset in self.offsets if offset >= start][: random.randint(1, 6)]
        for offset in ahead:
            piece.append(arrival(offset, after=self.position))
            self.position = offset + 1
        return piece


def make_lane(
    partition: Partition,
    reader: Reader | None = None,
    *,
    work: Work = one_record,
    make_work: Callable[[int], Awaitable[Work]] | None = None,
    budget: Budget | None = None,
    concurrency: asyncio.Semaphore | None = None,
    workload: Workload | None = None,
    limits: BatchLimits = LIMITS,
    patience: Callable[[bool], float] = lambda _is_idle: BATCH_WAIT_SECONDS,
    trace: LaneTrace | None = None,
    keeps_state: bool = False,
    latest_only: Collection[Channel] = (),
) -> Lane:
    reader = reader or Reader([0])
    return Lane(
        PARTITION,
        GENERATION,
        channel=Channel.RAW,
        writes=WRITES,
        make_publisher=partition.make_publisher,
        make_work=make_work or (lambda _offset: at_once(trace.following(work) if trace else work)),
        first_offset=reader.first_offset,
        source=reader,
        budget=budget or Budget(1 << 30),
        concurrency=concurrency or asyncio.Semaphore(1000),
        workload=workload or Workload(1000, 1000),
        limits=limits,
        patience=patience,
        trace=trace,
        keeps_state=keeps_state,
        latest_only=latest_only,
    )
