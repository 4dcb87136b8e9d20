"""One worker with so many partitions, from an empty topic to figures."""

import os
import tempfile
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from confluent_kafka import Producer
from confluent_kafka.admin import AdminClient, NewTopic

from bench.lanes.footprint import Footprint, footprint
from tests.faults.workers import Worker
from worker.channels import SPECS, Channel, topic_name

ARTICLE_BYTES = 2000
OUTPUT_PARTITIONS = 12
WAIT_SECONDS = 180.0
TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")
QUIET = {"log_level": 0}


@dataclass(frozen=True)
class Figures:
    """`open_seconds`: of each rebalance in which the worker got all partitions, the first in a new group.

    `wait_seconds`: of the others, from the moment the lanes before were closed. `idle` and `loaded`: before
    and after the articles. `per_second`: articles delivered; `cpu_ms`: CPU time of the worker for each.
    """

    partitions: int
    open_seconds: list[float]
    wait_seconds: list[float]
    idle: Footprint
    loaded: Footprint
    per_second: float
    cpu_ms: float


def trial(
    brokers: str, *, copies: int, delivery: str, partitions: int, articles: int, rebalances: int
) -> Figures:
    """Opens all lanes, delivers `articles`, opens them again after another worker came and went."""
    prefix = f"lanes-{uuid.uuid4().hex[:8]}."
    make_topics(brokers, prefix, copies=copies, partitions=partitions)
    settings = {"DELIVERY": delivery, "TRIVIAL_SECONDS": 0}
    with tempfile.TemporaryDirectory(prefix="lanes-") as folder:
        worker = Worker(brokers, prefix, Path(folder) / "worker.log", **settings)
        workers = [worker]
        try:
            until(lambda: lanes(worker) == partitions, worker)
            time.sleep(2)  # what came up with the lanes has settled
            idle = footprint(worker.process.pid, TICKS_PER_SECOND)
            feed(brokers, prefix, articles)
            seconds = deliver(worker, articles)
            loaded = footprint(worker.process.pid, TICKS_PER_SECOND)
            for number in range(rebalances):
                visitor = Worker(brokers, prefix, Path(folder) / f"visitor-{number}.log", **settings)
                workers.append(visitor)
                until(lambda: 0 < lanes(worker) < partitions, worker)
                visitor.stop()
                until(lambda: lanes(worker) == partitions, worker)
            opened, waited = _rebalances(worker, partitions)
            worker.stop()
        finally:
            for one in workers:
                one.end()
            delete_topics(brokers, prefix)
    return Figures(
        partitions,
        open_seconds=opened,
        wait_seconds=waited,
        idle=idle,
        loaded=loaded,
        per_second=articles / seconds,
        cpu_ms=1000 * (loaded.cpu_seconds - idle.cpu_seconds) / articles,
    )


def _rebalances(worker: Worker, partitions: int) -> tuple[list[float], list[float]]:
    """Seconds in which all lanes were opened, and from when those before were closed until then."""
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


def make_topics(brokers: str, prefix: str, *, copies: int, partitions: int) -> None:
    admin = AdminClient({"bootstrap.servers": brokers, **QUIET})
    counts = {channel: spec.partitions or OUTPUT_PARTITIONS for channel, spec in SPECS.items()}
    counts |= {Channel.RAW: partitions}
    topics = [
        NewTopic(topic_name(channel, prefix), count, copies, config=SPECS[channel].config)
        for channel, count in counts.items()
    ]
    for made in admin.create_topics(topics).values():
        made.result()


def delete_topics(brokers: str, prefix: str) -> None:
    names = [topic_name(channel, prefix) for channel in SPECS]
    admin = AdminClient({"bootstrap.servers": brokers, **QUIET})
    for deleted in admin.delete_topics(names).values():
        deleted.result()


def feed(brokers: str, prefix: str, articles: int) -> None:
    producer = Producer({"bootstrap.servers": brokers, **QUIET, "linger.ms": 50, "compression.type": "lz4"})
    words = b"article " * (ARTICLE_BYTES // 8)
    for number in range(articles):
        producer.produce(topic_name(Channel.RAW, prefix), words, key=b"%d" % number)
        producer.poll(0)
    left = producer.flush(60)
    assert not left, f"{left} articles were not sent"


def deliver(worker: Worker, articles: int) -> float:
    """Seconds it takes, by the pace from when the first were delivered."""
    began, first = 0.0, 0
    deadline = time.monotonic() + WAIT_SECONDS
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


def lanes(worker: Worker) -> int:
    status = worker.status()
    return len(status.get("lanes", {})) if status.get("ready") else 0


def until(is_so: Callable[[], bool], worker: Worker) -> None:
    deadline = time.monotonic() + WAIT_SECONDS
    while not is_so():
        assert worker.running, worker.said()
        assert time.monotonic() < deadline, worker.said()
        time.sleep(0.1)
