"""How fast a partition is delivered and where it stood five minutes ago, from the records of progress.

Every delivery writes one. The topic is compacted, so older ones may be gone: then the newest says where its
lane stood before.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from worker.records.progress import GroupProgress

WINDOW_MS = 300_000
_LEAST_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Pace:
    """Of one partition. `delivered_ms`: when the group last delivered; None: not in the last five minutes.

    `per_second`: records delivered a second lately; None if workers of versions before this one do not say.
    `then`: a moment at least five minutes ago and the position of that moment; None if it is not known.
    """

    delivered_ms: int | None
    per_second: float | None
    then: tuple[int, int] | None


UNKNOWN_PACE = Pace(None, None, None)


def pace_of(told: Sequence[tuple[int, GroupProgress]], position: int, *, now_ms: int, window_ms: int) -> Pace:
    """`told`: the partition's records of progress since `window_ms`, each with its time, in their order."""
    long_ago = now_ms - WINDOW_MS
    if not told:
        return Pace(None, 0.0, (long_ago, position) if window_ms <= long_ago else None)
    reached = [point for at, progress in told for point in _points(at, progress) if point[0] <= long_ago]
    then = max(reached, default=None)
    delivered = [(at, progress) for at, progress in told if at > long_ago and not _only_began(progress)]
    if not delivered:
        return Pace(None, 0.0, then)
    last_ms, last = delivered[-1]
    return Pace(last_ms, _per_second(last, (now_ms - last_ms) / 1000), then)


def _only_began(progress: GroupProgress) -> bool:
    """Whether a lane wrote this as it began where the group had no offset, and had delivered nothing."""
    return progress.lately is not None and progress.lately.records == 0


def _points(at_ms: int, progress: GroupProgress) -> list[tuple[int, int]]:
    """The moments of which this record tells the position."""
    points = [] if progress.offset is None else [(at_ms, progress.offset)]
    if progress.lately is not None:
        points.append((at_ms - round(progress.lately.seconds * 1000), progress.lately.offset))
    return points


def _per_second(last: GroupProgress, seconds_ago: float) -> float | None:
    if last.lately is None:
        return None
    return last.lately.records / max(last.lately.seconds + max(seconds_ago, 0.0), _LEAST_SECONDS)
