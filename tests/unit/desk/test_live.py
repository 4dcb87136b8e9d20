"""Viewers are told of what they want, in bounded memory, and go on where they were."""

import json

import pytest

from tests.unit.desk.desks import placed
from worker.alerts.facts import Facts
from worker.desk.article_filter import FILTER_STEPS, MOST_QUERY_CHARS, ArticleFilter
from worker.desk.filter_searches import FilterSearches
from worker.desk.live import MOST_VIEWERS, MOST_WAITING_EVENTS, Live, TooManyViewers, event_bytes
from worker.desk.ring import PlacedArticle
from worker.query.language import QueryError


def told(data: bytes, name: str) -> list:
    """The data of all events of a name."""
    blocks = [block.split("\n") for block in data.decode().split("\n\n") if block]
    return [
        json.loads(next(line[6:] for line in block if line.startswith("data: ")))
        for block in blocks
        if f"event: {name}" in block
    ]


async def test_each_viewer_is_told_of_what_its_filter_wants():
    live = Live()
    with live.viewer(None) as all_of_them, live.viewer(ArticleFilter('entity:"Ada Obi"')) as some:
        live.take_article(placed(0))
        live.take_article(placed(1, id="other", text="Nothing of note."))
        assert [a["place"] for a in told(await all_of_them.take(seconds=0), "article")] == ["0/0", "0/1"]
        assert [a["place"] for a in told(await some.take(seconds=0), "article")] == ["0/0"]


async def test_a_viewer_that_takes_nothing_misses_the_oldest_and_is_told_how_many():
    live = Live()
    with live.viewer(None) as viewer:
        for offset in range(MOST_WAITING_EVENTS + 50):
            live.take_article(placed(offset, id=f"a-{offset}"))
        data = await viewer.take(seconds=0)
        # The state, with which each viewer begins, waits as well.
        assert told(data, "missed") == [{"events": 51}]
        places = [article["place"] for article in told(data, "article")]
        assert places[-1] == f"0/{MOST_WAITING_EVENTS + 49}"
        assert len(places) == MOST_WAITING_EVENTS
        assert await viewer.take(seconds=0) == b""


async def test_there_are_no_more_viewers_than_allowed_and_one_that_leaves_makes_room():
    live = Live()
    held = [live.viewer(None) for _ in range(MOST_VIEWERS)]
    for one in held:
        one.__enter__()
    with pytest.raises(TooManyViewers), live.viewer(None):
        pass
    held[0].__exit__(None, None, None)
    with live.viewer(None):
        assert live.viewers == MOST_VIEWERS


async def test_a_page_goes_on_behind_the_last_event_that_it_has():
    live = Live()
    live.take_article(placed(0, id="a"))
    there = live.last_event_id()
    live.take_article(placed(1, id="b"))
    live.take_article(placed(2, id="c", text="Nothing of note."))
    assert [told(e, "article")[0]["place"] for e in await live.since(there, None)] == ["0/1", "0/2"]
    assert [told(e, "article")[0]["place"] for e in await live.since(there, ArticleFilter("quay"))] == [
        "0/1",
        "0/2",
    ]
    assert len(await live.since(there, ArticleFilter("ferry"))) == 1
    # A filter that can't look at all of them does not know what it has missed.
    live.searches = FilterSearches(live.ring, seconds=-1)
    assert await live.since(there, ArticleFilter("quayside")) is None


@pytest.mark.parametrize("event_id", ["", "0", "abcd-1", "-", "\x00", "x" * 5000])
async def test_an_event_of_another_desk_is_not_known(event_id):
    live = Live()
    live.take_article(placed(0))
    assert await live.since(event_id, None) is None


async def test_a_retracted_article_is_gone_and_viewers_are_told():
    live = Live()
    live.take_article(placed(3))
    with live.viewer(None) as viewer:
        live.take_back("quay-1")
        live.take_back("never seen")
        assert told(await viewer.take(seconds=0), "retracted") == [{"place": "0/3"}]
    assert len(live.ring) == 0


async def test_an_article_has_the_story_that_its_own_became_a_part_of():
    live = Live()
    live.take_article(placed(0))
    live.take_story("one", "Quay", 1, "two")
    live.take_story("two", "Ferry", 5, None)
    with live.viewer(None) as viewer:
        live.take_assignment("quay-1", "one")
        (event,) = told(await viewer.take(seconds=0), "story")
        assert event == {
            "place": "0/0",
            "story": {"id": "two", "headline": "Ferry", "articles": 5, "into": None},
        }
    live.take_story("two", "Ferry", 5, "one")
    assert live.story_of("quay-1") is None  # each is a part of the other: nobody wrote that but in error
    live.take_assignment("quay-1", None)
    assert live.story_of("quay-1") is None


async def test_records_that_are_no_articles_are_counted_and_nothing_else():
    live = Live()
    live.take_article(PlacedArticle(0, 0, 0, b"{}"))
    assert live.state.unreadable == 1
    assert len(live.ring) == 0


async def test_viewers_are_told_when_the_stream_stops_and_goes_on_and_not_twice():
    live = Live()
    live.set_reads(True)
    with live.viewer(None) as viewer:
        await viewer.take(seconds=0)
        live.set_reads(True)
        live.set_reads(False, "The brokers are away.")
        live.set_reads(False, "The brokers are away.")
        live.set_reads(True)
        states = told(await viewer.take(seconds=0), "state")
    assert [state["reads"] for state in states] == [False, True]


def test_no_text_begins_another_event():
    data = event_bytes("article", {"headline": "a\n\nevent: state\ndata: {}\r\r\u2028"})
    assert data.count(b"\n") == 3
    assert b"\r" not in data


def test_a_filter_that_takes_too_much_work_matches_nothing():
    text = "harbour quay " * (FILTER_STEPS * 2)
    costly = ArticleFilter('"harbour quay pier mole"~999 OR "quay harbour mole"~999')
    facts = Facts(placed(0, text=text).fields())
    assert not costly.wants(facts)
    assert ArticleFilter("harbour").wants(facts)


def test_a_filter_has_a_greatest_length():
    with pytest.raises(QueryError, match="2,000 characters"):
        ArticleFilter("a " * MOST_QUERY_CHARS)
