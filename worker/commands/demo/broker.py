"""Runs a broker inside this process, for demos and quick tests: librdkafka's mock cluster.

It speaks Kafka's protocol on loopback, and creates each topic that is asked for, with 4 partitions. It keeps
about 5 MB of each partition, in memory. It supports neither transactions nor `dateline topics create`, so it
proves nothing about delivery.
"""

from collections.abc import Iterator
from contextlib import contextmanager

_ANSWER_SECONDS = 10


class NoEmbeddedBrokerError(ImportError):
    """The package with the mock cluster is not installed. The message says how to install it."""


@contextmanager
def embedded_broker() -> Iterator[str]:
    """Starts a broker and yields its address, `127.0.0.1:PORT`. It ends with the context."""
    try:
        from confluent_kafka import Producer
    except ImportError as error:
        raise NoEmbeddedBrokerError(
            f"the embedded broker comes with confluent-kafka ({error}): "
            "pip install -c constraints.txt '.[demo]' in the checkout"
        ) from None
    # The mock cluster ends with this client. The client's log would only complain about its own connection.
    cluster = Producer({"test.mock.num.brokers": 1, "bootstrap.servers": "ignored", "log_level": 2})
    (broker,) = cluster.list_topics(timeout=_ANSWER_SECONDS).brokers.values()
    yield f"{broker.host}:{broker.port}"
    # This use keeps the client, and so the cluster, alive until here.
    del cluster
