"""The committed offset is asked of the broker that knows it."""

from types import SimpleNamespace

from aiokafka import TopicPartition
from aiokafka.errors import NotCoordinatorForGroupError

from worker.delivery.kafka.offsets import committed_offset

PARTITION = TopicPartition("raw", 0)
MOVED = SimpleNamespace(error_code=NotCoordinatorForGroupError.errno, topics=[])
KNOWN = SimpleNamespace(error_code=0, topics=[("raw", [(0, 7, -1, "", 0, {})], {})])


async def test_a_broker_that_no_longer_is_the_coordinator_is_not_one_where_nothing_was_committed():
    asked = []

    async def lookup(*_):
        return 1 + len(asked)

    async def send(node, *_, **__):
        asked.append(node)
        return MOVED if node == 1 else KNOWN

    async def update():
        return True

    client = SimpleNamespace(coordinator_lookup=lookup, send=send, force_metadata_update=update)
    assert await committed_offset(SimpleNamespace(client=client), "group", PARTITION, "") == 7
    assert asked == [1, 2]
