"""`dateline trends` on Apache Kafka, on records as the worker writes them."""

import json
import time

import pytest
from aiokafka import AIOKafkaProducer

from tests.unit.commands.trends.test_trend_lines import ADA, BURST, CALLAO, count
from worker.channels import Channel, topic_name
from worker.trends.windows import TrendWindow, hour_of


@pytest.fixture
async def hour(brokers, prefix, create_topics):
    """The hour that goes on, with counts in it and before it, on a topic of three partitions."""
    await create_topics(brokers, prefix, partitions=3)
    hour = hour_of(time.time_ns() // 1_000_000)
    values = (
        count(articles=4, hour=hour - 1),
        count(articles=1, hour=hour),
        count(articles=9, independent=7, hour=hour, burst=BURST),
        count(articles=99, hour=hour - 30),
        count(articles=108, hour=hour, window=TrendWindow.DAY),
        count(CALLAO, hour=hour - 2),
    )
    async with AIOKafkaProducer(bootstrap_servers=brokers) as producer:
        for value in values:
            key = f"{value['window']}/{value['start']}/{value['subject']}".encode()
            await producer.send_and_wait(topic_name(Channel.TRENDS, prefix), json.dumps(value).encode(), key)
    return hour


def test_subjects_are_listed_and_one_is_drawn(dateline, hour, prefix):
    listed = dateline("trends")
    assert [line.split()[:4] for line in listed.stdout.splitlines()] == [
        ["kind", "articles", "copies", "bursts"],
        ["person", "13", "2", "1"],
        ["place", "1", *listed.stdout.splitlines()[2].split()[2:4]],
    ]
    assert f"2 subjects of {prefix}trends.v1" in listed.stderr
    (ada,) = [json.loads(line) for line in dateline("trends", "--bursts", "--json").stdout.splitlines()]
    assert (ada["name"], ada["articles"], [one["burst"] for one in ada["windows"]]) == (
        ADA[1],
        13,
        [None, BURST],
    )
    drawn = dateline("trends", "ada okafor").stdout.splitlines()
    assert (drawn[0], len(drawn)) == ("Ada Okafor (person, person:ada-okafor)", 25)
    assert drawn[-1].endswith("1 story, 2 copies, burst (0.4 expected)")
    day = json.loads(dateline("trends", "--by", "day", "--json").stdout)
    assert day["articles"] == 108
    whole = json.loads(dateline("trends", "Ada Okafor", "--since", "beginning", "--json").stdout)
    assert whole["articles"] == 112


def test_what_is_not_there_is_said(dateline, hour, prefix):
    assert "no subject is called 'nobody'" in dateline("trends", "nobody", code=1).stderr
    assert "--since end leaves nothing to show" in dateline("trends", "--since", "end", code=2).stderr
    assert "no topic elsewhere.trends.v1" in dateline("trends", "--prefix", "elsewhere.", code=1).stderr
