"""Topics as they should be against topics as they are."""

import pytest

from worker.channels import Channel
from worker.commands.topics.settings import ActualTopic, Difference, differences, expected_topics
from worker.settings import Settings


def wanted(channel: Channel, *, brokers: int = 3, **settings: object):
    return next(t for t in expected_topics(Settings(**settings), brokers=brokers) if t.channel is channel)


@pytest.mark.parametrize(
    ("brokers", "setting", "replication", "in_sync"),
    [(1, 0, 1, "1"), (2, 0, 2, "1"), (5, 0, 3, "2"), (5, 4, 4, "3")],
)
def test_copies_follow_the_brokers_unless_set(brokers, setting, replication, in_sync):
    topic = wanted(Channel.RAW, brokers=brokers, replication=setting)
    assert (topic.replication, topic.config["min.insync.replicas"]) == (replication, in_sync)


def test_a_topic_that_is_not_written_is_not_wanted():
    channels = [topic.channel for topic in expected_topics(Settings(outputs=("quotes",)), brokers=1)]
    internal = [Channel.PROGRESS, Channel.QUOTES, Channel.DEAD, Channel.REDRIVEN, Channel.CLOCK]
    assert channels == [Channel.RAW, *internal]


def test_a_topic_made_as_wanted_differs_in_nothing():
    for topic in expected_topics(Settings(), brokers=3):
        assert differences(topic, ActualTopic(topic.partitions, topic.replication, topic.config)) == []


@pytest.mark.parametrize(
    ("change", "line"),
    [
        ({"partitions": 6}, "partitions are 6, should be 12 (DATELINE_PARTITIONS)"),
        ({"replication": 1}, "replication factor is 1, should be 3"),
        ({"cleanup.policy": "delete"}, "cleanup.policy is delete, should be compact,delete"),
        ({"retention.ms": "1000"}, "retention.ms is 1000, should be 2592000000"),
        ({"max.message.bytes": "1048588"}, "max.message.bytes is 1048588, should be 8388608"),
        ({"min.insync.replicas": "1"}, "min.insync.replicas is 1, should be 2"),
    ],
)
def test_each_difference_is_a_line(change, line):
    topic = wanted(Channel.ENRICHED)
    shape = {name: change.pop(name, getattr(topic, name)) for name in ("partitions", "replication")}
    found = ActualTopic(**shape, config={**topic.config, **change})
    (difference,) = differences(topic, found)
    assert difference.line == f"news.articles.enriched.v1: {line}"
    assert difference.is_harmless == line.startswith("partitions")


@pytest.mark.parametrize(
    ("channel", "name", "value", "is_harmless"),
    [
        (Channel.RAW, "retention.ms", "1209600000", True),
        (Channel.RAW, "retention.ms", "-1", True),
        (Channel.RAW, "max.message.bytes", "4194304", True),
        (Channel.RAW, "max.message.bytes", "1048575", False),
        (Channel.ENRICHED, "min.compaction.lag.ms", "9999999999", False),
    ],
)
def test_to_keep_records_longer_or_take_larger_ones_is_an_operator_s_choice(
    channel, name, value, is_harmless
):
    topic = wanted(channel)
    (difference,) = differences(topic, ActualTopic(12, 3, {**topic.config, name: value}))
    assert difference.line.endswith(f"{name} is {value}, should be {topic.config[name]}")
    assert difference.is_harmless == is_harmless


def test_the_order_of_cleanup_policies_and_the_retention_of_a_compacted_topic_do_not_matter():
    enriched, search = wanted(Channel.ENRICHED), wanted(Channel.SEARCH)
    assert (
        differences(enriched, ActualTopic(12, 3, {**enriched.config, "cleanup.policy": "delete, compact"}))
        == []
    )
    assert differences(search, ActualTopic(12, 3, {**search.config, "retention.ms": "604800000"})) == []


def test_more_copies_than_wanted_are_fine_and_unreadable_settings_are_said():
    topic = wanted(Channel.RAW)
    assert differences(topic, ActualTopic(12, 5, topic.config)) == []
    assert differences(topic, ActualTopic(12, 3, unreadable="not authorized")) == [
        Difference("news.articles.raw.v1: its settings can't be read: not authorized", is_harmless=True)
    ]
    assert differences(topic, None) == [Difference("news.articles.raw.v1: missing")]
