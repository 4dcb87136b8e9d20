"""Stories on Apache Kafka: workers are killed, and what is written is what the sketches alone give."""

import asyncio

import pytest
from aiokafka import TopicPartition

from tests.faults.account import end_offsets, origin, produce_values, read_topic
from tests.faults.alert_verdict import compare_alerts
from tests.faults.enricher import PER_ARTICLE
from tests.faults.rules import RuleFeeder
from tests.faults.stories.rule_verdict import compare_story_rules
from tests.faults.stories.rules import STORY_RULES
from tests.faults.stories.trend_verdict import compare_trends
from tests.faults.stories.verdict import compare_stories
from tests.faults.workers import ALL_OUTPUTS, POOLED
from tests.kafka.delivery.administration import administration
from worker.channels import ALERTING, STORY_ALERTING, STORYTELLING, TRENDING, Channel, topic_name

ARTICLES = 600
CHANNELS = (Channel.ENRICHED, *STORYTELLING, *STORY_ALERTING, *ALERTING, *TRENDING)
SETTINGS = {"PROCESSES": 1, "TRANSACTION_TIMEOUT_SECONDS": 10, "DELIVER_SECONDS": 8, "BATCH_SIZE": 16}


async def begun(brokers: str, prefix: str, articles: int) -> None:
    """Waits until about so many articles have their story, in the middle of others."""
    topic = topic_name(Channel.STORY_ARTICLES, prefix)
    async with asyncio.timeout(180):
        while len(await read_topic(brokers, topic)) < articles:  # noqa: ASYNC110
            await asyncio.sleep(0.3)


async def caught_up(brokers: str, prefix: str, channel: Channel) -> None:
    """Waits until the group has taken all that this channel's topic holds."""
    async with asyncio.timeout(180), administration(brokers) as admin:
        while True:
            ends = await end_offsets(brokers, [topic_name(channel, prefix)])
            found = await admin.list_consumer_group_offsets(f"{prefix}dateline", partitions=[*ends])
            written = await read_topic(brokers, topic_name(channel, prefix))
            last = {
                tp: max((one.offset for one in written if one.partition == tp.partition), default=-1)
                for tp in ends
            }
            if all(tp in found and found[tp].offset > offset for tp, offset in last.items() if offset >= 0):
                return
            await asyncio.sleep(0.3)


async def settled(brokers: str, prefix: str) -> None:
    """Waits until all articles have a sketch, and all sketches, with those that were repeated, a story."""
    sketches = TopicPartition(topic_name(Channel.SKETCHES, prefix), 0)
    async with asyncio.timeout(180), administration(brokers) as admin:
        while True:
            written = await read_topic(brokers, sketches.topic)
            if len({origin(one) for one in written}) == ARTICLES:
                found = await admin.list_consumer_group_offsets(f"{prefix}dateline", partitions=[sketches])
                if written[-1].offset < found[sketches].offset:
                    return
            await asyncio.sleep(0.3)


@pytest.mark.timeout(900)
@pytest.mark.parametrize("delivery", ["exactly-once", pytest.param("at-least-once", marks=pytest.mark.long)])
async def test_killed_workers_leave_each_article_one_sketch_and_one_story_and_no_other_than_is_due(
    brokers, prefix, create_topics, start_worker, delivery
):
    await create_topics(brokers, prefix, partitions=2)
    rules = RuleFeeder(brokers, prefix)
    await rules.put_all()
    raw = topic_name(Channel.RAW, prefix)
    options = {**SETTINGS, "DELIVERY": delivery, "command": POOLED, "OUTPUTS": ALL_OUTPUTS}
    worker = start_worker(prefix, **options)
    for part in range(3):
        await produce_values(brokers, raw, [b"an article"] * (ARTICLES // 3), first=part * (ARTICLES // 3))
        # In the middle of what has just come in.
        await begun(brokers, prefix, part * (ARTICLES // 3) + 40)
        worker.kill()
        worker = start_worker(prefix, **options)
    await settled(brokers, prefix)
    for channel in (Channel.STORIES, Channel.ENRICHED, Channel.MATCHES, Channel.TREND_NOTES):
        await caught_up(brokers, prefix, channel)
    sketches = topic_name(Channel.SKETCHES, prefix)
    assert worker.stop(60) == 0
    stable, whole = [await end_offsets(brokers, [sketches], committed=known) for known in (True, False)]
    assert stable == whole
    found = {channel: await read_topic(brokers, topic_name(channel, prefix)) for channel in CHANNELS}
    enriched = await read_topic(brokers, topic_name(Channel.ENRICHED, prefix))
    verdict = compare_stories(found, once=delivery == "exactly-once")
    assert verdict.problems == []
    assert verdict.assignments == ARTICLES
    # Whether stories merge, too, depends on the order in which the partitions' sketches come.
    assert verdict.retracted > 0
    counted = compare_trends(found, once=delivery == "exactly-once")
    assert counted.problems == []
    assert counted.notes >= ARTICLES
    assert counted.uncounted > 0 < counted.keys
    matched = compare_story_rules(found, once=delivery == "exactly-once")
    assert matched.problems == []
    by_rule = {(one.key or b"").decode() for one in found[Channel.ALERTS]}
    assert by_rule >= {rule.id for rule in STORY_RULES}
    alerts = compare_alerts(found, history=rules.history, once=delivery == "exactly-once")
    assert alerts.problems == []
    assert matched.matches < alerts.alerts + alerts.kept_back
    if delivery == "exactly-once":
        assert (verdict.sketches, len(enriched)) == (ARTICLES * PER_ARTICLE[Channel.SKETCHES], ARTICLES)
        assert (verdict.twice, counted.twice, counted.notes) == (0, 0, ARTICLES)
