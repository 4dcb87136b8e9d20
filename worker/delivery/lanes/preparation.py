"""Makes a lane's work, for as long as that takes: a stage that reads a large state holds up no other."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable

from aiokafka import TopicPartition

from worker.delivery.kafka.errors import describe, fatal_reason
from worker.delivery.lanes.retry_policy import MAX_BACKOFF_SECONDS
from worker.delivery.lanes.stage import Work
from worker.log import log_event

log = logging.getLogger(__name__)

# How often a preparation that goes on is told of.
TELL_SECONDS = 30.0
FIRST_PAUSE_SECONDS = 1.0


class Preparation:
    """The work of one lane: None until it is made. `begin` starts over from another offset.

    A failure never ends the worker, whose other lanes go on. It is logged, and another try follows.
    """

    def __init__(self, partition: TopicPartition, make_work: Callable[[int], Awaitable[Work]]) -> None:
        self.work: Work | None = None
        self._partition, self._make_work = partition, make_work
        self._offset = 0

    def begin(self, offset: int) -> None:
        """Forgets the work that was: it is to be made for a lane that begins at `offset`."""
        self.work, self._offset = None, offset

    async def run(self) -> None:
        """Returns when `work` is there."""
        began, pause = time.monotonic(), FIRST_PAUSE_SECONDS
        while self.work is None:
            making = asyncio.ensure_future(self._make_work(self._offset))
            try:
                while not (await asyncio.wait({making}, timeout=TELL_SECONDS))[0]:
                    self._tell(logging.INFO, "stage still reads its state", began)
            except asyncio.CancelledError:
                making.cancel()
                raise
            if error := making.exception():
                why = fatal_reason(error) or describe(error)
                self._tell(logging.ERROR, "stage can't begin; the others go on", began, error=why)
                await asyncio.sleep(pause)
                pause = min(2 * pause, MAX_BACKOFF_SECONDS)
            else:
                self.work = making.result()

    def _tell(self, level: int, event: str, began: float, **fields: str) -> None:
        seconds = round(time.monotonic() - began, 1)
        where = {"topic": self._partition.topic, "partition": self._partition.partition}
        log_event(log, level, event, **where, seconds=seconds, **fields)
