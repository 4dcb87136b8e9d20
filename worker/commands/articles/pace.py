"""So many a second and no more."""

import asyncio
import time


class Pace:
    """Lets so many through a second, evenly. None: as fast as they come."""

    def __init__(self, rate: float | None) -> None:
        self._step = 1 / rate if rate else 0.0
        self._next = time.monotonic()

    async def wait(self) -> None:
        if not self._step:
            return
        now = time.monotonic()
        self._next = max(self._next, now - 1) + self._step
        if self._next > now + self._step:
            await asyncio.sleep(self._next - self._step - now)
