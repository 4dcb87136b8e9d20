"""What a lane has taken and not begun, handed out in batches."""

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from time import monotonic

from worker.records.messages import OutMessage, RawMessage

# How soon a batch that may collect no longer is handed out.
LOOK_SECONDS = 0.5


@dataclass(frozen=True, slots=True)
class Arrival:
    """A message as it was read, in the group's `generation`.

    `after` is where the reader stood before it: no other message lies from there up to this one's offset.
    `anew`: the log was made anew since, its offsets count from the start again. `read_at`: by the monotonic
    clock.
    """

    message: RawMessage
    after: int
    generation: int
    anew: bool = False
    read_at: float = field(default_factory=monotonic, compare=False)

    @property
    def size(self) -> int:
        """Bytes it takes while it is under way."""
        return size_of(self.message)


class Inbox:
    """Messages in order. A batch is full by count or by bytes; one that is not waits for more, a while.

    As long as it `may_collect` it waits on, for about `collect_seconds` in all.
    """

    def __init__(
        self,
        *,
        batch_size: int,
        batch_bytes: int,
        batch_wait_seconds: float,
        collect_seconds: float = 0.0,
        may_collect: Callable[[], bool] = lambda: False,
    ) -> None:
        self.size_bytes = 0
        self.most = batch_size
        """Messages in a batch, at most `batch_size`."""
        self._batch_size, self._batch_bytes = batch_size, batch_bytes
        self._batch_wait_seconds = batch_wait_seconds
        self._collect_seconds, self._may_collect = collect_seconds, may_collect
        self._arrivals: deque[Arrival] = deque()
        self._changed = asyncio.Event()
        self._closed = False

    def __len__(self) -> int:
        return len(self._arrivals)

    def put(self, arrival: Arrival) -> None:
        self._arrivals.append(arrival)
        self.size_bytes += arrival.size
        if len(self) == 1 or self._is_full():
            self._changed.set()

    def has_room(self) -> bool:
        """Whether it holds less than the next two batches would take."""
        return len(self) < 2 * self._batch_size and self.size_bytes < 2 * self._batch_bytes

    def close(self) -> None:
        """Hands out nothing from now on."""
        self._closed = True
        self._changed.set()

    def clear(self) -> None:
        self._arrivals.clear()
        self.size_bytes = 0

    async def next_batch(self) -> list[Arrival]:
        """The next messages, as many as fit or as come in time; none when it is closed."""
        while not (self._arrivals or self._closed):
            self._changed.clear()
            await self._changed.wait()
        began, seconds = monotonic(), self._batch_wait_seconds
        while await self._waited_in_vain(seconds):
            if monotonic() - began >= self._collect_seconds or not self._may_collect():
                break  # those that came, then
            seconds = max(seconds, LOOK_SECONDS)
        batch: list[Arrival] = []
        size = 0
        while self._arrivals and not self._closed and len(batch) < self.most:
            size += self._arrivals[0].size
            if batch and size > self._batch_bytes:
                break
            batch.append(self._arrivals.popleft())
            self.size_bytes -= batch[-1].size
        return batch

    async def _waited_in_vain(self, seconds: float) -> bool:
        """Whether the batch is not full after so long."""
        try:
            async with asyncio.timeout(seconds):
                while not (self._is_full() or self._closed):
                    self._changed.clear()
                    await self._changed.wait()
        except TimeoutError:
            return True
        return False

    def _is_full(self) -> bool:
        return len(self) >= self.most or self.size_bytes >= self._batch_bytes


def size_of(message: RawMessage | OutMessage) -> int:
    """Bytes of its key, value and headers."""
    headers = sum(len(name) + len(value or b"") for name, value in message.headers)
    return len(message.key or b"") + len(message.value or b"") + headers
