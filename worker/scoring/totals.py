"""The counts of `dateline score` over all articles, with scores and their confidence intervals."""

from collections import defaultdict
from dataclasses import dataclass, field

import numpy as np

from worker.records.article import EnrichedArticle
from worker.scoring.compare import DIRECT_MEASURES, FIRST_TOPIC, ArticleComparison, compare_article
from worker.scoring.gold import GoldArticle
from worker.scoring.measure import Counts

# The score of these is recall, of the next precision, and of all other measures F1.
SHARE_OF_GOLD = frozenset(
    {"speakers", "scare quotes kept out", "attribution parts", "sure topics, recall", *DIRECT_MEASURES}
)
SHARE_OF_FOUND = frozenset({"sure topics", FIRST_TOPIC})
RESAMPLES, SEED = 2000, 1


@dataclass
class Scores:
    """Counts over all articles, by measure and by label or kind."""

    counts: dict[str, Counts] = field(default_factory=lambda: defaultdict(Counts))
    details: dict[str, dict[str, Counts]] = field(
        default_factory=lambda: defaultdict(lambda: defaultdict(Counts))
    )
    by_article: dict[str, list[Counts]] = field(default_factory=lambda: defaultdict(list))
    compared: list[ArticleComparison] = field(default_factory=list)
    words: int = 0
    seconds: float = 0.0
    """Of processor time."""

    @property
    def articles(self) -> dict[str, int]:
        """How many articles each measure has."""
        return {measure: len(counts) for measure, counts in self.by_article.items()}

    @property
    def words_per_second(self) -> float:
        """How many words, divided by white space, were tagged in a second of processor time."""
        return self.words / max(self.seconds, 1e-9)

    def add(self, measure: str, counts: Counts, details: dict[str, Counts] | None = None) -> None:
        """Add one article's counts of a measure."""
        self.counts[measure] += counts
        self.by_article[measure].append(counts)
        for name, part in (details or {}).items():
            self.details[measure][name] += part

    def add_compared(self, compared: ArticleComparison) -> None:
        """Add one article's counts of every measure."""
        for measure, counts in compared.counts.items():
            self.add(measure, counts, compared.details[measure])
        self.compared.append(compared)

    def has(self, measure: str) -> bool:
        """Whether gold has, or the pipeline found, anything for the measure."""
        return measure in self.counts and self.counts[measure] != Counts()

    def score(self, measure: str) -> float:
        """The score in percent; see `score_percent`."""
        return score_percent(measure, self.counts[measure])

    def interval(self, measure: str) -> tuple[float, float]:
        """The 95 % interval of the score in percent, by bootstrap over the articles.

        Resamples that have nothing to score do not count.
        """
        table = np.array([_parts(counts) for counts in self.by_article[measure]])
        draws = np.random.default_rng(SEED).multinomial(
            len(table), [1 / len(table)] * len(table), size=RESAMPLES
        )
        right, whole = _fraction(measure, *(draws @ table).T)
        there = whole > 0
        low, high = np.quantile(100 * right[there] / whole[there], [0.025, 0.975]) if there.any() else (0, 0)
        return float(low), float(high)


def add_article(scores: Scores, gold: GoldArticle, found: EnrichedArticle) -> None:
    """Compare one article with its gold, and add the counts."""
    scores.add_compared(compare_article(gold, found))


def score_percent(measure: str, counts: Counts) -> float:
    """F1, recall or precision in percent, as SHARE_OF_GOLD and SHARE_OF_FOUND say for the measure."""
    right, whole = _fraction(measure, *map(np.asarray, _parts(counts)))
    return float(100 * right / max(1, whole))


def _parts(counts: Counts) -> tuple[int, int, int]:
    return counts.right, counts.wrong, counts.missed


def _fraction(
    measure: str, right: np.ndarray, wrong: np.ndarray, missed: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Numerator and denominator of the score."""
    if measure in SHARE_OF_GOLD:
        return right, right + missed
    if measure in SHARE_OF_FOUND:
        return right, right + wrong
    return 2 * right, 2 * right + wrong + missed
