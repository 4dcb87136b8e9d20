"""Limits how many bytes the lanes of a stage may have in flight."""

import asyncio
from collections import deque


class Budget:
    """Bytes that a stage's lanes share. Each request is granted as a whole, in the order in which they came.

    A request larger than the whole budget is granted once nothing else is in flight, so none waits for ever.
    """

    def __init__(self, limit_bytes: int) -> None:
        self.limit_bytes = limit_bytes
        self.used_bytes = 0
        self._waiting: deque[tuple[int, asyncio.Future[None]]] = deque()

    async def take(self, size: int) -> None:
        """Waits until `size` bytes are free, and takes them."""
        if not self._waiting and self._fits(size):
            self.used_bytes += size
            return
        granted = asyncio.get_running_loop().create_future()
        self._waiting.append((size, granted))
        try:
            await granted
        except asyncio.CancelledError:
            if granted.done() and not granted.cancelled():
                self.give(size)
            raise

    def add(self, size: int) -> None:
        """Counts bytes that are in memory already, such as results. Later requests wait for them."""
        self.used_bytes += size

    def give(self, size: int) -> None:
        """Gives bytes back."""
        self.used_bytes -= size
        while self._waiting and (self._waiting[0][1].done() or self._fits(self._waiting[0][0])):
            wanted, granted = self._waiting.popleft()
            if not granted.done():
                self.used_bytes += wanted
                granted.set_result(None)

    @property
    def is_short(self) -> bool:
        """Whether a request waits for bytes."""
        return bool(self._waiting)

    def _fits(self, size: int) -> bool:
        return self.used_bytes == 0 or self.used_bytes + size <= self.limit_bytes
