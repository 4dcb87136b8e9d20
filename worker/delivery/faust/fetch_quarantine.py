"""Which partitions to read after a failed fetch: one at a time, and the one at fault only after a pause."""

import random
import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

# For this long after a failure partitions are read one at a time, so that the next failure affects one only.
CAREFUL_SECONDS = 60.0
REST_SECONDS, MAX_REST_SECONDS = 1.0, 30.0


class FetchQuarantine:
    """Remembers which partitions could not be read. Each pauses after a failure, longer each time."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._careful_until = 0.0
        self._resting: dict[object, tuple[float, float]] = {}

    def choose(self, readable: set[T]) -> set[T]:
        """Those of the readable partitions to read now."""
        now = self._clock()
        awake = {tp for tp in readable if self._resting.get(tp, (0.0, 0.0))[0] <= now}
        return {random.choice(list(awake))} if awake and now < self._careful_until else awake

    def note_failure(self, tried: set[T]) -> None:
        """Notes that none of `tried` could be read, because of one of them."""
        now = self._clock()
        self._careful_until = now + CAREFUL_SECONDS
        for tp in tried if len(tried) == 1 else ():
            seconds = min(2 * self._resting.get(tp, (0.0, REST_SECONDS / 2))[1], MAX_REST_SECONDS)
            self._resting[tp] = (now + seconds, seconds)

    def note_read(self, tp: object) -> None:
        """Notes that this partition could be read."""
        self._resting.pop(tp, None)
