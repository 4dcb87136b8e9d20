"""A broker inside this process, for demos and quick tests: librdkafka's mock cluster.

It speaks Kafka's protocol on loopback and makes topics that are asked for, with 4 partitions. It keeps
about 5 MB a partition, in memory, and knows neither transactions nor `dateline topics create`: no proof of
delivery.
"""

from collections.abc import Iterator
from contextlib import contextmanager

ANSWER_SECONDS = 10


class NoEmbeddedBrokerError(ImportError):
    """The package that holds the mock cluster is not installed. Says how to install it."""


@contextmanager
def embedded_broker() -> Iterator[str]:
    """Gives the broker's address, `127.0.0.1:PORT`; it lives until the context ends."""
    try:
        from confluent_kafka import Producer
    except ImportError as error:
        raise NoEmbeddedBrokerError(
            f"the embedded broker comes with confluent-kafka ({error}): "
            "pip install -c constraints.txt '.[demo]' in the checkout"
        ) from None
    # The mock cluster belongs to this client and lives as long; its own connection is silenced.
    cluster = Producer({"test.mock.num.brokers": 1, "bootstrap.servers": "ignored", "log_level": 2})
    (broker,) = cluster.list_topics(timeout=ANSWER_SECONDS).brokers.values()
    yield f"{broker.host}:{broker.port}"
    # Named once more, so that nothing lets go of it earlier.
    del cluster
