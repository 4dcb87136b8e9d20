"""Measures what alert rules cost a worker: time an article, memory and time to load, by their number.

    python -m bench.alerts [--articles FILE.jsonl ...] [--check]

An article is parsed, matched and its matches written, as a worker does with what it has enriched; the share
is of what enriching the same articles takes in this run, on one core. Each number of rules has a process of
its own. Times are CPU time: of an article the median of the rounds, of articles the mean. A full collection
is Python's, when all rules are there, and again after `gc.freeze()`. `--check`: exit 1 where 30,000 rules,
or the largest number below, pass a limit.
"""

import argparse
import sys
import tempfile
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from statistics import fmean

import orjson

from bench.alerts.articles import SAMPLES, enrich_articles
from bench.alerts.limits import DEMANDED_RULES, MAX_CPU_SHARE, MAX_MIB
from bench.alerts.population import write_rules
from bench.alerts.trial import RuleFigures, measure_rules
from bench.command_line import argument_parser, as_markdown
from bench.isolation import in_fresh_process, use_one_thread

_COUNTS = (0, 1_000, 10_000, 30_000, 100_000)
_COLUMNS: dict[str, Callable[[RuleFigures, float], str]] = {
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
    use_one_thread(options.core)
    paths = [*SAMPLES, *options.articles]
    articles = in_fresh_process(partial(enrich_articles, paths, limit=options.limit, rounds=options.rounds))
    values = [article.value for article in articles]
    enrichment_us = fmean(article.seconds for article in articles) * 1e6
    words = fmean(len(orjson.loads(value)["text"].split()) for value in values)
    print(f"{len(values)} articles of {words:.0f} words; enriching one takes {enrichment_us / 1000:.1f} ms")
    with tempfile.TemporaryDirectory(prefix="alerts-") as folder:
        rules = Path(folder) / "rules.jsonl"
        write_rules(
            rules, values, max(options.rules), seed=options.seed, broad=options.broad, stems=options.stems
        )
        rows = [
            in_fresh_process(partial(measure_rules, rules, count, values, options.rounds))
            for count in options.rules
        ]
    print(rule_table(rows, enrichment_us))
    if options.check and (beyond := limit_exceeded_by_rules(rows, enrichment_us)):
        sys.exit(beyond)


def rule_table(rows: Sequence[RuleFigures], enrichment_us: float) -> str:
    """The figures as a Markdown table."""
    body = [[show(row, enrichment_us) for show in _COLUMNS.values()] for row in rows]
    return as_markdown([*_COLUMNS], body, rule="---:")


def limit_exceeded_by_rules(rows: Sequence[RuleFigures], enrichment_us: float) -> str:
    """Which limit the demanded number of rules, or the largest below it, exceeds; empty if none."""
    row = max((row for row in rows if row.rules <= DEMANDED_RULES), key=lambda row: row.rules, default=None)
    if row is None:
        return f"no row has {DEMANDED_RULES} rules or fewer"
    share = row.article_us / enrichment_us
    if share < MAX_CPU_SHARE and row.mib < MAX_MIB:
        return ""
    return (
        f"beyond a limit: {row.rules} rules take {share:.1%} of enrichment (limit {MAX_CPU_SHARE:.0%}), "
        f"{row.mib:.0f} MiB (limit {MAX_MIB})"
    )


def _arguments() -> argparse.Namespace:
    parser = argument_parser(__doc__)
    parser.add_argument("--articles", type=Path, nargs="+", default=[], help="more articles than the samples")
    parser.add_argument("--limit", type=int, help="only so many articles")
    parser.add_argument("--rules", type=int, nargs="+", default=_COUNTS, help="how many, a row each")
    parser.add_argument("--broad", type=int, default=0, help="so many of them `language:en NOT source:...`")
    parser.add_argument("--stems", type=int, default=0, help="so many of them with `stem:`")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--core", type=int, help="run on this core alone")
    parser.add_argument("--check", action="store_true", help="exit 1 if a limit is passed")
    return parser.parse_args()


if __name__ == "__main__":
    main()
