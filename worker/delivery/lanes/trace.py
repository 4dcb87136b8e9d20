"""What a lane tells, where somebody traces, of records that it has delivered or failed to deliver."""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Protocol

from aiokafka import TopicPartition

from worker.delivery.kafka.errors import error_kind
from worker.delivery.kafka.sending import OutgoingRecord
from worker.delivery.lanes.inbox import Arrival
from worker.delivery.lanes.stage import Outputs, RunnableStage, Work
from worker.records.messages import RawMessage
from worker.steps import Step, follow_steps


@dataclass(frozen=True, slots=True)
class Told:
    """One delivery of a batch: its inputs, the steps of each, and the records written for them.

    `steps`: by the input's offset. `began`, `ended`: of the delivery, by the monotonic clock.
    `failure`: the kind of its error if it failed, in which case nothing of it counts.
    """

    arrivals: Sequence[Arrival]
    steps: dict[int, list[Step]]
    records: Sequence[OutgoingRecord]
    began: float
    ended: float
    failure: str | None = None


class Traces(Protocol):
    """Who wants to know. Called on the event loop: it must neither wait nor raise."""

    def tell(self, stage: RunnableStage, partition: TopicPartition, told: Told) -> None:
        """Takes note of one delivery."""

    async def flush(self) -> None:
        """Passes on what it has noted, for as long as that takes."""


class LaneTrace:
    """Follows the records of one lane, from the work on them to their delivery."""

    def __init__(self, traces: Traces, stage: RunnableStage, partition: TopicPartition) -> None:
        self._traces, self._stage, self._partition = traces, stage, partition
        self._steps: dict[int, list[Step]] = {}

    def following(self, work: Work) -> Work:
        """The work, with its steps noted; all of it is one step, named after the stage, if it notes none."""

        async def followed(message: RawMessage) -> Outputs:
            steps = follow_steps()
            began = time.monotonic()
            outputs = await work(message)
            self._steps[message.offset] = steps or [Step(self._stage.name, began, time.monotonic())]
            return outputs

        return followed

    @contextmanager
    def delivering(self, arrivals: Sequence[Arrival], records: Sequence[OutgoingRecord]) -> Iterator[None]:
        """Tells of the delivery inside once it has ended; not if it is cancelled."""
        began = time.monotonic()
        try:
            yield
        except Exception as error:
            self._tell(arrivals, records, began, error_kind(error).value)
            raise
        self._tell(arrivals, records, began)

    def forget(self) -> None:
        """Drops what was noted of records that are read again."""
        self._steps.clear()

    def _tell(
        self,
        arrivals: Sequence[Arrival],
        records: Sequence[OutgoingRecord],
        began: float,
        failure: str | None = None,
    ) -> None:
        offsets = (arrival.message.offset for arrival in arrivals)
        steps = {offset: self._steps.pop(offset) for offset in offsets if offset in self._steps}
        told = Told(arrivals, steps, records, began, time.monotonic(), failure)
        self._traces.tell(self._stage, self._partition, told)
