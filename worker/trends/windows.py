"""Hours and days, in UTC, and the one in which an article is counted. Times are milliseconds since 1970."""

from enum import StrEnum

from worker.channels import HOUR_MS

HOURS_A_DAY = 24
KEPT_DAYS = 8
"""Windows of so many days are kept, today's among them: of each of its hours the seven days before."""
AHEAD_MS = HOUR_MS
"""A publisher's clock may be ahead of the brokers' by so much."""
_WAITED_MS = KEPT_DAYS * HOURS_A_DAY * HOUR_MS


class TrendWindow(StrEnum):
    """How long a window is."""

    HOUR = "hour"
    DAY = "day"

    @property
    def hours(self) -> int:
        """Its length."""
        return 1 if self is TrendWindow.HOUR else HOURS_A_DAY

    def number_of(self, hour: int) -> int:
        """The number of the window with this hour, counted from 1970."""
        return hour // self.hours

    def start_ms(self, number: int) -> int:
        """When the window begins."""
        return number * self.hours * HOUR_MS


def hour_of(time_ms: int) -> int:
    """The hour with this time, counted from 1970."""
    return time_ms // HOUR_MS


def counted_at(published_ms: int | None, *, came_ms: int, written_ms: int) -> int:
    """The time by which an article is counted: when it was published, by its own account.

    That which says nothing, or a time in the future, counts when it came into the raw topic. `came_ms` is a
    publisher's too, and counts if it lies within the days before `written_ms`, a broker's.
    """
    came_ms = came_ms if written_ms - _WAITED_MS <= came_ms <= written_ms else written_ms
    is_possible = published_ms is not None and published_ms <= came_ms + AHEAD_MS
    return published_ms if published_ms is not None and is_possible else came_ms
