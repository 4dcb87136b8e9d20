"""Trends on Apache Kafka: what the topic says in the end is what the articles say, after restarts too."""

import asyncio
from contextlib import asynccontextmanager

import orjson
import pytest
from aiokafka import AIOKafkaProducer

from tests.faults.account import header, read_topic
from tests.faults.stories.trend_verdict import compare_trends
from tests.faults.workers import POOLED
from tests.unit.trends.plain_counts import ADA, CALLAO, DAY_MS, HOUR_MS, LABOUR, PlainTrends
from worker.channels import TRENDING, Channel, topic_name
from worker.records.cloudevents import rfc3339
from worker.trends.messages import NOTE_OFFSET
from worker.trends.note import Note, note_bytes

SETTINGS = {
    "PROCESSES": 1,
    "TRANSACTION_TIMEOUT_SECONDS": 10,
    "DELIVER_SECONDS": 8,
    "OUTPUTS": "enriched,stories,trends",
    "command": POOLED,
}


@pytest.mark.timeout(300)
@pytest.mark.parametrize("delivery", ["exactly-once", "at-least-once"])
async def test_late_and_corrected_articles_count_where_they_belong_and_retracted_ones_nowhere(
    brokers, prefix, create_topics, start_worker, delivery
):
    await create_topics(brokers, prefix, partitions=2)
    now_ms = await the_time(brokers, prefix)
    noon_ms = now_ms - now_ms % DAY_MS - DAY_MS // 2  # of yesterday
    plain = PlainTrends()

    async def say(**notes):
        async with producing(brokers) as producer:
            for article, one in notes.items():
                value = None if one is None else note_bytes(one)
                await producer.send_and_wait(topic_name(Channel.TREND_NOTES, prefix), value, article.encode())
                plain.articles.pop(article, None)
                if one is not None and one.time_ms > now_ms - 7 * DAY_MS:
                    plain.articles[article] = one

    def noted(*subjects, at_ms=noon_ms, story="s1", is_copy=False):
        return Note(at_ms, story, is_copy, subjects)

    worker = start_worker(prefix, DELIVERY=delivery, **SETTINGS)
    await say(
        first=noted(ADA, CALLAO, LABOUR),
        copy=noted(ADA, CALLAO, is_copy=True),
        other=noted(ADA, story="s2"),
        moves=noted(ADA),
        goes=noted(ADA, LABOUR, story="s3"),
        **{f"crowd-{number}": noted(LABOUR, story=f"c{number}") for number in range(30)},
    )
    await counted(brokers, prefix, 35)
    worker.kill()
    worker = start_worker(prefix, DELIVERY=delivery, **SETTINGS)
    await say(
        late=noted(ADA, at_ms=noon_ms - 5 * DAY_MS),
        lost=noted(ADA, at_ms=noon_ms - 3000 * DAY_MS),
        moves=noted(CALLAO, at_ms=noon_ms + HOUR_MS),
        goes=None,
        first=noted(ADA, CALLAO, LABOUR),
    )
    await counted(brokers, prefix, 40)
    assert worker.stop(60) == 0
    found = {channel: await read_topic(brokers, topic_name(channel, prefix)) for channel in TRENDING}
    verdict = compare_trends(found, once=delivery == "exactly-once")
    assert (verdict.problems, verdict.uncounted) == ([], 1)
    # Each key's last record is what a plain count of the articles gives.
    latest = {record.key.decode(): orjson.loads(record.value) for record in found[Channel.TRENDS]}
    for key, record in latest.items():
        wanted = plain.record(key)
        assert {name: record[name] for name in wanted} == wanted
    day = f"day/{iso_day(noon_ms)}/person/person:ada-okafor"
    assert [latest[day][name] for name in ("articles", "independent", "stories")] == [3, 2, 2]
    assert latest[f"day/{iso_day(noon_ms - 5 * DAY_MS)}/person/person:ada-okafor"]["articles"] == 1
    # A batch wrote the latest count of a subject, and not each.
    labour = f"day/{iso_day(noon_ms)}/topic/medtop:09000000".encode()
    assert sum(record.key == labour for record in found[Channel.TRENDS]) < 32


def iso_day(time_ms):
    return rfc3339(time_ms)[:10]


@asynccontextmanager
async def producing(brokers):
    producer = AIOKafkaProducer(bootstrap_servers=brokers)
    await producer.start()
    try:
        yield producer
    finally:
        await producer.stop()


async def the_time(brokers, prefix):
    """That of the brokers, in milliseconds."""
    async with producing(brokers) as producer:
        sent = await producer.send_and_wait(topic_name(Channel.CLOCK, prefix), b"x")
    return sent.timestamp


async def counted(brokers, prefix, notes):
    """Waits until what is remembered follows from so many notes."""
    async with asyncio.timeout(120):
        while True:
            state = await read_topic(brokers, topic_name(Channel.TREND_STATE, prefix))
            if any(int(header(one, NOTE_OFFSET) or -1) >= notes - 1 for one in state):
                return
            await asyncio.sleep(0.3)
