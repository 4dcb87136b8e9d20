"""Measures speed, size and memory of the shipped pipeline, against spaCy's CNN with names alone.

    python -m training.cnn --data DATA --output OUT/cnn
    python -m bench.tags --cnn OUT/cnn/model-last --articles DATA/ner/worldwide.jsonl [--core 1] [--check]

Everything (`enrich`: entities, quotes, speakers, topics, record) and the CNN's names take turns on the same
articles, of newspapers that neither was trained on, in one process with one thread. Seconds are of processor
time, words what white space divides. Intervals hold 95 of 100 medians of as many rounds drawn again.
"""

import argparse
import json
import os
import random
import statistics
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from bench.command_line import argument_parser
from bench.footprint import footprint
from bench.isolation import in_fresh_process, use_one_thread

if TYPE_CHECKING:
    from spacy.language import Language

LEAST_RATIO = 0.8
MOST_MB = 30
MOST_RESIDENT_MIB = 400


def main() -> None:
    options = _arguments()
    use_one_thread(options.core)
    resident = in_fresh_process(partial(resident_mib, options.articles, options.limit))
    texts = _held_out_texts(options.articles, options.limit)
    seconds, words = _speed(options.cnn, texts, rounds=options.rounds), sum(len(t.split()) for t in texts)
    for name, spent in seconds.items():
        print(f"{name:18} {words / statistics.median(spent):7,.0f} words a second")
    ratios = {name: _ratio(spent, seconds["everything"]) for name, spent in seconds.items()}
    for name in list(ratios)[1:]:
        middle, low, high = ratios[name]
        print(f"everything / {name}: {middle:.2f} [{low:.2f}, {high:.2f}]")
    size = _megabytes()
    print(f"{size:.1f} MB on disk; {resident:.0f} MiB resident after {words:,} words, one process")
    kept = ratios["CNN, nlp.pipe"][0] >= LEAST_RATIO and size <= MOST_MB and resident <= MOST_RESIDENT_MIB
    if options.check and not kept:
        sys.exit(f"beyond a limit: ratio {LEAST_RATIO}, {MOST_MB} MB, {MOST_RESIDENT_MIB} MiB")


def _speed(cnn: Path, texts: list[str], *, rounds: int) -> dict[str, list[float]]:
    """The seconds of each contender, round by round."""
    import spacy

    from worker.nlp.pipeline import load

    names = spacy.load(cnn)
    contenders: dict[str, Callable[[], object]] = {
        "everything": partial(_enrich_all, load(), texts),
        "CNN, nlp.pipe": lambda: list(names.pipe(texts)),
        "CNN, one by one": lambda: [names(text) for text in texts],
    }
    seconds: dict[str, list[float]] = {name: [] for name in contenders}
    for number in range(rounds + 1):  # the first warms up
        for name in list(contenders)[:: 1 if number % 2 else -1]:
            began = time.process_time()
            contenders[name]()
            if number:
                seconds[name].append(time.process_time() - began)
    return seconds


def _enrich_all(nlp: "Language", texts: list[str]) -> None:
    """Enriches the articles as a process of the worker does: each alone, in a memory zone."""
    from worker.nlp.enrich import enrich
    from worker.records.article import Article

    for number, text in enumerate(texts):
        with nlp.memory_zone():
            enrich(nlp, Article(id=str(number), text=text, headline=None, language="en"))


def _held_out_texts(articles: Path, limit: int | None) -> list[str]:
    """The texts of the newspapers that the shipped pipeline's meta.json names."""
    from worker.nlp.pipeline import SHIPPED

    sources = json.loads((SHIPPED / "meta.json").read_text(encoding="utf-8"))["held_out_sources"]
    with articles.open(encoding="utf-8") as lines:
        return [row["text"] for row in map(json.loads, lines) if row["source"] in sources][:limit]


def resident_mib(articles: Path, limit: int | None) -> float:
    """Resident MiB of a process that has loaded the pipeline and read the articles."""
    from worker.nlp.pipeline import load

    _enrich_all(load(), _held_out_texts(articles, limit))
    return footprint(os.getpid()).resident_mib


def _megabytes() -> float:
    from worker.nlp.pipeline import SHIPPED

    return sum(file.stat().st_size for file in SHIPPED.rglob("*") if file.is_file()) / 1e6


def _ratio(theirs: list[float], ours: list[float]) -> tuple[float, float, float]:
    """How many times as fast ours is: the median over the rounds, and its interval."""
    pairs = [a / b for a, b in zip(theirs, ours, strict=True)]
    draw = random.Random(1)
    medians = sorted(statistics.median(draw.choices(pairs, k=len(pairs))) for _ in range(2000))
    return statistics.median(pairs), medians[49], medians[1949]


def _arguments() -> argparse.Namespace:
    parser = argument_parser(__doc__)
    parser.add_argument("--cnn", type=Path, required=True, help="what training.cnn made")
    parser.add_argument("--articles", type=Path, required=True, help="JSON Lines of {source, text}")
    parser.add_argument("--limit", type=int, help="only so many articles")
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--core", type=int, help="run on this core alone")
    parser.add_argument("--check", action="store_true", help="exit 1 if a limit is passed")
    return parser.parse_args()


if __name__ == "__main__":
    main()
