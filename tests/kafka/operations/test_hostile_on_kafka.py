"""Hostile messages through a worker with the real pipeline: each has its outputs or its letter, once."""

import asyncio
from dataclasses import replace

import pytest
from aiokafka import AIOKafkaProducer

from bench.fuzz.cases import cases
from bench.fuzz.laws import check_article
from bench.fuzz.texts import HOSTILE_TEXTS
from bench.fuzz.wire import data_of, message_of
from tests.faults.account import header, origin, read_topic
from tests.faults.workers import REAL
from worker.channels import SPECS, Channel, topic_name
from worker.delivery.kafka import wire
from worker.records.article import EnrichedArticle
from worker.records.codec import from_bytes
from worker.records.messages import Reason

CHARS = 1500
NOT_ENRICHED = {"tabs and line breaks": Reason.INVALID, "Thai": Reason.UNSUPPORTED_LANGUAGE}
STRANGE_NAMES = ("\udcff", "content-\udcfftype", "ce_\udcc3")


def inputs(of_each_kind):
    """Name, message and expected reason, `None` for outputs. With `of_each_kind`, a few in place of all."""
    kinds = set()
    for case in cases():
        # aiokafka sends no record that has neither.
        if case.key is None and case.value is None:
            continue
        media_type, *parameters = (case.content_type or b"").split(b";")
        nulls = (case.key is None, case.value is None)
        kind = (case.end, media_type, bool(parameters), nulls, len(case.headers))
        if not of_each_kind or kind not in kinds:
            yield case.name, case.message, case.end
        kinds.add(kind)
    for number, (name, shape) in enumerate(HOSTILE_TEXTS.items()):
        if not of_each_kind or name in NOT_ENRICHED or number % 10 == 0:
            message = message_of(data_of(shape(CHARS).encode(), b"text/plain"))
            yield name, message, NOT_ENRICHED.get(name)


async def publish(brokers, topic, messages):
    """In this order, one batch each: a header's name need not be UTF-8."""
    producer = AIOKafkaProducer(
        bootstrap_servers=brokers, max_request_size=SPECS[Channel.ENRICHED].max_message_bytes
    )
    await producer.start()
    try:
        for message in messages:
            batch = wire.new_batch(producer, [message.headers])
            batch.append(timestamp=None, key=message.key, value=message.value, headers=list(message.headers))
            await (await producer.send_batch(batch, topic, partition=0))
    finally:
        await producer.stop()


async def ends(brokers, prefix, count, worker):
    """By input's number: its dead letter's reason, `None` where it has outputs. Once all have an end."""
    while True:
        letters, enriched = [
            await read_topic(brokers, topic_name(channel, prefix))
            for channel in (Channel.DEAD, Channel.ENRICHED)
        ]
        if len(letters) + len(enriched) >= count:
            break
        assert worker.running, worker.said()
        await asyncio.sleep(1)
    for record in enriched:
        if record.value is not None:
            check_article(from_bytes(EnrichedArticle, record.value))
    found = [(origin(letter), header(letter, "dead-letter-reason")) for letter in letters]
    return [
        (int(one.rpartition("/")[2]), end)
        for one, end in [*found, *((origin(record), None) for record in enriched)]
    ]


@pytest.mark.timeout(600)
@pytest.mark.parametrize(
    "of_each_kind",
    [pytest.param(True, id="of each kind"), pytest.param(False, id="all", marks=pytest.mark.long)],
)
async def test_every_hostile_message_ends_once_as_it_should_and_the_worker_stays(
    brokers, prefix, topics, start_worker, of_each_kind
):
    named = list(inputs(of_each_kind))
    strange = [message_of(data_of(b"A quiet day.", b"text/plain"))]
    strange = [
        replace(one, headers=((name, b"\xff"), *one.headers)) for one in strange for name in STRANGE_NAMES
    ]
    named += [(f"the header name {one.headers[0][0]!r}", one, Reason.INVALID) for one in strange]
    worker = start_worker(prefix, command=REAL, PROCESSES=1)
    await publish(brokers, topic_name(Channel.RAW, prefix), [message for _, message, _ in named])
    found = await ends(brokers, prefix, len(named), worker)
    assert len(dict(found)) == len(found) == len(named)
    wrong = [(named[number][0], end, named[number][2]) for number, end in found if end != named[number][2]]
    assert wrong == []
    letters = await read_topic(brokers, topic_name(Channel.DEAD, prefix))
    for letter in letters:
        sent = named[int(origin(letter).rpartition("/")[2])][1]
        assert (letter.key, letter.value) == (sent.key, sent.value)
    assert worker.stop() == 0
