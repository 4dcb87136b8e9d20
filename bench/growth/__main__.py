"""Measures how an article's CPU time grows with words, partitions, rules, stories, workers and a backlog.

    make performance                     all of it, with what docs/performance.md has beside it
    .venv-bench/bin/python -m bench.growth [--series words rules] [--rounds 2] [--write]
    .venv-bench/bin/python -m bench.growth --short      shows in a minute or two that each of them runs

Real `dateline worker`s on Apache Kafka get the same articles; one thing is varied at a time. CPU time is that
of the workers and their processes, and says the same on a machine that does other work as well, but for
caches and clock rates; articles a second are by the clock. Figures are medians of the rounds (least to most),
and the order turns with each round. What more cores would do is computed from the cost by words.
"""

import argparse
import sys
import tempfile
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from bench.alerts.articles import SAMPLES, enrich_articles
from bench.alerts.population import write_rules
from bench.command_line import argument_parser
from bench.growth.plots import draw_series
from bench.growth.series import SERIES, Series, in_short
from bench.growth.tables import PointRounds, cost_by_words, series_table, sizing_table
from bench.growth.trial import measure_point
from bench.isolation import in_fresh_process
from bench.kafka import running_cluster
from bench.page import PERFORMANCE, circumstances, put_figures

_PACKAGES = ("aiokafka", "faust-streaming", "onnxruntime", "spacy")
_PICTURES = PERFORMANCE.parent / "performance"
Measured = Sequence[tuple[Series, list[PointRounds]]]


def main() -> None:
    options = _arguments()
    chosen = [in_short(one) if options.short else one for one in SERIES if one.name in options.series]
    measured = [(one, [PointRounds(point) for point in one.points]) for one in chosen]
    rules = max((point.rules or 0 for one in chosen for point in one.points), default=0)
    with tempfile.TemporaryDirectory(prefix="growth-") as folder, running_cluster(1, options.at) as brokers:
        path = Path(folder) / "rules.jsonl"
        if rules:
            enriched = in_fresh_process(partial(enrich_articles, SAMPLES, limit=None, rounds=1))
            write_rules(path, [one.value for one in enriched], rules, seed=1, broad=0)
        for number in range(options.rounds):
            for _, rows in measured:
                for row in rows[:: -1 if number % 2 else 1]:
                    row.rounds.append(measure_point(brokers, row.point, path))
                    print(number, row.point, row.rounds[-1], file=sys.stderr, flush=True)
        pictures = _PICTURES if options.write else Path(folder)
        pictures.mkdir(exist_ok=True)
        for series, rows in measured:
            draw_series(series, rows, pictures / f"{series.name}.svg")
    for name, figures in _figures(measured, options.rounds).items():
        print(f"\n{name}\n\n{figures}")
        if options.write:
            put_figures(PERFORMANCE, f"growth-{name}", figures)


def _figures(measured: Measured, rounds: int) -> dict[str, str]:
    """The tables by their names in the page."""
    found = {}
    for series, rows in measured:
        of_all = f"{series.held}; {rounds} rounds. {circumstances(_PACKAGES)}."
        found[series.name] = f"{of_all[0].upper()}{of_all[1:]}\n\n{series_table(series, rows)}"
        if series.name == "words":
            cost = cost_by_words(rows)
            line = f"An article takes {cost.article_ms:.1f} ms, and each of its words {cost.word_ms:.4f} ms."
            found["sizing"] = f"{line}\n\n{sizing_table(cost)}"
    return found


def _arguments() -> argparse.Namespace:
    names = [one.name for one in SERIES]
    parser = argument_parser(__doc__)
    parser.add_argument("--at", metavar="HOST:PORT", help="a cluster that runs; else one is started")
    parser.add_argument("--series", nargs="+", default=names, choices=names, metavar="NAME")
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--short", action="store_true", help="two points of each, a few articles, one round")
    parser.add_argument("--write", action="store_true", help="put tables and plots into docs/performance.md")
    options = parser.parse_args()
    if options.short and options.write:
        parser.error("--write takes the figures of a whole run, not of --short")
    options.rounds = 1 if options.short else options.rounds
    return options


if __name__ == "__main__":
    main()
