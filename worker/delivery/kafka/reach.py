"""Whether the cluster answers: the consumer, or anybody here."""

import asyncio
import time
from collections.abc import Callable

from worker.delivery.kafka.preflight import any_broker_answers
from worker.settings import Settings

# The consumer asks every two seconds, and waits a few for an answer. Less than any stall may last.
LATELY_SECONDS = 10.0
TRY_SECONDS = 3.0


class Reach:
    """`heard_at()` says when the consumer last heard from the cluster, by the monotonic clock.

    While that is long ago, `run` tries the brokers itself: it may be the consumer that is at fault.
    """

    def __init__(self, settings: Settings, heard_at: Callable[[], float]) -> None:
        self._settings, self._heard_at = settings, heard_at
        self._tried = False

    @property
    def hearing(self) -> bool:
        """Whether the cluster has answered the consumer lately."""
        return time.monotonic() - self._heard_at() < LATELY_SECONDS

    @property
    def answering(self) -> bool:
        """Whether it has answered anybody."""
        return self.hearing or self._tried

    async def run(self) -> None:
        while True:
            await asyncio.sleep(TRY_SECONDS)
            self._tried = not self.hearing and await any_broker_answers(self._settings)
