"""How many times and for how long a lane tries again. Both are bounded, and it pauses before each try."""

import time

from worker.delivery.kafka.errors import ErrorKind

# After this many failures that time alone does not mend, another worker should try.
MAX_TRIES = 6
# The cluster gets this long to mend itself: a rolling restart, a leader that moves, all brokers away.
OUTAGE_SECONDS = 180.0
BACKOFF_SECONDS = 1.0
MAX_BACKOFF_SECONDS = 10.0


class RetryPolicy:
    """Counts failures in a row. Retriable ones may go on for OUTAGE_SECONDS, others for MAX_TRIES tries."""

    def __init__(self) -> None:
        self.failures = 0
        self._tries_left = MAX_TRIES
        self._since = 0.0

    def reset(self) -> None:
        """Starts counting anew: a delivery went through."""
        self.failures, self._tries_left = 0, MAX_TRIES

    def failed(self, kind: ErrorKind) -> bool:
        """Counts a failure, and returns whether there may be another try."""
        if self.failures == 0:
            self._since = time.monotonic()
        self.failures += 1
        if kind is ErrorKind.RETRIABLE:
            return time.monotonic() - self._since < OUTAGE_SECONDS
        self._tries_left -= 1
        return self._tries_left > 0

    @property
    def spent(self) -> str:
        """What was tried, in words."""
        return f"{self.failures} tries in {time.monotonic() - self._since:.0f} s"

    @property
    def backoff_seconds(self) -> float:
        """How long to wait before the next try; it doubles with each failure up to a limit."""
        if not self.failures:
            return 0.0
        doublings = min(self.failures - 1, 10)
        return min(BACKOFF_SECONDS * float(2**doublings), MAX_BACKOFF_SECONDS)
