"""Workers whose clock is wrong, from the start or from one moment to the next, on Apache Kafka."""

import asyncio
import json
import time

import pytest
from aiokafka import AIOKafkaProducer
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import InvalidTimestampError

from tests.false_clock import HOW_TO_GET, FalseClock, faketime_library
from tests.faults.account import end_offsets, header, produce_values, read_topic, settled
from tests.faults.inline_pool import OUTPUTS_PER_ARTICLE as OUTPUTS
from tests.faults.workers import REAL
from tests.kafka.delivery.administration import administration, create_topic, delete_topic
from worker.channels import OUTPUTS as OUTPUT_CHANNELS
from worker.channels import Channel, topic_name

needs_faketime = pytest.mark.skipif(faketime_library() is None, reason=HOW_TO_GET)
WRITTEN = (*OUTPUT_CHANNELS, Channel.DEAD)
DAY_MS = 24 * 3600 * 1000


def reason_of(worker, seconds=40):
    """Why the worker ended, which it does with 1."""
    assert worker.process.wait(seconds) == 1, worker.said()
    return worker.events("worker ends")[-1]["reason"]


@needs_faketime
@pytest.mark.parametrize("delivery", ["exactly-once", pytest.param("at-least-once", marks=pytest.mark.long)])
@pytest.mark.parametrize(
    ("offset", "said"),
    [
        ("-60d", "is 60.0 days (5,184,000 s) behind that of broker"),
        ("+2h", "is 2.0 hours (7,200 s) ahead of that of broker"),
        ("-3h", "is 3.0 hours (10,800 s) behind that of broker"),
    ],
)
async def test_a_worker_with_a_wrong_clock_names_it_and_writes_nothing(
    brokers, topics, start_worker, tmp_path, offset, said, delivery
):
    await produce_values(brokers, topic_name(Channel.RAW, topics), [b"an article"] * 10)
    clock = FalseClock(tmp_path / "clock", offset)
    worker = start_worker(topics, DELIVERY=delivery, variables=clock.variables)
    reason = reason_of(worker)
    assert said in reason
    assert "nothing was written with this clock" in reason
    assert "DATELINE_MAX_CLOCK_SKEW_SECONDS" in reason
    ends = await end_offsets(brokers, [topic_name(channel, topics) for channel in WRITTEN], committed=False)
    assert set(ends.values()) == {0}


# The fault run in short has a clock that jumps, too.
@pytest.mark.long
@needs_faketime
@pytest.mark.parametrize("offset", ["-60d", "-3h", "+2h"])
async def test_a_clock_that_jumps_ends_its_worker_and_the_others_lose_and_repeat_nothing(
    brokers, prefix, create_topics, start_worker, tmp_path, offset
):
    await create_topics(brokers, prefix, partitions=2)
    raw = topic_name(Channel.RAW, prefix)
    clock = FalseClock(tmp_path / "clock")
    options = {"TRIVIAL_SECONDS": 0.05, "TRANSACTION_TIMEOUT_SECONDS": 10, "DELIVER_SECONDS": 8}
    wrong = start_worker(prefix, variables=clock.variables, **options)
    right = start_worker(prefix, **options)
    right.wait_until_ready()
    wrong.wait_until_ready()
    began = time.time() * 1000
    for part in range(4):
        await produce_values(brokers, raw, [b"article"] * 250, first=250 * part)
        if part == 1:
            clock.set(offset)
    assert "the clock of this machine is" in reason_of(wrong)
    assert "nothing was written with this clock" in reason_of(wrong)
    outcome = await settled(brokers, prefix, OUTPUTS)
    assert outcome.problems(OUTPUTS) == []
    assert len(outcome.inputs) == 1000
    for channel in WRITTEN:
        for record in await read_topic(brokers, topic_name(channel, prefix), committed=False):
            assert began - 60_000 <= record.timestamp <= time.time() * 1000 + 60_000
    assert right.status()["clock"]["failure"] is None
    assert abs(right.status()["clock"]["ahead_seconds"]) < 5
    assert right.stop() == 0


@needs_faketime
async def test_check_feed_and_redrive_name_a_wrong_clock(brokers, topics, dateline, tmp_path):
    variables = FalseClock(tmp_path / "clock", "-60d").variables
    checked = dateline("check", code=1, **variables)
    assert "problem  clock" in checked.stdout
    assert "60.0 days (5,184,000 s) behind" in checked.stdout
    article = tmp_path / "one.txt"
    article.write_text("An article.")
    for words in (("feed", str(article)), ("dead-letters", "redrive")):
        assert "60.0 days (5,184,000 s) behind" in dateline(*words, code=1, **variables).stderr
    ends = await end_offsets(brokers, [topic_name(Channel.RAW, topics)], committed=False)
    assert set(ends.values()) == {0}


async def alter(brokers, topic, **config):
    async with administration(brokers) as admin:
        await admin.alter_configs([ConfigResource(ConfigResourceType.TOPIC, topic, configs=config)])


@pytest.mark.parametrize("broken", [pytest.param("missing", marks=pytest.mark.long), "of the other type"])
async def test_without_its_topic_the_worker_goes_on_and_says_what_to_make(
    brokers, prefix, topics, start_worker, dateline, broken
):
    topic = topic_name(Channel.CLOCK, prefix)
    async with administration(brokers) as admin:
        await delete_topic(admin, topic)
        if broken != "missing":
            await create_topic(admin, topic)
    said = (
        f"missing on the cluster: {topic}; `dateline topics create` makes what is missing"
        if broken == "missing"
        else f"{topic} has message.timestamp.type CreateTime and takes LogAppendTime"
    )
    await produce_values(brokers, topic_name(Channel.RAW, prefix), [b"an article"] * 10)
    worker = start_worker(prefix)
    status = worker.wait_until_ready()
    assert said in status["clock"]["failure"]
    assert (await settled(brokers, prefix, OUTPUTS)).problems(OUTPUTS) == []
    (warning,) = worker.events("clock can't be checked")
    assert said in warning["error"]
    assert worker.stop() == 0
    checked = dateline("check", DATELINE_PARTITIONS="1").stdout
    assert "warning  clock" in checked
    assert said in checked


async def _is_taken(producer, topic, value, **options):
    try:
        await producer.send_and_wait(topic, value, **options)
    except InvalidTimestampError:
        return False
    return True


@pytest.mark.timeout(240)
async def test_a_raw_record_of_any_time_is_its_own_fault_at_most(brokers, prefix, topics, start_worker):
    """Records from 1970 to 2100: the raw topic takes them all, as one without limits on times does."""
    raw = topic_name(Channel.RAW, prefix)
    now = int(time.time() * 1000)
    times = {b"1970": 0, b"behind": now - 8 * DAY_MS, b"now": now, b"2100": 4_102_444_800_000}
    await alter(
        brokers,
        raw,
        **{"retention.ms": "-1", "message.timestamp.after.max.ms": str(2**63 - 1)},
    )
    producer = AIOKafkaProducer(bootstrap_servers=brokers)
    await producer.start()
    for key, timestamp in times.items():
        article = json.dumps({"id": key.decode(), "text": "The mayor spoke."}).encode()
        async with asyncio.timeout(30):
            while not await _is_taken(  # noqa: ASYNC110
                producer, raw, article, key=key, timestamp_ms=timestamp
            ):
                await asyncio.sleep(0.2)  # the altered limit is not in force yet
    await producer.stop()
    worker = start_worker(prefix, command=REAL, PROCESSES=1, OUTPUTS="enriched,search")
    worker.wait_until_ready(120)
    channels = (Channel.ENRICHED, Channel.SEARCH)
    outcome = await settled(brokers, prefix, channels, within=90)
    assert worker.running, worker.said()
    refused = [] if outcome.found[Channel.SEARCH].total() == 4 else [b"2100"]
    letters = await read_topic(brokers, topic_name(Channel.DEAD, prefix))
    assert [letter.key for letter in letters] == refused
    assert [header(letter, "dead-letter-reason") for letter in letters] == ["publish-rejected"] * len(refused)
    assert outcome.problems(dict.fromkeys(channels, 1)) == []
    for record in await read_topic(brokers, topic_name(Channel.ENRICHED, prefix)):
        assert abs(record.timestamp - time.time() * 1000) < 300_000
    documents = await read_topic(brokers, topic_name(Channel.SEARCH, prefix))
    found = {record.key: record.timestamp for record in documents}
    assert found == {key: timestamp for key, timestamp in times.items() if key not in refused}
    assert worker.stop() == 0
