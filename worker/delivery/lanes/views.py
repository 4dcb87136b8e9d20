"""How far behind a lane is, and whether it moves: worked out from one look at it."""

from dataclasses import dataclass

from aiokafka import TopicPartition

from worker.delivery.kafka.lag import Lag, ReadPosition
from worker.delivery.lanes.status import LaneStatus
from worker.delivery.lanes.watchdog import LaneProgress


@dataclass(frozen=True, slots=True)
class LaneSnapshot:
    """One lane at one moment."""

    status: LaneStatus
    read: ReadPosition | None
    """How far the partition had been read when its leader last answered; None if it has not answered."""
    in_progress: int
    """Records being worked on."""
    finished: int
    """Records worked on since the worker started."""
    has_room: bool
    """Whether more may be read for the lane."""
    lacks_resources: bool
    """Whether its stage's concurrency or memory is used up."""


def lag_of(lane: LaneSnapshot) -> Lag | None:
    """How far behind the lane is; None if its partition's leader has not answered."""
    if lane.read is None:
        return None
    status = lane.status
    # Behind the last record there may be transaction markers, which nobody delivers.
    everything_delivered = status.delivered == status.next == lane.read.read_to
    position = lane.read.position if everything_delivered else status.delivered
    return Lag(position, lane.read.last_stable)


def progress_of(partition: TopicPartition, lane: LaneSnapshot) -> LaneProgress:
    """What the watchdog needs to know of the lane."""
    return LaneProgress(
        partition,
        lane.status.delivered,
        waiting=_has_work(lane),
        in_progress=lane.in_progress,
        finished=lane.finished,
        blocked=_is_blocked(lane),
    )


def _has_work(lane: LaneSnapshot) -> bool | None:
    """Whether anything of the partition is left to deliver; None if that is not known."""
    if lane.status.delivered < lane.status.next:
        return True
    lag = lag_of(lane)
    return None if lag is None else lag.waiting > 0


def _is_blocked(lane: LaneSnapshot) -> bool:
    """Whether it waits for what other lanes hold, or for its stage's state, which tells of itself."""
    if not lane.status.prepared:
        return True
    if lane.in_progress:
        return False
    if lane.status.delivered < lane.status.next:
        return lane.lacks_resources
    return not lane.has_room
