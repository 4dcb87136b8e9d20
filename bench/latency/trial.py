"""One measurement: a worker on Apache Kafka, articles at a rate, and when what comes of each is there."""

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
from confluent_kafka import Consumer, Message, Producer

from bench.footprint import tree_usage
from bench.kafka import create_topics, delete_topics, produce
from bench.latency.stand_in import STAND_IN, stand_in_variables
from tests.faults.workers import NO_VARIABLES, REAL, WITHOUT_ALERTS, Worker
from worker.channels import Channel, topic_name

_READY_SECONDS = 180.0
_STILL_SECONDS = 90.0
_NOW = 0  # the producer's clock
# Each article meets these, so that each raises as many alerts.
_RULES = [
    {"id": f"all-{number}", "name": "Everything", "owner": "bench", "when": {"language": "en"}}
    for number in range(2)
]

_KeyedArticles = Sequence[tuple[str, bytes]]


@dataclass(frozen=True, slots=True)
class ArticleLoad:
    """What a worker gets.

    `per_second`: the mean rate at which articles come, at times drawn at random; None: all at once.
    `stand_in_seconds`: that an article sleeps in place of being enriched; None: the pipeline enriches it.
    """

    brokers: str
    root: Path
    partitions: int
    processes: int
    alerting: bool
    warm_up: _KeyedArticles
    articles: _KeyedArticles
    per_second: float | None
    stand_in_seconds: float | None = None
    seed: int = 1


@dataclass(frozen=True, slots=True)
class LatencyFigures:
    """What a worker did with the articles after the warm-up.

    `enriched`: seconds from an article's sending until a reader of committed records has it enriched.
    `alerts`: seconds from then until the reader has its alert. `transactions`: for an article, of the enrich
    stage and of all. `cpu_ms`: CPU time for an article, of the worker with its processes.
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
    key_of: Callable[[Message], str]
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
                        self.at.setdefault(self.key_of(message), time.monotonic())
        finally:
            consumer.close()


def measure_latency(load: ArticleLoad) -> LatencyFigures:
    """Runs a worker to the end of its articles. Raises AssertionError where one, or its alert, is missing."""
    prefix = f"latency-{uuid.uuid4().hex[:8]}."
    create_topics(load.brokers, prefix, copies=1, partitions=load.partitions)
    try:
        with _worker(load, prefix) as worker, _watched(load, prefix) as seen:
            raw = topic_name(Channel.RAW, prefix)
            rows = ((key.encode(), value, _NOW) for key, value in load.warm_up)
            produce(load.brokers, raw, rows, acks="all")
            _until_seen(worker, seen[1:], load.warm_up)
            before, began = tree_usage(worker.process.pid), time.monotonic()
            sent = _send(load, raw)
            _until_seen(worker, seen[1:], load.articles)
            after = tree_usage(worker.process.pid)
            assert worker.stop() == 0, worker.said()
    finally:
        delete_topics(load.brokers, prefix)
    number, enriched = len(load.articles), seen[1].at
    # Each transaction tells how far it brings its lane.
    transactions = [lane for lane, at in seen[0].at.items() if at > began]
    done = [enriched[key] for key, _ in load.articles]
    return LatencyFigures(
        enriched=[enriched[key] - sent[key] for key, _ in load.articles],
        alerts=[one.at[key] - enriched[key] for one in seen[2:] for key, _ in load.articles],
        per_second=number / (max(done) - min(sent.values())),
        enrich_transactions=sum(raw in lane for lane in transactions) / number,
        transactions=len(transactions) / number,
        cpu_ms=1000 * (after.tree_cpu - before.tree_cpu) / number,
    )


@contextmanager
def _worker(load: ArticleLoad, prefix: str) -> Iterator[Worker]:
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
            command=REAL if load.stand_in_seconds is None else STAND_IN,
            root=load.root,
            variables=(
                NO_VARIABLES
                if load.stand_in_seconds is None
                else stand_in_variables(load.stand_in_seconds, load.root)
            ),
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
def _watched(load: ArticleLoad, prefix: str) -> Iterator[list[_Seen]]:
    """Reads the topic of progress, the enriched one, and that of alerts, while the block runs."""
    seen = [
        _Seen(topic_name(Channel.PROGRESS, prefix), _lane_and_offset),
        _Seen(topic_name(Channel.ENRICHED, prefix), lambda message: (message.key() or b"").decode()),
    ]
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


def _lane_and_offset(message: Message) -> str:
    return f"{(message.key() or b'').decode()} {message.partition()} {message.offset()}"


def _article_of_alert(message: Message) -> str:
    return str(orjson.loads(message.value() or b"")["article"]["id"])


def _until_seen(worker: Worker, seen: list[_Seen], articles: _KeyedArticles) -> None:
    found, moved_at = -1, time.monotonic()
    while (now := sum(key in one.at for one in seen for key, _ in articles)) < len(seen) * len(articles):
        if now != found:
            found, moved_at = now, time.monotonic()
        assert worker.running, worker.said()
        assert time.monotonic() < moved_at + _STILL_SECONDS, worker.said()
        time.sleep(0.2)


def _send(load: ArticleLoad, topic: str) -> dict[str, float]:
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
