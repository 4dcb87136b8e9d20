"""Measures many partitions on one worker, for each size of cluster and each delivery mode.

    python -m bench.lanes.run                          one broker, then three; 4, 16 and 64 partitions
    python -m bench.lanes.run --at host:9092           on a cluster that runs already

Prints each row once it is measured, then the table of docs/operations.md. Enrichment costs nothing here.
"""

import argparse
import statistics
import sys
from collections.abc import Callable

from bench.command_line import argument_parser, as_markdown
from bench.kafka import running_cluster
from bench.lanes.trial import LaneFigures, measure_lanes
from worker.settings import Delivery

_COLUMNS: dict[str, Callable[[LaneFigures], str]] = {
    "partitions": lambda one: str(one.partitions),
    "opened in, median (most)": lambda one: _seconds(one.open_seconds),
    "partitions waited": lambda one: _seconds(one.wait_seconds),
    "sockets": lambda one: str(one.loaded.sockets),
    "threads": lambda one: str(one.loaded.threads),
    "memory idle": lambda one: f"{one.idle.resident_mib:.0f} MiB",
    "under load, most": lambda one: f"{one.loaded.peak_mib:.0f} MiB",
    "articles a second": lambda one: f"{one.per_second:,.0f}",
    "CPU an article": lambda one: f"{one.cpu_ms:.2f} ms",
}


def main() -> None:
    args = _arguments()
    rows: list[tuple[str, str, LaneFigures]] = []
    for brokers in args.brokers:
        with running_cluster(brokers, args.at) as addresses:
            for delivery in args.delivery:
                for partitions in args.partitions:
                    figures = measure_lanes(
                        addresses,
                        copies=brokers,
                        delivery=delivery,
                        partitions=partitions,
                        articles=args.articles,
                        rebalances=args.rebalances,
                    )
                    rows.append((str(brokers), delivery, figures))
                    print(brokers, delivery, figures, file=sys.stderr, flush=True)
    print(_table(rows))


def _table(rows: list[tuple[str, str, LaneFigures]]) -> str:
    head = ["brokers", "delivery", *_COLUMNS]
    body = [
        [brokers, delivery, *(show(one) for show in _COLUMNS.values())] for brokers, delivery, one in rows
    ]
    return as_markdown(head, body)


def _seconds(values: list[float]) -> str:
    return f"{statistics.median(values):.1f} s ({max(values):.1f})"


def _arguments() -> argparse.Namespace:
    parser = argument_parser(__doc__)
    parser.add_argument("--brokers", type=int, nargs="+", default=[1, 3], help="sizes of cluster: 1, 3")
    parser.add_argument("--at", metavar="HOST:PORT,...", help="a cluster that runs, of --brokers brokers")
    parser.add_argument("--delivery", nargs="+", default=[one.value for one in Delivery])
    parser.add_argument("--partitions", type=int, nargs="+", default=[4, 16, 64])
    parser.add_argument("--articles", type=int, default=20_000, help="for each row")
    parser.add_argument("--rebalances", type=int, default=3, help="times that another worker comes and goes")
    return parser.parse_args()


if __name__ == "__main__":
    main()
