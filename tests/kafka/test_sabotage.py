"""The checks of the fault runs, held against workers that are broken on purpose."""

import asyncio

import pytest
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from bench.faults.account import feed
from bench.faults.enricher import BLOATED_BYTES
from bench.faults.feeder import bad_article
from bench.faults.rules import Rules
from bench.faults.sabotage import SABOTAGE
from bench.faults.tail import Tail
from bench.faults.verdict import judge
from bench.faults.workers import POOLED
from worker.channels import SPECS, Channel, topic_name

PARTITIONS = 2
ARTICLES = [bad_article("bloat"), *[bad_article("reject"), *[b"an article"] * 7, b"an article of Amara"] * 20]


@pytest.fixture
async def rules(brokers, prefix):
    """Topics of which one takes no bloated record, and rules, one of them with another value that is none."""
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
    rules = Rules(brokers, prefix, cooldown_seconds=3600)
    await rules.put_all()
    await rules.spoil("every")
    return rules


@pytest.fixture
async def followed(brokers, prefix, rules):
    """Articles, and somebody who follows what becomes of them."""
    await feed(brokers, topic_name(Channel.RAW, prefix), ARTICLES)
    tail = Tail(brokers, prefix, f"{prefix}dateline")
    await tail.start(PARTITIONS)
    yield tail
    await tail.stop()


async def until(is_so):
    async with asyncio.timeout(60):
        while not is_so():  # noqa: ASYNC110
            await asyncio.sleep(0.05)


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
        ("unmatched", "was not matched by the rule"),
        ("swallow", "never came"),
        ("echo", "came 2 times"),
        ("forget", "is kept back by its cooldown, and came"),
        ("note_nothing", "the state has None of"),
        ("note_apart", "was written 2 times"),
        ("disorder", "is kept back by its cooldown, and came"),
        ("start_blindly", "was not matched by the rule"),
        ("believe", "was not matched by the rule every"),
    ],
)
async def test_what_a_broken_worker_does_is_said(
    brokers, prefix, rules, followed, start_worker, sabotage, said
):
    raw = topic_name(Channel.RAW, prefix)
    settings = {"TRIVIAL_SECONDS": 0.005, "PROCESSES": 2, "BATCH_SIZE": 8}
    if sabotage:
        settings["TRIVIAL_SABOTAGE"] = sabotage
    first = start_worker(prefix, command=POOLED, **settings)
    await until(lambda: followed.fed == len(ARTICLES))
    match sabotage:
        case "fence_nobody" | "note_apart":
            written = Channel.SEARCH if sabotage == "fence_nobody" else Channel.STATE
            await until(lambda: followed.seen.counts[written])
            first.kill()
            start_worker(prefix, command=POOLED, **settings)
        case None | "forget":
            assert await followed.caught_up(followed.target(), 60) is not None
            await asyncio.to_thread(first.stop)
            start_worker(prefix, command=POOLED, **settings)
            await feed(brokers, raw, ARTICLES, first=len(ARTICLES))
            await until(lambda: followed.fed == 2 * len(ARTICLES))
    async with asyncio.timeout(90):
        while await followed.caught_up(followed.target(), 2) is None:
            await followed.check()
    assert await followed.check()
    verdict = await judge(brokers, prefix, once=True, history=rules.history)
    problems = [*verdict.problems, *followed.seen.problems]
    if said is None:
        assert (problems, followed.seen.repeats > 0) == ([], True)
        assert verdict.alerting.alerts > len(ARTICLES) < verdict.alerting.kept_back
    else:
        assert any(said in problem for problem in problems), problems[:10]


def test_every_sabotage_is_tried():
    (table,) = (mark for mark in test_what_a_broken_worker_does_is_said.pytestmark if mark.args)
    assert {sabotage for sabotage, _ in table.args[1]} == {None, *SABOTAGE}
