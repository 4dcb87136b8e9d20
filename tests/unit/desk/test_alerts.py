"""Alerts on the desk: kept as they come, told to who watches, shown in the article's text."""

import asyncio
import json

import pytest

from tests.unit.desk.desks import Page, client_of, placed
from tests.unit.desk.rule_desks import alert, placed_alert, story_alert
from tests.unit.desk.texts import TEXT, span
from worker.desk.alert_record import PlacedAlert
from worker.desk.alerting import feed as feeds
from worker.desk.alerting.feed import MOST_ALERTS, AlertFeed
from worker.desk.live import MOST_VIEWERS, TooManyViewers


@pytest.fixture
def feed(live):
    return AlertFeed(live)


@pytest.fixture
async def client(live, source, feed):
    async with client_of(live, source, alerts=feed) as client:
        yield client


async def page(client, path, status=200):
    answer = await client.get(path)
    assert answer.status == status, await answer.text()
    return await answer.text()


def as_placed(fields, offset=0):
    return PlacedAlert(0, offset, 0, json.dumps(fields).encode())


async def test_an_alert_says_its_rule_and_why_between_the_words_of_the_article(client, feed):
    feed.take(placed_alert())
    html = await page(client, "/alerts")
    found = Page(html)
    assert {"/rules/quays", "/alerts/0/0", "/articles/0/0"} <= set(found.links())
    assert "Quays" in found.whole
    assert '“The quay is open,” said <mark class="hit">Ada Obi</mark>, mayor of Port Amsel.' in html
    assert '<mark class="hit">Quay</mark> opens again' in html
    assert "speaker:&#34;Ada Obi&#34;" in html


async def test_one_alert_is_shown_in_the_whole_text_to_the_code_point(client, feed):
    feed.take(placed_alert())
    html = await page(client, "/alerts/0/0")
    assert f"{TEXT[:24]}<mark" not in html  # the mark is where the name is
    at = TEXT.index("Ada Obi")
    assert (
        f'{TEXT[:at]}<mark class="hit" title="speaker:&#34;Ada Obi&#34;">Ada Obi</mark>{TEXT[at + 7 :]}'
        in html
    )
    assert "has changed since" not in html


async def test_an_article_that_has_changed_since_is_not_marked_where_it_says_something_else(
    client, feed, live
):
    feed.take(placed_alert())
    live.take_article(placed(1, text="Now it says: Ada Obi left.", headline="Quay opens again"))
    html = await page(client, "/alerts/0/0")
    assert "has changed since" in html
    assert "Now it says: Ada Obi left." in html


async def test_an_alert_whose_article_is_not_at_hand_shows_the_words_it_has(client, feed, live):
    live.take_back("quay-1")
    feed.take(placed_alert())
    assert '<mark class="hit">Ada Obi</mark>' in await page(client, "/alerts")
    assert "no longer among those that the desk holds" in await page(client, "/alerts/0/0")
    live.take_article(placed(3))
    assert "said <mark" in await page(client, "/alerts")


async def test_an_alert_about_an_article_without_a_headline_shows_the_beginning_of_its_text(
    client, feed, live
):
    live.take_article(placed(1, id="bare", headline=None))
    feed.take(placed_alert(1, article=alert()["article"] | {"id": "bare", "headline": None}))
    for path in ("/alerts", "/alerts/0/1"):
        assert TEXT in Page(await page(client, path)).whole


async def test_an_alert_says_first_which_rule_raised_it_and_when(client, feed):
    feed.take(placed_alert())
    said = " ".join(Page(await page(client, "/alerts/0/0")).whole.split())
    assert "Raised 2026-01-13 10:05 UTC by the rule Quays" in said


async def test_an_alert_about_a_story_shows_the_story(client, feed):
    feed.take(as_placed(story_alert()))
    found = Page(await page(client, "/alerts"))
    assert "/stories/5f0c" in found.links()
    assert "Story of 3 articles" in found.whole
    assert "2 sources, 1 copy then" in found.whole
    one = Page(await page(client, "/alerts/0/0"))
    assert "sources>=2" in one.whole
    assert "3 articles" in one.whole


async def test_an_alert_that_is_not_kept_here_is_read_from_its_topic(client, source):
    source.told_alerts[1, 44] = placed_alert(44, partition=1)
    source.told_alerts[1, 45] = PlacedAlert(1, 45, 0, b"<none>")
    assert "Quay opens again" in Page(await page(client, "/alerts/1/44")).whole
    assert "is no alert" in await page(client, "/alerts/1/45", 404)
    await page(client, "/alerts/1/46", 404)


async def test_alerts_of_one_rule_are_shown_alone(client, feed):
    feed.take(placed_alert(0))
    other = {"id": "ferries", "version": "1", "name": "Ferries", "owner": "city desk"}
    feed.take(placed_alert(1, rule=other))
    places = [link for link in Page(await page(client, "/alerts?rule=ferries")).links() if "/alerts/" in link]
    assert places == ["/alerts/0/1"]
    assert "None of the last 2 alerts" in Page(await page(client, "/alerts?rule=none")).text["empty"]


async def test_a_desk_without_alerts_says_so(client):
    assert "No alerts yet." in Page(await page(client, "/alerts")).text["empty"]


def test_a_repeated_alert_is_kept_once_and_what_is_none_is_counted(feed):
    feed.take(placed_alert(1, id="a"))
    feed.take(placed_alert(2, id="a"))
    feed.take(PlacedAlert(0, 3, 0, b"[]"))
    feed.take(PlacedAlert(0, 4, 0, b"[" * 100_000))
    assert [each["place"] for each in feed.latest(None, most=9)] == ["0/2"]
    assert (feed.at(0, 1), feed.unreadable) == (None, 2)


def test_the_oldest_alerts_go_first_by_number_and_by_bytes(feed, monkeypatch):
    for offset in range(MOST_ALERTS + 3):
        feed.take(placed_alert(offset))
    assert len(feed) == MOST_ALERTS
    assert feed.at(0, 2) is None
    assert feed.at(0, 3) is not None
    monkeypatch.setattr(feeds, "MOST_ALERT_BYTES", 3 * len(placed_alert(0).value))
    feed.take(placed_alert(9_000))
    assert len(feed) == 3


async def events(answer, number):
    """The first so many events of a stream, but for its state."""
    found = []
    async with asyncio.timeout(5):
        while len(found) < number:
            block = (await answer.content.readuntil(b"\n\n")).decode()
            if "event: " in block and "event: state" not in block:
                fields = dict(line.split(": ", 1) for line in block.strip().split("\n"))
                found.append((fields["event"], json.loads(fields["data"]), fields.get("id")))
    return found


async def test_a_stream_tells_of_a_rules_alerts_and_goes_on_where_it_was(client, feed, live):
    async with client.get("/alerts/stream?rule=quays") as answer:
        live.take_article(placed(9, id="others-hear-of-articles"))
        feed.take(placed_alert(1, rule={"id": "x", "version": "1", "name": "x", "owner": "x"}))
        feed.take(placed_alert(2))
        ((name, told, last),) = await events(answer, 1)
    assert (name, told["place"]) == ("alert", "0/2")
    assert '<mark class="hit">Ada Obi</mark>' in told["html"]
    feed.take(placed_alert(3))
    async with client.get("/alerts/stream?rule=", headers={"Last-Event-ID": last}) as answer:
        assert [each["place"] for _, each, _ in await events(answer, 1)] == ["0/3"]
    async with client.get("/alerts/stream?after=other-9") as answer:
        assert (await events(answer, 1))[0][0] == "restarted"


async def test_viewers_of_alerts_and_of_articles_are_bounded_together(live, feed):
    held = [live.viewer(None) for _ in range(MOST_VIEWERS - 1)] + [feed.viewer(None)]
    for one in held:
        one.__enter__()
    assert live.viewers == MOST_VIEWERS
    for another in (live.viewer(None), feed.viewer(None)):
        with pytest.raises(TooManyViewers):
            another.__enter__()
    held[-1].__exit__(None, None, None)
    with feed.viewer(None):
        assert live.viewers == MOST_VIEWERS


def test_a_span_beyond_the_article_is_no_place_in_it(feed, live):
    far = {"field": "text", "start": 10**9, "end": 10**9 + 3, "text": "Ada"}
    backwards = {"field": "text", "start": 9, "end": 3, "text": ""}
    feed.take(as_placed(alert(why=[{"condition": "x", "found": "y", "spans": [far, backwards]}])))
    (shown,) = feed.latest(None, most=1)
    assert [place["before"] for place in shown["reasons"][0]["places"]] == ["", ""]


def test_words_around_a_place_are_whole(live):
    text = f"{'harbour ' * 20}Ada Obi {'ferry ' * 20}"
    live.take_article(placed(5, id="long", text=text, entities=[], quotes=[]))
    feed = AlertFeed(live)
    why = [{"condition": "x", "found": "y", "spans": [{"field": "text", **span(text, "Ada Obi")}]}]
    feed.take(as_placed(alert(article=alert()["article"] | {"id": "long"}, why=why)))
    (place,) = feed.latest(None, most=1)[0]["reasons"][0]["places"]
    assert place["before"] == "…" + "harbour " * 7
    assert place["after"].endswith("ferry…")
