"""What strangers cost: python -m training.stories.mixed DATA [--tags CACHE] [--strangers N]

Scores ECB+ and the UCI headlines alone, then in one stream with articles that have nothing to do with them,
by the weights that ship. Prints the CPU time that sketches and decisions took, and the bytes of the state.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Sequence
from heapq import merge
from pathlib import Path

from training.stories.fit import at_end, gold_of
from training.stories.gold import (
    StoryArticle,
    read_ecb,
    read_strange_headlines,
    read_strangers,
    read_tags,
    read_uci,
)
from worker.scoring.stories import StoryScores, score_stories
from worker.stories.sketch import make_sketch
from worker.stories.stories import Position, Stories

_START_MS, _APART_MS = 1_700_000_000_000, 8_000


def spread(gold: Sequence[StoryArticle], strangers: Sequence[StoryArticle]) -> list[StoryArticle]:
    """One stream: both in their orders, the gold spread evenly over the strangers."""
    placed = [(number / max(len(gold), 1), 0, number, row) for number, row in enumerate(gold)]
    others = [(number / max(len(strangers), 1), 1, number, row) for number, row in enumerate(strangers)]
    return [row for *_, row in merge(placed, others, key=lambda item: item[:3])]


def scored(stream: Sequence[StoryArticle], gold: Sequence[StoryArticle]) -> tuple[StoryScores, str]:
    """The scores of the gold in a stream, and what it took."""
    stories = Stories()
    given: dict[str, str] = {}
    into: dict[str, str] = {}
    sketching = deciding = written = 0.0
    for number, article in enumerate(stream):
        began = time.process_time()
        sketch = make_sketch(article.enriched(), origin=f"{number}")
        sketched = time.process_time()
        told = stories.take(sketch, Position(number, _START_MS + number * _APART_MS))
        decided = time.process_time()
        sketching, deciding = sketching + sketched - began, deciding + decided - sketched
        written += sum(len(value or b"") for value in told.changes.values())
        if told.assignment is not None:
            given[article.id] = told.assignment.story
        into.update({card.id: card.fields["into"] for card in told.cards if card.fields["into"]})
    found = {article.id: at_end(given[article.id], into) for article in gold}
    kept = sum(len(key) + len(value) for key, value in stories.memory.records())
    count = len(stream)
    took = (
        f"{count:,} articles: {1000 * sketching / count:.2f} ms a sketch, {1000 * deciding / count:.2f} ms a "
        f"decision, {stories.memory.open_stories:,} open stories, {kept / 2**20:.0f} MiB kept, "
        f"{written / count:,.0f} bytes of state written an article"
    )
    return score_stories(gold_of(gold), found), took


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("data", type=Path)
    parser.add_argument("--tags", type=Path, help="the folder that training.stories.gold filled")
    parser.add_argument("--strangers", type=int, help="no more than so many")
    parser.add_argument("--tagged", action="store_true", help="only the gold that has tags")
    parser.add_argument("--part", choices=("ecb", "uci"))
    options = parser.parse_args()
    tags = read_tags(options.tags)
    for name in ("ecb", "uci"):
        if options.part not in (None, name):
            continue
        gold = (read_ecb if name == "ecb" else read_uci)(options.data, tags)
        if options.tagged:
            gold = [article for article in gold if article.tags]
        strangers = (
            list(read_strangers(options.data, tags))
            if name == "ecb"
            else read_strange_headlines(options.data)
        )
        for stream in (gold, spread(gold, strangers[: options.strangers])):
            scores, took = scored(stream, gold)
            numbers = " ".join(f"{key}={value:.1f}" for key, value in scores._asdict().items())
            print(f"{name}: {numbers}\n  {took}", flush=True)


if __name__ == "__main__":
    main()
