"""Print how precise each construction is that finds speakers: python -m training.constructions --data FOLDER

It takes some minutes: the pipeline reads all of PolNeAR's training articles.
"""

from __future__ import annotations

import argparse
from itertools import islice
from pathlib import Path

from training.constructions.tallies import (
    MENTION_EXAMPLES,
    PATTERN_EXAMPLES,
    construction_table,
    gold_articles,
    tally,
)
from worker.nlp.pipeline import load


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--model", type=Path, help="default: the shipped one")
    parser.add_argument("--part", choices=("train", "dev"), default="train")
    parser.add_argument("--articles", type=int, help="so many from the beginning; default: all")
    options = parser.parse_args()
    articles = islice(gold_articles(options.data, options.part), options.articles)
    patterns, mentions = tally(load(options.model), articles)
    print(
        construction_table(patterns, PATTERN_EXAMPLES),
        construction_table(mentions, MENTION_EXAMPLES),
        sep="\n\n",
    )


if __name__ == "__main__":
    main()
