"""A committed offset counts unless it says that it is another topic's of the same name."""

from types import SimpleNamespace

import pytest
from aiokafka import TopicPartition

from worker.delivery.kafka.offsets import committed_offset
from worker.delivery.kafka.topic_identity import UNKNOWN, topic_id

PARTITION = TopicPartition("raw", 0)


def producer_on(offset, metadata):
    """Its cluster holds this committed offset."""

    async def lookup(*_):
        return 1

    async def send(*_, **__):
        part = (PARTITION.partition, offset, -1, metadata, 0, {})
        return SimpleNamespace(error_code=0, topics=[(PARTITION.topic, [part], {})])

    return SimpleNamespace(client=SimpleNamespace(coordinator_lookup=lookup, send=send))


@pytest.mark.parametrize(
    ("committed", "metadata", "mark", "offset"),
    [
        (7, "aa", "aa", 7),
        (7, "aa", "bb", None),
        (7, "", "aa", 7),  # set by another tool
        (7, None, "aa", 7),
        (7, "aa", UNKNOWN, 7),  # the broker tells no ids
        (0, "aa", "aa", 0),
        (-1, "", "aa", None),
    ],
)
async def test_the_offset_of_another_topic_of_that_name_does_not_count(committed, metadata, mark, offset):
    assert await committed_offset(producer_on(committed, metadata), "group", PARTITION, mark) == offset


async def test_a_broker_that_tells_no_ids_is_no_error():
    async def send(*_):
        return SimpleNamespace(topics=[])

    assert await topic_id(SimpleNamespace(get_random_node=lambda: 1, send=send), "raw") == UNKNOWN
