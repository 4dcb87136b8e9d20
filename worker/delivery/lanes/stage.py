"""A stage of the way: one channel that the group reads, and what its lanes do with each record."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from aiokafka import TopicPartition

from worker.channels import Channel
from worker.records.messages import OutMessage, RawMessage

# Enough that no process waits, and few enough that a worker that is to stop soon has nothing begun.
HANDS_PER_PROCESS = 4

Outputs = tuple[OutMessage, ...]
Work = Callable[[RawMessage], Awaitable[Outputs]]
Opened = Callable[[TopicPartition, int], Awaitable[Work]]
"""Gives the work on a partition from an offset on."""


@dataclass(frozen=True)
class Stage:
    """`open` is called whenever a lane of the channel opens, behind its fence; it gives the lane's work.

    `hands` bound how many records are worked on at once, over all lanes; with one hand a lane's records are
    worked on in their order. DATELINE_IN_FLIGHT_BYTES is divided among the stages by their `share`. A batch
    counts for `batch_share` of its stage's part at least, and takes as few records as have results of about
    so many bytes: where results may be many times what was taken.
    While every hand of the first stage is busy, a batch may wait for `collect_seconds` to fill: articles wait
    longer than that then, and a transaction costs as much for one record as for many.
    """

    channel: Channel
    name: str
    open: Opened
    hands: int
    share: int = 1
    batch_share: float = 0.0
    collect_seconds: float = 0.0


def at_any_time(work: Work) -> Opened:
    """For work that has nothing to read or to remember."""

    async def opened(_partition: TopicPartition, _offset: int) -> Work:
        return work

    return opened
