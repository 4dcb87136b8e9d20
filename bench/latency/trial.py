"""One measurement: a real worker on Apache Kafka, articles at a rate, and when what comes of each is there."""

import random
import tempfile
import threading
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import orjson
from confluent_kafka import Consumer, Producer

from bench.alerts.scrape import MetricsScrape
from bench.footprint import tree_usage
from bench.kafka import create_topics, delete_topics, produce
from tests.faults.workers import REAL, WITHOUT_ALERTS, Worker
from worker.channels import Channel, topic_name

_READY_SECONDS = 180.0
_STILL_SECONDS = 90.0
_NOW = 0  # the producer's clock
# Each article meets these, so that each raises as many alerts.
_RULES = [
    {"id": f"all-{number}", "name": "Everything", "owner": "bench", "when": {"source": "bench.example"}}
    for number in range(2)
]

KeyedArticles = Sequence[tuple[str, bytes]]


@dataclass(frozen=True, slots=True)
class Load:
    """`per_second`: the mean rate at which articles come, at times drawn at random; None: all at once."""

    brokers: str
    root: Path
    partitions: int
    processes: int
    alerting: bool
    warm_up: KeyedArticles
    articles: KeyedArticles
    per_second: float | None
    seed: int = 1


@dataclass(frozen=True, slots=True)
class LatencyFigures:
    """What a worker did with the articles after the warm-up.

    `enriched`: seconds from an article's sending until a reader of committed records has it enriched.
    `alerts`: seconds from then until the reader has its alert. `transactions`: for an article, of the enrich
    stage and of all. `cpu_ms`: CPU time for an article, of the worker with its processes and of the brokers.
    """

    enriched: list[float]
    alerts: list[float]
    per_second: float
    enrich_transactions: float
    transactions: float
    cpu_ms: float


@dataclass
class _Seen:
    """When each key was read of a topic for the first time, by the monotonic clock."""

    topic: str
    key_of: Callable[[bytes, bytes], str]
    at: dict[str, float] = field(default_factory=dict)

    def read(self, brokers: str, stop: threading.Event) -> None:
        """Reads the topic until told to stop."""
        consumer = Consumer(
            {
                "bootstrap.servers": brokers,
                "group.id": f"seen-{uuid.uuid4().hex}",
                "auto.offset.reset": "earliest",
                "enable.auto.commit": False,
                "log_level": 0,
            }
        )
        consumer.subscribe([self.topic])
        try:
            while not stop.is_set():
                for message in consumer.consume(500, timeout=0.005):
                    if not message.error():
                        key = self.key_of(message.key() or b"", message.value() or b"")
                        self.at.setdefault(key, time.monotonic())
        finally:
            consumer.close()


def measure_latency(load: Load) -> LatencyFigures:
    """Runs a worker to the end of its articles. Raises AssertionError where one, or its alert, is missing."""
    prefix = f"latency-{uuid.uuid4().hex[:8]}."
    create_topics(load.brokers, prefix, copies=1, partitions=load.partitions)
    try:
        with _worker(load, prefix) as worker, _watched(load, prefix) as seen:
            raw = topic_name(Channel.RAW, prefix)
            rows = ((key.encode(), value, _NOW) for key, value in load.warm_up)
            produce(load.brokers, raw, rows, acks="all")
            _until_seen(worker, seen, load.warm_up)
            counted, before = MetricsScrape.of_worker(worker.port), tree_usage(worker.process.pid)
            sent = _send(load, raw)
            _until_seen(worker, seen, load.articles)
            after, counts = tree_usage(worker.process.pid), MetricsScrape.of_worker(worker.port)
            assert worker.stop() == 0, worker.said()
    finally:
        delete_topics(load.brokers, prefix)
    number, enriched = len(load.articles), seen[0].at
    done = [enriched[key] for key, _ in load.articles]
    return LatencyFigures(
        enriched=[enriched[key] - sent[key] for key, _ in load.articles],
        alerts=[one.at[key] - enriched[key] for one in seen[1:] for key, _ in load.articles],
        per_second=number / (max(done) - min(sent.values())),
        enrich_transactions=(counts.deliveries_of(raw) - counted.deliveries_of(raw)) / number,
        transactions=(counts.deliveries - counted.deliveries) / number,
        cpu_ms=1000 * (after.tree_cpu - before.tree_cpu) / number,
    )


@contextmanager
def _worker(load: Load, prefix: str) -> Iterator[Worker]:
    outputs = WITHOUT_ALERTS
    if load.alerting:
        outputs += ",alerts"
        rules = ((str(rule["id"]).encode(), orjson.dumps(rule), _NOW) for rule in _RULES)
        produce(load.brokers, topic_name(Channel.RULES, prefix), rules, acks="all")
    with tempfile.TemporaryDirectory(prefix="latency-") as folder:
        worker = Worker(
            load.brokers,
            prefix,
            Path(folder) / "worker.log",
            command=REAL,
            root=load.root,
            OUTPUTS=outputs,
            PROCESSES=load.processes,
            LANGUAGES="en",
        )
        try:
            worker.wait_until_ready(_READY_SECONDS)
            yield worker
        finally:
            worker.end()


@contextmanager
def _watched(load: Load, prefix: str) -> Iterator[list[_Seen]]:
    """Reads the enriched topic, and that of alerts, while the block runs."""
    seen = [_Seen(topic_name(Channel.ENRICHED, prefix), lambda key, _: key.decode())]
    if load.alerting:
        seen.append(_Seen(topic_name(Channel.ALERTS, prefix), _article_of_alert))
    stop = threading.Event()
    threads = [threading.Thread(target=one.read, args=(load.brokers, stop)) for one in seen]
    for thread in threads:
        thread.start()
    try:
        yield seen
    finally:
        stop.set()
        for thread in threads:
            thread.join()


def _article_of_alert(_key: bytes, value: bytes) -> str:
    return str(orjson.loads(value)["article"]["id"])


def _until_seen(worker: Worker, seen: list[_Seen], articles: KeyedArticles) -> None:
    found, moved_at = -1, time.monotonic()
    while (now := sum(key in one.at for one in seen for key, _ in articles)) < len(seen) * len(articles):
        if now != found:
            found, moved_at = now, time.monotonic()
        assert worker.running, worker.said()
        assert time.monotonic() < moved_at + _STILL_SECONDS, worker.said()
        time.sleep(0.2)


def _send(load: Load, topic: str) -> dict[str, float]:
    """Sends the articles at their times; returns when each was sent."""
    draw, sent = random.Random(load.seed), {}
    producer = Producer({"bootstrap.servers": load.brokers, "linger.ms": 0, "log_level": 0})
    at = time.monotonic()
    for key, value in load.articles:
        if load.per_second:
            at += draw.expovariate(load.per_second)
            time.sleep(max(0.0, at - time.monotonic()))
        producer.produce(topic, value, key=key.encode())
        producer.poll(0)
        sent[key] = time.monotonic()
    assert not producer.flush(30), "articles were not sent"
    return sent
