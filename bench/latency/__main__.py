"""Measures how long articles, and alerts of them, take by the load of a worker, on Apache Kafka.

    git worktree add --detach /tmp/former v0.1.0
    python -m bench.latency [--former /tmp/former] [--at HOST:PORT] [--words 540] [--load 0.4 ...]

First all articles come at once, which gives the worker's throughput; then they come one by one at a share of
that, at times drawn at random. The checkouts take turns within each round, and the order turns with the
rounds. Latencies are percentiles over the articles of all rounds; a reader of committed records on the same
machine tells them. With `--stand-in`, articles take a set time and no CPU, so that waiting shows on a machine
that does other work. The rest are medians of the rounds (least to most).
"""

import argparse
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median, quantiles

from bench.command_line import argument_parser, as_markdown, with_spread
from bench.kafka import running_cluster
from bench.latency.trial import ArticleLoad, LatencyFigures, measure_latency
from bench.page import PERFORMANCE, circumstances, put_figures
from bench.texts import articles_of_length
from tests.faults.workers import ROOT

_PACKAGES = ("aiokafka", "faust-streaming", "onnxruntime", "spacy")


@dataclass(frozen=True, slots=True)
class _Row:
    """One checkout at one load, with the figures of each round. `load`: None: all articles at once."""

    name: str
    root: Path
    load: float | None
    alerting: bool
    rounds: list[LatencyFigures] = field(default_factory=list)


_COLUMNS: dict[str, Callable[[_Row], str]] = {
    "worker": lambda row: f"{row.name}{', alerts' if row.alerting else ''}",
    "load": lambda row: "all at once" if row.load is None else f"{row.load:.0%}",
    "enriched p50": lambda row: _percentile(row, lambda one: one.enriched, 50),
    "p99": lambda row: _percentile(row, lambda one: one.enriched, 99),
    "alert after it p50": lambda row: _percentile(row, lambda one: one.alerts, 50),
    "p95": lambda row: _percentile(row, lambda one: one.alerts, 95),
    "articles a second": lambda row: _spread(row, lambda one: one.per_second, "{:.1f}"),
    "transactions an article, enrich": lambda row: _spread(
        row, lambda one: one.enrich_transactions, "{:.3f}"
    ),
    "all": lambda row: _spread(row, lambda one: one.transactions, "{:.2f}"),
    "CPU an article": lambda row: _spread(row, lambda one: one.cpu_ms, "{:.1f} ms"),
}


def main() -> None:
    options = _arguments()
    articles = list(articles_of_length(options.count, options.words))
    warm_up = list(articles_of_length(4 * options.processes, options.words, seed=2, first=options.count))
    checkouts = {"this": ROOT} | ({"former": options.former.resolve()} if options.former else {})
    rows = [
        _Row(name, root, load, alerting)
        for alerting in ([True, False] if options.alerts == "both" else [options.alerts == "yes"])
        for load in (None, *options.load)
        for name, root in checkouts.items()
    ]
    with running_cluster(1, options.at) as brokers:
        for number in range(options.rounds):
            for row in _turned(rows, len(checkouts), number):
                load = ArticleLoad(
                    brokers,
                    row.root,
                    options.partitions,
                    options.processes,
                    row.alerting,
                    warm_up,
                    articles,
                    None if row.load is None else row.load * _capacity(rows),
                    stand_in_seconds=options.stand_in,
                    seed=number,
                )
                row.rounds.append(measure_latency(load))
                print(*(show(row) for show in _COLUMNS.values()), file=sys.stderr, flush=True, sep=" | ")
    table = as_markdown([*_COLUMNS], [[show(row) for show in _COLUMNS.values()] for row in rows])
    what = f"{options.count} articles of {options.words} words in each run, {options.rounds} rounds, "
    what += f"{options.processes} processes, {options.partitions} partitions"
    figures = f"{what}. {circumstances(_PACKAGES)}.\n\n{table}"
    print(figures)
    if options.write:
        put_figures(PERFORMANCE, "latency", figures)


def _turned(rows: Sequence[_Row], checkouts: int, number: int) -> list[_Row]:
    """The rows in order, those of one load turned round at every other round."""
    groups = [rows[first : first + checkouts] for first in range(0, len(rows), checkouts)]
    return [row for group in groups for row in (group[::-1] if number % 2 else group)]


def _capacity(rows: Sequence[_Row]) -> float:
    """Articles a second when all come at once: the median of all checkouts and rounds so far."""
    return median(one.per_second for row in rows if row.load is None for one in row.rounds)


def _percentile(row: _Row, seconds: Callable[[LatencyFigures], list[float]], percent: int) -> str:
    values = [1000 * value for one in row.rounds for value in seconds(one)]
    return f"{quantiles(values, n=100)[percent - 1]:,.0f} ms" if len(values) > 1 else ""


def _spread(row: _Row, figure: Callable[[LatencyFigures], float], form: str) -> str:
    return with_spread([figure(one) for one in row.rounds], form)


def _arguments() -> argparse.Namespace:
    parser = argument_parser(__doc__)
    parser.add_argument("--former", type=Path, metavar="FOLDER", help="another checkout to compare with")
    parser.add_argument("--at", metavar="HOST:PORT", help="a cluster that runs; else one is started")
    parser.add_argument("--count", type=int, default=500, help="articles for each worker")
    parser.add_argument("--words", type=int, default=540, help="of an article")
    parser.add_argument("--load", type=float, nargs="+", default=[0.4, 0.5], help="shares of the throughput")
    parser.add_argument("--alerts", choices=["yes", "no", "both"], default="yes")
    parser.add_argument("--processes", type=int, default=1, help="DATELINE_PROCESSES")
    parser.add_argument("--stand-in", type=float, metavar="SECONDS", help="an article sleeps so long instead")
    parser.add_argument("--partitions", type=int, default=12)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--write", action="store_true", help="put the table into docs/performance.md")
    return parser.parse_args()


if __name__ == "__main__":
    main()
