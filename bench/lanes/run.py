"""Many partitions on one worker: opened, moved, delivered from, for each kind of cluster and of delivery.

    python -m bench.lanes.run                          one broker, then three; 4, 16 and 64 partitions
    python -m bench.lanes.run --at host:9092           on a cluster that runs already

Prints each row as it is there, then the table of docs/operations.md. Enrichment costs nothing here.
"""

import argparse
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from bench.lanes.trial import Figures, trial
from tests.faults.workers import ROOT
from worker.settings import Delivery

COLUMNS: dict[str, Callable[[Figures], str]] = {
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
    rows: list[tuple[str, str, Figures]] = []
    for brokers in args.brokers:
        with cluster(brokers, args.at) as addresses:
            for delivery in args.delivery:
                for partitions in args.partitions:
                    figures = trial(
                        addresses,
                        copies=brokers,
                        delivery=delivery,
                        partitions=partitions,
                        articles=args.articles,
                        rebalances=args.rebalances,
                    )
                    rows.append((str(brokers), delivery, figures))
                    print(brokers, delivery, figures, file=sys.stderr, flush=True)
    print(table(rows))


def table(rows: list[tuple[str, str, Figures]]) -> str:
    """The rows as Markdown."""
    heads = ["brokers", "delivery", *COLUMNS]
    body = [[brokers, delivery, *(show(one) for show in COLUMNS.values())] for brokers, delivery, one in rows]
    return "\n".join(f"| {' | '.join(row)} |" for row in (heads, ["---"] * len(heads), *body))


def _seconds(values: list[float]) -> str:
    return f"{statistics.median(values):.1f} s ({max(values):.1f})"


@contextmanager
def cluster(brokers: int, addresses: str | None) -> Iterator[str]:
    """A cluster of its own, unless there is one: its addresses. It is gone afterwards."""
    if addresses:
        yield addresses
        return
    script = [sys.executable, str(ROOT / "deploy/kafka/kafka")]
    with tempfile.TemporaryDirectory(prefix="lanes-kafka-") as data:
        start = [*script, "start", "--brokers", str(brokers), "--port", "0", "--data", data]
        started = subprocess.run(start, capture_output=True, text=True)
        if started.returncode:
            sys.exit(started.stderr.strip())
        try:
            yield started.stdout.splitlines()[-1]
        finally:
            subprocess.run([*script, "stop", "--delete", "--data", data], check=True, stdout=sys.stderr)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--brokers", type=int, nargs="+", default=[1, 3], help="sizes of cluster: 1, 3")
    parser.add_argument("--at", metavar="HOST:PORT,...", help="a cluster that runs, of --brokers brokers")
    parser.add_argument("--delivery", nargs="+", default=[one.value for one in Delivery])
    parser.add_argument("--partitions", type=int, nargs="+", default=[4, 16, 64])
    parser.add_argument("--articles", type=int, default=20_000, help="for each row")
    parser.add_argument("--rebalances", type=int, default=3, help="times that another worker comes and goes")
    return parser.parse_args()


if __name__ == "__main__":
    main()
