"""Which fields of a ninjs item become the article's, and that the others are kept."""

import json

from worker.intake.decode import decode
from worker.intake.limits import Limits
from worker.records.messages import RawMessage

ITEM = {
    "uri": "urn:example:77",
    "firstcreated": "2026-03-01T08:00:00Z",
    "versioncreated": "2026-03-01T09:30:00Z",
    "language": "en",
    "headlines": [
        {"role": "sub", "value": "Second ship refused"},
        {"role": "main", "value": "Port of Beira closed"},
    ],
    "bodies": [
        {"role": "summary", "contenttype": "text/plain", "value": "Beira's port is closed."},
        {"role": "main", "contenttype": "text/plain", "value": "The port of Beira was closed on Monday."},
    ],
    "bylines": [{"byline": "Celeste Mondlane"}],
    "infosources": [{"name": "Sofala Wire"}],
    "urgency": 3,
}


def read(item):
    headers = (("content-type", b"application/vnd.iptc.newsinjson"),)
    message = RawMessage("news.articles.raw.v1", 0, 0, 0, None, json.dumps(item).encode(), headers)
    return decode(message, limits=Limits(), default_language="en")


def test_the_main_headline_and_body_are_the_articles():
    article = read(ITEM)
    assert (article.id, article.headline, article.text, article.authors, article.source) == (
        "urn:example:77",
        "Port of Beira closed",
        "The port of Beira was closed on Monday.",
        ("Celeste Mondlane",),
        "Sofala Wire",
    )


def test_other_headlines_bodies_and_times_are_kept():
    article = read(ITEM)
    assert article.published_at == "2026-03-01T08:00:00Z"
    assert article.extra == {
        "headlines": [{"role": "sub", "value": "Second ship refused"}],
        "bodies": [{"role": "summary", "contenttype": "text/plain", "value": "Beira's port is closed."}],
        "versioncreated": "2026-03-01T09:30:00Z",
        "infosources": [{"name": "Sofala Wire"}],
        "urgency": 3,
    }


def test_an_unreadable_time_is_kept():
    article = read(ITEM | {"firstcreated": "last spring"})
    assert article.published_at is None
    assert article.extra["published_at"] == "last spring"
