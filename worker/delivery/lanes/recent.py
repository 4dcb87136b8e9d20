"""What a lane has delivered in the last five minutes, so that each record of its progress can say it.

The topic of progress is compacted: of two records with one key the older may be gone after minutes. Whoever
asks whether lag grows needs to know where the group stood five minutes ago, also when every worker is dead.
"""

from collections import deque
from dataclasses import dataclass

from worker.records.progress import Lately

RECENT_SECONDS = 300.0
# Of the deliveries within so many seconds only the last one is remembered.
_STEP_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class _Mark:
    at: float
    offset: int
    records: int
    """All that were delivered by then."""


class RecentDeliveries:
    """A lane's positions over the last five minutes. It begins at `offset`.

    Times are in seconds by a monotonic clock.
    """

    def __init__(self, offset: int, *, at: float) -> None:
        self._marks = deque([_Mark(at, offset, 0)])
        self._records = 0

    def told_with(self, records: int, *, at: float) -> Lately:
        """What to tell with a delivery of so many inputs."""
        while len(self._marks) > 1 and self._marks[1].at <= at - RECENT_SECONDS:
            self._marks.popleft()
        oldest = self._marks[0]
        return Lately(
            # Where it stood at the oldest mark it also stood five minutes ago: nothing was delivered between.
            seconds=round(min(at - oldest.at, RECENT_SECONDS), 3),
            offset=oldest.offset,
            records=self._records - oldest.records + records,
        )

    def add(self, records: int, offset: int, *, at: float) -> None:
        """Notes a delivery, after which everything below `offset` is delivered."""
        self._records += records
        if len(self._marks) > 1 and _step(self._marks[-1].at) == _step(at):
            self._marks.pop()
        self._marks.append(_Mark(at, offset, self._records))


def _step(at: float) -> int:
    return int(at // _STEP_SECONDS)
