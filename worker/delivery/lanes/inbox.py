"""The records that a lane has taken and not begun, handed out in batches."""

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from time import monotonic

from worker.records.messages import OutMessage, RawMessage

# How often a batch that collects looks whether it still may.
COLLECT_LOOK_SECONDS = 0.5


@dataclass(frozen=True, slots=True)
class Arrival:
    """A record as it was read in the group's `generation`.

    `after` is where the reader stood before it: from there up to this record's offset there is no other
    record. `anew` marks the first record after a log was made anew, whose offsets start again. `read_at` is
    by the monotonic clock.
    """

    message: RawMessage
    after: int
    generation: int
    anew: bool = False
    read_at: float = field(default_factory=monotonic, compare=False)

    @property
    def size(self) -> int:
        """Bytes that it takes up until it is delivered."""
        return size_of(self.message)


class Inbox:
    """Records in order. A batch is full by count or by bytes; one that is not full waits for more records.

    It waits `batch_wait_seconds`, and while `may_collect()` is true up to about `collect_seconds`.
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
        self.max_records = batch_size
        """How many records a batch takes now, at most `batch_size`."""
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
        """Whether it holds less than two full batches."""
        return len(self) < 2 * self._batch_size and self.size_bytes < 2 * self._batch_bytes

    def close(self) -> None:
        """Hands out nothing from now on."""
        self._closed = True
        self._changed.set()

    def clear(self) -> None:
        self._arrivals.clear()
        self.size_bytes = 0

    async def next_batch(self) -> list[Arrival]:
        """The next records, as many as fit or come in time; an empty list once the inbox is closed."""
        while not (self._arrivals or self._closed):
            self._changed.clear()
            await self._changed.wait()
        began, seconds = monotonic(), self._batch_wait_seconds
        while await self._waited_in_vain(seconds):
            if monotonic() - began >= self._collect_seconds or not self._may_collect():
                break  # hand out what has come
            seconds = max(seconds, COLLECT_LOOK_SECONDS)
        batch: list[Arrival] = []
        size = 0
        while self._arrivals and not self._closed and len(batch) < self.max_records:
            size += self._arrivals[0].size
            if batch and size > self._batch_bytes:
                break
            batch.append(self._arrivals.popleft())
            self.size_bytes -= batch[-1].size
        return batch

    async def _waited_in_vain(self, seconds: float) -> bool:
        """Waits for a full batch; returns whether it waited in vain."""
        try:
            async with asyncio.timeout(seconds):
                while not (self._is_full() or self._closed):
                    self._changed.clear()
                    await self._changed.wait()
        except TimeoutError:
            return True
        return False

    def _is_full(self) -> bool:
        return len(self) >= self.max_records or self.size_bytes >= self._batch_bytes


def size_of(message: RawMessage | OutMessage) -> int:
    """Bytes of its key, value and headers."""
    headers = sum(len(name) + len(value or b"") for name, value in message.headers)
    return len(message.key or b"") + len(message.value or b"") + headers
