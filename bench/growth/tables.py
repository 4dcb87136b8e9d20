"""The figures of a series as a table, what an article costs by its words, and what follows for more cores."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from statistics import median

import numpy as np

from bench.command_line import as_markdown, with_spread
from bench.growth.series import Point, Series
from bench.whole_worker import WorkerFigures

_SIZED_WORDS = (200, 500, 1_000, 2_000)
_CORES, _MACHINES = 16, 10
_USED = 0.5
"""The share of the cores that a feed's busiest hour may take: the rest is for what comes late in one go."""


@dataclass(frozen=True, slots=True)
class PointRounds:
    """One point, and the figures of each round."""

    point: Point
    rounds: list[WorkerFigures] = field(default_factory=list)

    def median_of(self, figure: Callable[[WorkerFigures], float]) -> float:
        return median(map(figure, self.rounds))

    def spread(self, figure: Callable[[WorkerFigures], float], form: str) -> str:
        return with_spread([figure(one) for one in self.rounds], form)


@dataclass(frozen=True, slots=True)
class WordCost:
    """CPU time of an article: so many ms, and so many for each of its words."""

    article_ms: float
    word_ms: float

    def ms(self, words: int) -> float:
        return self.article_ms + self.word_ms * words


def series_table(series: Series, rows: Sequence[PointRounds]) -> str:
    """A line for each value of what is varied."""
    columns: dict[str, Callable[[PointRounds], str]] = {
        series.unit: lambda row: f"{row.point.value:,}",
        "CPU an article": lambda row: row.spread(lambda one: one.tree_ms, "{:.1f} ms"),
        "of it the main process": lambda row: row.spread(lambda one: one.parent_ms, "{:.2f} ms"),
        "articles a second": lambda row: row.spread(lambda one: one.per_second, "{:.1f}"),
        "main process, most": lambda row: row.spread(lambda one: one.peak_mib, "{:.0f} MiB"),
    }
    return as_markdown([*columns], [[show(row) for show in columns.values()] for row in rows])


def cost_by_words(rows: Sequence[PointRounds]) -> WordCost:
    """The line that differs least from what was measured, each difference as a share of it.

    Raises ValueError for fewer than two lengths.
    """
    words = [row.point.words for row in rows]
    if len(set(words)) < 2:
        raise ValueError(f"a cost by words takes articles of two lengths or more, not of {words}")
    measured = [row.median_of(lambda one: one.tree_ms) for row in rows]
    word_ms, article_ms = np.polyfit(words, measured, 1, w=1 / np.array(measured))
    return WordCost(float(article_ms), float(word_ms))


def sizing_table(cost: WordCost) -> str:
    """What more cores would do by this cost. Computed, not measured."""
    head = [
        "words",
        "CPU an article",
        "a core, articles a second",
        f"{_CORES} cores",
        f"{_MACHINES} machines of {_CORES}",
        f"a day, with {_USED:.0%} of these in the busiest hour",
    ]
    return as_markdown(head, [_sized(words, cost.ms(words)) for words in _SIZED_WORDS])


def _sized(words: int, article_ms: float) -> list[str]:
    a_core = 1000 / article_ms
    together = a_core * _CORES * _MACHINES
    # A tenth of a day's articles in its busiest hour, as in docs/sizing.md.
    a_day = together * _USED * 3600 * 10
    return [
        f"{words:,}",
        f"{article_ms:.1f} ms",
        f"{a_core:.0f}",
        f"{a_core * _CORES:,.0f}",
        f"{together:,.0f}",
        f"{a_day / 1e6:,.0f} million",
    ]
