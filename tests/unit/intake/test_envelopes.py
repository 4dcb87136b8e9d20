"""What systems put around an article, and what comes in instead of one."""

import base64
import gzip
import io
import json
import zipfile

import pytest

from worker.field_paths import read_field_paths
from worker.intake.decode import decode
from worker.intake.limits import Limits
from worker.intake.retraction import Retraction
from worker.records.messages import RawMessage, Reason

ARTICLE = {"id": "bridge-4", "headline": "Bridge shut", "text": "The Nyali bridge is shut until Tuesday."}
NINJS = {"uri": "urn:n:4", "bodies": [{"contenttype": "text/plain", "value": "The Nyali bridge is shut."}]}
PAGE = (
    "<html><body><article><p>The Nyali bridge is shut until Tuesday, the county’s engineers said on Sunday "
    "evening.</p></article></body></html>"
)
EVENT = {"specversion": "1.0", "id": "e-1", "source": "/desk", "type": "com.example.written"}
FRAME = b"\x00\x00\x01\x86\xa5"
CLOUDEVENT = "application/cloudevents+json"


def read(value, content_type=None, *, key=None):
    if not isinstance(value, bytes):
        value = json.dumps(value, ensure_ascii=False).encode()
    headers = () if content_type is None else (("content-type", content_type.encode()),)
    message = RawMessage("raw", 0, 0, 0, key, value, headers)
    return decode(message, limits=Limits(), default_language="en")


def connect(payload, schema=None):
    return {"schema": schema, "payload": payload}


def change(op, before=None, after=None):
    return {"before": before, "after": after, "source": {"db": "cms"}, "op": op, "ts_ms": 1_741_351_200_000}


def row(**fields):
    return {"id": None, "headline": None, "text": None} | fields


AS_IT_IS = read(ARTICLE)
ADDRESS = "https://x.example/4"
BY_ADDRESS = read({"url": ADDRESS, "text": "Shut."}).id


@pytest.mark.parametrize(
    "value",
    [
        connect(ARTICLE, {"type": "struct", "optional": False, "fields": []}),
        connect(ARTICLE),
        connect(json.dumps(ARTICLE), {"type": "string", "optional": False}),
        connect(base64.b64encode(json.dumps(ARTICLE).encode()).decode(), {"type": "bytes"}),
        change("c", after=ARTICLE),
        change("r", after=ARTICLE),
        change("u", before=row(id="bridge-4"), after=ARTICLE),
        {"op": "u", "after": ARTICLE},
        change("c", after=json.dumps(ARTICLE)),
        connect(change("u", after=ARTICLE), {"type": "struct", "name": "cms.public.stories.Envelope"}),
        change("u", before=ARTICLE, after=ARTICLE | {"text": "__debezium_unavailable_value"}),
        EVENT | {"data": ARTICLE},
        EVENT | {"data": ARTICLE, "datacontenttype": "application/json; charset=utf-8"},
        EVENT | {"data": json.dumps(ARTICLE)},
        EVENT | {"data": json.dumps(ARTICLE), "datacontenttype": "application/json"},
        EVENT | {"data_base64": base64.b64encode(json.dumps(ARTICLE).encode()).decode()},
        EVENT | {"specversion": "0.3", "datacontentencoding": "base64",
                 "data": base64.b64encode(json.dumps(ARTICLE).encode()).decode()},
        EVENT | {"data": connect(change("c", after=json.dumps(ARTICLE)))},
        json.dumps(ARTICLE),
        json.dumps(json.dumps(ARTICLE)),
        json.dumps(json.dumps(ARTICLE, indent=2)),
        connect(json.dumps(json.dumps(ARTICLE))),
    ],
)  # fmt: skip
@pytest.mark.parametrize("content_type", [None, "application/json"])
@pytest.mark.parametrize("frame", [b"", FRAME, bytes(8) + b"\x07", b"\x03\x00" + bytes(range(16))])
def test_an_article_in_envelopes_is_read_as_if_it_stood_alone(value, content_type, frame):
    assert read(frame + json.dumps(value).encode(), content_type) == AS_IT_IS


def test_quotation_marks_escaped_by_number_are_read_too():
    value = json.dumps(json.dumps(ARTICLE)).replace('\\"', "\\u0022").encode()
    assert read(value) == AS_IT_IS


@pytest.mark.parametrize(
    "value",
    [connect(NINJS), change("c", after=NINJS), EVENT | {"data": NINJS}, json.dumps(NINJS),
     EVENT | {"data": NINJS, "datacontenttype": "application/vnd.iptc.newsinjson"}],
)  # fmt: skip
def test_any_format_of_json_may_be_in_an_envelope(value):
    assert read(value) == read(NINJS)


@pytest.mark.parametrize(
    "value",
    [
        connect(PAGE, {"type": "string"}),
        connect(base64.b64encode(PAGE.encode()).decode(), {"type": "bytes"}),
        EVENT | {"data": PAGE, "datacontenttype": "text/html"},
        EVENT | {"data": PAGE},
        EVENT
        | {
            "data_base64": base64.b64encode(PAGE.encode("cp1252")).decode(),
            "datacontenttype": "text/html; charset=cp1252",
        },
    ],
)
def test_a_string_or_bytes_in_an_envelope_may_be_a_page(value):
    assert read(value) == read(PAGE.encode())


@pytest.mark.parametrize(
    "value", [connect("Shut."), EVENT | {"data": "Shut.", "datacontenttype": "text/plain"}]
)
def test_a_string_in_an_envelope_may_be_plain_text(value):
    assert read(value, CLOUDEVENT) == read(b"Shut.")


def test_a_batch_of_one_event_is_read_and_one_of_several_is_not():
    batch = "application/cloudevents-batch+json"
    assert read([EVENT | {"data": ARTICLE}], batch) == AS_IT_IS
    rejected = read([EVENT | {"data": ARTICLE}] * 3, batch)
    assert (rejected.reason, "array of 3" in rejected.error) == (Reason.UNDECODABLE, True)


def test_an_events_own_fields_are_not_the_articles():
    article = read(EVENT | {"data": {"text": "Shut."}, "time": "2025-01-01T00:00:00Z"})
    assert article == read({"text": "Shut."})


@pytest.mark.parametrize(
    "fields",
    [
        {"schema": 2, "payload": {"a": 1}, "desk": "x"},
        {"op": "open", "source": "Wire"},
        {"before": "noon", "after": "dusk"},
        {"specversion": "1.0", "type": "brief"},
        {"__deleted": "false", "__op": "u"},
        {"data": {"a": 1}, "type": "brief"},
    ],
)
def test_an_article_with_some_fields_of_an_envelope_keeps_them(fields):
    article = read(ARTICLE | fields)
    assert article.text == ARTICLE["text"]
    assert article.extra == {name: value for name, value in fields.items() if name != "source"}


def test_paths_of_fields_begin_inside_the_envelopes():
    paths = read_field_paths("id=story.no,text=story.words")
    story = {"story": {"no": 12, "words": "Shut."}}
    for value in (connect(story), change("c", after=story), EVENT | {"data": story}):
        message = RawMessage("raw", 0, 0, 0, None, json.dumps(value).encode())
        article = decode(message, limits=Limits(), default_language="en", field_paths=paths)
        assert (article.id, article.text) == ("12", "Shut.")
    deleted = RawMessage("raw", 0, 0, 0, None, json.dumps(change("d", before=story)).encode())
    assert decode(deleted, limits=Limits(), default_language="en", field_paths=paths) == Retraction("12")


def test_documents_of_mongodb_have_their_own_id_and_plain_values():
    document = {
        "_id": {"$oid": "65f0a1"},
        "text": "Shut.",
        "desk": {"$numberLong": "9"},
        "more": {"a": {"$oid": "b"}},
    }
    article = read(change("c", after=json.dumps(document)))
    assert (article.id, article.extra) == ("65f0a1", {"desk": "9", "more": {"a": {"$oid": "b"}}})
    assert read(change("c", after=json.dumps({"_id": 7, "text": "Shut."}))).id == "7"


# Deletions


@pytest.mark.parametrize(
    ("value", "key", "retracted"),
    [
        (change("d", before=ARTICLE), None, "bridge-4"),
        (change("d", before=row(id=77)), b'{"id": 78}', "77"),
        (change("d", before=row(text="Shut.", url=ADDRESS)), None, BY_ADDRESS),
        (change("d", before=row(url=ADDRESS)), None, BY_ADDRESS),
        (change("d", before=row(text="Shut.")), b"9", read({"text": "Shut."}).id),
        (change("d", before=NINJS), None, "urn:n:4"),
        (change("d", before={"uri": "urn:n:4", "bodies": [{"value": "Shut."}]}), None, "urn:n:4"),
        (change("d", before=row()), b'{"story_no": 77}', "77"),
        (change("d", before=None), b'{"schema": {}, "payload": {"id": 77}}', "77"),
        (change("d", before=None), b'{"id": "{\\"$oid\\": \\"65f0a1\\"}"}', "65f0a1"),
        (connect(change("d", before=row(id="bridge-4"))), None, "bridge-4"),
        (row(id="bridge-4", __deleted="true"), None, "bridge-4"),
        (ARTICLE | {"__deleted": True}, None, "bridge-4"),
        (ARTICLE | {"__op": "d"}, None, "bridge-4"),
        (connect(None, {"type": "struct", "optional": True}), b"bridge-4", "bridge-4"),
    ],
)  # fmt: skip
def test_a_deletion_retracts_the_article_that_the_row_was_or_the_key_names(value, key, retracted):
    assert read(value, key=key) == Retraction(retracted)


@pytest.mark.parametrize("value", [change("d"), change("d", before=row()), connect(None)])
def test_a_deletion_of_nobody_knows_what_is_invalid(value):
    assert read(value).reason is Reason.INVALID


# What is no article


@pytest.mark.parametrize(
    ("value", "reason", "named"),
    [
        (change("t"), Reason.UNDECODABLE, "'t'"),
        (change("m"), Reason.UNDECODABLE, "'m'"),
        (change("x", after=ARTICLE), Reason.UNDECODABLE, "op"),
        (change("u", before=ARTICLE), Reason.INVALID, "after"),
        (change("u", after=ARTICLE | {"text": "__debezium_unavailable_value"}), Reason.INVALID, "text"),
        (ARTICLE | {"headline": "__debezium_unavailable_value"}, Reason.INVALID, "headline"),
        (EVENT | {"data": None}, Reason.INVALID, "data"),
        (EVENT | {"data_base64": "?"}, Reason.INVALID, "data_base64"),
        (EVENT | {"data": ARTICLE, "datacontenttype": 5}, Reason.INVALID, "datacontenttype"),
        (connect([ARTICLE]), Reason.UNDECODABLE, "array of 1"),
        (connect(5), Reason.UNDECODABLE, "a number"),
        (connect("5 o", {"type": "bytes"}), Reason.INVALID, "payload"),
        ("Words in a string.", Reason.UNDECODABLE, "a string"),
        ('"No," she said.', Reason.UNDECODABLE, "JSON"),
    ],
)
def test_an_envelope_of_no_article_is_a_dead_letter_that_names_what_it_found(value, reason, named):
    rejected = read(value, "application/json")
    assert rejected.reason is reason
    assert named in rejected.error


def test_more_envelopes_than_anybody_uses_are_undecodable():
    value = ARTICLE
    for _ in range(9):
        value = connect(value)
    assert "8 envelopes" in read(value).error


@pytest.mark.parametrize("content_type", [None, "application/json", "application/x-ndjson"])
@pytest.mark.parametrize(
    ("value", "count"),
    [
        (b"\n".join([json.dumps(ARTICLE).encode()] * 3), "3 JSON"),
        (json.dumps(ARTICLE).encode() * 2, "2 JSON"),
        (json.dumps(ARTICLE | {"a": "ü"}).encode() * 2, "2 JSON"),
        (b",\n".join([b'{"text": "Shut."}'] * 4), "4 JSON"),
        (b'{"text": "Shut."}\n' * 5000, "1000 or more JSON"),
        (json.dumps([ARTICLE] * 4).encode(), "array of 4"),
        (json.dumps([ARTICLE]).encode(), "array of 1"),
    ],
)
def test_several_articles_in_a_record_are_undecodable_and_counted(value, count, content_type):
    rejected = read(value, content_type)
    assert rejected.reason is Reason.UNDECODABLE
    assert count in rejected.error


def test_a_document_with_more_behind_it_is_not_several():
    assert "not JSON" in read(b'{"text": "Shut."} and more').error


AVRO = b"\x10bridge-4\x02N" + ARTICLE["text"].encode()


@pytest.mark.parametrize("content_type", [None, "application/json", "text/plain", "application/octet-stream"])
@pytest.mark.parametrize(
    "content",
    [
        AVRO,
        b'"' + b"A string of Avro.",
        b"\x00" + json.dumps(ARTICLE).encode(),
        b"\x02\x00\x0a\x05Shut.",
        b"{broken",
        b"\xff\xfe",
    ],
)
@pytest.mark.parametrize(
    "frame", [FRAME, bytes(8) + b"\x07", b"\x03\x00" + bytes(range(16)), b"\x03\x05" + bytes(16)]
)
def test_a_frame_before_anything_but_json_is_undecodable_and_says_what_to_do(frame, content, content_type):
    rejected = read(frame + content, content_type)
    assert rejected.reason is Reason.UNDECODABLE
    assert all(word in rejected.error for word in ("Avro", "Protobuf", "value.converter"))


@pytest.mark.parametrize("codec", ["utf-16-be", "utf-16"])
def test_utf16_is_no_frame(codec):
    assert read("Ā{ of letters".encode(codec), f"text/plain; charset={codec}").text == "Ā{ of letters"


@pytest.mark.parametrize(
    ("content_type", "named"),
    [
        ("avro/binary", "Avro"),
        ("application/avro", "Avro"),
        ("application/vnd.apache.avro+binary", "Avro"),
        ("application/cloudevents+avro", "Avro"),
        ("application/x-protobuf", "Protobuf"),
        ("application/vnd.google.protobuf; proto=a.B", "Protobuf"),
        ("application/cloudevents+protobuf", "Protobuf"),
        ("application/x-msgpack", "MessagePack"),
        ("application/cbor", "CBOR"),
        ("application/vnd.apache.thrift.binary", "Thrift"),
    ],
)
@pytest.mark.parametrize("value", [AVRO, b"Like a text", b"\x0a\x05Shut.", b"\x81\xa4text"])
def test_what_a_content_type_calls_binary_is_undecodable_and_named(value, content_type, named):
    rejected = read(value, content_type)
    assert rejected.reason is Reason.UNDECODABLE
    assert named in rejected.error


def test_json_under_a_binary_content_type_is_read_as_it_was():
    assert read(ARTICLE, "application/avro") == AS_IT_IS
    assert read(ARTICLE, "application/vnd.apache.avro+json") == AS_IT_IS


def zipped():
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("a.txt", ARTICLE["text"])
    return file.getvalue()


@pytest.mark.parametrize(
    "content_type", [None, "text/plain", "text/plain; charset=iso-8859-1", "application/json"]
)
@pytest.mark.parametrize(
    ("value", "named"),
    [
        (gzip.compress(json.dumps(ARTICLE).encode(), mtime=0), "gzip"),
        (zipped(), "ZIP"),
        (b"%PDF-1.7\nShut.", "PDF"),
        (b"{\\rtf1\\ansi Shut.}", "Rich Text"),
        (b"Obj\x01\x04\x14avro.codec", "Avro"),
        (b"\xc3\x01" + bytes(8) + AVRO, "Avro"),
        (b"\x28\xb5\x2f\xfd\x20Shut.", "zstd"),
        (b"\x89PNG\r\n\x1a\nShut.", "PNG"),
        (b"\xac\xed\x00\x05t\x00\x05Shut.", "Java"),
    ],
)
def test_what_begins_as_no_text_does_is_undecodable_and_named(value, named, content_type):
    rejected = read(value, content_type)
    assert rejected.reason is Reason.UNDECODABLE
    assert named in rejected.error
