"""Whether the cluster answers: the worker's consumer, or anything in this process."""

import asyncio
import time
from collections.abc import Callable

from worker.delivery.kafka.preflight import any_broker_answers
from worker.settings import Settings

# The consumer asks every two seconds and waits a few for an answer. This must be less than any stall limit.
_LATELY_SECONDS = 10.0
_TRY_SECONDS = 3.0


class Reachability:
    """`heard_at()` says when the cluster last answered the consumer, by the monotonic clock.

    If that is long ago, `run` connects to the brokers itself, since the fault may be the consumer's.
    """

    def __init__(self, settings: Settings, heard_at: Callable[[], float]) -> None:
        self._settings, self._heard_at = settings, heard_at
        self._broker_answered = False

    @property
    def consumer_connected(self) -> bool:
        """Whether the cluster has answered the consumer lately."""
        return time.monotonic() - self._heard_at() < _LATELY_SECONDS

    @property
    def cluster_answers(self) -> bool:
        """Whether the cluster has answered the consumer or a connection of `run`."""
        return self.consumer_connected or self._broker_answered

    async def run(self) -> None:
        """Tries the brokers while the consumer hears nothing, until the process ends."""
        while True:
            await asyncio.sleep(_TRY_SECONDS)
            self._broker_answered = not self.consumer_connected and await any_broker_answers(self._settings)
