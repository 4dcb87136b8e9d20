"""Reads which article a record without a value retracts, or one that says that its article was deleted."""

from dataclasses import dataclass
from typing import Any

from worker.intake.errors import FieldError, LimitError, UndecodableError
from worker.intake.fields import sanitize
from worker.intake.json_text import decimal_string, json_type, parse_json
from worker.intake.wrapping.framing import read_framed
from worker.records.messages import RawMessage
from worker.records.raw import MAX_ID_CHARS

_MISSING = "a null value takes an `id` header or a key that says what is retracted"
# Of a key's several fields, these say which article it is: a raw article's and a ninjs item's.
_ID_FIELDS = ("id", "uri")
_SHOWN_CHARS = 200
# JSON in a string, in a string again.
_MAX_LAYERS = 3
# Kafka's own serializers of whole numbers write so many bytes.
_NUMBER_BYTES = (4, 8)


@dataclass(frozen=True, slots=True)
class Retraction:
    """The publisher retracts the article of this id."""

    id: str


def read_retraction(message: RawMessage) -> Retraction:
    """The retraction by the `id` header, else by the key. Raises FieldError or LimitError."""
    header = (message.header("id") or b"").strip()
    if header:
        return retraction_of(_utf8(header), missing=_MISSING)
    return retraction_by_key(message.key)


def retraction_by_key(key: bytes | None) -> Retraction:
    """The retraction of the article that a key names: as plain text, or as JSON in the forms of `_id_in`.

    Raises FieldError, which says what the key was, or LimitError.
    """
    key = key or b""
    try:
        framed = read_framed(key)
    except UndecodableError as error:
        raise FieldError(f"a retraction's key takes the article's id: {error}") from None
    if framed is not None and isinstance(framed.content, str | dict):
        return retraction_of(_named_in(framed.content, key), missing=_MISSING)
    if len(key) in _NUMBER_BYTES and key[0] == 0:
        raise FieldError(
            f"a retraction's key takes the article's id as text, got the {len(key)} bytes {key.hex(' ')}, "
            "as Kafka's serializers of numbers write them"
        )
    text = _utf8(key)
    return retraction_of(_plain_or_json(text, key), missing=_MISSING)


def retraction_of(article: str, *, missing: str) -> Retraction:
    """The retraction of the article of this id. Raises FieldError(missing) if it is blank, or LimitError."""
    # Cleaned as the id of an article is, so that the two are equal.
    article = str(sanitize(article)).strip()
    if not article:
        raise FieldError(missing)
    if len(article) > MAX_ID_CHARS:
        raise LimitError(f"the id has {len(article)} characters, the limit is {MAX_ID_CHARS}")
    return Retraction(article)


def id_in(value: Any, layers: int = _MAX_LAYERS) -> str | None:
    """The id that a key's JSON names; None if it names none.

    A string or a number is the id, as is that of an object's field `id`, else `uri`, else its only field.
    Kafka Connect's envelope is taken off, and so are JSON's quotation marks and braces within a string, as
    Debezium writes keys of MongoDB. Debezium also adds fields that begin with two underscores.
    """
    if isinstance(value, dict) and value.keys() == {"schema", "payload"}:
        value = value["payload"]
    if isinstance(value, dict):
        fields = {name: part for name, part in value.items() if not name.startswith("__")}
        named = next((name for name in _ID_FIELDS if name in fields), None)
        if named is None and len(fields) == 1:
            named = next(iter(fields))
        value = fields.get(named) if named is not None else None
    if isinstance(value, int | float) and not isinstance(value, bool):
        return decimal_string(value)
    if not isinstance(value, str) or not value.strip():
        return None
    if layers and value.lstrip()[:1] in ('"', "{"):
        try:
            return id_in(parse_json(value), layers - 1)
        except UndecodableError:
            pass
    return value


def _plain_or_json(text: str, key: bytes) -> str:
    """A key that only begins as JSON does, and is none, is an id as it is."""
    if text.strip()[:1] not in ('"', "{", "["):
        return text
    try:
        value = parse_json(text)
    except UndecodableError:
        return text
    return _named_in(value, key)


def _named_in(value: Any, key: bytes) -> str:
    named = id_in(value)
    if named is None:
        raise FieldError(
            "a retraction's key takes the article's id, or an object with the field `id` or with one field, "
            f"got {json_type(value)}: {key.decode(errors='replace')[:_SHOWN_CHARS]}"
        )
    return named


def _utf8(text: bytes) -> str:
    try:
        return text.decode()
    except UnicodeDecodeError as error:
        raise FieldError(f"a retraction takes an article id in UTF-8: {error}") from None
