"""Measures the CPU time that metrics add to an article: workers with and without them, in pairs.

    python -m bench.metering.run --pairs 6 --articles 10000

The order turns with each pair. CPU time is that of the parent alone, whose pool has next to nothing to do;
`/metrics` is read every second. Prints a line for each pair, then the median of the differences.
"""

import argparse
import statistics
import sys
import tempfile
import threading
import urllib.request
import uuid
from pathlib import Path
from typing import Any

from bench.command_line import argument_parser
from bench.footprint import footprint
from bench.kafka import create_topics, delete_topics, running_cluster
from bench.lanes.trial import feed_articles, open_lanes, seconds_to_deliver, wait_until
from tests.faults.workers import POOLED, WITHOUT_ALERTS, Worker

UNMETERED = (sys.executable, "-m", "faust", "-A", "bench.metering.unmetered", "worker")
PARTITIONS = 4
SCRAPE_SECONDS = 1.0


def main() -> None:
    args = _arguments()
    added = []
    with running_cluster(1, args.at) as brokers:
        for pair in range(args.pairs):
            commands = [POOLED, UNMETERED][:: 1 if pair % 2 else -1]
            spent = {command: _cpu_us(brokers, command, args.articles) for command in commands}
            added.append(spent[POOLED] - spent[UNMETERED])
            print(f"with {spent[POOLED]:.0f} us an article, without {spent[UNMETERED]:.0f}", flush=True)
    print(f"metrics add {statistics.median(added):.0f} us an article (median of {len(added)} pairs)")


def _cpu_us(brokers: str, command: tuple[str, ...], articles: int) -> float:
    """CPU time of the parent for each article, in microseconds."""
    prefix = f"metering-{uuid.uuid4().hex[:8]}."
    create_topics(brokers, prefix, copies=1, partitions=PARTITIONS)
    with tempfile.TemporaryDirectory(prefix="metering-") as folder:
        settings: dict[str, Any] = {"PROCESSES": 2, "OUTPUTS": WITHOUT_ALERTS}
        worker = Worker(brokers, prefix, Path(folder) / "worker.log", command=command, **settings)
        over = threading.Event()
        scraping = threading.Thread(target=_scrape, args=[worker, over])
        try:
            wait_until(lambda: open_lanes(worker) == PARTITIONS, worker)
            feed_articles(brokers, prefix, articles // 10)
            seconds_to_deliver(worker, articles // 10)
            before = footprint(worker.process.pid).cpu_seconds
            if command == POOLED:
                scraping.start()
            feed_articles(brokers, prefix, articles)
            seconds_to_deliver(worker, articles + articles // 10)
            after = footprint(worker.process.pid).cpu_seconds
        finally:
            over.set()
            worker.end()
            delete_topics(brokers, prefix)
    return 1e6 * (after - before) / articles


def _scrape(worker: Worker, over: threading.Event) -> None:
    while not over.wait(SCRAPE_SECONDS):
        with urllib.request.urlopen(f"http://127.0.0.1:{worker.port}/metrics", timeout=10) as page:
            page.read()


def _arguments() -> argparse.Namespace:
    parser = argument_parser(__doc__)
    parser.add_argument("--at", metavar="HOST:PORT,...", help="a cluster that runs; else one is started")
    parser.add_argument("--articles", type=int, default=10_000, help="for each worker of a pair")
    parser.add_argument("--pairs", type=int, default=6)
    return parser.parse_args()


if __name__ == "__main__":
    main()
