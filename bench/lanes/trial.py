"""One measurement: a worker with so many partitions, from an empty topic to its figures."""

import tempfile
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from bench.footprint import Footprint, footprint
from bench.kafka import create_topics, delete_topics, produce
from tests.faults.workers import Worker
from worker.channels import Channel, topic_name

_ARTICLE_BYTES = 2000
_NOW = 0  # the producer's clock
_WAIT_SECONDS = 180.0


@dataclass(frozen=True)
class LaneFigures:
    """What a worker with so many partitions took.

    `open_seconds`: to open all lanes, for each rebalance that gave the worker all partitions; the first is
    that of a new group. `wait_seconds`: the same from when the previous lanes were closed, for the others.
    `idle` and `loaded`: before and after the articles. `per_second`: articles delivered; `cpu_ms`: CPU time
    of the worker for each.
    """

    partitions: int
    open_seconds: list[float]
    wait_seconds: list[float]
    idle: Footprint
    loaded: Footprint
    per_second: float
    cpu_ms: float


def measure_lanes(
    brokers: str, *, copies: int, delivery: str, partitions: int, articles: int, rebalances: int
) -> LaneFigures:
    """Opens all lanes, delivers the articles, and opens the lanes again each time another worker has gone."""
    prefix = f"lanes-{uuid.uuid4().hex[:8]}."
    create_topics(brokers, prefix, copies=copies, partitions=partitions)
    settings: dict[str, Any] = {"DELIVERY": delivery, "TRIVIAL_SECONDS": 0}
    with tempfile.TemporaryDirectory(prefix="lanes-") as folder:
        worker = Worker(brokers, prefix, Path(folder) / "worker.log", **settings)
        workers = [worker]
        try:
            wait_until(lambda: open_lanes(worker) == partitions, worker)
            time.sleep(2)  # until what starts with the lanes has settled
            idle = footprint(worker.process.pid)
            feed_articles(brokers, prefix, articles)
            seconds = seconds_to_deliver(worker, articles)
            loaded = footprint(worker.process.pid)
            for number in range(rebalances):
                visitor = Worker(brokers, prefix, Path(folder) / f"visitor-{number}.log", **settings)
                workers.append(visitor)
                wait_until(lambda: 0 < open_lanes(worker) < partitions, worker)
                visitor.stop()
                wait_until(lambda: open_lanes(worker) == partitions, worker)
            opened, waited = _rebalances(worker, partitions)
            worker.stop()
        finally:
            for one in workers:
                one.end()
            delete_topics(brokers, prefix)
    return LaneFigures(
        partitions,
        open_seconds=opened,
        wait_seconds=waited,
        idle=idle,
        loaded=loaded,
        per_second=articles / seconds,
        cpu_ms=1000 * (loaded.cpu_seconds - idle.cpu_seconds) / articles,
    )


def _rebalances(worker: Worker, partitions: int) -> tuple[list[float], list[float]]:
    """Seconds in which all lanes were opened, and seconds from when the previous lanes were closed."""
    opened, waited = [], []
    closed_at: float | None = None
    for one in worker.lines():
        if one["event"] == "lanes closed":
            closed_at = _clock(one)
        elif one["event"] == "lanes opened" and len(one["offsets"]) == partitions:
            opened.append(one["seconds"])
            if closed_at is not None:
                waited.append(_clock(one) - closed_at)
    return opened, waited


def _clock(line: dict[str, Any]) -> float:
    return datetime.fromisoformat(line["time"]).timestamp()


def feed_articles(brokers: str, prefix: str, articles: int) -> None:
    """Writes so many articles of the same size to the raw topic, each under a key of its own."""
    words = b"article " * (_ARTICLE_BYTES // 8)
    rows = ((b"%d" % number, words, _NOW) for number in range(articles))
    produce(brokers, topic_name(Channel.RAW, prefix), rows, **{"compression.type": "lz4"})


def seconds_to_deliver(worker: Worker, articles: int) -> float:
    """Waits until so many are delivered; returns the seconds, at the rate since the first were delivered."""
    began, first = 0.0, 0
    deadline = time.monotonic() + _WAIT_SECONDS
    while time.monotonic() < deadline:
        delivered, now = _delivered(worker), time.monotonic()
        if delivered == articles:
            return (now - began) * articles / (articles - first)
        if delivered and not began:
            began, first = now, delivered
        time.sleep(0.05)
    raise AssertionError(f"{delivered} of {articles} delivered\n{worker.said()}")


def _delivered(worker: Worker) -> int:
    return sum(lane["delivered"] for lane in worker.status().get("lanes", {}).values())


def open_lanes(worker: Worker) -> int:
    """How many lanes a worker has open; 0 until it is ready."""
    status = worker.status()
    return len(status.get("lanes", {})) if status.get("ready") else 0


def wait_until(is_so: Callable[[], bool], worker: Worker) -> None:
    """Waits until it is so. Raises AssertionError where the worker ends, or where that takes too long."""
    deadline = time.monotonic() + _WAIT_SECONDS
    while not is_so():
        assert worker.running, worker.said()
        assert time.monotonic() < deadline, worker.said()
        time.sleep(0.1)
