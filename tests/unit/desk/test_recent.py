"""What the desk remembers of the group: an hour of looks, what changed between them, and how it is drawn."""

import re

import pytest

from tests.unit.desk.desks import FakeSource, Page, client_of, enriched, look
from worker.desk.live import Live
from worker.desk.operation.pipelines import PipelinesSeen
from worker.desk.operation.plots import HEIGHT, WIDTH, last_hour, path_of
from worker.desk.operation.recent import MOST_GROUP_EVENTS, MOST_LOOKS, RecentLooks
from worker.records.cloudevents import rfc3339

NOW = 1_790_000_000_000
HOUR = 3_600_000


def look_at(at_ms, *, waiting=0, rate=1.0, oldest=None, **changes):
    found = look(time=rfc3339(at_ms), **changes)
    found["stages"][0].update(lag=waiting, per_second=rate, oldest_seconds=oldest)
    return found


def worker_called(process, **changes):
    return look()["workers"][0] | {"process": process} | changes


def what_changed(*looks):
    recent = RecentLooks()
    for number, one in enumerate(looks):
        recent.take(look_at(NOW + number * 30_000, **one))
    return [(event.kind, event.text, event.is_bad) for event in recent.events]


def test_an_hour_of_looks_is_kept_and_no_more():
    recent = RecentLooks()
    for number in range(500):
        recent.take(look_at(NOW + number * 30_000, state=f"state {number}"))
    assert len(recent.samples) == MOST_LOOKS
    assert recent.samples[-1].at_ms == NOW + 499 * 30_000
    assert len(recent.events) == MOST_GROUP_EVENTS
    assert recent.events[0].text == "state 498, now state 499"


def test_a_look_that_was_kept_for_viewers_is_taken_once():
    recent = RecentLooks()
    for _ in range(3):
        recent.take(look_at(NOW))
    assert len(recent.samples) == 1


def test_workers_that_come_go_and_change_are_events():
    assert what_changed({}, {"workers": [worker_called(1), worker_called(2)]}) == [
        ("worker left", "ops-1/4711", True),
        ("worker came", "ops-1/2, 0.1.0, en_news/1.1.0", False),
        ("worker came", "ops-1/1, 0.1.0, en_news/1.1.0", False),
    ]
    assert what_changed({}, {"workers": [worker_called(4711, pipeline="en_news/1.2.0")]}) == [
        ("worker changed", "ops-1/4711: 0.1.0, en_news/1.1.0, now 0.1.0, en_news/1.2.0", False)
    ]


def test_partitions_that_move_and_a_group_that_changes_are_events():
    moved = [worker_called(4711, partitions={"news.articles.raw.v1": [0]})]
    assert what_changed({}, {"workers": moved}) == [
        ("rebalance", "partitions moved between the same workers", False)
    ]
    assert what_changed({}, {"state": "Empty"}) == [("group", "Stable, now Empty", False)]


def test_a_trouble_is_an_event_when_it_begins_and_when_it_ends_and_not_while_its_numbers_change():
    def of(text):
        return {"troubles": [{"kind": "standing still", "text": text}]}

    assert what_changed({}, of("3 min"), of("4 min"), {}) == [
        ("standing still", "is over", False),
        ("standing still", "3 min", True),
    ]


def test_brokers_that_do_not_answer_are_one_event_until_they_do():
    recent = RecentLooks()
    recent.miss(NOW, "no answer from kafka-1")
    recent.miss(NOW + 1, "no answer from kafka-1")
    recent.take(look_at(NOW + 2_000))
    assert [event.text for event in recent.events] == ["the group", "no answer from kafka-1"]


def test_a_path_goes_from_left_to_right_within_the_drawing_with_gaps_where_nothing_is_known():
    points = [(NOW - HOUR, 0.0), (NOW - HOUR + 30_000, 5.0), (NOW - 60_000, None), (NOW, 10.0)]
    path = path_of(points, NOW, 10.0)
    steps = re.findall(r"([ML])([\d.]+) ([\d.]+)", path)
    assert [letter for letter, *_ in steps] == ["M", "L", "L", "M", "L"]
    xs, ys = ([float(step[which]) for step in steps] for which in (1, 2))
    assert (xs[0], xs[-1]) == (0, WIDTH)
    assert xs == sorted(xs)
    assert ys[0] == HEIGHT - 2
    assert ys[-1] == 2
    assert path_of([(NOW, 3.0)], NOW, 0) != ""
    assert path_of([(NOW, None)], NOW, 1) == ""


def hour():
    recent = RecentLooks()
    for number in range(121):
        at = NOW - HOUR + (number + 1) * 29_000
        minutes = [{"minute_ms": NOW - 600_000, "reason": "invalid", "letters": 4}]
        letters = look()["dead_letters"] | {"minutes": minutes}
        recent.take(look_at(at, waiting=number, rate=number / 2, oldest=float(number), dead_letters=letters))
    return recent


def test_plots_say_in_words_what_they_draw_and_tables_have_the_same_figures():
    found = last_hour(hour(), NOW)
    (stage,) = found["stages"]
    assert stage["plots"]["waiting"]["says"] == "records that wait: now 120, from 0.0 to 120 in the last hour"
    assert stage["rows"][0] == {
        "time": rfc3339(NOW - HOUR + 121 * 29_000), "rate": "60", "waiting": "120", "oldest": "120",
    }  # fmt: skip
    assert 12 <= len(stage["rows"]) <= 13
    (letters,) = found["letters"]
    assert letters["says"] == "invalid: 4 in the last hour, 4 in a minute at most"
    assert [row["letters"] for row in letters["rows"]] == [4]
    assert last_hour(hour(), NOW + 2 * HOUR)["stages"] == []


async def test_the_page_has_a_drawing_and_a_table_of_each_and_no_style_of_its_own(monkeypatch):
    monkeypatch.setattr("worker.desk.operation.plots.time.time_ns", lambda: NOW * 1_000_000)
    live = Live()
    async with client_of(live, FakeSource(), recent=hour()) as client:
        html = await (await client.get("/operation")).text()
    found = Page(html)
    drawings = found.all("svg")
    assert len(drawings) == 4
    assert all(each["role"] == "img" and each["aria-label"] for each in drawings)
    assert len(found.all("details")) == 2
    assert "style=" not in html
    assert "<style" not in html


async def test_before_the_second_look_the_page_says_when_there_is_more():
    async with client_of(Live(), FakeSource(), recent=RecentLooks()) as client:
        html = await (await client.get("/operation")).text()
    assert "Plots appear after the second look." in html
    assert "no worker came or went" in html


@pytest.mark.parametrize("number", [1, 60])
def test_pipelines_of_articles_are_told_with_their_first_and_latest(number):
    seen = PipelinesSeen()
    for which in range(number):
        for at in (NOW + which, NOW + which + 5, NOW + which + 2):
            seen.note(enriched(pipeline={"name": "en_news", "version": f"1.{which}"}), at)
    told = seen.seen()
    assert len(told) == min(number, 50)
    assert told[0] == {
        "name": "en_news", "version": f"1.{number - 1}", "articles": 3,
        "first": rfc3339(NOW + number - 1), "last": rfc3339(NOW + number + 4),
    }  # fmt: skip
