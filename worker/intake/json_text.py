"""Parses JSON from outside. Every failure is a UndecodableError, whatever is in the text."""

import json
import math
import re
from decimal import Decimal
from typing import Any

import orjson

from worker.intake.errors import UndecodableError

# A more deeply nested record could not be written again (orjson nests 254 deep), and is no publisher's work.
MAX_JSON_DEPTH = 100
# orjson reads an integer beyond 64 bits as a float, which loses digits; none is smaller than this.
_LONG_NUMBER = 2.0**63
# Where an object or array begins behind another one, as in lines of JSON and in RFC 7464's sequences.
_DOCUMENT = re.compile(r"[\s,\x1e]*[{\[]")
_MAX_COUNTED = 1000
_DECODER = json.JSONDecoder()


def parse_json(text: str) -> Any:
    """The value. Escaped lone surrogates are kept; of equal names the last one wins."""
    try:
        value = orjson.loads(text.encode(errors="surrogatepass"))
        if _has_long_number(value):
            value = _parse_slowly(text)
    except orjson.JSONDecodeError as error:
        # orjson refuses escaped lone surrogates; the standard library reads them.
        if "\\u" not in text:
            raise _not_json(text, error) from None
        value = _parse_slowly(text)
    return value


def _has_long_number(value: Any, depth: int = 0) -> bool:
    """Whether a number in the value may be an integer that lost digits."""
    if isinstance(value, float):
        return abs(value) >= _LONG_NUMBER
    # What is deeper is refused later.
    if depth > MAX_JSON_DEPTH:
        return False
    items = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    # Most of what a record holds is strings, for which a call of their own would cost the most.
    return any(_has_long_number(item, depth + 1) for item in items if type(item) is not str)


def json_type(value: Any) -> str:
    """A value's type in JSON's words, for errors."""
    names = {dict: "an object", list: "an array", str: "a string", bool: "a boolean", type(None): "null"}
    return names.get(type(value), "a number")


def decimal_string(number: int | float) -> str:
    """A number without an exponent: `12`, `12.5`, `100000000000000000000`."""
    return format(Decimal(repr(number)), "f") if isinstance(number, float) else str(number)


def _parse_slowly(text: str) -> Any:
    try:
        return json.loads(text, parse_constant=_refuse, parse_float=_finite)
    except (ValueError, RecursionError) as error:
        raise _not_json(text, error) from None


def _not_json(text: str, error: Exception) -> UndecodableError:
    count = _count_documents(text)
    if count > 1:
        counted = f"{count - 1} or more" if count > _MAX_COUNTED else str(count)
        return UndecodableError(
            f"the value holds {counted} JSON documents: publish each article as a record of its own"
        )
    return UndecodableError(f"the value is not JSON: {error}")


def _count_documents(text: str) -> int:
    """How many objects or arrays stand one behind another, to _MAX_COUNTED + 1; 0 if anything else does."""
    at = count = 0
    while count <= _MAX_COUNTED and (start := _DOCUMENT.match(text, at)):
        try:
            _, at = _DECODER.raw_decode(text, start.end() - 1)
        except (ValueError, RecursionError):
            return 0
        count += 1
    return count if count > _MAX_COUNTED or not text[at:].strip() else 0


def _finite(number: str) -> float:
    """The number as a float. Refuses `1e400`, as orjson does: infinity can't be written as JSON."""
    value = float(number)
    if math.isinf(value):
        raise ValueError(f"{number[:40]} is beyond a double")
    return value


def _refuse(constant: str) -> Any:
    raise ValueError(f"{constant} is no JSON number")
