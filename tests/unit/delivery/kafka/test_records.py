"""A Kafka record becomes the worker's message, with every null where it was."""

import pytest
from aiokafka import ConsumerRecord

from worker.delivery.kafka.records import raw_message
from worker.records.messages import RawMessage


@pytest.mark.parametrize(
    ("key", "value", "headers"),
    [(b"k", b"v", ()), (None, b"", (("h", b""),)), (b"", None, (("h", None), ("h", b"\xff")))],
)
def test_key_value_and_headers_stay_as_they_are(key, value, headers):
    record = ConsumerRecord("raw", 3, 17, 1769846400123, 0, key, value, None, 0, 0, headers)
    assert raw_message(record) == RawMessage("raw", 3, 17, 1769846400123, key, value, headers)
