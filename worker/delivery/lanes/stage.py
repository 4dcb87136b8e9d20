"""A stage as plain data: the channel that the group reads, the channels it writes, and its work."""

from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from aiokafka import TopicPartition

from worker.channels import Channel, TopicUse
from worker.records.messages import OutMessage, RawMessage

# Enough that no process waits for its next article, and few enough that a worker that is about to stop has
# little left to finish.
ARTICLES_PER_PROCESS = 4

Outputs = tuple[OutMessage, ...]
Work = Callable[[RawMessage], Awaitable[Outputs]]
"""Turns one record into the records to write for it."""


class ForeseeingWork:
    """Work that is told, before it is given the first of some records, which records come.

    What it is told of may not come, as after a failure: then others do, and it is told of these.
    """

    def __init__(self, work: Work, foresee: Callable[[Sequence[RawMessage]], None]) -> None:
        self._work, self.foresee = work, foresee

    def __call__(self, message: RawMessage) -> Awaitable[Outputs]:
        return self._work(message)

    def wrapped(self, wrap: Callable[[Work], Work]) -> "ForeseeingWork":
        """The same, but with something around the work on each record."""
        return ForeseeingWork(wrap(self._work), self.foresee)


WorkFactory = Callable[[TopicPartition, int], Awaitable[Work]]
"""Makes the work for one partition, which begins at the given offset."""

PartsT = TypeVar("PartsT")


@dataclass(frozen=True)
class Stage(Generic[PartsT]):
    """One step of the topology.

    The group reads `reads`: each record goes to exactly one worker. `follows` are read outside the group: the
    rules by every worker, the cooldowns' state by each lane when it opens. The work may write to `writes`
    only; another write ends the worker. `run` makes the work from the worker's parts, such as its process
    pool. `latest_only`: channels of which a batch writes each key once, with its latest value: those whose
    earlier values nobody needs.
    """

    name: str
    reads: Channel
    writes: tuple[Channel, ...]
    run: Callable[[PartsT], WorkFactory]
    follows: tuple[Channel, ...] = ()
    latest_only: tuple[Channel, ...] = ()

    @property
    def keeps_state(self) -> bool:
        """Whether its work remembers something between records: it reads again what it wrote."""
        return not set(self.follows).isdisjoint(self.writes)


@dataclass(frozen=True)
class StageTuning:
    """How much of the worker a stage may take.

    `max_concurrent` records are worked on at once, over all of the stage's lanes. With 1, a lane works on its
    records in their order. `hands`: how many of them run side by side; the others wait for a hand, so that
    none stands idle. DATELINE_IN_FLIGHT_BYTES is divided among the stages in proportion to `memory_weight`.
    `results_fraction` is for stages that write far more than they read: a batch then takes only as many
    records as are expected to write this fraction of the stage's memory. While more of the first stage's
    records are begun than it may work on at once, a batch may wait `collect_seconds` to fill, since a
    transaction costs as much for one record as for many and articles wait longer than that anyway.
    """

    max_concurrent: int
    hands: int = 1
    memory_weight: int = 1
    results_fraction: float = 0.0
    collect_seconds: float = 0.0


@dataclass(frozen=True)
class RunnableStage:
    """A stage with what it needs to run in this worker."""

    name: str
    reads: Channel
    writes: frozenset[Channel]
    make_work: WorkFactory
    tuning: StageTuning
    keeps_state: bool = False
    latest_only: frozenset[Channel] = frozenset()


def topics_of(stages: Iterable[Stage[PartsT]]) -> TopicUse:
    """The stages' channels, each once, in the stages' order; what all write comes last."""
    stages = list(stages)
    writes = dict.fromkeys(channel for stage in stages for channel in stage.writes)
    follows = dict.fromkeys(channel for stage in stages for channel in stage.follows)
    return TopicUse(
        reads=tuple(stage.reads for stage in stages),
        follows=(*follows, Channel.PROGRESS),
        writes=(*sorted(writes, key=lambda channel: channel is Channel.DEAD), Channel.PROGRESS),
    )


def stateless(work: Work) -> WorkFactory:
    """For work that neither reads anything first nor remembers anything between records."""

    async def make_work(_partition: TopicPartition, _offset: int) -> Work:
        return work

    return make_work
