"""One measurement: a real worker on Apache Kafka, from its rules to the last alert."""

import asyncio
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar

import orjson

from bench.alerts.scrape import MetricsScrape
from bench.footprint import TreeUsage, tree_usage
from bench.kafka import create_topics, delete_topics, produce
from tests.faults.account import read_topic
from tests.faults.workers import REAL, WITHOUT_ALERTS, Worker
from worker.channels import Channel, topic_name

_NOW = 0  # the producer's clock
_LOOK_SECONDS = 1.0
_READY_SECONDS = 300.0
_STILL_SECONDS = 300.0
_SPREAD_MS = 5 * 24 * 3600 * 1000
"""What the articles' timestamps span: less than the raw topic's retention, enough for cooldowns to end."""

T = TypeVar("T")
KeyedArticles = Sequence[tuple[str, bytes]]
"""Keys and values of the raw topic."""


@dataclass(frozen=True, slots=True)
class Load:
    """The articles that every worker of a comparison gets, and its settings."""

    brokers: str
    partitions: int
    processes: int
    warm_up: KeyedArticles
    articles: KeyedArticles


@dataclass(frozen=True, slots=True)
class WorkerFigures:
    """What a worker took for the articles after the warm-up.

    `parent_ms`, `tree_ms`: CPU time an article, of the parent alone and with its processes. `per_second`:
    articles by the timestamps of their enriched records; `seconds`: from the first of them to the last alert.
    `loaded_mib`, `end_mib`, `peak_mib`: memory of the parent when it was ready, at the end, and at most.
    `deliveries`, `matches`, `alerts`: of an article.
    """

    parent_ms: float
    tree_ms: float
    per_second: float
    seconds: float
    loaded_mib: float
    end_mib: float
    peak_mib: float
    deliveries: float
    matches: float
    alerts: float
    start_overs: float


def measure_worker(load: Load, rules: Path | None, count: int = 0) -> WorkerFigures:
    """Runs a worker to the end of its articles, with the first `count` rules of the file.

    None: it has no alerts. Raises AssertionError where an article, or an alert of any, was lost.
    """
    prefix = f"through-{uuid.uuid4().hex[:8]}."
    create_topics(load.brokers, prefix, copies=1, partitions=load.partitions)
    try:
        if rules is not None:
            _write_rules(load.brokers, prefix, rules, count)
        outputs = WITHOUT_ALERTS if rules is None else f"{WITHOUT_ALERTS},alerts"
        with _worker(load.brokers, prefix, OUTPUTS=outputs, PROCESSES=load.processes) as worker:
            worker.wait_until_ready(_READY_SECONDS)
            loaded = tree_usage(worker.process.pid)
            _feed(load.brokers, prefix, load.warm_up)
            counted = _done(worker, prefix, len(load.warm_up), alerting=rules is not None)
            before = tree_usage(worker.process.pid)
            _feed(load.brokers, prefix, load.articles)
            fed = len(load.warm_up) + len(load.articles)
            counts = _done(worker, prefix, fed, alerting=rules is not None)
            after = tree_usage(worker.process.pid)
            assert worker.stop() == 0, worker.said()
        return _figures(load, prefix, (loaded, before, after), (counted, counts))
    finally:
        delete_topics(load.brokers, prefix)


@contextmanager
def _worker(brokers: str, prefix: str, **settings: Any) -> Iterator[Worker]:
    with tempfile.TemporaryDirectory(prefix="through-") as folder:
        worker = Worker(brokers, prefix, Path(folder) / "worker.log", command=REAL, **settings)
        try:
            yield worker
        finally:
            worker.end()


def _done(worker: Worker, prefix: str, articles: int, *, alerting: bool) -> MetricsScrape:
    """The metrics once all articles, and all that came of them, are delivered.

    Raises AssertionError where nothing moves for long.
    """
    _until(worker, lambda: _delivered(worker, topic_name(Channel.RAW, prefix)) == articles)
    # The metrics page costs the worker more than a look at its lanes: only now.
    return _until(worker, lambda: _settled(MetricsScrape.of_worker(worker.port), prefix, alerting=alerting))


def _delivered(worker: Worker, topic: str) -> int:
    lanes = worker.status().get("lanes", {}).items()
    return sum(lane["delivered"] for name, lane in lanes if name.startswith(f"{topic}/"))


def _settled(counts: MetricsScrape, prefix: str, *, alerting: bool) -> MetricsScrape | None:
    """The metrics, if all that was written for the next stages is delivered there."""
    following = (Channel.ENRICHED, Channel.MATCHES) if alerting else ()
    is_settled = all(counts.delivered(topic_name(one, prefix)) == counts.written(one) for one in following)
    return counts if is_settled else None


def _until(worker: Worker, look: Callable[[], T | None]) -> T:
    """Looks again and again until there is something to see; returns that."""
    stood, moved_at = 0, time.monotonic()
    while not (seen := look()):
        stands = sum(lane["delivered"] for lane in worker.status().get("lanes", {}).values())
        if stands != stood:
            stood, moved_at = stands, time.monotonic()
        assert worker.running, worker.said()
        assert time.monotonic() < moved_at + _STILL_SECONDS, worker.said()
        time.sleep(_LOOK_SECONDS)
    return seen


def _figures(
    load: Load,
    prefix: str,
    usages: tuple[TreeUsage, TreeUsage, TreeUsage],
    scrapes: tuple[MetricsScrape, MetricsScrape],
) -> WorkerFigures:
    loaded, before, after = usages
    warm, counts = scrapes
    number = len(load.articles)
    enriched = asyncio.run(read_topic(load.brokers, topic_name(Channel.ENRICHED, prefix)))
    alerts = asyncio.run(read_topic(load.brokers, topic_name(Channel.ALERTS, prefix)))
    fed = {key.encode() for key, _ in (*load.warm_up, *load.articles)}
    assert len(enriched) == len(fed), f"{len(enriched)} enriched records of {len(fed)} articles"
    assert {one.key for one in enriched} == fed, "other articles came out than went in"
    assert len(alerts) == counts.written(Channel.ALERTS), "alerts were counted that are not there"
    measured = {key.encode() for key, _ in load.articles}
    times = [one.timestamp for one in enriched if one.key in measured]
    first, last = min(times), max(times)
    return WorkerFigures(
        parent_ms=1000 * (after.parent_cpu - before.parent_cpu) / number,
        tree_ms=1000 * (after.tree_cpu - before.tree_cpu) / number,
        per_second=1000 * number / (last - first),
        seconds=(max([last, *(one.timestamp for one in alerts)]) - first) / 1000,
        loaded_mib=loaded.resident_mib,
        end_mib=after.resident_mib,
        peak_mib=after.peak_mib,
        deliveries=(counts.deliveries - warm.deliveries) / number,
        matches=(counts.written(Channel.MATCHES) - warm.written(Channel.MATCHES)) / number,
        alerts=(counts.written(Channel.ALERTS) - warm.written(Channel.ALERTS)) / number,
        start_overs=counts.start_overs,
    )


def _write_rules(brokers: str, prefix: str, rules: Path, count: int) -> None:
    """Writes the first so many rules of the file, each under its id."""
    with rules.open("rb") as lines:
        rows = (_rule(line) for line in islice(lines, count))
        produce(brokers, topic_name(Channel.RULES, prefix), rows, acks="all")


def _feed(brokers: str, prefix: str, articles: KeyedArticles) -> None:
    """Writes all articles at once, with timestamps spread evenly over _SPREAD_MS up to now."""
    now_ms, step_ms = int(time.time() * 1000), _SPREAD_MS // max(1, len(articles))
    first_ms = now_ms - step_ms * len(articles)
    rows = ((key.encode(), value, first_ms + n * step_ms) for n, (key, value) in enumerate(articles))
    produce(brokers, topic_name(Channel.RAW, prefix), rows, acks="all")


def _rule(line: bytes) -> tuple[bytes, bytes, int]:
    return orjson.loads(line)["id"].encode(), line.rstrip(), _NOW
