"""A new output whose topics are missing is off, ends no worker and splits no group."""

import asyncio
import sys
import urllib.request

from tests.faults.account import produce_values, read_topic, settled
from worker.channels import ALERTING, Channel, topic_name

NEW_OUTPUTS = (sys.executable, "-m", "faust", "-A", "tests.kafka.delivery.new_outputs_worker", "worker")
MISSING = {Channel.ENTITIES, Channel.RULES, *ALERTING}
DEFAULTS = {"command": NEW_OUTPUTS, "OUTPUTS": None, "PROCESSES": 64}
ARTICLES, MENTIONS = 10, 5


def metrics(worker):
    with urllib.request.urlopen(f"http://127.0.0.1:{worker.port}/metrics", timeout=5) as page:
        return page.read().decode().splitlines()


async def test_a_new_output_is_off_until_a_worker_starts_with_its_topics(
    brokers, prefix, create_topics, start_worker, dateline
):
    await create_topics(brokers, prefix, partitions=2, channels=set(Channel) - MISSING)
    one = start_worker(prefix, **DEFAULTS)
    off = one.wait_until_ready()["outputs_off"]
    entities = topic_name(Channel.ENTITIES, prefix)
    assert off["entities"] == (
        f"missing on the cluster: {entities}; `dateline topics create` makes what is missing; "
        "a restart then turns entities on, as it is by default since 9.9.0"
    )
    assert all(topic_name(channel, prefix) in off["alerts"] for channel in MISSING - {Channel.ENTITIES})
    assert {line["output"]: line["why"] for line in one.events("a new output is off")} == off
    assert "dateline_outputs_off 2.0" in metrics(one)

    raw = topic_name(Channel.RAW, prefix)
    await produce_values(brokers, raw, [b"article"] * ARTICLES)
    dateline("topics", "create")
    due = {Channel.ENRICHED: 1, Channel.SEARCH: 1}
    assert (await settled(brokers, prefix, due)).problems(due) == []

    # They share the group, as workers of two versions do, and say in what they differ.
    two = start_worker(prefix, **DEFAULTS)
    status = two.wait_until_ready()
    assert status["outputs_off"] == {}
    assert status["settings"]["differ"] == {"outputs_off": {"here": "", "group": "entities,alerts"}}
    async with asyncio.timeout(20):
        while f"{topic_name(Channel.MATCHES, prefix)}/1" not in two.status()["lanes"]:  # noqa: ASYNC110
            await asyncio.sleep(0.2)
    assert one.status()["outputs_off"] == off
    assert one.stop() == 0

    await produce_values(brokers, raw, [b"article"] * ARTICLES, first=ARTICLES)
    async with asyncio.timeout(20):
        while len(await read_topic(brokers, entities)) < ARTICLES * MENTIONS:  # noqa: ASYNC110
            await asyncio.sleep(0.2)
    assert two.stop() == 0


async def test_an_output_that_is_named_is_required_as_ever(brokers, prefix, create_topics, start_worker):
    await create_topics(brokers, prefix, channels=set(Channel) - MISSING)
    worker = start_worker(prefix, command=NEW_OUTPUTS, OUTPUTS="enriched,entities")
    assert worker.process.wait(30) == 1
    (end,) = worker.events("worker ends")
    assert end["reason"].startswith(f"missing on the cluster: {topic_name(Channel.ENTITIES, prefix)}; ")
