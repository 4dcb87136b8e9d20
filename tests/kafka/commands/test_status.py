"""`dateline status` against Apache Kafka: what it says of a group that works, and of one that does not."""

import asyncio
import json
import os
import platform
import signal
import subprocess
import sys
import time
from contextlib import suppress

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition

from tests.faults.account import produce_values, settled
from tests.faults.inline_pool import OUTPUTS_PER_ARTICLE as OUTPUTS
from tests.faults.workers import WITHOUT_ALERTS
from worker.channels import Channel, topic_name
from worker.delivery.kafka.progress import position_message
from worker.delivery.lanes.dead_letter import dead_letter
from worker.records.messages import FailedStep, RawMessage, Reason, Rejected

MINUTE_MS = 60_000


@pytest.fixture
def status(dateline):
    """`status(code=1)`: the object that `--json` prints."""

    def look(*, code=0, outputs=WITHOUT_ALERTS, **environ):
        return json.loads(dateline("status", "--json", code=code, DATELINE_OUTPUTS=outputs, **environ).stdout)

    return look


def kinds(seen):
    return [trouble["kind"] for trouble in seen["troubles"]]


def raw(prefix):
    return topic_name(Channel.RAW, prefix)


def ago_ms(minutes):
    return time.time_ns() // 1_000_000 - round(minutes * MINUTE_MS)


async def write(brokers, topic, number, *, minutes_ago, key=None, value=b"article"):
    producer = AIOKafkaProducer(bootstrap_servers=brokers)
    async with producer:
        for _ in range(number):
            await producer.send_and_wait(topic, value, key=key, partition=0, timestamp_ms=ago_ms(minutes_ago))


async def commit(brokers, prefix, offset):
    """The group's offset of the only raw partition."""
    consumer = AIOKafkaConsumer(
        bootstrap_servers=brokers, group_id=f"{prefix}dateline", enable_auto_commit=False
    )
    async with consumer:
        consumer.assign([TopicPartition(raw(prefix), 0)])
        await consumer.commit({TopicPartition(raw(prefix), 0): offset})


async def until_there_are(workers, status, *, code, seconds=40):
    """What is seen once the group has so many workers: one that was killed stays until its session ends."""
    async with asyncio.timeout(seconds):
        while True:
            with suppress(AssertionError):
                seen = await asyncio.to_thread(status, code=code)
                if len(seen["workers"]) == workers:
                    return seen
            await asyncio.sleep(0.5)


async def test_a_group_that_works_is_shown_and_needs_nobody(
    brokers, prefix, create_topics, start_worker, status, dateline
):
    await create_topics(brokers, prefix, partitions=4)
    worker = start_worker(prefix)
    worker.wait_until_ready()
    await produce_values(brokers, raw(prefix), [b"article %d" % n for n in range(200)])
    await settled(brokers, prefix, OUTPUTS)
    seen = status()
    (member,) = seen["workers"]
    assert (member["host"], member["process"]) == (platform.node(), worker.process.pid)
    assert member["client_id"] == f"{prefix}dateline-{platform.node()}-{worker.process.pid}"
    assert member["partitions"] == {raw(prefix): [0, 1, 2, 3]}
    assert member["version"]
    (stage,) = seen["stages"]
    assert (stage["stage"], stage["topic"], stage["lag"], stage["lag_is_exact"]) == (
        *("enrich", raw(prefix), 0, True),
    )
    assert stage["per_second"] > 0
    assert stage["delivered_seconds_ago"] < 60
    assert sum(one["offset"] for one in stage["partitions"]) == 200
    assert {one["worker"] for one in stage["partitions"]} == {f"{platform.node()}/{worker.process.pid}"}
    assert seen["troubles"] == []
    said = dateline("status", DATELINE_OUTPUTS=WITHOUT_ALERTS).stdout
    assert said.endswith("nothing needs a person\n")
    # Which stages there are is what the workers tell, not what this shell would start.
    assert [one["stage"] for one in status(outputs="enriched,alerts")["stages"]] == ["enrich"]
    assert worker.stop() == 0


async def test_lag_is_true_when_the_worker_is_dead_and_markers_are_none(
    brokers, prefix, topics, start_worker, status, dateline
):
    worker = start_worker(prefix)
    worker.wait_until_ready()
    await produce_values(brokers, raw(prefix), [b"article %d" % n for n in range(20)])
    await settled(brokers, prefix, OUTPUTS)
    worker.kill()
    producer = AIOKafkaProducer(bootstrap_servers=brokers, transactional_id=f"{prefix}publisher")
    async with producer:
        for commits in (True, True, False, True):
            await producer.begin_transaction()
            await producer.send_and_wait(raw(prefix), b"late", partition=0)
            await (producer.commit_transaction() if commits else producer.abort_transaction())
    seen = await until_there_are(0, status, code=1)
    assert (seen["state"], seen["workers"], kinds(seen)) == ("Empty", [], ["no-worker"])
    ((one,),) = [stage["partitions"] for stage in seen["stages"]]
    assert (one["worker"], one["offset"], one["end"], one["lag"], one["lag_is_exact"]) == (
        *(None, 20, 28, 3, True),
    )
    assert 0 <= one["oldest_seconds"] < 120
    said = dateline("status", code=1, DATELINE_OUTPUTS=WITHOUT_ALERTS).stdout
    assert said.endswith(f"no-worker       stage enrich: no worker reads {raw(prefix)}\n")
    # The enriched topic has a marker behind each transaction, and nobody has read it yet.
    stages = {each["stage"]: each for each in status(code=1, outputs="enriched,alerts")["stages"]}
    assert stages["match"]["lag"] == 20
    (enriched,) = stages["match"]["partitions"]
    assert enriched["end"] > 20
    assert (stages["alert"]["lag"], stages["alert"]["oldest_seconds"]) == (0, None)


async def test_settings_that_differ_need_a_person(brokers, prefix, create_topics, start_worker, status):
    await create_topics(brokers, prefix, partitions=4)
    first = start_worker(prefix)
    first.wait_until_ready()
    second = start_worker(prefix, MAX_TEXT_CHARS=1000)
    second.wait_until_ready()
    seen = status(code=1)
    assert kinds(seen) == ["settings-differ"]
    assert seen["troubles"][0]["text"] == (
        f"DATELINE_MAX_TEXT_CHARS of {platform.node()}/{second.process.pid} is '1000', '200000' in the group"
    )
    partitions = [one["partitions"].get(raw(prefix), []) for one in seen["workers"]]
    assert sorted(map(len, partitions)) == [2, 2]
    assert first.stop() == 0
    await until_there_are(1, status, code=0)
    assert second.stop() == 0


async def test_one_look_tells_lag_that_has_grown_for_five_minutes(brokers, prefix, topics, status):
    progress = position_message(f"{prefix}dateline", TopicPartition(raw(prefix), 0), 50, "")
    await write(brokers, raw(prefix), 50, minutes_ago=20)
    await write(brokers, raw(prefix), 3, minutes_ago=7)
    await write(
        brokers,
        topic_name(Channel.PROGRESS, prefix),
        1,
        minutes_ago=10,
        key=progress.key,
        value=progress.value,
    )
    await commit(brokers, prefix, 50)
    assert kinds(status(code=1)) == ["no-worker"]
    await write(brokers, raw(prefix), 40, minutes_ago=2)
    seen = status(code=1)
    assert kinds(seen) == ["no-worker", "lag-grows"]
    (stage,) = seen["stages"]
    assert stage["waiting_offsets"] == {"five_minutes_ago": 3, "now": 43}
    assert (stage["lag"], stage["per_second"], stage["delivered_seconds_ago"]) == (43, 0, None)
    assert 400 < stage["oldest_seconds"] < 1000


async def test_a_partition_whose_worker_delivers_nothing_is_held_up(brokers, prefix, topics, status):
    await write(brokers, raw(prefix), 3, minutes_ago=7)
    member = AIOKafkaConsumer(
        raw(prefix),
        bootstrap_servers=brokers,
        client_id="standing-still",
        group_id=f"{prefix}dateline",
        enable_auto_commit=False,
        auto_offset_reset="earliest",
    )
    async with member:
        await asyncio.wait_for(member.getone(), 30)
        seen = await asyncio.to_thread(status, code=1)
    assert kinds(seen) == ["held-up"]
    assert "standing-still at 127.0.0.1 has delivered nothing" in seen["troubles"][0]["text"]
    assert seen["workers"][0] | {"address": ""} == {
        "host": None,
        "process": None,
        "client_id": "standing-still",
        "address": "",
        "version": None,
        "pipeline": None,
        "partitions": {raw(prefix): [0]},
    }


async def test_letters_of_the_last_hour_are_counted_by_reason(brokers, prefix, topics, status):
    await commit(brokers, prefix, 0)
    producer = AIOKafkaProducer(bootstrap_servers=brokers)
    async with producer:
        for reason, minutes in (
            (Reason.INVALID, 70),
            (Reason.INVALID, 50),
            (Reason.INVALID, 1),
            (Reason.ENRICHMENT_FAILED, 50),
            (Reason.ENRICHMENT_KILLED, 70),
        ):
            letter = dead_letter(
                RawMessage(raw(prefix), 0, 1, 1, b"k", b"{}"), Rejected(reason, "why", FailedStep.ENRICH)
            )
            await producer.send_and_wait(
                topic_name(Channel.DEAD, prefix),
                letter.value,
                key=letter.key,
                headers=list(letter.headers),
                timestamp_ms=ago_ms(minutes),
            )
    seen = status(code=1)
    assert kinds(seen) == ["no-worker", "dead-letters"]
    assert (
        seen["dead_letters"]["reasons"],
        seen["dead_letters"]["total"],
        seen["dead_letters"]["whole"],
    ) == (*({"enrichment-failed": 1, "invalid": 2}, 3, True),)


def test_what_can_not_be_looked_at_is_one_line(dateline, prefix):
    assert f"no topic {raw(prefix)}" in dateline("status", code=1).stderr
    dateline("topics", "create")
    done = dateline("status", code=1)
    assert done.stdout == ""
    assert done.stderr.startswith(
        f"dateline: no worker has joined the group {prefix}dateline (DATELINE_GROUP)"
    )
    done = dateline("status", "--brokers", "127.0.0.1:1", code=1)
    assert done.stderr.startswith("dateline: no answer from the Kafka brokers at 127.0.0.1:1")


async def test_a_watch_looks_again_until_it_is_interrupted(brokers, prefix, topics):
    await commit(brokers, prefix, 0)
    environ = {name: value for name, value in os.environ.items() if not name.startswith("DATELINE_")}
    words = ["status", "--watch", "1", "--json", "--brokers", brokers, "--prefix", prefix]
    watch = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "worker", *words), env=environ, stdout=subprocess.PIPE
    )
    async with asyncio.timeout(60):
        first, second = [json.loads(await watch.stdout.readline()) for _ in range(2)]
        watch.send_signal(signal.SIGINT)
        await watch.stdout.read()
        assert await watch.wait() == 130
    assert first["group"] == second["group"] == f"{prefix}dateline"
    assert first["time"] < second["time"]
