"""Measures what a worker with the shipped pipeline takes of its container: start, memory and CPU time.

    python -m bench.container --processes 1 2

A worker starts on an empty cluster of its own, enriches the project's articles, and then articles of the
greatest length that is taken. Memory is that of all its processes together, what they share counted once.
"""

import argparse
import json
import tempfile
import threading
import time
import uuid
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from bench.alerts.articles import SAMPLES
from bench.command_line import argument_parser, as_markdown
from bench.footprint import shared_once_mib, tree_usage
from bench.kafka import create_topics, produce, running_cluster
from tests.faults.workers import REAL, Worker
from worker.channels import Channel, topic_name
from worker.commands.articles.documents import InputDocument, InputDocuments
from worker.settings import Settings

_LOOK_SECONDS = 0.5
_READY_SECONDS = 600.0
_DONE_SECONDS = 3600.0
_LONG_ARTICLES = 4


@dataclass(frozen=True, slots=True)
class _Phase:
    """Articles worked off, or none: the most memory meanwhile, and CPU time an article."""

    articles: int
    most_mib: float
    parent_ms: float
    children_ms: float


@dataclass(frozen=True, slots=True)
class _Started:
    """The CPU seconds that a worker had used when its health page first answered, and when it was ready."""

    answers: float
    ready: float


class _MostMemory:
    """Looks at a process and its descendants until told to stop; keeps the most memory that they held."""

    def __init__(self, pid: int) -> None:
        self.mib = 0.0
        self._pid, self._done = pid, threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)
        self._thread.start()

    def _look(self) -> None:
        while not self._done.wait(_LOOK_SECONDS):
            with suppress(OSError):  # a process has just ended
                self.mib = max(self.mib, shared_once_mib(self._pid))

    def stop(self) -> float:
        self._done.set()
        self._thread.join()
        return self.mib


def _articles(rounds: int) -> list[bytes]:
    """The project's own articles that are JSON, each so many times."""
    paths = tuple(str(path) for path in SAMPLES if path.suffix == ".jsonl")
    documents = InputDocuments(paths, max_bytes=Settings().max_record_bytes)
    return [one.value for one in documents if isinstance(one, InputDocument)] * rounds


def _long_articles() -> list[bytes]:
    """Articles of the greatest length: paragraphs of ordinary ones, one behind the other."""
    texts = [json.loads(value)["text"] for value in _articles(rounds=1)]
    most = Settings().max_text_chars
    whole = "\n\n".join(texts * (1 + most // sum(map(len, texts))))
    starts = range(0, len(whole), max(1, len(whole) // _LONG_ARTICLES))
    turned = (whole[start:] + "\n\n" + whole[:start] for start in islice(starts, _LONG_ARTICLES))
    return [
        json.dumps({"headline": "Long", "text": text[:most], "language": "en"}).encode() for text in turned
    ]


def _start(worker: Worker) -> _Started:
    """Waits until it is ready."""
    deadline = time.monotonic() + _READY_SECONDS
    while not worker.status():
        assert worker.running, worker.said()
        assert time.monotonic() < deadline, worker.said()
        time.sleep(0.05)
    answers = tree_usage(worker.process.pid).tree_cpu
    worker.wait_until_ready(_READY_SECONDS)
    return _Started(answers, tree_usage(worker.process.pid).tree_cpu)


def _work_off(worker: Worker, brokers: str, prefix: str, values: list[bytes], before: int) -> _Phase:
    """Feeds the articles, and waits until they, and those before them, are delivered."""
    pid, topic = worker.process.pid, topic_name(Channel.RAW, prefix)
    usage, memory = tree_usage(pid), _MostMemory(pid)
    run = uuid.uuid4().hex
    produce(brokers, topic, ((f"{run}-{n}".encode(), value, 0) for n, value in enumerate(values)), acks="all")
    deadline = time.monotonic() + _DONE_SECONDS
    while _delivered(worker, topic) < before + len(values):
        assert worker.running, worker.said()
        assert time.monotonic() < deadline, worker.said()
        time.sleep(_LOOK_SECONDS)
    after = tree_usage(pid)
    parent = after.parent_cpu - usage.parent_cpu
    children = after.tree_cpu - usage.tree_cpu - parent
    number = len(values)
    return _Phase(number, memory.stop(), 1000 * parent / number, 1000 * children / number)


def _delivered(worker: Worker, topic: str) -> int:
    lanes = worker.status().get("lanes", {}).items()
    return sum(lane["delivered"] for name, lane in lanes if name.startswith(f"{topic}/"))


def _row(brokers: str, processes: int, options: argparse.Namespace) -> list[str]:
    """One worker, from its start to its last article."""
    prefix = f"container-{uuid.uuid4().hex[:8]}."
    most = options.partitions
    create_topics(brokers, prefix, copies=1, partitions=most, output_partitions=most)
    with tempfile.TemporaryDirectory(prefix="container-") as folder:
        worker = Worker(brokers, prefix, Path(folder) / "log", command=REAL, PROCESSES=processes)
        try:
            started = _start(worker)
            idle = shared_once_mib(worker.process.pid)
            ordinary = _work_off(worker, brokers, prefix, _articles(options.rounds), 0)
            long = _work_off(worker, brokers, prefix, _long_articles(), ordinary.articles)
            stopped = worker.stop(60)
            assert stopped == 0, worker.said()
        finally:
            worker.end()
    return [
        str(processes),
        f"{started.answers:.1f} s",
        f"{started.ready:.1f} s",
        f"{idle:.0f} MiB",
        f"{ordinary.most_mib:.0f} MiB",
        f"{long.most_mib:.0f} MiB",
        f"{ordinary.parent_ms:.1f} ms",
        f"{ordinary.children_ms:.0f} ms",
    ]


def main() -> None:
    parser = argument_parser(__doc__)
    parser.add_argument("--brokers", help="a cluster to use instead of one started here")
    parser.add_argument("--processes", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--partitions", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=3, help="how often each article is enriched")
    options = parser.parse_args()
    head = [
        "processes", "CPU time until `/livez` answers", "until `/readyz` says ready", "memory, idle",
        "most, ordinary articles", "most, longest articles", "CPU of the parent, an article",
        "CPU of the processes, an article",
    ]  # fmt: skip
    with running_cluster(1, options.brokers) as brokers:
        print(as_markdown(head, [_row(brokers, processes, options) for processes in options.processes]))


if __name__ == "__main__":
    main()
