"""Trains the decision and says how good it is: python -m training.stories.fit DATA [--tags CACHE]

Prints the weights for `worker/stories/decision.py`, and the scores of five folds: each fold's topics are
judged by weights that were trained on the other four. A logistic regression is trained on what a clusterer
sees that always decides rightly; then the thresholds are chosen that give the best BCubed on its articles.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from training.stories.gold import StoryArticle, read_ecb, read_tags, read_uci
from worker.scoring.stories import StoryScores, score_stories
from worker.stories.decision import Likeness, Weights
from worker.stories.sketch import Sketch, make_sketch
from worker.stories.stories import Judged, Position, Stories
from worker.stories.vector import UNIT

_FOLDS = 5
_START_MS, _APART_MS = 1_700_000_000_000, 30_000
_RIDGE = 1.0
_JOIN = (-2500, -2000, -1500, -1000, -500)
_MERGE = (500, 1500, 2500, 3500, 4500)


class StoryExample(NamedTuple):
    """A story that was a candidate for an article, and whether the article tells of it."""

    likeness: Likeness
    is_told: bool


class _Teacher(Stories):
    """Puts each article into the story that gold has it in, and notes what it saw of the candidates."""

    def __init__(self) -> None:
        super().__init__()
        self.examples: list[StoryExample] = []
        self._numbers: dict[str, int] = {}
        self.story = ""

    def choose(self, source: object, judged: Sequence[Judged]) -> Judged | None:
        number = self._numbers.get(self.story)
        self.examples += (StoryExample(each.likeness, each.number == number) for each in judged)
        if number is None:
            self._numbers[self.story] = self.memory.next_story
            return None
        return Judged(0, number, Likeness(0, 0, 0))

    def other(self, home: int, judged: Sequence[Judged]) -> None:
        return None


def sketches_of(articles: Iterable[StoryArticle]) -> list[Sketch]:
    """The sketches of articles, each with its number as its origin."""
    return [make_sketch(row.enriched(), origin=f"{number}") for number, row in enumerate(articles)]


def examples_of(articles: Sequence[StoryArticle], sketches: Sequence[Sketch]) -> list[StoryExample]:
    """What a clusterer that always decides rightly sees of each article's candidates."""
    teacher = _Teacher()
    for number, (article, sketch) in enumerate(zip(articles, sketches, strict=True)):
        teacher.story = article.story or article.id
        teacher.take(sketch, _position(article, number))
    return teacher.examples


def found_in(
    articles: Sequence[StoryArticle], sketches: Sequence[Sketch], weights: Weights
) -> dict[str, str]:
    """The story that each article is in at the end, by the worker's own code."""
    stories = Stories(articles=weights, headlines=weights)
    given: dict[str, str] = {}
    into: dict[str, str] = {}
    for number, (article, sketch) in enumerate(zip(articles, sketches, strict=True)):
        told = stories.take(sketch, _position(article, number))
        if told.assignment is not None:
            given[article.id] = told.assignment.story
        into.update({card.id: card.fields["into"] for card in told.cards if card.fields["into"]})
    return {article: at_end(story, into) for article, story in given.items()}


def at_end(story: str, into: dict[str, str]) -> str:
    """The story that this one has become a part of."""
    while story in into:
        story = into[story]
    return story


def _position(article: StoryArticle, number: int) -> Position:
    return Position(number, article.time_ms or _START_MS + number * _APART_MS)


def fit(examples: Sequence[StoryExample]) -> Weights:
    """A logistic regression by Newton's method, its numbers as thousandths."""
    features = np.array([(*example.likeness, UNIT) for example in examples]) / UNIT
    labels = np.array([example.is_told for example in examples], float)
    at: NDArray[np.float64] = np.zeros(features.shape[1])
    ridge = np.diag([_RIDGE] * (features.shape[1] - 1) + [0.0])
    for _ in range(30):
        likely = 1 / (1 + np.exp(-np.clip(features @ at, -30, 30)))
        slope = features.T @ (labels - likely) - ridge @ at
        curve = (features * (likely * (1 - likely))[:, None]).T @ features + ridge
        at = at + np.linalg.solve(curve, slope)
    terms, lead, entities, bias = (round(float(weight) * 1000) for weight in at)
    return Weights(terms, lead, entities, bias, join=0, merge=0)


def with_thresholds(
    articles: Sequence[StoryArticle], sketches: Sequence[Sketch], weights: Weights
) -> Weights:
    """These weights with the thresholds that give the best BCubed: first for joining, then for merging."""

    def f1(tried: Weights) -> float:
        return score_stories(gold_of(articles), found_in(articles, sketches, tried)).f1

    joins = [weights._replace(join=join, merge=1000) for join in _JOIN]
    best = max(joins, key=f1)
    return max((best._replace(merge=merge) for merge in _MERGE), key=f1)


def gold_of(articles: Iterable[StoryArticle]) -> dict[str, str]:
    """The story of each article."""
    return {article.id: article.story or article.id for article in articles}


def trained(articles: Sequence[StoryArticle], sketches: Sequence[Sketch]) -> Weights:
    """The weights for articles like these."""
    return with_thresholds(articles, sketches, fit(examples_of(articles, sketches)))


def cross_validated(
    articles: Sequence[StoryArticle], sketches: Sequence[Sketch], folds: Sequence[int]
) -> tuple[StoryScores, list[Weights]]:
    """The scores of all articles, each by weights from the other folds, in a stream of its own fold."""
    found: dict[str, str] = {}
    weights = []
    both = list(zip(articles, sketches, folds, strict=True))
    for fold in range(_FOLDS):
        others = [(article, sketch) for article, sketch, of in both if of != fold]
        own = [(article, sketch) for article, sketch, of in both if of == fold]
        weights.append(trained([a for a, _ in others], [s for _, s in others]))
        stories = found_in([a for a, _ in own], [s for _, s in own], weights[-1])
        found.update({article: f"{fold}/{story}" for article, story in stories.items()})
    return score_stories(gold_of(articles), found), weights


def folds_of(groups: Sequence[str]) -> list[int]:
    """The fold of each article: articles of one group, a topic or a story, are in one fold."""
    names = {name: number % _FOLDS for number, name in enumerate(sorted(set(groups), key=_numbered))}
    return [names[group] for group in groups]


def _numbered(name: str) -> tuple[int, str]:
    return int(name) if name.isdigit() else 0, name


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("data", type=Path)
    parser.add_argument("--tags", type=Path, help="the folder that training.stories.gold filled")
    parser.add_argument("--part", choices=("ecb", "uci"))
    options = parser.parse_args()
    tags = read_tags(options.tags)
    for name, read in (("ecb", read_ecb), ("uci", read_uci)):
        if options.part not in (None, name):
            continue
        articles = read(options.data, tags)
        sketches = sketches_of(articles)
        folds = folds_of([article.topic or article.story or article.id for article in articles])
        scores, by_fold = cross_validated(articles, sketches, folds)
        print(f"{name}, five folds: {scores}", flush=True)
        for weights in by_fold:
            print(f"  {weights}")
        print(f"{name}, all: {trained(articles, sketches)}")


if __name__ == "__main__":
    main()
