"""The schemas keep what the released ones promise, and the comparison finds what would not."""

from pathlib import Path

import orjson
import pytest

from tests.contract.compatibility import breaks
from worker.channels import Channel
from worker.records.schemas import WRITTEN_BY_OTHERS, schema

RELEASED = sorted((Path(__file__).parents[2] / "schemas" / "released").glob("*.schema.json"))
NULL = {"type": "null"}
TEXT = {"type": "string"}
NUMBER = {"type": "number"}
WHOLE = {"type": "integer"}
KNOWN = {"enum": ["a", "b"], "type": "string"}
MORE = {"enum": ["a", "b", "c"], "type": "string"}
FEWER = {"enum": ["a"], "type": "string"}
TIME = TEXT | {"format": "date-time"}


def either(*schemas):
    return {"anyOf": list(schemas)}


def thing(required=("x",), rest=True, **properties):
    return {
        "type": "object",
        "properties": properties or {"x": TEXT},
        "required": [*required],
        "additionalProperties": rest,
    }


def listed(items):
    return {"type": "array", "items": items}


def node(text):
    """A schema that contains itself."""
    below = either({"$ref": "#/$defs/Node"}, NULL)
    return {"$ref": "#/$defs/Node", "$defs": {"Node": thing(x=text, below=below)}}


# What was, what is, what breaks readers of it, what breaks those who write it.
CHANGES = {
    "nothing": (thing(), thing(), [], []),
    "an optional field": (thing(), thing(x=TEXT, y=TEXT), [], []),
    "a required field": (
        thing(),
        thing(("x", "y"), x=TEXT, y=TEXT),
        [],
        ["value.y: is required now"],
    ),
    "a field in a closed object": (
        thing(rest=False),
        thing(rest=False, x=TEXT, y=TEXT),
        ["value.y: is new in a closed object"],
        [],
    ),
    "a field is gone": (
        thing(x=TEXT, y=TEXT),
        thing(),
        ["value.y: is gone"],
        ["value.y: is gone"],
    ),
    "a required field is gone": (
        thing(("x", "y"), x=TEXT, y=TEXT),
        thing(),
        ["value.y: is gone"],
        ["value.y: is gone"],
    ),
    "a field becomes optional": (thing(), thing(()), ["value.x: is no longer always there"], []),
    "a field becomes required": (thing(()), thing(), [], ["value.x: is required now"]),
    "an object is opened": (thing(rest=False), thing(), ["value: may have other fields now"], []),
    "an object is closed": (
        thing(),
        thing(rest=False),
        ["value: takes no other fields now"],
        ["value: takes no other fields now"],
    ),
    "another type": (
        thing(x=TEXT),
        thing(x=NUMBER),
        ["value.x: may be number"],
        ["value.x: may no longer be string"],
    ),
    "null too": (thing(x=TEXT), thing(x=either(TEXT, NULL)), ["value.x: may be null"], []),
    "null no more": (thing(x=either(TEXT, NULL)), thing(), [], ["value.x: may no longer be null"]),
    "anything instead of a text": (TEXT, {}, ["value: may be anything"], []),
    "a text instead of anything": ({}, TEXT, [], ["value: may no longer be anything"]),
    "a whole number instead of any": (NUMBER, WHOLE, [], ["value: may no longer be number"]),
    "any number instead of a whole one": (WHOLE, NUMBER, ["value: may be number"], []),
    "a value of a closed enumeration": (KNOWN, MORE, ["value: c is new"], []),
    "a value of an open enumeration": (either(KNOWN, TEXT), either(MORE, TEXT), [], []),
    "a value is gone from a closed one": (KNOWN, FEWER, ["value: b is gone"], ["value: b is refused"]),
    "a value is gone from an open one": (
        either(KNOWN, TEXT),
        either(FEWER, TEXT),
        ["value: b is gone"],
        [],
    ),
    "an enumeration is opened": (KNOWN, either(KNOWN, TEXT), ["value: any value is new"], []),
    "an enumeration is closed": (either(KNOWN, TEXT), KNOWN, [], ["value: any value is refused"]),
    "a time becomes any text": (TIME, TEXT, ["value: format is wider"], []),
    "a text becomes a time": (TEXT, TIME, [], ["value: format is narrower"]),
    "another pattern": (
        TEXT | {"pattern": "^a"},
        TEXT | {"pattern": "^b"},
        ["value: pattern is wider"],
        ["value: pattern is narrower"],
    ),
    "a higher maximum": (
        NUMBER | {"maximum": 1},
        NUMBER | {"maximum": 2},
        ["value: maximum is wider"],
        [],
    ),
    "a maximum": (NUMBER, NUMBER | {"maximum": 2}, [], ["value: maximum is narrower"]),
    "a lower minimum": (
        NUMBER | {"minimum": 0},
        NUMBER | {"minimum": -1},
        ["value: minimum is wider"],
        [],
    ),
    "no minimal length": (TEXT | {"minLength": 1}, TEXT, ["value: minLength is wider"], []),
    "a list's members": (
        listed(TEXT),
        listed(either(TEXT, NULL)),
        ["value[]: may be null"],
        [],
    ),
    "a map's values": (
        thing(rest=TEXT),
        thing(rest=NUMBER),
        ["value.*: may be number"],
        ["value.*: may no longer be string"],
    ),
    "deep in what contains itself": (
        node(TEXT),
        node(NUMBER),
        ["value.x: may be number"],
        ["value.x: may no longer be string"],
    ),
    "the key": (
        thing() | {"x-key": "id"},
        thing() | {"x-key": "url"},
        ["the key: 'id' became 'url'"],
        ["the key: 'id' became 'url'"],
    ),
    "words about it": (TEXT | {"description": "a"}, TEXT | {"description": "b", "title": "T"}, [], []),
}


@pytest.mark.parametrize(("old", "new", "readers", "writers"), CHANGES.values(), ids=CHANGES)
def test_a_change_breaks_those_whom_it_takes_something_from(old, new, readers, writers):
    assert breaks(old, new, written=True) == readers
    assert breaks(old, new, written=False) == writers


def test_a_keyword_that_the_comparison_does_not_know_is_refused():
    with pytest.raises(ValueError, match="got multipleOf"):
        breaks(NUMBER, NUMBER | {"multipleOf": 2}, written=True)


@pytest.mark.parametrize("path", RELEASED, ids=lambda path: path.name.removesuffix(".schema.json"))
def test_a_schema_breaks_nobody_who_holds_to_the_released_one(path):
    channel = Channel(path.name.removesuffix(".schema.json"))
    new = schema(channel)
    assert breaks(orjson.loads(path.read_bytes()), new, written=channel not in WRITTEN_BY_OTHERS) == []


def test_there_are_released_schemas():
    assert {"articles.raw.v1", "articles.enriched.v1", "quotes.v1"} <= {
        path.name.removesuffix(".schema.json") for path in RELEASED
    }
