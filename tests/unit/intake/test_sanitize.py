"""What of a record's fields is changed so that UTF-8 and JSON can carry it."""

import orjson
import pytest

from worker.intake.errors import FieldError
from worker.intake.fields import sanitize
from worker.intake.json_text import MAX_JSON_DEPTH


def nested(depth: int) -> object:
    value: object = "word"
    for _ in range(depth):
        value = [value]
    return value


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("a\0b", "a\ufffdb"),
        ("a\ud800b", "a\ufffdb"),
        ({"a\0": ["\udfff", {"n": 2**64}]}, {"a\ufffd": ["\ufffd", {"n": str(2**64)}]}),
        ([-(2**63), 2**64 - 1], [-(2**63), 2**64 - 1]),
        ([-(2**63) - 1], [str(-(2**63) - 1)]),
        ("\\u0000", "\\u0000"),
        (["{" * 500, "[" * 500, {"a": None, "b": 1.5, "c": True}],) * 2,
        ({"Zażółć": "नमस्ते"}, {"Zażółć": "नमस्ते"}),
    ],
)
def test_what_json_cannot_carry_is_replaced_and_the_rest_stays(value: object, expected: object) -> None:
    assert sanitize(value) == expected
    orjson.dumps(sanitize(value))


def test_nesting_is_limited_whatever_else_is_in_the_value() -> None:
    assert sanitize(nested(MAX_JSON_DEPTH)) == nested(MAX_JSON_DEPTH)
    for value in (nested(MAX_JSON_DEPTH + 1), [nested(MAX_JSON_DEPTH), "\0"], nested(400)):
        with pytest.raises(FieldError, match="at most 100 levels of nesting"):
            sanitize(value)
