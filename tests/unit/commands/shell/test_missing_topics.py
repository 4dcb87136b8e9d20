"""The message for a topic that does not exist."""

import pytest

from worker.channels import Channel
from worker.commands.shell.reading import missing_topic
from worker.settings import Settings

SETTINGS = Settings.from_env(brokers="here:9092", topic_prefix="x.")
OURS = {SETTINGS.topic(channel): 1 for channel in Channel}


@pytest.mark.parametrize(
    ("topic", "topics", "says"),
    [
        (
            "x.search.v1",
            {},
            "no topic x.search.v1 on here:9092: there are no topics; `dateline topics create` makes them",
        ),
        (
            "x.search.v1",
            {"__consumer_offsets": 50},
            "no topic x.search.v1 on here:9092: there are no topics; `dateline topics create` makes them",
        ),
        (
            "x.search.v1",
            {"b": 1, "a": 1},
            "no topic x.search.v1 on here:9092: it has a, b, none of dateline's; "
            "`dateline topics create` makes them",
        ),
        (
            "x.search.v1",
            {"news.articles.raw.v1": 3, "news.search.v1": 3, "a": 1},
            "no topic x.search.v1 on here:9092: dateline's topics there begin with 'news.', not with 'x.' "
            "(DATELINE_TOPIC_PREFIX); `dateline topics create` makes what is missing",
        ),
        ("alert", OURS, "no topic alert on here:9092; do you mean alerts?; it has x."),
        ("othre", OURS | {"other": 1}, "no topic othre on here:9092; do you mean other?; it has other, x."),
        ("zzz", OURS, "no topic zzz on here:9092; it has x."),
    ],
)
def test_the_topics_that_are_there_are_named_and_the_one_that_may_be_meant(topic, topics, says):
    assert missing_topic(SETTINGS, topic, topics).startswith(says)
