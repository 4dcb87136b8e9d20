"""The checks of the fault runs, held against workers that are broken on purpose."""

import asyncio

import pytest
from aiokafka import TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from bench.faults.account import feed
from bench.faults.enricher import BLOATED_BYTES
from bench.faults.feeder import bad_article
from bench.faults.sabotage import SABOTAGE
from bench.faults.tail import Tail
from bench.faults.verdict import judge
from bench.faults.workers import POOLED
from worker.channels import SPECS, Channel, topic_name

PARTITIONS = 2
ARTICLES = [bad_article("bloat"), *[bad_article("reject"), *[b"an article"] * 9] * 20]


@pytest.fixture
async def followed(brokers, prefix):
    """Topics of which one takes no bloated record, and somebody who follows them."""
    limits = {Channel.ENRICHED: {"max.message.bytes": str(BLOATED_BYTES // 2)}}
    admin = AIOKafkaAdminClient(bootstrap_servers=brokers)
    await admin.start()
    await admin.create_topics(
        [
            NewTopic(topic_name(channel, prefix), PARTITIONS, 1, topic_configs=limits.get(channel, {}))
            for channel in SPECS
        ]
    )
    await admin.close()
    await feed(brokers, topic_name(Channel.RAW, prefix), ARTICLES)
    tail = Tail(brokers, prefix, f"{prefix}dateline")
    await tail.start(PARTITIONS)
    yield tail
    await tail.stop()


@pytest.mark.parametrize(
    ("sabotage", "said"),
    [
        (None, None),
        ("lose", "has no search.v1 0"),
        ("repeat", "came out more than once"),
        ("alter", "its dead letter is not the input byte for byte"),
        ("waver", "was written again with other bytes"),
        ("hurry", "is committed, and of"),
        ("fence_nobody", "came out more than once"),
    ],
)
async def test_what_a_broken_worker_does_is_said(brokers, prefix, followed, start_worker, sabotage, said):
    settings = {"TRIVIAL_SECONDS": 0.005, "PROCESSES": 2, "BATCH_SIZE": 8}
    if sabotage:
        settings["TRIVIAL_SABOTAGE"] = sabotage
    first = start_worker(prefix, command=POOLED, **settings)
    if sabotage == "fence_nobody":
        assert await followed.caught_up({TopicPartition(topic_name(Channel.RAW, prefix), 0): 1}, 60)
        first.kill()
        start_worker(prefix, command=POOLED, **settings)
    async with asyncio.timeout(90):
        while sum(map(len, followed.inputs.values())) < len(ARTICLES):  # noqa: ASYNC110
            await asyncio.sleep(0.1)
        while await followed.caught_up(followed.target(), 0.1) is None:
            await followed.check()
    assert await followed.check()
    verdict = await judge(brokers, prefix, once=True, remade={})
    problems = [*verdict.problems, *followed.seen.problems]
    if said is None:
        assert (problems, followed.seen.repeats > 0) == ([], True)
    else:
        assert any(said in problem for problem in problems), problems[:10]


def test_every_sabotage_is_tried():
    (table,) = (mark for mark in test_what_a_broken_worker_does_is_said.pytestmark if mark.args)
    assert {sabotage for sabotage, _ in table.args[1]} == {None, *SABOTAGE}
