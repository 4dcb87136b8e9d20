"""The records that a lane has taken and not begun, handed out in batches."""

import asyncio
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from time import monotonic

from worker.records.messages import OutMessage, RawMessage

# A batch that waits to fill looks this often whether it still may, beside when it is told to: nobody tells it
# that memory runs short.
LOOK_AGAIN_SECONDS = 0.5


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

    `patience()` says how many seconds its oldest record may wait for that, as things are now; 0: the batch
    goes at once. `look_again` tells that things have changed.
    """

    def __init__(self, *, batch_size: int, batch_bytes: int, patience: Callable[[], float]) -> None:
        self.size_bytes = 0
        self.max_records = batch_size
        """How many records a batch takes now, at most `batch_size`."""
        self._batch_size, self._batch_bytes = batch_size, batch_bytes
        self._patience = patience
        self._arrivals: deque[Arrival] = deque()
        self._put_at: deque[float] = deque()
        self._changed = asyncio.Event()
        self._closed = False

    def __len__(self) -> int:
        return len(self._arrivals)

    @property
    def waiting_since(self) -> float | None:
        """Since when its oldest record has waited; None if none waits."""
        return self._put_at[0] if self._put_at else None

    def put(self, arrival: Arrival) -> None:
        self._arrivals.append(arrival)
        self._put_at.append(monotonic())
        self.size_bytes += arrival.size
        if len(self) == 1 or self._is_full():
            self._changed.set()

    def has_room(self) -> bool:
        """Whether it holds less than two full batches."""
        return len(self) < 2 * self._batch_size and self.size_bytes < 2 * self._batch_bytes

    def look_again(self) -> None:
        """Whoever waits for a batch looks whether it still has to."""
        self._changed.set()

    def close(self) -> None:
        """Hands out nothing from now on."""
        self._closed = True
        self._changed.set()

    def clear(self) -> None:
        self._arrivals.clear()
        self._put_at.clear()
        self.size_bytes = 0

    async def next_batch(self) -> list[Arrival]:
        """The next records, as many as fit or come in time; an empty list once the inbox is closed."""
        while not (self._closed or self._is_full()):
            seconds = self._seconds_left()
            if seconds is not None and seconds <= 0:
                break  # hand out what has come
            self._changed.clear()
            with suppress(TimeoutError):
                async with asyncio.timeout(None if seconds is None else min(seconds, LOOK_AGAIN_SECONDS)):
                    await self._changed.wait()
        batch: list[Arrival] = []
        size = 0
        while self._arrivals and not self._closed and len(batch) < self.max_records:
            size += self._arrivals[0].size
            if batch and size > self._batch_bytes:
                break
            batch.append(self._arrivals.popleft())
            self._put_at.popleft()
            self.size_bytes -= batch[-1].size
        return batch

    def _seconds_left(self) -> float | None:
        """How much longer a batch may wait to fill; None if there is no record yet."""
        since = self.waiting_since
        return None if since is None else since + self._patience() - monotonic()

    def _is_full(self) -> bool:
        return len(self) >= self.max_records or self.size_bytes >= self._batch_bytes


def size_of(message: RawMessage | OutMessage) -> int:
    """Bytes of its key, value and headers."""
    headers = sum(len(name) + len(value or b"") for name, value in message.headers)
    return len(message.key or b"") + len(message.value or b"") + headers
