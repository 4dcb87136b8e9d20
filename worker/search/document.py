"""Reads and checks a search document of the search topic before it is indexed."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

import orjson

Document = Mapping[str, Any]
"""The fields of `worker.records.published.SearchDocument`, and possibly others."""

WantedFields = Mapping[str, tuple[Callable[[Any], bool], str]]
"""By a field's name, whether a value is right, and what it takes."""

MAX_VERSION = 1 << 62
LAST_INDEXABLE_SECOND = (1 << 32) - 1
"""In the year 2106. Later times count as this one."""


class NotADocument(ValueError):
    """The value is not what its topic holds; the message names the field."""


def read_document(value: bytes) -> Document:
    """The document in a record's value. Raises NotADocument."""
    document = read_fields(value, _FIELDS)
    if not _are_romanized(document.get("romanized", {})):
        raise NotADocument(
            f"romanized takes an object of arrays of strings, got {kind_of(document['romanized'])}"
        )
    for place, quote in enumerate(document["quotes"]):
        _check(quote, _QUOTE_FIELDS, f"quotes[{place}].")
    return document


def read_fields(value: bytes, wanted: WantedFields) -> Document:
    """The JSON object in a record's value, which has these fields. Raises NotADocument."""
    try:
        document = orjson.loads(value)
    except orjson.JSONDecodeError as error:
        raise NotADocument(f"the value is not JSON: {error}") from None
    if not isinstance(document, dict):
        raise NotADocument(f"the value takes a JSON object, got {kind_of(document)}")
    _check(document, wanted, "")
    return document


def seconds_of(document: Document) -> int:
    """When it was published, or else when its raw record came in, in seconds since the epoch; 0 if before."""
    return min(max(0, _seconds(document)), LAST_INDEXABLE_SECOND)


def _seconds(document: Document) -> int:
    published_at = document["published_at"]
    if published_at:
        try:
            moment = datetime.fromisoformat(published_at)
            return int(moment.replace(tzinfo=moment.tzinfo or UTC).timestamp())
        except (ValueError, OverflowError):
            pass
    return int(document["version"]) // 1000


def _check(fields: Document, wanted: WantedFields, where: str) -> None:
    for name, (is_right, takes) in wanted.items():
        if name not in fields:
            raise NotADocument(f"{where}{name} is missing")
        if not is_right(fields[name]):
            raise NotADocument(f"{where}{name} takes {takes}, got {kind_of(fields[name])}")


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _is_text_or_null(value: Any) -> bool:
    return value is None or isinstance(value, str)


def _is_texts(value: Any) -> bool:
    return isinstance(value, list) and all(map(_is_text, value))


def values_of(document: Document, field: str) -> list[str]:
    """The values of a field of texts, of names also those in Latin letters."""
    return [*document[field], *document.get("romanized", {}).get(field, [])]


def _are_romanized(value: Any) -> bool:
    return isinstance(value, dict) and all(map(_is_texts, value.values()))


TEXT = (_is_text, "a string")
TEXT_OR_NULL = (_is_text_or_null, "a string or null")
FILLED_TEXT = (lambda value: isinstance(value, str) and value != "", "a string that is not empty")
_TEXTS = (_is_texts, "an array of strings")
_FIELDS: WantedFields = {
    "id": FILLED_TEXT,
    "version": (
        lambda value: type(value) is int and 0 <= value < MAX_VERSION,
        f"a whole number from 0 to {MAX_VERSION - 1}",
    ),
    **dict.fromkeys(("text", "language"), TEXT),
    **dict.fromkeys(("url", "headline", "source", "published_at"), TEXT_OR_NULL),
    **dict.fromkeys(
        (
            "authors", "people", "organisations", "places", "countries", "other_names", "entity_ids",
            "topics", "topic_codes", "speakers",
        ),
        _TEXTS,
    ),
    "quotes": (
        lambda value: isinstance(value, list) and all(isinstance(quote, dict) for quote in value),
        "an array of objects",
    ),
}  # fmt: skip
_QUOTE_FIELDS = {"text": TEXT, "kind": TEXT, "speaker": TEXT_OR_NULL, "speaker_id": TEXT_OR_NULL}


def kind_of(value: Any) -> str:
    """What a value is, for a message: `null`, `the number 3`, the beginning of a string."""
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case int() | float():
            return f"the number {value}"
        case str():
            return f"{value[:40]!r}"
        case list():
            return "an array"
        case _:
            return "an object"
