"""A note has the time by which an article is counted, its story, and the subjects that it is most about."""

from dataclasses import replace

import pytest

from tests.unit.stories.logs import name, sentence, sketch
from tests.unit.trends.plain_counts import DAY_MS, HOUR_MS, NOON_MS
from worker.records.media_topics import broader, media_topic_name, media_topics
from worker.records.messages import RawMessage
from worker.stories.relations import Relation
from worker.stories.stories import Position, Stories
from worker.trends.messages import note_message, retraction_note
from worker.trends.note import Kind, read_note
from worker.trends.windows import counted_at

CODE = next(code for code, topic in media_topics().items() if topic.broader)
SKETCH = sketch(
    "a",
    sentence(0, 1),
    published_at="2027-01-15T11:30:00Z",
    entities=[
        *(name("PERSON", f"Person {number}", 0.5 - number / 100) for number in range(7)),
        name("ORG", "Dockers' Union", 0.4),
        name("GPE", "Callao", 0.3),
        name("MISC", "World Cup", 0.3),
    ],
    topics=[{"code": CODE, "confidence": 0.9}, {"code": "medtop:0", "confidence": 0.8}],
)


def noted(written_ms=NOON_MS, ce_time=b"2027-01-15T11:59:00Z", one=SKETCH):
    assignment = Stories().take(one, Position(0, NOON_MS)).assignment
    assert assignment is not None
    message = RawMessage("sketches", 0, 3, written_ms, b"a", b"", (("ce_time", ce_time),))
    return message, assignment


def test_of_an_article_the_subjects_that_it_is_most_about_count_and_broader_topics_too():
    message, assignment = noted()
    out = note_message(message, SKETCH, assignment, event_source="urn:dateline")
    found = read_note(out.value or b"")
    assert (out.key, out.partition) == (b"a", 0)
    assert (found.story, found.is_copy) == (assignment.story, False)
    assert [one.id for one in found.subjects if one.kind is Kind.PERSON] == [
        f"person:person-{number}" for number in range(5)
    ]
    assert [one.name for one in found.subjects if one.kind is Kind.ORGANISATION] == ["Dockers' Union"]
    assert [one.name for one in found.subjects if one.kind is Kind.PLACE] == ["Callao"]
    topics = {one.id: one.name for one in found.subjects if one.kind is Kind.TOPIC}
    assert topics == {code: media_topic_name(code) or code for code in (CODE, *broader(CODE), "medtop:0")}


@pytest.mark.parametrize(
    ("text", "fields", "named", "counted"),
    [
        ("BERLIN (Reuters) - {}", {"source": "Harbour Post"}, ["Thomson Reuters", "Reuters"], []),
        (
            "{}",
            {"source": "Harbour Post"},
            ["The Harbour Post", "Harbour Postal Union"],
            ["Harbour Postal Union"],
        ),
        ("{}", {"source": "Harbour Post"}, ["Reuters"], ["Reuters"]),
        ("{}", {"source": None}, ["Harbour Post"], ["Harbour Post"]),
    ],
)
def test_an_agency_that_is_credited_and_the_publisher_are_not_in_the_news(text, fields, named, counted):
    entities = [name("ORG", one, 0.4) for one in named]
    one = sketch("a", text.format(sentence(0, 1)), entities=entities, **fields)
    message, assignment = noted(one=one)
    found = read_note(note_message(message, one, assignment, event_source="urn:dateline").value or b"")
    assert [one.name for one in found.subjects if one.kind is Kind.ORGANISATION] == counted


@pytest.mark.parametrize(
    ("relation", "is_copy"),
    [("original", False), ("reprint", True), ("excerpt", True), ("extends", True), ("quotes", False)],
)
def test_what_a_story_counts_as_a_copy_is_one(relation, is_copy):
    message, assignment = noted()
    out = note_message(
        message, SKETCH, replace(assignment, relation=Relation(relation)), event_source="urn:dateline"
    )
    assert read_note(out.value or b"").is_copy is is_copy


def test_a_retraction_has_no_value():
    out = retraction_note(noted()[0], "a", event_source="urn:dateline")
    assert (out.key, out.value, dict(out.headers)["ce_type"]) == (b"a", None, b"news.article.retracted.v1")


@pytest.mark.parametrize(
    ("published", "came", "written", "counted"),
    [
        (-HOUR_MS, 0, 1, -HOUR_MS),
        (-400 * DAY_MS, 0, 1, -400 * DAY_MS),
        (None, -5, 1, -5),
        # Clocks differ; a day in the future is a wrong date.
        (HOUR_MS, 0, 1, HOUR_MS),
        (HOUR_MS + 1, 0, 1, 0),
        (5000 * DAY_MS, 0, 1, 0),
        # The raw topic's time is a publisher's too.
        (None, 9, 1, 1),
        (None, -9 * DAY_MS, 1, 1),
        (None, -8 * DAY_MS + 1, 1, -8 * DAY_MS + 1),
        (2 * HOUR_MS, DAY_MS, 1, 1),
    ],
)
def test_an_article_is_counted_when_it_was_published_unless_that_cant_be(published, came, written, counted):
    given = None if published is None else NOON_MS + published
    found = counted_at(given, came_ms=NOON_MS + came, written_ms=NOON_MS + written)
    assert found - NOON_MS == counted


@pytest.mark.parametrize(
    ("published_at", "ce_time", "counted"),
    [
        ("2027-01-15T11:30:00Z", b"2027-01-15T11:59:00Z", NOON_MS - HOUR_MS // 2),
        (None, b"2027-01-15T11:59:00Z", NOON_MS - 60_000),
        (None, b"2031-01-01T00:00:00Z", NOON_MS),
        (None, b"1970-01-01T00:00:00Z", NOON_MS),
        (None, b"no time", NOON_MS),
        ("2027-02-15T11:30:00Z", b"2027-01-15T11:59:00Z", NOON_MS - 60_000),
    ],
)
def test_the_times_are_the_articles_the_raw_records_and_the_sketchs(published_at, ce_time, counted):
    one = sketch("a", sentence(0, 1), published_at=published_at)
    message, assignment = noted(ce_time=ce_time, one=one)
    out = note_message(message, one, assignment, event_source="urn:dateline")
    assert read_note(out.value or b"").time_ms == counted
