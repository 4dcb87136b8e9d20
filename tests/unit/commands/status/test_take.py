"""Which topics a look at a group is about."""

import pytest

from worker.commands.status.take import topics_read
from worker.delivery.kafka.group.member_settings import MemberSettings
from worker.delivery.kafka.group.members import GroupMember, GroupNow
from worker.settings import Settings

RAW, ENRICHED, MATCHES = "news.articles.raw.v1", "news.articles.enriched.v1", "news.alert-matches.v1"


def settings(outputs):
    return Settings.from_env({"DATELINE_OUTPUTS": outputs})


def group(*outputs):
    told = [MemberSettings.of(settings(one), pipeline="p", since=1) for one in outputs]
    return GroupNow("Stable", tuple(GroupMember("c", "a", one, frozenset()) for one in told))


@pytest.mark.parametrize(
    ("here", "members", "there", "missing"),
    [
        ("enriched", group(), [RAW], []),
        ("enriched,alerts", group(), [RAW, ENRICHED, MATCHES], []),
        # Workers that are alive know better.
        ("enriched,alerts", group("enriched"), [RAW], []),
        ("enriched", group("enriched,alerts", "enriched,alerts"), [RAW, ENRICHED, MATCHES], []),
        # One that tells nothing, as another program's consumer.
        ("enriched", GroupNow("Stable", (GroupMember("c", "a", None, frozenset()),)), [RAW], []),
        ("enriched,alerts", group("enriched,alerts"), [RAW, MATCHES], [ENRICHED]),
    ],
)
def test_the_stages_are_those_of_the_living_workers_else_of_the_settings(here, members, there, missing):
    topics = {RAW, ENRICHED, MATCHES} - set(missing)
    reads, lacking = topics_read(settings(here), members, topics)
    assert (list(reads.values()), list(lacking)) == (there, missing)
