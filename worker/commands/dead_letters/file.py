"""Dead letters in files: `dead-letters export` writes them, `feed` reads them back, byte for byte."""

from base64 import b64decode, b64encode
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import orjson

from worker.records.messages import Headers, RawMessage

if TYPE_CHECKING:
    # For annotations only: `feed` reads letters without loading what reads them from Kafka.
    from worker.commands.dead_letters.letter import Letter

SIDECAR_SUFFIX = ".letter.json"
LETTER_LINES_SUFFIX = ".letters.jsonl"


class NotALetter(ValueError):
    """The file or line holds no exported letter; the message says why."""


def letter_sidecar(letter: "Letter", original: RawMessage, value_file: str) -> bytes:
    """The JSON beside the file with the value: all of the letter but its value, a field a line."""
    reference = {"value_file": None if original.value is None else value_file}
    return orjson.dumps(_message(letter, original) | reference, option=orjson.OPT_INDENT_2) + b"\n"


def letter_json_line(letter: "Letter", original: RawMessage) -> bytes:
    """The letter with its value, as one line of JSON."""
    return orjson.dumps(_message(letter, original) | _text("value", original.value))


def read_letter(
    text: bytes, read_file: Callable[[str], bytes] | None
) -> tuple[bytes | None, bytes | None, Headers]:
    """Returns key, value and headers. `read_file` reads the value's file, if it may stand in one.

    Raises NotALetter, and whatever `read_file` raises.
    """
    try:
        fields = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise NotALetter(f"no exported letter: {error}") from None
    if not isinstance(fields, dict) or not isinstance(fields.get("headers"), list):
        raise NotALetter("no exported letter: it takes an object with headers, key and value")
    try:
        headers = tuple((_name(header), _bytes("value", header)) for header in fields["headers"])
        return _bytes("key", fields), _value(fields, read_file), headers
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise NotALetter(f"no exported letter: {type(error).__name__}: {error}") from None


def _message(letter: "Letter", original: RawMessage) -> dict[str, Any]:
    about = {
        "letter": f"{letter.record.topic}/{letter.place}",
        "time": letter.time,
        "reason": letter.reason,
        "error": letter.error,
        "origin": letter.origin,
        "topic": original.topic,
    }
    headers = [_named(name) | _text("value", value) for name, value in original.headers]
    return about | _text("key", original.key) | {"headers": headers}


def _named(name: str) -> dict[str, str | None]:
    return _text("name", name.encode(errors="surrogateescape"))


def _text(name: str, data: bytes | None) -> dict[str, str | None]:
    try:
        return {name: None if data is None else data.decode()}
    except UnicodeDecodeError:
        return {f"{name}_base64": b64encode(data or b"").decode()}


def _bytes(name: str, fields: Mapping[str, Any]) -> bytes | None:
    """The field's bytes, which stand as text or base64; None for null. Raises KeyError without the field."""
    if f"{name}_base64" in fields:
        return b64decode(fields[f"{name}_base64"], validate=True)
    text = fields[name]
    return None if text is None else text.encode()


def _name(header: Mapping[str, Any]) -> str:
    return (_bytes("name", header) or b"").decode(errors="surrogateescape")


def _value(fields: Mapping[str, Any], read_file: Callable[[str], bytes] | None) -> bytes | None:
    if read_file is None or "value_file" not in fields:
        return _bytes("value", fields)
    name = fields["value_file"]
    if name is None:
        return None
    if not isinstance(name, str):
        raise TypeError(f"value_file takes a file's name, got {name!r}")
    return read_file(name)
