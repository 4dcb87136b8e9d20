"""Takes what publishers' systems put around an article off it: Kafka Connect, Debezium, CloudEvents.

An envelope is told by its fields alone. Its own fields say nothing about the article and are left behind.
"""

import base64
import binascii
from dataclasses import dataclass
from typing import Any

from worker.intake.errors import FieldError, UndecodableError
from worker.intake.json_text import json_type, parse_json

# What Debezium writes for a long column that an update left alone.
_UNAVAILABLE = "__debezium_unavailable_value"
# Of MongoDB's extended JSON.
_TYPES = frozenset({"$oid", "$date", "$numberInt", "$numberLong", "$numberDouble", "$numberDecimal", "$uuid"})
_OTHER_OPERATIONS = {"t": "the table was emptied", "m": "a message"}


@dataclass(frozen=True, slots=True)
class Contents:
    """What an envelope holds: a text, bytes or a JSON value. `content_type`: what it says of them."""

    value: Any
    content_type: str = ""


@dataclass(frozen=True, slots=True)
class Deletion:
    """The publisher's system deleted the article. `row`: as it was, as far as that is known."""

    row: dict[str, Any] | None = None


def open_envelope(fields: dict[str, Any]) -> Contents | Deletion | None:
    """What these fields are an envelope of; None if they are none. Raises IntakeError."""
    if len(fields) == 2 and "schema" in fields and "payload" in fields:
        return _connect(fields["schema"], fields["payload"])
    if _is_change(fields):
        return _change(fields)
    if "specversion" in fields and "type" in fields and ("data" in fields or "data_base64" in fields):
        return _cloudevent(fields)
    if fields.get("__deleted") in ("true", True) or fields.get("__op") == "d":
        return Deletion(fields)
    return None


def refuse_unavailable(fields: dict[str, Any]) -> None:
    """Raises FieldError for a field whose value Debezium left out."""
    for name, value in fields.items():
        if value == _UNAVAILABLE:
            raise FieldError(
                f"{name} takes a value, got Debezium's mark for one that was not sent: give the table "
                "`REPLICA IDENTITY FULL`"
            )


def _connect(schema: Any, payload: Any) -> Contents | Deletion:
    """Of Kafka Connect's JsonConverter, whose null under a schema is a tombstone."""
    if payload is None:
        return Deletion()
    if isinstance(schema, dict) and schema.get("type") == "bytes":
        return Contents(_from_base64("payload", payload))
    return Contents(payload)


def _is_change(fields: dict[str, Any]) -> bool:
    operation = fields.get("op")
    if not isinstance(operation, str):
        return False
    # Truncations and messages come without rows.
    has_source = isinstance(fields.get("source"), dict)
    return "after" in fields or "before" in fields or (operation in ("t", "m") and has_source)


def _change(fields: dict[str, Any]) -> Contents | Deletion:
    """Of Debezium."""
    operation, before, after = fields["op"], fields.get("before"), fields.get("after")
    if operation == "d":
        return Deletion(before if isinstance(before, dict) else None)
    if operation not in ("c", "r", "u"):
        meaning = _OTHER_OPERATIONS.get(operation, "unknown")
        raise UndecodableError(f"a change event's op takes c, r, u or d, got {operation[:40]!r}: {meaning}")
    if isinstance(after, str):
        return Contents(_mongo_document(after))
    if not isinstance(after, dict):
        raise FieldError(f"a change event's after takes the article, got {json_type(after)}")
    if isinstance(before, dict):
        sent = {name: before.get(name, value) for name, value in after.items() if value == _UNAVAILABLE}
        after = after | sent
    return Contents(after)


def _mongo_document(text: str) -> Any:
    """MongoDB's document, with `_id` as its id, and values that its extended JSON marks with their type."""
    document = parse_json(text)
    if not isinstance(document, dict):
        return document
    plain = {name: _without_type(value) for name, value in document.items()}
    return {"id": plain.pop("_id"), **plain} if "_id" in plain and "id" not in plain else plain


def _without_type(value: Any) -> Any:
    """`"5f..."` of `{"$oid": "5f..."}`, and so on."""
    while isinstance(value, dict) and len(value) == 1:
        [(name, inner)] = value.items()
        if name not in _TYPES:
            break
        value = inner
    return value


def _cloudevent(fields: dict[str, Any]) -> Contents:
    """Of a CloudEvent in structured mode. Its id, source and time are the event's, not the article's."""
    content_type = fields.get("datacontenttype") or ""
    if not isinstance(content_type, str):
        raise FieldError(f"datacontenttype takes a string, got {json_type(content_type)}")
    if fields.get("data_base64") is not None:
        return Contents(_from_base64("data_base64", fields["data_base64"]), content_type)
    # Of versions before 1.0.
    if fields.get("datacontentencoding") == "base64":
        return Contents(_from_base64("data", fields.get("data")), content_type)
    if fields.get("data") is None:
        raise FieldError("a CloudEvent's data takes the article, got null")
    return Contents(fields["data"], content_type)


def _from_base64(name: str, value: Any) -> bytes:
    if not isinstance(value, str):
        raise FieldError(f"{name} takes a string in base64, got {json_type(value)}")
    try:
        return base64.b64decode(value, validate=True)
    except (ValueError, binascii.Error) as error:
        raise FieldError(f"{name} takes a string in base64: {error}") from None
