"""What alert rules cost a worker: time an article, memory and time to load, by how many rules there are.

    python -m bench.alerts [--articles FILE.jsonl ...] [--check]

An article is parsed, matched and its matches written, as a worker does with what it has enriched; the share
is of what enriching the same articles takes in this run, on one core. Each number of rules has a process of
its own. Times are CPU time: of an article the median of the rounds, of articles the mean. A full collection
is Python's, when all rules are there, and again after `gc.freeze()`. `--check`: exit 1 where 30,000 rules,
or the largest number below, pass a limit.
"""

import argparse
import multiprocessing
import os
import sys
import tempfile
from collections.abc import Callable, Sequence
from functools import partial
from itertools import chain, islice
from pathlib import Path
from statistics import fmean

import orjson

from bench.alerts.articles import Enriched, enriched
from bench.alerts.population import Population
from bench.alerts.trial import Figures, trial

ROOT = Path(__file__).resolve().parents[2]
OWN = (ROOT / "seeds", ROOT / "seeds/quality/articles.jsonl", ROOT / "seeds/quality/world.jsonl")
COUNTS = (0, 1_000, 10_000, 30_000, 100_000)
DEMANDED = 30_000
MOST_SHARE = 0.05
MOST_MIB = 190
"""200 MB."""
THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
COLUMNS: dict[str, Callable[[Figures, float], str]] = {
    "rules": lambda one, _: f"{one.rules:,}",
    "an article": lambda one, _: f"{one.article_us:,.0f} us",
    "of its enrichment": lambda one, enrichment_us: f"{one.article_us / enrichment_us:.2%}",
    "candidates": lambda one, _: f"{one.candidates:.1f}",
    "matches": lambda one, _: f"{one.matches:.2f}",
    "memory": lambda one, _: f"{one.mib:.0f} MiB",
    "loaded in": lambda one, _: f"{one.load_seconds:.1f} s",
    "one put (longest)": lambda one, _: f"{one.put_us:.0f} us ({one.longest_put_us:.0f})",
    "full collection (frozen)": lambda one, _: f"{one.collect_ms:.0f} ms ({one.frozen_collect_ms:.0f})",
}


def main() -> None:
    options = _arguments()
    # Before numpy is imported, which starts its threads then.
    os.environ.update(dict.fromkeys(THREADS, "1"))
    if options.core is not None:
        os.sched_setaffinity(0, {options.core})
    paths = [*OWN, *options.articles]
    articles: list[Enriched] = alone(partial(enriched, paths, limit=options.limit, rounds=options.rounds))
    values = [article.value for article in articles]
    enrichment_us = fmean(article.seconds for article in articles) * 1e6
    words = fmean(len(orjson.loads(value)["text"].split()) for value in values)
    print(f"{len(values)} articles of {words:.0f} words; enriching one takes {enrichment_us / 1000:.1f} ms")
    with tempfile.TemporaryDirectory(prefix="alerts-") as folder:
        rules = Path(folder) / "rules.jsonl"
        write_rules(rules, values, max(options.rules), seed=options.seed, broad=options.broad)
        rows = [alone(partial(trial, rules, count, values, options.rounds)) for count in options.rules]
    print(table(rows, enrichment_us))
    if options.check and (beyond := passed_limits(rows, enrichment_us)):
        sys.exit(beyond)


def write_rules(path: Path, articles: Sequence[bytes], count: int, *, seed: int, broad: int) -> None:
    """A rule a line, the broad ones first; fewer are the first of more."""
    population = Population([orjson.loads(value) for value in articles], seed=seed)
    with path.open("wb") as lines:
        rules = chain(population.broad(broad), population.rules(count))
        lines.writelines(orjson.dumps(rule) + b"\n" for rule in islice(rules, count))


def table(rows: Sequence[Figures], enrichment_us: float) -> str:
    """The rows as Markdown."""
    body = [[show(row, enrichment_us) for show in COLUMNS.values()] for row in rows]
    return "\n".join(f"| {' | '.join(row)} |" for row in ([*COLUMNS], ["---:"] * len(COLUMNS), *body))


def passed_limits(rows: Sequence[Figures], enrichment_us: float) -> str:
    """What the demanded number of rules, or the largest below it, takes too much of; empty if nothing."""
    row = max((row for row in rows if row.rules <= DEMANDED), key=lambda row: row.rules, default=None)
    if row is None:
        return f"no row has {DEMANDED} rules or fewer"
    share = row.article_us / enrichment_us
    if share < MOST_SHARE and row.mib < MOST_MIB:
        return ""
    return (
        f"beyond a limit: {row.rules} rules take {share:.1%} of enrichment (limit {MOST_SHARE:.0%}), "
        f"{row.mib:.0f} MiB (limit {MOST_MIB})"
    )


def alone(work: Callable):  # type: ignore[no-untyped-def]
    """Done in a fresh process, which ends."""
    with multiprocessing.get_context("spawn").Pool(1) as process:
        return process.apply(work)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--articles", type=Path, nargs="+", default=[], help="more articles than the samples")
    parser.add_argument("--limit", type=int, help="only so many articles")
    parser.add_argument("--rules", type=int, nargs="+", default=COUNTS, help="how many, a row each")
    parser.add_argument("--broad", type=int, default=0, help="so many of them `language:en NOT source:...`")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--core", type=int, help="run on this core alone")
    parser.add_argument("--check", action="store_true", help="exit 1 if a limit is passed")
    return parser.parse_args()


if __name__ == "__main__":
    main()
