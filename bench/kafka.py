"""A cluster of Apache Kafka for a measurement, its topics, and records for them."""

import sys
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from confluent_kafka import Producer
from confluent_kafka.admin import AdminClient
from confluent_kafka.cimpl import NewTopic

from tests.faults.cluster import kafka_script
from worker.channels import SPECS, Channel, topic_name

_OUTPUT_PARTITIONS = 12
_QUIET = {"log_level": 0}


@contextmanager
def running_cluster(brokers: int, addresses: str | None) -> Iterator[str]:
    """Gives the addresses of a cluster: those given, or of one started here, which is gone afterwards."""
    if addresses:
        yield addresses
        return
    with tempfile.TemporaryDirectory(prefix="bench-kafka-") as folder:
        try:
            started = kafka_script(Path(folder), "start", "--brokers", str(brokers), "--port", "0")
        except RuntimeError as error:
            sys.exit(str(error))
        try:
            yield started.splitlines()[-1]
        finally:
            kafka_script(Path(folder), "stop", "--delete")


def create_topics(
    brokers: str, prefix: str, *, copies: int, partitions: int, output_partitions: int = _OUTPUT_PARTITIONS
) -> None:
    """Creates the topics of all channels, the raw one with `partitions`, the others as many as they need."""
    counts = {channel: spec.partitions or output_partitions for channel, spec in SPECS.items()}
    counts |= {Channel.RAW: partitions}
    topics = [
        NewTopic(topic_name(channel, prefix), count, copies, config=SPECS[channel].config)
        for channel, count in counts.items()
    ]
    admin = _admin(brokers)  # held on to until the results are there: they end with the client
    for created in admin.create_topics(topics).values():
        created.result()


def delete_topics(brokers: str, prefix: str) -> None:
    """Deletes the topics of all channels."""
    names = [topic_name(channel, prefix) for channel in SPECS]
    admin = _admin(brokers)
    for deleted in admin.delete_topics(names).values():
        deleted.result()


def produce(brokers: str, topic: str, rows: Iterable[tuple[bytes, bytes, int]], **options: str | int) -> None:
    """Writes keys, values and timestamps (ms; 0: now). Raises AssertionError unless all are acknowledged."""
    producer = Producer({"bootstrap.servers": brokers, **_QUIET, "linger.ms": 50, **options})
    refused: list[Any] = []
    for key, value, timestamp_ms in rows:
        producer.produce(
            topic, value, key=key, timestamp=timestamp_ms,
            on_delivery=lambda error, _: refused.append(error) if error else None,
        )  # fmt: skip
        producer.poll(0)
    left = producer.flush(60)
    assert not left, f"{topic}: {left} records were not sent"
    assert not refused, f"{topic}: {len(refused)} records refused, the first: {refused[0]}"


def _admin(brokers: str) -> AdminClient:
    return AdminClient({"bootstrap.servers": brokers, **_QUIET})
