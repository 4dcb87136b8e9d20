"""Measures what alert rules cost a whole worker on Apache Kafka: CPU time an article, throughput, memory.

    python -m bench.alerts.throughput [--at HOST:PORT] [--articles FILE.jsonl ...] [--check]

The same articles go through one real `dateline worker` without alerts, with alerts and no rules, and with the
rules of bench.alerts; in rounds, the order turned each time. Every number is the median of the rounds (least
to most). CPU time is that of an article; `added` is what the parent takes more than without alerts, of all
that an article takes there: its processes do the same in all three, and what differs there is the machine's
noise. Throughput is by the clock, and says little on a machine that does other work. `--check`: exit 1 where
the rules pass a limit.
"""

import argparse
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import cycle, islice
from pathlib import Path
from statistics import median

import orjson

from bench.alerts.articles import SAMPLES, enrich_articles
from bench.alerts.limits import DEMANDED_RULES, MAX_CPU_SHARE, MAX_MIB
from bench.alerts.population import write_rules
from bench.command_line import argument_parser, as_markdown, with_spread
from bench.isolation import in_fresh_process, use_one_thread
from bench.kafka import running_cluster
from bench.whole_worker import Load, WorkerFigures, measure_workers

_RAW_FIELDS = ("url", "headline", "text", "source", "published_at", "authors")


@dataclass(frozen=True, slots=True)
class Variant:
    """One way to run a worker, and the figures of each round. `count`: of rules; None: without alerts."""

    name: str
    count: int | None
    rounds: list[WorkerFigures] = field(default_factory=list)

    def median_of(self, figure: Callable[[WorkerFigures], float]) -> float:
        """The median of one figure over the rounds."""
        return median(map(figure, self.rounds))


def main() -> None:
    options = _arguments()
    use_one_thread()
    paths = [*SAMPLES, *options.articles]
    articles = in_fresh_process(partial(enrich_articles, paths, limit=None, rounds=1))
    values = [article.value for article in articles]
    beyond = []
    with tempfile.TemporaryDirectory(prefix="alerts-") as folder, running_cluster(1, options.at) as brokers:
        rules = Path(folder) / "rules.jsonl"
        write_rules(rules, values, options.rules, seed=options.seed, broad=options.broad)
        for processes in options.processes:
            load = Load(
                brokers,
                options.partitions,
                processes,
                warm_up=list(islice(raw_articles(values, "warm"), options.count // 10)),
                articles=list(islice(raw_articles(values, "article"), options.count)),
            )
            rows = _trials(load, rules, options)
            heading = f"{options.count} articles, {processes} processes, {options.partitions} partitions"
            print(f"\n{heading}, {options.rounds} rounds\n\n{comparison_table(rows)}", flush=True)
            beyond += [f"{processes} processes: {limit}" for limit in limits_exceeded_by_worker(rows)]
    if options.check and beyond:
        sys.exit("; ".join(beyond))


def raw_articles(values: Sequence[bytes], name: str) -> Iterator[tuple[str, bytes]]:
    """Raw articles made of these enriched ones, again and again, each under an id of its own."""
    for number, value in enumerate(cycle(values)):
        article = orjson.loads(value)
        key = f"{name}-{number}"
        yield key, orjson.dumps({"id": key, **{part: article[part] for part in _RAW_FIELDS}})


def comparison_table(rows: Sequence[Variant]) -> str:
    """The figures as a Markdown table; the first row is what the others are compared with."""
    base = rows[0]
    columns: dict[str, Callable[[Variant], str]] = {
        "worker": lambda row: row.name,
        "CPU an article": lambda row: _spread(row, lambda one: one.tree_ms, "{:.2f}") + " ms",
        "of it the parent's": lambda row: _spread(row, lambda one: one.parent_ms, "{:.2f}") + " ms",
        "added": lambda row: f"{share(row, base):.1%}",
        "ratio of all CPU": lambda row: f"{_ratio(row, base, lambda one: one.tree_ms):.3f}",
        "articles a second": lambda row: _spread(row, lambda one: one.per_second, "{:.1f}"),
        "last record after": lambda row: _spread(row, lambda one: one.seconds, "{:.0f}") + " s",
        "memory ready": lambda row: _spread(row, lambda one: one.loaded_mib, "{:.0f}") + " MiB",
        "at the end": lambda row: _spread(row, lambda one: one.end_mib, "{:.0f}") + " MiB",
        "at most": lambda row: _spread(row, lambda one: one.peak_mib, "{:.0f}") + " MiB",
        "transactions": lambda row: f"{row.median_of(lambda one: one.deliveries):.2f}",
        "matches": lambda row: f"{row.median_of(lambda one: one.matches):.2f}",
        "alerts": lambda row: f"{row.median_of(lambda one: one.alerts):.2f}",
        "start-overs": lambda row: f"{sum(one.start_overs for one in row.rounds):.0f}",
    }
    return as_markdown([*columns], [[show(row) for show in columns.values()] for row in rows])


def share(row: Variant, base: Variant) -> float:
    """The parent's CPU time added to `base`, as a share of an article's there; median of the rounds."""
    return median(
        (one.parent_ms - other.parent_ms) / other.tree_ms
        for one, other in zip(row.rounds, base.rounds, strict=True)
    )


def added_mib(row: Variant, base: Variant) -> float:
    """How much more memory the parent takes at most than in `base`."""
    return row.median_of(lambda one: one.peak_mib) - base.median_of(lambda one: one.peak_mib)


def limits_exceeded_by_worker(rows: Sequence[Variant]) -> list[str]:
    """Which limits the last row exceeds, compared with the first."""
    base, row = rows[0], rows[-1]
    cpu, mib = share(row, base), added_mib(row, base)
    passed = []
    if cpu >= MAX_CPU_SHARE:
        passed.append(f"{row.name} add {cpu:.1%} of an article's CPU time (limit {MAX_CPU_SHARE:.0%})")
    if mib >= MAX_MIB:
        passed.append(f"{row.name} add {mib:.0f} MiB (limit {MAX_MIB})")
    return passed


def _trials(load: Load, rules: Path, options: argparse.Namespace) -> list[Variant]:
    rows = [
        Variant("without alerts", None),
        Variant("alerts, no rules", 0),
        Variant(f"{options.rules:,} rules", options.rules),
    ]
    for number in range(options.rounds):
        for row in rows[:: -1 if number % 2 else 1]:
            figures = measure_workers(load, None if row.count is None else rules, row.count or 0)
            row.rounds.append(figures)
            print(load.processes, row.name, figures, file=sys.stderr, flush=True)
            assert not row.count or figures.alerts, f"{row.name}: no article was an alert"
    return rows


def _ratio(row: Variant, base: Variant, figure: Callable[[WorkerFigures], float]) -> float:
    return median(figure(one) / figure(other) for one, other in zip(row.rounds, base.rounds, strict=True))


def _spread(row: Variant, figure: Callable[[WorkerFigures], float], form: str) -> str:
    return with_spread([figure(one) for one in row.rounds], form)


def _arguments() -> argparse.Namespace:
    parser = argument_parser(__doc__)
    parser.add_argument("--at", metavar="HOST:PORT", help="a cluster that runs; else one is started")
    parser.add_argument("--articles", type=Path, nargs="+", default=[], help="more articles than the samples")
    parser.add_argument("--count", type=int, default=1000, help="articles for each worker")
    parser.add_argument("--processes", type=int, nargs="+", default=[1, 2], help="DATELINE_PROCESSES")
    parser.add_argument("--partitions", type=int, default=12)
    parser.add_argument("--rules", type=int, default=DEMANDED_RULES)
    parser.add_argument("--broad", type=int, default=0, help="so many of them `language:en NOT source:...`")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--check", action="store_true", help="exit 1 if a limit is passed")
    return parser.parse_args()


if __name__ == "__main__":
    main()
