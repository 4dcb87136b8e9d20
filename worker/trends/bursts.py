"""When a count is a burst: far more than the subject had in the windows of the week before.

A burst is a number of articles that are no copies, of at least `least`, which lies above the mean of the
earlier windows by at least LEAST_SCORE times their spread (the standard deviation). Chance alone spreads
counts as far as the root of their mean (Poisson), so the spread is taken as that at least, and as 1 at least:
a mean of nearly nothing would make a burst of everything.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt
from typing import NamedTuple

from worker.trends.windows import TrendWindow

LEAST_SCORE = 4.0


@dataclass(frozen=True, slots=True)
class BurstRule:
    """`windows`: so many before are compared. `known`: so many of them need to be known.

    `least`: so many independent articles make a burst at least.
    """

    windows: int
    known: int
    least: int


BURST_RULES = {TrendWindow.HOUR: BurstRule(168, 24, 5), TrendWindow.DAY: BurstRule(7, 3, 10)}


class Burst(NamedTuple):
    """`expected`: the mean of the windows before. `score`: how many spreads above it the count is."""

    expected: float
    score: float


def can_be_burst(independent: int, expected: float, rule: BurstRule) -> bool:
    """Whether a count can be a burst if so many or more are expected: the more are, the less it is one."""
    return independent >= rule.least and (independent - expected) / sqrt(max(expected, 1.0)) >= LEAST_SCORE


def burst_of(independent: int, before: Sequence[int], rule: BurstRule) -> Burst | None:
    """The burst that a count is; None if it is none.

    `before`: the subject's counts in the earlier windows that are known, 0 among them.
    """
    known = len(before)
    if independent < rule.least or known < rule.known:
        return None
    expected = sum(before) / known
    variance = sum(count * count for count in before) / known - expected * expected
    score = (independent - expected) / sqrt(max(variance, expected, 1.0))
    return Burst(round(expected, 2), round(score, 1)) if score >= LEAST_SCORE else None
