"""Parses a JSON object from outside. Every failure is a UndecodableError, whatever is in the text."""

import json
import math
import re
from decimal import Decimal
from typing import Any

import orjson

from worker.intake.errors import UndecodableError

# A more deeply nested record could not be written again (orjson nests 254 deep), and is no publisher's work.
MAX_JSON_DEPTH = 100
# orjson reads an integer beyond 64 bits as a float, which loses digits.
_LONG_NUMBER = re.compile(r"\d{19}")


def parse_object(text: str) -> dict[str, Any]:
    """The object. Escaped lone surrogates are kept; of equal names the last one wins."""
    try:
        value = orjson.loads(text.encode(errors="surrogatepass"))
        if isinstance(value, dict) and _LONG_NUMBER.search(text):
            value = _parse_slowly(text)
    except orjson.JSONDecodeError as error:
        # orjson refuses escaped lone surrogates; the standard library reads them.
        if "\\u" not in text:
            raise UndecodableError(f"the value is not JSON: {error}") from None
        value = _parse_slowly(text)
    if not isinstance(value, dict):
        raise UndecodableError(f"the value takes a JSON object, got {json_type(value)}")
    return value


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
        raise UndecodableError(f"the value is not JSON: {error}") from None


def _finite(number: str) -> float:
    """The number as a float. Refuses `1e400`, as orjson does: infinity can't be written as JSON."""
    value = float(number)
    if math.isinf(value):
        raise ValueError(f"{number[:40]} is beyond a double")
    return value


def _refuse(constant: str) -> Any:
    raise ValueError(f"{constant} is no JSON number")
