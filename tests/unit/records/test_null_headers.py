"""Kafka allows a header's value to be null: it counts as a header that is missing."""

import pytest

from worker.records.cloudevents import Envelope, event_time_ms, following, publishers_headers
from worker.records.messages import Headers, RawMessage

NULLS: Headers = tuple(
    (name, None)
    for name in (
        "ce_id",
        "ce_time",
        "ce_subject",
        "origin",
        "traceparent",
        "tracestate",
        "pipeline",
        "article_version",
    )
)


def message(headers: Headers = ()) -> RawMessage:
    return RawMessage("news.articles.enriched.v1", 0, 7, 1_741_351_200_123, b"a-1", b"{}", headers)


@pytest.mark.parametrize("name", ["origin", "ce_id", "traceparent"])
def test_a_null_header_has_no_value(name: str) -> None:
    assert message(NULLS).header(name) is None


def test_records_that_follow_from_one_with_null_headers_are_as_if_it_had_none() -> None:
    about = {
        "source": "/dateline",
        "ce_type": "news.alert.matched.v1",
        "part": "match/r/1",
        "dataschema": "urn:x",
    }
    assert following(message(NULLS), **about) == following(message(), **about)


def test_a_null_traceparent_is_not_passed_on() -> None:
    envelope = Envelope(message(NULLS), source="/dateline", subject="a-1", pipeline="p/1")
    assert "traceparent" not in dict(
        envelope.headers(ce_type="news.article.enriched.v1", part="article", dataschema="urn:x")
    )


def test_a_null_event_time_is_none() -> None:
    assert event_time_ms(NULLS, otherwise=5) == 5


def test_a_publishers_null_header_stays_null() -> None:
    assert publishers_headers(message((*NULLS, ("desk", None)))) == (("desk", None),)
