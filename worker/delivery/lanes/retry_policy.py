"""How often and how long a lane tries again: never for ever, never in a tight loop."""

import time

from worker.delivery.kafka.errors import ErrorKind

# A worker can do something about none of these: they pass in as many tries, or another should have a go.
MAX_TRIES = 6
# What the cluster has to mend, it gets time for: a rolling restart, a leader that moves, all brokers away.
OUTAGE_SECONDS = 180.0
BACKOFF_SECONDS = 1.0
MAX_BACKOFF_SECONDS = 10.0


class RetryPolicy:
    """Failures in a row: a few that nobody foresaw use it up, those that may pass do by lasting too long."""

    def __init__(self) -> None:
        self.failures = 0
        self._tries_left = MAX_TRIES
        self._since = 0.0

    def restore(self) -> None:
        """A delivery went through."""
        self.failures, self._tries_left = 0, MAX_TRIES

    def failed(self, nature: ErrorKind) -> bool:
        """Counts a failure; whether there may be another try."""
        if self.failures == 0:
            self._since = time.monotonic()
        self.failures += 1
        if nature is ErrorKind.RETRIABLE:
            return time.monotonic() - self._since < OUTAGE_SECONDS
        self._tries_left -= 1
        return self._tries_left > 0

    @property
    def spent(self) -> str:
        """What was tried, in words."""
        return f"{self.failures} tries in {time.monotonic() - self._since:.0f} s"

    @property
    def backoff_seconds(self) -> float:
        """How long to wait before the next try: longer with each."""
        if not self.failures:
            return 0
        return min(BACKOFF_SECONDS * 2 ** min(self.failures - 1, 10), MAX_BACKOFF_SECONDS)
