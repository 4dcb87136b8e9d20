"""How the indexer reads records of the search topic."""

import json

import pytest
from aiokafka import ConsumerRecord

from worker.commands.search.changes import SkippedRecord, change_of
from worker.records.published import SearchDocument
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


def test_a_document_of_the_contract_is_one():
    # `romanized` is absent where no name is in another script.
    assert set(SearchDocument.model_fields) == {*DOCUMENT, "romanized"}
