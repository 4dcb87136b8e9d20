"""Standing queries on Apache Kafka: workers come and go, rules change, and each alert is written once."""

import asyncio
import signal
import time

import orjson
import pytest
from aiokafka import AIOKafkaProducer

from tests.faults.account import header, read_topic
from tests.kafka.alerts.alert_stream import Stream, pairs, per_rule, rule, until
from tests.kafka.delivery.administration import add_partitions, administration, create_topic, delete_topic
from worker.channels import SPECS, Channel
from worker.records.rules import Cooldown

SESSION_SECONDS = 6
ALERTS_ON = {"OUTPUTS": "enriched,alerts"}
HOUR_MS = 3_600_000


@pytest.fixture
async def stream(brokers, prefix, create_topics):
    await create_topics(brokers, prefix, partitions=3)
    return Stream(brokers, prefix)


# The fault run in short does the same to workers and brokers.
@pytest.mark.long
async def test_workers_killed_frozen_and_stopped_miss_no_alert_and_write_none_twice(stream, start_worker):
    """Two matches an article, one of them under a cooldown that its times never fall into."""
    await stream.put(rule("all", "ferry"), rule("late", "late", cooldown=per_rule(60)))
    times = [number * 60_000 for number in range(2400)]
    options = {**ALERTS_ON, "TRANSACTION_TIMEOUT_SECONDS": 10, "DELIVER_SECONDS": 8}
    killed, frozen = start_worker(stream.prefix, **options), start_worker(stream.prefix, **options)
    killed.wait_until_ready()
    frozen.wait_until_ready()
    await stream.publish(800, times_ms=times)
    killed.kill()
    third = start_worker(stream.prefix, **options)
    third.wait_until_ready()
    await stream.publish(800, times_ms=times[800:])
    frozen.send(signal.SIGSTOP)
    await asyncio.sleep(SESSION_SECONDS + 2)
    frozen.send(signal.SIGCONT)
    await stream.publish(800, times_ms=times[1600:])
    await asyncio.sleep(0.5)
    assert third.stop() == 0

    assert await stream.fired(expected=4800, seconds=60) == pairs(["all", "late"], range(2400))
    alerts = await stream.alerts()
    assert len({alert["id"] for alert in alerts}) == len(alerts)
    assert frozen.running, frozen.said()


async def test_a_rule_that_is_put_changed_or_deleted_takes_effect_within_a_second(stream, start_worker):
    await stream.put(rule("kept", "ferry"), rule("changed", "ferry"), rule("deleted", "ferry"))
    worker = start_worker(stream.prefix, **ALERTS_ON)
    worker.wait_until_ready()
    await stream.publish(5)
    assert await stream.fired(expected=15) == pairs(["kept", "changed", "deleted"], range(5))
    await stream.put(rule("changed", "nothing"), rule("new", "ferry"))
    await stream.put_values({"deleted": None})
    await asyncio.sleep(1)
    await stream.publish(5)
    fired = await stream.fired(expected=25)
    assert fired == sorted(
        pairs(["kept", "changed", "deleted"], range(5)) + pairs(["kept", "new"], range(5, 10))
    )


async def test_a_rule_finds_a_word_in_any_form(stream, start_worker):
    await stream.put(rule("forms", "stem:ferries"), rule("word", "ferries"))
    worker = start_worker(stream.prefix, **ALERTS_ON)
    worker.wait_until_ready()
    await stream.publish(3)
    assert await stream.fired(expected=3) == pairs(["forms"], range(3))
    (alert, *_) = await stream.alerts()
    assert [(why["condition"], why["found"]) for why in alert["why"]] == [("stem:ferries", "ferry")]


async def test_every_worker_has_all_rules_before_its_first_article(stream, start_worker):
    rules = [rule(f"r{number}", f'"word{number} nowhere" OR ferry') for number in range(300)]
    await stream.put(*rules)
    await stream.publish(3)
    worker = start_worker(stream.prefix, **ALERTS_ON)
    worker.wait_until_ready()
    assert await stream.fired(expected=900) == pairs([one.id for one in rules], range(3))
    assert worker.status()["rules"] == {"in_force": 300, "refused": 0}


async def test_a_broken_rule_leaves_the_version_before_in_force_and_is_named(stream, start_worker):
    await stream.put(rule("mended", "ferry"))
    await stream.put_values({"mended": b'{"id": "mended", "when": {"any": []}}', "never": b"\xff"})
    worker = start_worker(stream.prefix, **ALERTS_ON)
    worker.wait_until_ready()
    await stream.put_values({"mended": b"[]"})
    await stream.publish(1)
    assert await stream.fired(expected=1) == pairs(["mended"], [0])
    assert worker.status()["rules"] == {"in_force": 1, "refused": 2}
    said = worker.events("rule refused")
    assert [one["rule"] for one in said].count("mended") == 2
    assert any("when.any" in one["error"] for one in said)
    assert {one["rule"]: bool(one["in_force"]) for one in said} == {"mended": True, "never": False}
    await stream.put(rule("mended", "late"))
    await asyncio.sleep(1)
    assert worker.status()["rules"] == {"in_force": 1, "refused": 1}


async def test_cooldowns_survive_restarts_and_rebalances(stream, start_worker):
    await stream.put(
        rule("hourly", "ferry", cooldown=per_rule(3600)),
        rule("each", "type:MISC OR ferry", cooldown=Cooldown(seconds=3600, per="entity")),
    )
    began = int(time.time() * 1000) - 3 * HOUR_MS
    times = [began + minutes * 60_000 for minutes in (0, 1, 59, 60, 61, 121)]
    killed = start_worker(stream.prefix, **ALERTS_ON)
    killed.wait_until_ready()
    await stream.publish(1, times_ms=times)
    assert await stream.fired(expected=2) == pairs(["hourly", "each"], [0])
    killed.kill()
    second = start_worker(stream.prefix, **ALERTS_ON)
    second.wait_until_ready()
    await stream.publish(2, times_ms=times[1:])
    third = start_worker(stream.prefix, **ALERTS_ON)
    third.wait_until_ready()
    await stream.publish(1, times_ms=times[3:])
    assert await stream.fired(expected=4) == pairs(["hourly", "each"], [0, 3])
    await stream.publish(1, times_ms=times[4:])
    assert second.stop() == 0
    await stream.publish(1, times_ms=times[5:])
    assert await stream.fired(expected=6) == pairs(["hourly", "each"], [0, 3, 5])
    states = [
        orjson.loads(one.value) for one in await read_topic(stream.brokers, stream.topic(Channel.STATE))
    ]
    assert {state["rule"] for state in states} == {"hourly", "each"}


async def test_what_is_no_enriched_article_becomes_a_letter_and_tombstones_become_nothing(
    stream, start_worker
):
    await stream.put(rule("all", "ferry"))
    worker = start_worker(stream.prefix, **ALERTS_ON)
    worker.wait_until_ready()
    await stream.publish(1)
    async with asyncio.timeout(30):
        async with AIOKafkaProducer(bootstrap_servers=stream.brokers) as producer:
            for value in (b'{"id": "a", "text": 1}', None, b"no JSON"):
                await producer.send_and_wait(stream.topic(Channel.ENRICHED), value, key=b"a0")
            await producer.send_and_wait(stream.topic(Channel.MATCHES), b"{}", key=b"all")
    await stream.publish(1)
    assert await stream.fired(expected=2) == pairs(["all"], [0, 1])
    letters = await read_topic(stream.brokers, stream.topic(Channel.DEAD))
    assert sorted((header(one, "dead-letter-topic"), one.value) for one in letters) == sorted(
        [
            (stream.topic(Channel.ENRICHED), b'{"id": "a", "text": 1}'),
            (stream.topic(Channel.ENRICHED), b"no JSON"),
            (stream.topic(Channel.MATCHES), b"{}"),
        ]
    )
    assert {header(one, "dead-letter-reason") for one in letters} == {"undecodable"}
    assert {header(one, "dead-letter-stage") for one in letters} == {"alert"}


async def test_rules_whose_topic_was_made_anew_are_those_of_the_new_one(stream, start_worker):
    await stream.put(rule("old", "ferry"))
    worker = start_worker(stream.prefix, **ALERTS_ON)
    worker.wait_until_ready()
    await stream.publish(1)
    assert await stream.fired(expected=1) == pairs(["old"], [0])
    rules = stream.topic(Channel.RULES)
    async with administration(stream.brokers) as admin:
        await delete_topic(admin, rules)
        await asyncio.sleep(2)
        await create_topic(admin, rules, config=SPECS[Channel.RULES].config)
    await stream.put(rule("new", "ferry"))
    await until(lambda: len(worker.events("rules read")) == 2)
    await stream.publish(1)
    assert await stream.fired(expected=2) == sorted([("old", "a0"), ("new", "a1")])


async def test_topics_that_are_not_partitioned_alike_end_the_worker_which_says_so(
    brokers, prefix, create_topics, start_worker
):
    await create_topics(brokers, prefix, partitions=2)
    state = Stream(brokers, prefix).topic(Channel.STATE)
    async with administration(brokers) as admin:
        await delete_topic(admin, state)
        await create_topic(admin, state)
    worker = start_worker(prefix, **ALERTS_ON)
    assert worker.process.wait(40) == 1
    (end,) = worker.events("worker ends")
    assert f"{state} has 1 partitions and takes at least 2" in end["reason"]


async def test_rules_in_several_partitions_end_the_worker_which_says_so(
    brokers, prefix, create_topics, start_worker
):
    await create_topics(brokers, prefix)
    rules = Stream(brokers, prefix).topic(Channel.RULES)
    async with administration(brokers) as admin:
        await add_partitions(admin, rules, 2)
    worker = start_worker(prefix, **ALERTS_ON)
    assert worker.process.wait(40) == 1
    (end,) = worker.events("worker ends")
    assert f"{rules} has 2 partitions and takes 1" in end["reason"]


async def test_what_was_mended_is_not_told_again_by_a_worker_that_starts(stream, start_worker):
    await stream.put_values({"mended": b"{}", "deleted": b"[]"})
    await stream.put(rule("mended", "ferry"))
    await stream.put_values({"deleted": None})
    worker = start_worker(stream.prefix, **ALERTS_ON)
    worker.wait_until_ready()
    assert worker.events("rule refused") == []
    assert worker.status()["rules"] == {"in_force": 1, "refused": 0}


async def test_at_least_once_misses_no_alert(stream, start_worker):
    await stream.put(rule("all", "ferry"), rule("hourly", "late", cooldown=per_rule(3600)))
    options = {**ALERTS_ON, "DELIVERY": "at-least-once"}
    killed, other = start_worker(stream.prefix, **options), start_worker(stream.prefix, **options)
    killed.wait_until_ready()
    other.wait_until_ready()
    await stream.publish(500)
    killed.kill()
    await stream.publish(100)
    fired = await stream.fired(expected=601, seconds=60)
    assert sorted(set(fired) - {one for one in fired if one[0] == "hourly"}) == pairs(["all"], range(600))
    assert len({one for one in fired if one[0] == "hourly"}) == 1
    assert other.stop() == 0
