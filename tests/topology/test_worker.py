"""The whole worker in its own process, on the embedded broker: quick, but no proof of delivery."""

import orjson
import pytest

from tests.faults.account import header, produce_values, settled
from tests.faults.inline_pool import OUTPUTS_PER_ARTICLE as OUTPUTS
from tests.faults.workers import Worker
from worker.channels import Channel, topic_name
from worker.commands.demo.broker import embedded_broker

PREFIX = "e."


@pytest.fixture
def brokers():
    with embedded_broker() as address:
        yield address


def start(brokers, log, **settings):
    return Worker(brokers, PREFIX, log, DELIVERY="at-least-once", forked=True, **settings)


@pytest.fixture
def worker(brokers, tmp_path):
    # The mock cluster only notices that a worker has left when its session times out.
    worker = start(brokers, tmp_path / "worker.log", SESSION_TIMEOUT_SECONDS=6)
    yield worker
    worker.end()


async def test_articles_come_out_on_every_topic_and_bad_ones_as_dead_letters(brokers, worker):
    status = worker.wait_until_ready()
    assert status["assigned"] == [0, 1, 2, 3]
    bad = orjson.dumps({"do": "reject", "why": "a bad one"})
    await produce_values(
        brokers, topic_name(Channel.RAW, PREFIX), [b"article %d" % n for n in range(200)] + [bad]
    )
    now = await settled(brokers, PREFIX, OUTPUTS, within=30)
    assert now.problems(OUTPUTS) == []
    (letter,) = now.letters.values()
    assert (letter.value, header(letter, "dead-letter-error")) == (bad, "a bad one")
    assert worker.stop() == 0


async def test_a_worker_that_was_stopped_is_followed_by_one_that_goes_on_where_it_ended(
    brokers, worker, tmp_path
):
    worker.wait_until_ready()
    raw = topic_name(Channel.RAW, PREFIX)
    await produce_values(brokers, raw, [b"article %d" % n for n in range(50)])
    await settled(brokers, PREFIX, OUTPUTS, within=30)
    assert worker.stop() == 0
    await produce_values(brokers, raw, [b"article %d" % n for n in range(50, 60)])
    following = start(brokers, tmp_path / "following.log")
    try:
        now = await settled(brokers, PREFIX, OUTPUTS, within=30)
        assert now.problems(OUTPUTS) == []
        assert len(now.inputs) == 60
        assert following.stop() == 0
    finally:
        following.end()
