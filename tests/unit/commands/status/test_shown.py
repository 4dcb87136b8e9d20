"""A look as tables and as one JSON object."""

import json

import pytest
from aiokafka import TopicPartition

from tests.unit.commands.status.looks import look, partition, stage
from worker.commands.status.look import differences_among, workers_seen
from worker.commands.status.shown import look_fields, show_look
from worker.commands.status.times import how_long
from worker.commands.status.troubles import troubles
from worker.delivery.kafka.group.member_settings import MemberSettings
from worker.delivery.kafka.group.members import GroupMember
from worker.settings import Settings


def told(**variables):
    settings = Settings.from_env({f"DATELINE_{name}": value for name, value in variables.items()})
    return MemberSettings.of(settings, pipeline="en_news 1.0", since=(variables and 2) or 1)


def member(client_id, *partitions, told=None):
    assigned = frozenset(TopicPartition("news.articles.raw.v1", number) for number in partitions)
    return GroupMember(client_id, "10.0.0.7", told, assigned)


MEMBERS = [
    member("news.dateline-ops-1-4711", 0, 1, told=told()),
    member("news.dateline-ops-2-12", told=told(MAX_TEXT_CHARS="1000")),
    member("console"),
]
WORKERS = workers_seen(MEMBERS, "news.dateline")
DIFFERENCES = differences_among(MEMBERS, "news.dateline")
SEEN = look(
    stage(
        partition(lag=7, oldest_min=3),
        partition(1, lag=4000, is_exact=False, per_second=2.5, offsets_then=4000),
    ),
    stage(partition(per_second=None, delivered_min=None), name="match"),
    workers=WORKERS,
    differences=DIFFERENCES,
    reasons={"invalid": 2, "enrichment-failed": 1},
    whole=False,
)


def test_a_group_is_shown_as_tables_and_what_needs_a_person_below(capsys):
    show_look(SEEN, troubles(SEEN))
    assert [line.rstrip() for line in capsys.readouterr().out.splitlines()] == [
        "group news.dateline at kafka-1:9092: Stable, 3 workers  (2026-01-31T08:00:00.000Z)",
        "",
        "worker               version  address   partitions",
        "console at 10.0.0.7  -        10.0.0.7  none",
        "ops-1/4711           0.1.0    10.0.0.7  2 enrich, 1 match",
        "ops-2/12             0.1.0    10.0.0.7  none",
        "",
        "stage   reads                 partitions  lag          oldest waits  a second  delivered",
        "enrich  news.articles.raw.v1  2           about 4,007  3 min         3.5       0 s ago",
        "match   news.articles.raw.v1  1           0            -             -         not in 5 min",
        "",
        "at least 3 dead letters in the last hour (2 invalid, 1 enrichment-failed)",
        "",
        "dead-letters    1 enrichment-failed in the last hour; `dateline dead-letters list --reason "
        "enrichment-failed`",
        "settings-differ DATELINE_MAX_TEXT_CHARS of ops-2/12 is '1000', '200000' in the group",
    ]


def test_where_nothing_is_wrong_that_is_said(capsys):
    show_look(look(), [])
    assert capsys.readouterr().out.endswith("\nnothing needs a person\n")


def test_programs_get_all_of_it_as_one_object():
    fields = json.loads(json.dumps(look_fields(SEEN, troubles(SEEN))))
    assert fields.keys() == {
        "time", "brokers", "group", "state", "workers", "stages", "dead_letters", "troubles",
    }  # fmt: skip
    assert fields["workers"][1] == {
        "host": "ops-1",
        "process": 4711,
        "client_id": "news.dateline-ops-1-4711",
        "address": "10.0.0.7",
        "version": "0.1.0",
        "pipeline": "en_news 1.0",
        "partitions": {"news.articles.raw.v1": [0, 1]},
    }
    enrich, match = fields["stages"]
    assert enrich | {"partitions": 2} == {
        "stage": "enrich",
        "topic": "news.articles.raw.v1",
        "lag": 4007,
        "lag_is_exact": False,
        "oldest_seconds": 180.0,
        "per_second": 3.5,
        "delivered_seconds_ago": 0.0,
        "waiting_offsets": {"five_minutes_ago": 4000, "now": 4007},
        "partitions": 2,
    }
    assert enrich["partitions"][0] == {
        "partition": 0,
        "worker": "ops-1/4711",
        "offset": 100,
        "end": 107,
        "lag": 7,
        "lag_is_exact": True,
        "oldest_seconds": 180.0,
        "delivered_seconds_ago": 0.0,
    }
    assert (match["per_second"], match["delivered_seconds_ago"]) == (None, None)
    assert fields["dead_letters"]["reasons"] == {"invalid": 2, "enrichment-failed": 1}
    assert (fields["dead_letters"]["total"], fields["dead_letters"]["whole"]) == (3, False)
    assert [trouble["kind"] for trouble in fields["troubles"]] == ["dead-letters", "settings-differ"]


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "0 s"),
        (119, "119 s"),
        (120, "2 min"),
        (7199, "119 min"),
        (7200, "2 h"),
        (172_800, "2 d"),
        (-5, "0 s"),
    ],
)
def test_times_are_told_in_the_unit_that_says_most(seconds, words):
    assert how_long(10_000_000_000, 10_000_000_000 - seconds * 1000) == words


def test_no_time_is_a_dash():
    assert how_long(0, None) == "-"
