"""What a publisher takes back or holds back, and until when."""

import json

import pytest

from worker.intake.decode import decode
from worker.intake.limits import Limits
from worker.intake.retraction import Retraction
from worker.records.article import Article
from worker.records.messages import RawMessage, Reason, Rejected

# 2026-03-01T12:00:00Z
NOON_MS = 1_772_366_400_000
ITEM = {
    "uri": "urn:example:90",
    "bodies": [{"value": "The vote is on Sunday."}],
    "versionCreated": "2026-03-01",
}
RAW = {"id": "urn:example:90", "text": "The vote is on Sunday."}


def read(item, *, at=NOON_MS, **more):
    message = RawMessage("news.articles.raw.v1", 0, 0, at, b"k", json.dumps(item).encode())
    return decode(message, limits=Limits(), default_language="en", **more)


@pytest.mark.parametrize("item", [ITEM, RAW])
@pytest.mark.parametrize(
    "status",
    ["canceled", "Canceled ", "cancelled", "stat:canceled", "http://cv.example/status/canceled", "killed"],
)
@pytest.mark.parametrize("name", ["pubstatus", "pubStatus"])
def test_a_canceled_item_retracts_its_article(item, status, name):
    embargoed = {"embargoed": "2030-01-01T00:00:00Z"}
    assert read(item | {name: status} | embargoed) == Retraction("urn:example:90")


@pytest.mark.parametrize(
    ("item", "article"),
    [
        ({"uri": "u", "pubstatus": "canceled"}, "u"),
        ({"guid": "g", "pubstatus": "canceled", "headline": "KILL"}, "g"),
        ({"uri": "u", "pubStatus": "canceled", "bodies": "none"}, "u"),
        ({"standard": {"name": "ninjs"}, "uri": " u ", "pubStatus": "canceled"}, "u"),
        ({"id": 7, "pubstatus": "canceled"}, "7"),
    ],
)
def test_it_needs_no_text(item, article):
    assert read(item) == Retraction(article)


def test_without_an_id_it_retracts_the_article_of_its_url():
    url = {"url": "https://wire.example/vote?utm_source=x"}
    assert read(url | {"pubstatus": "canceled"}) == Retraction(read(url | {"text": "Words."}).id)


@pytest.mark.parametrize("fields", [{"text": "Words."}, {"id": " "}, {"id": True}, {"url": ""}])
def test_without_either_it_is_invalid(fields):
    refused = read(fields | {"pubstatus": "canceled"})
    assert (refused.reason, "says what is retracted" in refused.error) == (Reason.INVALID, True)


@pytest.mark.parametrize("item", [ITEM, RAW])
@pytest.mark.parametrize("status", ["withheld", "stat:withheld", "embargoed"])
def test_a_withheld_item_waits_without_a_time(item, status):
    refused = read(item | {"pubstatus": status, "embargoed": "2026-03-02T00:00:00Z"})
    assert (refused.reason, refused.until) == (Reason.WITHHELD, None)


@pytest.mark.parametrize("item", [ITEM, RAW])
@pytest.mark.parametrize(
    ("embargo", "until"),
    [
        ("2026-03-01T12:00:00Z", None),
        ("2026-03-01T12:00:00.001Z", "2026-03-01T12:00:00.001000Z"),
        ("2026-03-01T14:00:01+02:00", "2026-03-01T12:00:01Z"),
        ("Sun, 01 Mar 2026 13:00:00 +0000", "2026-03-01T13:00:00Z"),
        ("2026-02-28T23:59:59", None),
        ("2026-03-01T00:00:00", None),
        ("2026-03-01T00:00:01", "2026-03-01T12:00:01Z"),
        ("2026-03-02", "2026-03-02T12:00:00Z"),
        ("March 1, 2026 4:00 PM EST", "2026-03-01T21:00:00Z"),
        ("March 1, 2026 4:00 PM", "2026-03-02T04:00:00Z"),
        ("1 March 2026", None),
        ("2 March 2026", "2026-03-02T12:00:00Z"),
        (1_772_366_401, "2026-03-01T12:00:01Z"),
        (1_772_366_400_000, None),
        ("9999-12-31T23:59:59", "9999-12-31T23:59:59Z"),
        ("", None),
        (None, None),
        (False, None),
    ],
)
@pytest.mark.parametrize("name", ["embargoed", "embargoedUntil"])
def test_an_embargo_holds_by_the_record_s_time(item, embargo, until, name):
    result = read(item | {name: embargo})
    if until is None:
        assert isinstance(result, Article)
    else:
        assert (result.reason, result.until) == (Reason.WITHHELD, until)
        assert f"embargoed until {until}" in result.error


@pytest.mark.parametrize("embargo", ["until the polls close", True, 5, {}, [], "31/02/2026", "02/03/2026"])
def test_an_embargo_that_cannot_be_read_holds_without_a_time(embargo):
    refused = read(ITEM | {"embargoed": embargo})
    assert (refused.reason, refused.until) == (Reason.WITHHELD, None)
    assert "a time that can't be read" in refused.error


def test_of_two_embargoes_the_later_holds_and_an_unreadable_one_first():
    both = {"embargoed": "2026-03-02T00:00:00Z", "embargoedUntil": "2026-03-03T00:00:00Z"}
    assert read(ITEM | both).until == "2026-03-03T00:00:00Z"
    assert read(ITEM | both | {"embargoed": "soon"}).until is None


@pytest.mark.parametrize("at", [-1, 0, -(1 << 63), (1 << 63) - 1])
def test_any_timestamp_decides(at):
    assert isinstance(
        read(ITEM | {"embargoed": "2026-03-01T12:00:00Z"}, at=at), Rejected if at < 1 else Article
    )


def test_the_error_says_where_letters_are_not_kept_for_so_long():
    said = [read(ITEM | {"embargoed": f"2026-{day}T12:00:00Z"}).error for day in ("03-31", "04-01")]
    assert ["kept for 30 days" in error for error in said] == [False, True]


@pytest.mark.parametrize("status", ["usable", "published", "", None])
def test_any_other_status_is_usable_and_is_kept(status):
    article = read(ITEM | {"pubstatus": status})
    assert isinstance(article, Article)
    assert article.extra.get("pubstatus") == status


def test_who_looks_at_a_letter_sees_the_article():
    for held in ({"pubstatus": "withheld"}, {"embargoed": "2030-01-01T00:00:00Z"}):
        assert isinstance(read(ITEM | held, shows_withheld=True), Article)


def test_what_is_under_extra_says_nothing():
    assert isinstance(read(RAW | {"extra": {"pubstatus": "canceled", "embargoed": "2030-01-01"}}), Article)
