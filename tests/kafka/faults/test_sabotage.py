"""The checks of the fault runs notice workers that are broken on purpose."""

import asyncio

import pytest
from aiokafka.admin import NewTopic

from tests.faults.account import produce_values, read_topic
from tests.faults.enricher import BLOATED_BYTES
from tests.faults.feeder import bad_article
from tests.faults.rules import RuleFeeder
from tests.faults.sabotage import SABOTAGE
from tests.faults.tail import Tail
from tests.faults.verdict import judge
from tests.faults.workers import ALL_OUTPUTS, POOLED
from tests.kafka.delivery.administration import administration
from worker.channels import SPECS, Channel, topic_name

PARTITIONS = 2
ARTICLES = [bad_article("bloat"), *[bad_article("reject"), *[b"an article"] * 7, b"an article of Amara"] * 12]


@pytest.fixture
async def rules(brokers, prefix):
    """Topics, of which one refuses bloated records; rules, and an invalid value in place of one of them."""
    limits = {Channel.ENRICHED: {"max.message.bytes": str(BLOATED_BYTES // 2)}}
    async with administration(brokers) as admin:
        await admin.create_topics(
            [
                NewTopic(
                    topic_name(channel, prefix),
                    spec.partitions or PARTITIONS,
                    1,
                    topic_configs=limits.get(channel, {}),
                )
                for channel, spec in SPECS.items()
            ]
        )
    rules = RuleFeeder(brokers, prefix, cooldown_seconds=3600)
    await rules.put_all()
    await rules.put_invalid("every")
    return rules


@pytest.fixture
async def followed(brokers, prefix, rules):
    """The tail of a run with articles on the raw topic."""
    await produce_values(brokers, topic_name(Channel.RAW, prefix), ARTICLES)
    tail = Tail(brokers, prefix, f"{prefix}dateline")
    await tail.start(PARTITIONS)
    yield tail
    await tail.stop()


async def until(is_so):
    async with asyncio.timeout(60):
        while not is_so():  # noqa: ASYNC110
            await asyncio.sleep(0.05)


# Those that do not hide each other are done to one worker, all at once.
BROKEN = [
    {},
    {
        "lose": "has no search.v1 0",
        "alter": "its dead letter is not the input byte for byte",
        "unmatched": "was not matched by the rule",
        "swallow": "never came",
        "inflate": "that its notes do not give",
    },
    {
        "repeat": "came out more than once",
        "waver": "was written again with other bytes",
        "echo": "came 2 times",
    },
    {
        "disorder": "is kept back by its cooldown, and came",
        "note_nothing": "the state has None of",
        "believe": "was not matched by the rule every",
    },
    {"hurry": "is committed, and of"},
    {"fence_nobody": "came out more than once"},
    {"mislay": "the stories' state has another record", "unredirect": "lacks some of the"},
    {"overtake": "the stories' state has another record"},
    {"overlook": "the story rules' state lacks the record"},
    {"blink": "did not begin to hold for"},
    {"lapse": "that its notes do not give"},
    {"forget": "is kept back by its cooldown, and came"},
    {"note_apart": "never came"},
    {"start_blindly": "was not matched by the rule"},
    {"admit": "has no entities.v1 0"},
]
SHORT = {"lose", "alter", "unmatched", "swallow", "inflate", "forget"}


@pytest.mark.parametrize(
    "broken",
    [
        pytest.param(broken, id=" ".join(broken), marks=[] if {*broken} <= SHORT else pytest.mark.long)
        for broken in BROKEN
    ],
)
async def test_what_a_broken_worker_does_is_said(brokers, prefix, rules, followed, start_worker, broken):
    raw = topic_name(Channel.RAW, prefix)
    settings = {"TRIVIAL_SECONDS": 0.005, "PROCESSES": 2, "BATCH_SIZE": 16, "OUTPUTS": ALL_OUTPUTS}
    settings |= {"TRIVIAL_SABOTAGE": ",".join(broken)}
    # What is out of order has to be in one batch.
    settings |= {"BATCH_WAIT_MS": 500} if "disorder" in broken else {}
    first = start_worker(prefix, command=POOLED, **settings)
    await until(lambda: followed.fed == len(ARTICLES))
    match list(broken):
        case ["fence_nobody"]:
            await until(lambda: followed.seen.counts[Channel.SEARCH])
            first.kill()
            start_worker(prefix, command=POOLED, **settings)
        case ["note_apart"]:
            async with asyncio.timeout(60):
                while not await read_topic(brokers, topic_name(Channel.STATE, prefix)):  # noqa: ASYNC110
                    await asyncio.sleep(0.05)
            first.kill()
            start_worker(prefix, command=POOLED, **settings)
        case ["admit"]:
            await asyncio.to_thread(
                start_worker(
                    prefix, command=POOLED, **{**settings, "OUTPUTS": "enriched,search"}
                ).wait_until_ready
            )
            await produce_values(brokers, raw, ARTICLES, first=len(ARTICLES))
            await until(lambda: followed.fed == 2 * len(ARTICLES))
        case [] | ["forget"] | ["blink"] | ["lapse"]:
            assert await followed.caught_up(followed.target(), 60) is not None
            await asyncio.to_thread(first.stop)
            start_worker(prefix, command=POOLED, **settings)
            await produce_values(brokers, raw, ARTICLES, first=len(ARTICLES))
            await until(lambda: followed.fed == 2 * len(ARTICLES))
    async with asyncio.timeout(90):
        while await followed.caught_up(followed.target(), 2) is None:
            await followed.check()
    assert await followed.check()
    verdict = await judge(brokers, prefix, once=True, history=rules.history)
    problems = [*verdict.problems, *followed.seen.problems]
    for said in broken.values():
        assert any(said in problem for problem in problems), problems[:10]
    if not broken:
        assert problems == []
        assert verdict.alerting.alerts > len(ARTICLES) < verdict.alerting.kept_back
        assert verdict.story_rules.matches > 0 == verdict.story_rules.excused
        assert verdict.trends.keys > 0 < verdict.trends.uncounted


def test_every_sabotage_is_tried():
    assert {name for broken in BROKEN for name in broken} == SABOTAGE.keys()
