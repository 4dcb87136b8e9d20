"""The embedded broker of the demo and of the quick tests."""

import asyncio
import sys

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

from worker.commands.demo.broker import NoEmbeddedBrokerError, embedded_broker
from worker.commands.topics.settings import find_topics


async def test_it_keeps_what_it_is_given_while_the_context_lasts():
    with embedded_broker() as brokers:
        async with AIOKafkaProducer(bootstrap_servers=brokers, acks="all") as producer:
            sent = await producer.send_and_wait("a", b"value", key=b"key", headers=[("h", b"1")])
        consumer = AIOKafkaConsumer("a", bootstrap_servers=brokers, auto_offset_reset="earliest")
        async with consumer, asyncio.timeout(20):
            record = await anext(consumer)
    assert (record.key, record.value, record.headers) == (b"key", b"value", (("h", b"1"),))
    assert (record.partition, record.offset) == (sent.partition, sent.offset)


async def test_two_at_once_know_nothing_of_each_other():
    with embedded_broker() as one, embedded_broker() as other:
        assert one != other
        for brokers in (one, other):
            async with AIOKafkaProducer(bootstrap_servers=brokers) as producer:
                assert (await producer.send_and_wait("a", b"value", partition=0)).offset == 0


async def test_settings_of_its_topics_cannot_be_told_which_is_said():
    from aiokafka.admin import AIOKafkaAdminClient

    with embedded_broker() as brokers:
        async with AIOKafkaProducer(bootstrap_servers=brokers) as producer:
            await producer.partitions_for("a")
        admin = AIOKafkaAdminClient(bootstrap_servers=brokers)
        await admin.start()
        found = await find_topics(admin, ["a", "b"])
        await admin.close()
    assert set(found) == {"a"}
    assert found["a"].unreadable == "these brokers don't tell"


def test_without_confluent_kafka_it_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "confluent_kafka", None)
    says = r"pip install -c constraints\.txt '\.\[demo\]' in the checkout"
    with pytest.raises(NoEmbeddedBrokerError, match=says), embedded_broker():
        pass
