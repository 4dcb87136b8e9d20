"""One measurement: real workers on Apache Kafka, from their rules to the last record of their articles."""

import asyncio
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TypeVar

import orjson

from bench.footprint import TreeUsage, tree_usage
from bench.kafka import create_topics, delete_topics, produce
from bench.latency.stand_in import STAND_IN, stand_in_variables
from bench.scrape import MetricsScrape
from tests.faults.account import read_topic
from tests.faults.workers import NO_VARIABLES, REAL, ROOT, WITHOUT_ALERTS, Worker
from worker.channels import Channel, topic_name

_NOW = 0  # the producer's clock
_LOOK_SECONDS = 1.0
_READY_SECONDS = 300.0
_STILL_SECONDS = 300.0
_SETTLED_LOOKS = 3
_SPREAD_MS = 5 * 24 * 3600 * 1000
"""What the articles' timestamps span: less than the raw topic's retention, enough for cooldowns to end."""

T = TypeVar("T")
KeyedArticles = Sequence[tuple[str, bytes]]
"""Keys and values of the raw topic."""


@dataclass(frozen=True, slots=True)
class Load:
    """The articles that the workers of a comparison get, and their settings.

    `processes`: of each worker. `workers`: who share the partitions. `storytelling`: whether stories are told
    of the articles. `without_pipeline`: the processes publish what was sent, for next to no CPU time.
    """

    brokers: str
    partitions: int
    processes: int
    warm_up: KeyedArticles
    articles: KeyedArticles
    workers: int = 1
    storytelling: bool = False
    without_pipeline: bool = False


@dataclass(frozen=True, slots=True)
class WorkerFigures:
    """What the workers took for the articles after the warm-up, all together.

    `parent_ms`, `tree_ms`: CPU time an article, of the parents alone and with their processes. `per_second`:
    articles by the timestamps of their enriched records; `seconds`: from the first of them to the last alert.
    `loaded_mib`, `end_mib`, `peak_mib`: memory of the parents when they were ready, at the end, and at most.
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


def measure_workers(load: Load, rules: Path | None, count: int = 0) -> WorkerFigures:
    """Runs workers to the end of their articles, with the first `count` rules of the file.

    None: they have no alerts. Raises AssertionError where an article, or an alert of any, was lost.
    """
    prefix = f"through-{uuid.uuid4().hex[:8]}."
    create_topics(load.brokers, prefix, copies=1, partitions=load.partitions)
    try:
        if rules is not None:
            _write_rules(load.brokers, prefix, rules, count)
        following = {Channel.ENRICHED, Channel.MATCHES} if rules is not None else set()
        following |= {Channel.SKETCHES} if load.storytelling else set()
        with _workers(load, prefix, alerting=rules is not None) as workers:
            loaded = _usage(workers)
            _feed(load.brokers, prefix, load.warm_up)
            counted = _done(workers, prefix, len(load.warm_up), following)
            before = _usage(workers)
            _feed(load.brokers, prefix, load.articles)
            fed = len(load.warm_up) + len(load.articles)
            counts = _done(workers, prefix, fed, following)
            after = _usage(workers)
            for worker in workers:
                assert worker.stop() == 0, worker.said()
        return _figures(load, prefix, (loaded, before, after), (counted, counts))
    finally:
        delete_topics(load.brokers, prefix)


@contextmanager
def _workers(load: Load, prefix: str, *, alerting: bool) -> Iterator[list[Worker]]:
    """Workers that are ready, and have all partitions between them."""
    outputs = [WITHOUT_ALERTS, *["alerts"] * alerting, *["stories"] * load.storytelling]
    variables = stand_in_variables(0, ROOT) if load.without_pipeline else NO_VARIABLES
    with ExitStack() as after:
        folder = Path(after.enter_context(tempfile.TemporaryDirectory(prefix="through-")))
        workers = []
        for number in range(load.workers):
            worker = Worker(
                load.brokers,
                prefix,
                folder / f"{number}.log",
                command=STAND_IN if load.without_pipeline else REAL,
                variables=variables,
                OUTPUTS=",".join(outputs),
                PROCESSES=load.processes,
            )
            after.callback(worker.end)
            workers.append(worker)
        for worker in workers:
            worker.wait_until_ready(_READY_SECONDS)
        raw = topic_name(Channel.RAW, prefix)
        # More than one look, since partitions are on their way while members come.
        _until(workers, lambda: all(_shared(workers, raw, load.partitions) for _ in range(_SETTLED_LOOKS)))
        yield workers


def _shared(workers: Sequence[Worker], topic: str, partitions: int) -> bool:
    """Whether each worker has some of a topic's partitions, and none is nobody's; after a moment."""
    time.sleep(_LOOK_SECONDS)
    counts = [sum(name.startswith(f"{topic}/") for name in one.status().get("lanes", {})) for one in workers]
    return sum(counts) == partitions and (all(counts) or partitions < len(workers))


def _usage(workers: Sequence[Worker]) -> TreeUsage:
    """Of all workers together."""
    used = [tree_usage(one.process.pid) for one in workers]
    return TreeUsage(
        parent_cpu=sum(one.parent_cpu for one in used),
        tree_cpu=sum(one.tree_cpu for one in used),
        resident_mib=sum(one.resident_mib for one in used),
        peak_mib=sum(one.peak_mib for one in used),
    )


def _done(workers: Sequence[Worker], prefix: str, articles: int, following: set[Channel]) -> MetricsScrape:
    """The metrics once all articles, and all that came of them for these stages, are delivered.

    Raises AssertionError where nothing moves for long.
    """
    raw = topic_name(Channel.RAW, prefix)
    _until(workers, lambda: sum(_delivered(one, raw) for one in workers) == articles)
    # The metrics page costs a worker more than a look at its lanes: only now.
    return _until(workers, lambda: _settled(workers, prefix, following))


def _delivered(worker: Worker, topic: str) -> int:
    lanes = worker.status().get("lanes", {}).items()
    return sum(lane["delivered"] for name, lane in lanes if name.startswith(f"{topic}/"))


def _settled(workers: Sequence[Worker], prefix: str, following: set[Channel]) -> MetricsScrape | None:
    """The metrics, if all that was written for the next stages is delivered there."""
    counts = MetricsScrape.of_workers(*(one.port for one in workers))
    is_settled = all(counts.delivered(topic_name(one, prefix)) == counts.written(one) for one in following)
    return counts if is_settled else None


def _until(workers: Sequence[Worker], look: Callable[[], T | None]) -> T:
    """Looks again and again until there is something to see; returns that."""
    stood, moved_at = 0, time.monotonic()
    while not (seen := look()):
        lanes = [lane for one in workers for lane in one.status().get("lanes", {}).values()]
        stands = sum(lane["delivered"] for lane in lanes)
        if stands != stood:
            stood, moved_at = stands, time.monotonic()
        for worker in workers:
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
