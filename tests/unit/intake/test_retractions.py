"""Which article a record without a value retracts."""

import json

import pytest

from worker.intake.decode import decode
from worker.intake.limits import Limits
from worker.intake.retraction import Retraction
from worker.records.messages import RawMessage, Reason

FRAME = b"\x00\x00\x00\x01\x07"


def retract(key, headers=()):
    message = RawMessage("raw", 0, 0, 0, key, None, headers)
    return decode(message, limits=Limits(), default_language="en")


@pytest.mark.parametrize(
    ("key", "article"),
    [
        (b"piece-9", "piece-9"),
        (b" piece-9\n", "piece-9"),
        (b"9000", "9000"),
        (b'"piece-9"', "piece-9"),
        (b'\n "piece-9"\n', "piece-9"),
        (rb'"Z\u00fcrich \"9\""', 'Zürich "9"'),
        (b'{"id": "piece-9"}', "piece-9"),
        (b'{"id": 9000}', "9000"),
        (b'{"id": 123456789012345678901234567890}', "123456789012345678901234567890"),
        (b'{"story_no": 9000}', "9000"),
        (b'{"desk": "city", "id": "piece-9", "uri": "urn:9"}', "piece-9"),
        (b'{"version": 2, "uri": "urn:9"}', "urn:9"),
        (b'{"story_no": 9000, "__dbz__physicalTableIdentifier": "cms.stories"}', "9000"),
        (b'{"schema": {"type": "string", "optional": false}, "payload": "piece-9"}', "piece-9"),
        (b'{"schema": {"type": "int64", "optional": false}, "payload": 9000}', "9000"),
        (b'{"schema": null, "payload": {"id": "piece-9"}}', "piece-9"),
        (b'{"payload": {"story_no": 9000}, "schema": {"type": "struct"}}', "9000"),
        (b'"{\\"id\\": \\"piece-9\\"}"', "piece-9"),
        (b'{"id": "{\\"$oid\\": \\"65f0\\"}"}', "65f0"),
        (b'{"id": "\\"piece-9\\""}', "piece-9"),
        (FRAME + b'"piece-9"', "piece-9"),
        (FRAME + b'{"id": 9000}', "9000"),
        (b"\x03\x00" + bytes(range(16)) + b'{"id": 9000}', "9000"),
    ],
)
def test_a_key_names_the_article_in_each_form_that_converters_write(key, article):
    assert retract(key) == Retraction(article)


@pytest.mark.parametrize(
    "key", ['"', '"No" is an id', "{draft} 9", "[2025] 9", "{", "null", "true", "nine:9"]
)
def test_a_key_that_is_no_json_is_the_id_as_it_is(key):
    assert retract(key.encode()) == Retraction(key)


@pytest.mark.parametrize(
    ("key", "named"),
    [
        (b"{}", "{}"),
        (b'""', "a string"),
        (b'" "', "a string"),
        (b"[9000]", "an array"),
        (b'{"desk": "city", "no": 9}', '"desk": "city"'),
        (b'{"id": null}', "null"),
        (b'{"id": true}', "true"),
        (b'{"id": {"no": 9}}', '"no"'),
        (b'{"schema": {"type": "string"}, "payload": null}', "payload"),
        (FRAME + b"\x0epiece-9", "Avro"),
        (FRAME + b"\x00\x0a\x07piece-9", "Protobuf"),
        (b"\x00\x00\x23\x28", "00 00 23 28"),
        (b"\x00\x00\x00\x00\x00\x00\x23\x28", "00 00 00 00 00 00 23 28"),
    ],
)
def test_a_key_that_names_no_article_is_invalid_and_the_error_says_what_it_was(key, named):
    rejected = retract(key)
    assert rejected.reason is Reason.INVALID
    assert named in rejected.error
    assert "key" in rejected.error


def test_the_id_header_comes_before_the_key_and_is_the_id_as_it_is():
    assert retract(b"\xff", (("id", b"piece-9"),)) == Retraction("piece-9")
    quoted = json.dumps({"id": "9"})
    assert retract(b"9", (("id", quoted.encode()),)) == Retraction(quoted)


def test_an_id_in_a_key_is_limited_as_an_articles_is():
    assert retract(json.dumps("x" * 1001).encode()).reason is Reason.TOO_LARGE
    assert retract(json.dumps({"id": "x" * 1000}).encode()) == Retraction("x" * 1000)


def test_an_error_about_a_long_key_is_short():
    rejected = retract(json.dumps({"a": "x" * 100_000, "b": 1}).encode())
    assert rejected.reason is Reason.INVALID
    assert len(rejected.error) < 500
