"""Compares stories that were found with those of gold: BCubed, V-measure and CEAF-e.

Each takes, for every article, the story it belongs to and the one it was given.
"""

from collections import Counter, defaultdict
from collections.abc import Hashable, Mapping, Sequence
from math import log
from typing import NamedTuple

Pairs = Sequence[tuple[Hashable, Hashable]]
"""For each article its story in gold, and the one that was found."""


class StoryScores(NamedTuple):
    """Precision, recall and F1 by BCubed, V-measure and CEAF-e, in percent."""

    articles: int
    stories: int
    found: int
    precision: float
    recall: float
    f1: float
    v: float
    ceaf_e: float


def score_stories(gold: Mapping[str, Hashable], found: Mapping[str, Hashable]) -> StoryScores:
    """The scores of the articles that gold has. One that was not found in any story is a story of its own."""
    pairs = [(story, found.get(article, ("alone", article))) for article, story in gold.items()]
    precision, recall = bcubed(pairs)
    both = precision + recall
    return StoryScores(
        articles=len(pairs),
        stories=len({story for story, _ in pairs}),
        found=len({story for _, story in pairs}),
        precision=100 * precision,
        recall=100 * recall,
        f1=100 * 2 * precision * recall / both if both else 0.0,
        v=100 * v_measure(pairs),
        ceaf_e=100 * ceaf_e(pairs),
    )


def bcubed(pairs: Pairs) -> tuple[float, float]:
    """Precision and recall: how much of the company that each article has is right, and how much is there.

    Bagga and Baldwin (1998).
    """
    gold, found, both = _counts(pairs)
    if not pairs:
        return 0.0, 0.0
    precision = sum(count * count / found[pair[1]] for pair, count in both.items())
    recall = sum(count * count / gold[pair[0]] for pair, count in both.items())
    return precision / len(pairs), recall / len(pairs)


def v_measure(pairs: Pairs) -> float:
    """The harmonic mean of homogeneity and completeness (Rosenberg and Hirschberg, 2007)."""
    gold, found, both = _counts(pairs)
    total = len(pairs)
    of_gold, of_found = _entropy(gold, total), _entropy(found, total)
    given_found = -sum(n / total * log(n / found[pair[1]]) for pair, n in both.items())
    given_gold = -sum(n / total * log(n / gold[pair[0]]) for pair, n in both.items())
    homogeneity = 1 - given_found / of_gold if of_gold else 1.0
    completeness = 1 - given_gold / of_found if of_found else 1.0
    mean = homogeneity + completeness
    return 2 * homogeneity * completeness / mean if mean else 0.0


def ceaf_e(pairs: Pairs) -> float:
    """The F1 of stories, each matched with at most one (Luo, 2005): alike by 2 |both| / (|one| + |other|)."""
    gold, found, both = _counts(pairs)
    if not pairs:
        return 0.0
    alike: dict[Hashable, dict[Hashable, float]] = defaultdict(dict)
    for (story, other), count in both.items():
        alike[story][other] = 2 * count / (gold[story] + found[other])
    total = sum(map(_best_matching, _components(alike)))
    precision, recall = total / len(found), total / len(gold)
    return 2 * precision * recall / (precision + recall)


def _counts(
    pairs: Pairs,
) -> tuple[Counter[Hashable], Counter[Hashable], Counter[tuple[Hashable, Hashable]]]:
    return Counter(story for story, _ in pairs), Counter(story for _, story in pairs), Counter(pairs)


def _entropy(counts: Counter[Hashable], total: int) -> float:
    return -sum(count / total * log(count / total) for count in counts.values())


def _components(alike: Mapping[Hashable, Mapping[Hashable, float]]) -> list[list[list[float]]]:
    """The matrices of likeness of stories that have to do with one another, rows never more than columns."""
    rows_of: dict[Hashable, list[Hashable]] = defaultdict(list)
    for row, columns in alike.items():
        for column in columns:
            rows_of[column].append(row)
    unseen = dict.fromkeys(alike)
    matrices = []
    while unseen:
        waiting = [unseen.popitem()[0]]
        rows: dict[Hashable, None] = {}
        columns_seen: dict[Hashable, None] = {}
        while waiting:
            row = waiting.pop()
            rows[row] = None
            for column in alike[row]:
                if column not in columns_seen:
                    columns_seen[column] = None
                    for other in rows_of[column]:
                        if other in unseen:
                            del unseen[other]
                            waiting.append(other)
        matrix = [[alike[row].get(column, 0.0) for column in columns_seen] for row in rows]
        matrices.append(
            matrix if len(rows) <= len(columns_seen) else [list(row) for row in zip(*matrix, strict=True)]
        )
    return matrices


def _best_matching(matrix: list[list[float]]) -> float:
    """The greatest sum of one value of each row, no two of one column: the Hungarian method."""
    columns = len(matrix[0])
    row_price = [0.0] * (len(matrix) + 1)
    column_price = [0.0] * (columns + 1)
    row_of = [0] * (columns + 1)
    for row in range(1, len(matrix) + 1):
        _augment(matrix, row, row_price, column_price, row_of)
    return sum(matrix[row - 1][column - 1] for column, row in enumerate(row_of) if row and column)


def _augment(
    matrix: list[list[float]],
    row: int,
    row_price: list[float],
    column_price: list[float],
    row_of: list[int],
) -> None:
    """Gives one more row a column, by the cheapest path of exchanges. Place 0 stands for none."""
    columns = len(column_price)
    row_of[0] = row
    column = 0
    least = [float("inf")] * columns
    before = [0] * columns
    done = [False] * columns
    while row_of[column]:
        done[column] = True
        here, delta, following = row_of[column], float("inf"), 0
        for other in range(1, columns):
            if done[other]:
                continue
            cost = -matrix[here - 1][other - 1] - row_price[here] - column_price[other]
            if cost < least[other]:
                least[other], before[other] = cost, column
            if least[other] < delta:
                delta, following = least[other], other
        for other in range(columns):
            if done[other]:
                row_price[row_of[other]] += delta
                column_price[other] -= delta
            else:
                least[other] -= delta
        column = following
    while column:
        row_of[column] = row_of[before[column]]
        column = before[column]
