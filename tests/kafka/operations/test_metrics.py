"""`/metrics` counts every record that was delivered; the pages change as the cluster goes and comes."""

import asyncio
import time
import urllib.error
import urllib.request

import pytest
from aiokafka import AIOKafkaProducer
from prometheus_client.parser import text_string_to_metric_families

from tests.faults.account import produce_values
from tests.faults.enricher import PER_ARTICLE
from tests.faults.feeder import bad_article
from tests.faults.workers import POOLED, WITHOUT_ALERTS
from worker.channels import Channel, topic_name

GOOD = 25
BAD = {"reject": 3, "raise": 2, "crash": 1}


def get(worker, path):
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{worker.port}{path}", timeout=5) as page:
            return page.status, page.read().decode()
    except urllib.error.HTTPError as page:
        return page.code, page.read().decode()


def metric(worker):
    """`of("dead_letters_total", reason="invalid")`: its value, the sum of all with these labels, or None."""
    _, text = get(worker, "/metrics")
    samples = [sample for family in text_string_to_metric_families(text) for sample in family.samples]

    def of(name, **labels):
        found = [
            one.value
            for one in samples
            if one.name == f"dateline_{name}" and labels.items() <= one.labels.items()
        ]
        return sum(found) if found else None

    return of


async def until(is_so, seconds=90):
    deadline = time.monotonic() + seconds
    while not await asyncio.to_thread(is_so):
        assert time.monotonic() < deadline
        await asyncio.sleep(0.2)


async def in_a_transaction(brokers, topic, values):
    producer = AIOKafkaProducer(bootstrap_servers=brokers, transactional_id=f"{topic}-upstream")
    await producer.start()
    try:
        async with producer.transaction():
            for value in values:
                await producer.send_and_wait(topic, value)
    finally:
        await producer.stop()


@pytest.mark.parametrize("delivery", ["exactly-once", "at-least-once"])
async def test_every_article_is_counted_once_as_what_became_of_it(brokers, topics, start_worker, delivery):
    options = {"PROCESSES": 1, "ARTICLE_ATTEMPTS": 1, "DELIVERY": delivery, "OUTPUTS": WITHOUT_ALERTS}
    worker = start_worker(topics, command=POOLED, **options)
    await asyncio.to_thread(worker.wait_until_ready)
    raw = topic_name(Channel.RAW, topics)
    await produce_values(
        brokers, raw, [bad_article(verb) for verb, count in BAD.items() for _ in range(count)]
    )
    await in_a_transaction(brokers, raw, [b"article %d" % n for n in range(GOOD)])

    records = GOOD + sum(BAD.values())
    await until(lambda: metric(worker)("records_delivered_total") == records)
    # Behind the last record there is the transaction's marker, which nobody delivers.
    await until(lambda: metric(worker)("last_stable_offset") == records + 1)
    await until(lambda: metric(worker)("lag_records", topic=raw, partition="0") == 0)

    of = metric(worker)
    letters = {"invalid": BAD["reject"], "enrichment-failed": BAD["raise"], "enrichment-killed": BAD["crash"]}
    assert {reason: of("dead_letters_total", reason=reason) for reason in letters} == letters
    assert of("dead_letters_total") == sum(BAD.values())
    assert of("records_read_total") == of("delivered_offset") == records
    assert of("records_enriched_total") == GOOD
    for channel, count in PER_ARTICLE.items():
        assert of("records_written_total", channel=channel.value) == GOOD * count
    assert of("records_written_total", channel=Channel.DEAD.value) == sum(BAD.values())
    assert of("batch_records_sum") == of("records_read_total")
    for step in ("inbox", "memory", "enrich", "turn"):
        assert of("batch_step_seconds_count", step=step) == of("batch_records_count"), step
    for step in ("send", "commit"):
        # Where the lane begins is committed too.
        assert of("batch_step_seconds_count", step=step) == of("batch_records_count") + 1, step
    outcomes = {"done": GOOD + BAD["reject"], "failed": BAD["raise"], "killed": BAD["crash"]}
    assert {name: of("pool_articles_total", outcome=name) for name in outcomes} == outcomes
    assert of("pool_deaths_total", cause="crash") == of("pool_killed_articles_total") == BAD["crash"]
    assert of("lane_failures_total") == of("lane_start_overs_total") == of("records_gone_total") == 0
    assert of("in_flight_bytes") == of("in_flight_records") == of("inbox_records") == 0
    assert of("pool_largest_resident_memory_bytes") > 1 << 20
    assert of("build_info", delivery=delivery) == of("ready") == of("healthy") == of("lanes") == 1


# tests/kafka/delivery/test_watchdog.py has one that is cut off for longer.
@pytest.mark.long
async def test_a_worker_whose_broker_is_away_is_alive_and_not_ready_until_it_is_back(
    make_cluster, prefix, create_topics, start_worker
):
    cluster = await asyncio.to_thread(make_cluster)
    await create_topics(cluster.brokers, prefix)
    worker = start_worker(prefix, at=cluster.brokers)
    await asyncio.to_thread(worker.wait_until_ready)
    assert metric(worker)("reachable") == 1

    await asyncio.to_thread(cluster.kill, 1)
    await until(lambda: get(worker, "/readyz")[0] == 503)
    of = metric(worker)
    assert (of("ready"), of("reachable"), of("healthy")) == (0, 0, 1)
    assert get(worker, "/livez") == (200, "alive\n")

    await asyncio.to_thread(cluster.start_broker, 1)
    await until(lambda: get(worker, "/readyz")[0] == 200)
    assert metric(worker)("reachable") == 1
