"""The worker's state at one moment, as the health page shows it and the metrics report it."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from aiokafka import TopicPartition

from worker.delivery.kafka.clock import ClockStatus
from worker.delivery.kafka.group.agreement import AgreementStatus
from worker.delivery.kafka.lag import Lag
from worker.pool.pool import PoolCounts
from worker.settings import Output


@dataclass(frozen=True, slots=True)
class LaneStatus:
    """One lane. It takes offset `next` next; everything below `delivered` is delivered and committed."""

    next: int
    delivered: int
    waiting: int
    """Records in its inbox: read, and not begun."""
    in_flight: int
    """Records begun, and not delivered."""
    failures: int
    """Failed deliveries in a row."""
    start_overs: int
    prepared: bool
    """Whether its work is there. A stage that remembers something reads that first."""


@dataclass(frozen=True, slots=True)
class RulesStatus:
    """How many alert rules are in force, and how many of the rules topic's records are no valid rule."""

    in_force: int
    refused: int


@dataclass(frozen=True, slots=True)
class LanesStatus:
    """All lanes of the worker. `generation` is the group's, -1 before the first assignment."""

    generation: int
    bytes_in_flight: int
    records_gone: int
    """Records that the log had lost before they were read."""
    gaps_mended: int
    """How often reading had gone astray and was sent back to the offset that a lane waited for."""
    lanes: Mapping[TopicPartition, LaneStatus]
    lag: Mapping[TopicPartition, Lag]
    """Only of partitions whose leader has answered."""


@dataclass(frozen=True, slots=True)
class WorkerStatus:
    """Everything the health page shows.

    `ready`: partitions are assigned (perhaps none), the processes work, the cluster answers, and the worker
    does not stop. `healthy`: it does not stand still while records wait; if it does, `stalled` says where.
    """

    ready: bool
    healthy: bool
    stalled: str | None
    still_seconds: float
    """For how long something that should have moved has not."""
    reachable: bool
    stopping: bool
    version: str
    group: str
    delivery: str
    assigned: list[int] | None
    """Partitions of the raw topic; None before the first assignment."""
    rules: RulesStatus
    clock: ClockStatus
    agreement: AgreementStatus
    outputs_off: Mapping[Output, str]
    """The new outputs that this worker left off at its start, each with the reason."""
    pool_ready: bool
    pool: PoolCounts
    lanes: LanesStatus

    def as_json(self) -> dict[str, Any]:
        """The body of `/readyz`, whose keys docs/operations.md lists."""
        lanes = {f"{tp.topic}/{tp.partition}": asdict(lane) for tp, lane in self.lanes.lanes.items()}
        return {
            "ready": self.ready,
            "healthy": self.healthy,
            "stalled": self.stalled,
            "reachable": self.reachable,
            "stopping": self.stopping,
            "version": self.version,
            "group": self.group,
            "delivery": self.delivery,
            "assigned": self.assigned,
            "rules": asdict(self.rules),
            "clock": asdict(self.clock),
            "settings": asdict(self.agreement),
            "outputs_off": dict(self.outputs_off),
            "pool": {"ready": self.pool_ready, **asdict(self.pool)},
            "generation": self.lanes.generation,
            "bytes_in_flight": self.lanes.bytes_in_flight,
            "records_gone": self.lanes.records_gone,
            "gaps_mended": self.lanes.gaps_mended,
            "lanes": lanes,
        }
