"""Limits how many records a command sends a second."""

import asyncio
import time


class RateLimiter:
    """Lets at most `rate` records through a second, evenly spaced. With None it never waits.

    Time in which nobody sent is made up for by at most one second's worth.
    """

    def __init__(self, rate: float | None) -> None:
        self._interval = 1 / rate if rate else 0.0
        self._next = time.monotonic()

    async def wait(self) -> None:
        """Waits until the next record may be sent."""
        if not self._interval:
            return
        now = time.monotonic()
        self._next = max(self._next, now - 1) + self._interval
        if self._next > now + self._interval:
            await asyncio.sleep(self._next - self._interval - now)
