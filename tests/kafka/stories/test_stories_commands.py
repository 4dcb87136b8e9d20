"""`dateline stories list`, `show` and `follow` on Apache Kafka, on records as the worker writes them."""

import json

import pytest
from aiokafka import AIOKafkaProducer

from tests.unit.commands.stories.story_records import assignment, card, sent
from worker.channels import Channel, topic_name

FERRY = "2026-01-13T10:05:00.000Z"
CARDS = [
    card("ferry"),
    card("strike"),
    card("ferry", articles=3, version=3, merged_from=["quay"], headline="Ferry aground off Callao"),
    card("quay", status="merged", into="ferry", version=2),
]
ASSIGNMENTS = [
    assignment("ferry-1", "ferry"),
    assignment(
        "daily-7", "ferry", relation="reprint", of="ferry-1", share=1.0, record_source="daily.example"
    ),
    assignment("quay-1", "quay", share=0.0),
    assignment("strike-1", "strike"),
]


@pytest.fixture
async def stories(brokers, prefix, create_topics):
    """Three stories, of which one became a part of another, on topics of three partitions."""
    await create_topics(brokers, prefix, partitions=3)
    async with AIOKafkaProducer(bootstrap_servers=brokers) as producer:
        for channel, values in ((Channel.STORIES, CARDS), (Channel.STORY_ARTICLES, ASSIGNMENTS)):
            for value in values:
                await producer.send_and_wait(topic_name(channel, prefix), **sent(value, FERRY))
        gone = topic_name(Channel.STORY_ARTICLES, prefix)
        await producer.send_and_wait(gone, **sent(assignment("gone", "ferry"), FERRY))
        await producer.send_and_wait(gone, key=b"gone", value=None)


def test_stories_are_listed_shown_and_followed(dateline, stories, prefix):
    listed = dateline("stories", "list")
    lines = listed.stdout.splitlines()
    assert [line.split()[0] for line in lines] == ["story", "ferry", "strike"]
    assert "+3" in lines[1]
    assert f"2 stories of {prefix}stories.v1" in listed.stderr
    every = [
        json.loads(line)
        for line in dateline("stories", "list", "--status", "all", "--json").stdout.splitlines()
    ]
    assert {one["id"]: (one["status"], one["growth"]) for one in every} == {
        "ferry": ("open", 3),
        "strike": ("open", 1),
        "quay": ("merged", 0),
    }
    assert "1 more are not shown" in dateline("stories", "list", "--limit", "1").stderr

    by_story = dateline("stories", "show", "ferry", "--json").stdout
    by_article = dateline("stories", "show", "daily-7", "--json").stdout
    by_part = dateline("stories", "show", "quay", "--json").stdout
    assert by_story == by_article == by_part
    shown = json.loads(by_story)
    assert shown["story"] == CARDS[2]
    assert [entry["id"] for entry in shown["timeline"]] == ["ferry-1", "quay-1", "daily-7"]
    assert (
        "daily-7  reprint of ferry-1, adds nothing  (daily.example)"
        in dateline("stories", "show", "ferry").stdout
    )
    assert (
        "no story and no article of a story has the id 'tram'"
        in dateline("stories", "show", "tram", code=1).stderr
    )

    follow = ("stories", "follow", "--from", "beginning")
    words = [line.split()[2:4] for line in dateline(*follow, "--limit", "4").stdout.splitlines()]
    assert sorted(words) == [["+2", "ferry"], ["merged", "quay"], ["new", "ferry"], ["new", "strike"]]
    only = dateline(*follow, "strike", "--limit", "1", "--json").stdout
    assert json.loads(only) == CARDS[1]


def test_where_there_are_no_stories_it_is_said_which_topic_is_missing(dateline, prefix):
    said = dateline("stories", "list", code=1).stderr
    assert f"no topic {prefix}stories.v1" in said
