"""How the indexer reads records of the search topic."""

import json

import orjson
import pytest
from aiokafka import ConsumerRecord

from tests.unit.commands.stories.story_records import assignment, card
from worker.alerts.story_cards import facts_of_story
from worker.channels import Channel
from worker.commands.search.changes import SkippedRecord, change_of
from worker.records.published import SearchDocument
from worker.records.stories import StoryAssignment, StoryCard, StoryCounts
from worker.search.story_rows import ArticleStory, AssignmentChange, StoryChange
from worker.search.writing import Change

DOCUMENT = {
    "id": "a1", "version": 1769846400123, "url": None, "headline": None, "text": "A port.", "source": None,
    "language": "en", "published_at": None, "authors": [], "people": [], "organisations": [], "places": [],
    "countries": [], "other_names": [], "entity_ids": [], "topics": [], "topic_codes": [], "speakers": [],
    "quotes": [],
}  # fmt: skip


def record(value: bytes | None, *, key: bytes | None = b"a1", headers: tuple = ()) -> ConsumerRecord:
    return ConsumerRecord("search", 3, 17, 1769846400999, 0, key, value, None, 0, 0, headers)


def test_a_document_is_a_change_of_its_article():
    change = change_of(record(json.dumps(DOCUMENT | {"added later": 1}).encode()))
    assert isinstance(change, Change)
    assert (change.article, change.partition, change.offset) == ("a1", 3, 17)
    assert change.version == 1769846400123
    assert change.entry
    assert change.entry.second == 1769846400


@pytest.mark.parametrize(
    ("headers", "version"),
    [
        ((("ce_time", b"2026-01-31T08:00:00.123Z"),), 1769846400123),
        ((("ce_time", b"soon"),), 1769846400999),
        ((("ce_time", b"\xff"),), 1769846400999),
        ((("ce_time", None),), 1769846400999),
        ((), 1769846400999),
    ],
)
def test_a_tombstone_is_as_late_as_its_retraction(headers, version):
    assert change_of(record(None, headers=headers)) == Change("a1", 3, 17, version, None)


@pytest.mark.parametrize(
    ("value", "says"),
    [
        (b"", "not JSON"),
        (b"\xff", "not JSON"),
        (b"[]", "takes a JSON object, got an array"),
        ({"id": ""}, "id takes a string that is not empty, got ''"),
        ({"id": 3}, "id takes a string that is not empty, got the number 3"),
        ({"id": "other"}, "its key is 'a1', its id 'other'"),
        ({"version": "1"}, "version takes a whole number"),
        ({"version": True}, "version takes a whole number from 0 to 4611686018427387903, got true"),
        ({"version": -1}, "version takes"),
        ({"version": 1 << 62}, "version takes"),
        ({"text": None}, "text takes a string, got null"),
        ({"headline": 1.5}, "headline takes a string or null, got the number 1.5"),
        ({"people": "Lena"}, "people takes an array of strings, got 'Lena'"),
        ({"people": [None]}, "people takes an array of strings, got an array"),
        ({"quotes": {}}, "quotes takes an array of objects, got an object"),
        ({"quotes": [{}]}, "quotes[0].text is missing"),
        ({"quotes": [{"text": "a", "kind": "b", "speaker": 1}]}, "quotes[0].speaker takes a string or null"),
        ({"id": "\x1b[2J\u202e"}, "its key is 'a1', its id '\\x1b[2J\\u202e'"),
    ],
)  # fmt: skip
def test_what_is_no_document_is_one_line_with_its_place(value, says):
    skipped = change_of(record(value if isinstance(value, bytes) else json.dumps(DOCUMENT | value).encode()))
    assert isinstance(skipped, SkippedRecord)
    assert skipped.problem.startswith("search/3/17 is no search document: ")
    assert says in skipped.problem
    assert skipped.problem.isprintable()


@pytest.mark.parametrize(
    ("key", "says"), [(None, "it has no key"), (b"", "it has no key"), (b"\xff", "its key is not UTF-8")]
)
@pytest.mark.parametrize("value", [None, b"{}"])
def test_a_record_without_an_article_in_its_key_is_none(key, says, value):
    skipped = change_of(record(value, key=key))
    assert isinstance(skipped, SkippedRecord)
    assert says in skipped.problem


@pytest.mark.parametrize("field", DOCUMENT)
def test_every_field_is_asked_for(field):
    rest = {name: value for name, value in DOCUMENT.items() if name != field}
    skipped = change_of(record(json.dumps(rest).encode()))
    assert isinstance(skipped, SkippedRecord)
    assert f"{field} is missing" in skipped.problem


STORY = card("ferry", counts={"articles": 9, "unique": 5, "reprints": 4, "sources": 6, "retracted": 0})
LATE = (("ce_time", b"2026-01-31T08:00:00.123Z"),)


@pytest.mark.parametrize("relation", ["original", "reprint", "something newer"])
def test_an_assignment_is_the_story_of_its_article(relation):
    value = orjson.dumps(assignment("a1", "ferry", relation=relation, of="a0"))
    given = ArticleStory("ferry", relation, "a0")
    change = change_of(record(value, headers=LATE), Channel.STORY_ARTICLES)
    assert change == AssignmentChange("a1", 3, 17, 1769846400123, given)
    gone = change_of(record(None, headers=LATE), Channel.STORY_ARTICLES)
    assert gone == AssignmentChange("a1", 3, 17, 1769846400123, None)


@pytest.mark.parametrize(("counts", "sources"), [({}, 5), ({"independent_sources": 2}, 2)])
def test_a_story_has_as_many_sources_as_for_rules(counts, sources):
    value = orjson.dumps(STORY | {"counts": STORY["counts"] | counts})
    change = change_of(record(value, key=b"ferry", headers=LATE), Channel.STORIES)
    assert change == StoryChange("ferry", 3, 17, 1769846400123, None, sources)
    assert facts_of_story(orjson.loads(value), {}).story.sources == sources


def test_a_story_says_what_it_became_a_part_of_and_a_null_value_says_nothing():
    value = orjson.dumps(STORY | {"status": "merged", "into": "quay"})
    change = change_of(record(value, key=b"ferry"), Channel.STORIES)
    assert isinstance(change, StoryChange)
    assert change.part_of == "quay"
    assert change_of(record(None, key=b"ferry"), Channel.STORIES) is None


@pytest.mark.parametrize(
    ("channel", "value", "says"),
    [
        (Channel.STORY_ARTICLES, b"[]", "is no article of a story: the value takes a JSON object"),
        (Channel.STORY_ARTICLES, assignment("a2", "s"), "its key is 'a1', its id 'a2'"),
        (Channel.STORY_ARTICLES, assignment("a1", ""), "story takes a string that is not empty, got ''"),
        (Channel.STORY_ARTICLES, assignment("a1", "s", of=3), "of takes a string or null, got the number 3"),
        (Channel.STORY_ARTICLES, assignment("a1", "s", relation=None), "relation takes a string, got null"),
        (Channel.STORIES, b"{", "is no story: the value is not JSON"),
        (Channel.STORIES, card("a1", into=[]), "into takes a string or null, got an array"),
        (Channel.STORIES, card("a1", counts=[]), "counts takes an object, got an array"),
        (Channel.STORIES, card("a1", counts={}), "counts.sources takes a whole number from 0 on, got null"),
        (Channel.STORIES, card("a1", counts={"sources": True}), "whole number from 0 on, got true"),
        (Channel.STORIES, card("a1", counts={"sources": 3}), "counts.unique takes a whole number"),
        (
            Channel.STORIES,
            card("a1", counts={"independent_sources": "2"}),
            "counts.independent_sources takes a whole number from 0 on, got",
        ),
        (Channel.STORIES, card("a1", counts={"sources": 1 << 62}), "counts.sources takes a whole number"),
        (Channel.STORIES, card("other"), "its key is 'a1', its id 'other'"),
    ],
)
def test_what_is_nothing_of_a_story_is_one_line_with_its_place(channel, value, says):
    skipped = change_of(record(value if isinstance(value, bytes) else orjson.dumps(value)), channel)
    assert isinstance(skipped, SkippedRecord)
    assert skipped.problem.startswith("search/3/17 is no ")
    assert says in skipped.problem


def test_a_record_of_a_story_has_all_that_is_read_of_it():
    assert {"id", "story", "relation", "of"} <= set(StoryAssignment.model_fields)
    assert {"id", "into", "counts"} <= set(StoryCard.model_fields)
    assert "sources" in StoryCounts.model_fields


def test_a_document_of_the_contract_is_one():
    # `romanized` is absent where no name is in another script.
    assert set(SearchDocument.model_fields) == {*DOCUMENT, "romanized"}
