"""Values made to hang the decoder or to swell its output: each gives a result, soon, and a small one."""

import json
import time

import pytest

from worker.intake.decode import decode
from worker.intake.limits import Limits
from worker.intake.retraction import Retraction
from worker.records.messages import RawMessage, Reason, Rejected

# Each of these took 10 seconds to for ever before it was bounded; a busy machine needs far less than this.
MAX_CPU_SECONDS = 8
MIB = 1 << 20


def read(value, content_type=None, *, key=None, headers=()):
    if content_type is not None:
        headers = (*headers, ("content-type", content_type))
    message = RawMessage("news.articles.raw.v1", 0, 0, 0, key, value, headers)
    return decode(message, limits=Limits(), default_language="en")


def read_json(**fields):
    return read(json.dumps(fields).encode(), b"application/json")


@pytest.mark.parametrize(
    ("value", "content_type"),
    [
        pytest.param(b"<!--" * (MIB // 4), None, id="unclosed comments"),
        pytest.param(b"<!-- x -->" * (MIB // 10), None, id="comments and nothing else"),
        pytest.param(b"<?xml ?>" * (MIB // 8), None, id="xml declarations"),
        pytest.param(b" " * MIB, None, id="spaces"),
        pytest.param(b"[" * MIB, None, id="brackets"),
        pytest.param(b"1" * MIB, None, id="digits"),
        pytest.param(b'{"text":"a","n":' + b"1" * 1_000_000 + b"}", b"application/json", id="a long number"),
        pytest.param(
            b'{"text":"\\ud800","x":' + b"[" * 100_000 + b"]" * 100_000 + b"}", b"application/json", id="deep"
        ),
        pytest.param(b"abc-" + b"9" * 300_000, b"text/plain; charset=punycode", id="punycode"),
        pytest.param(b"abc" * 300_000, b"text/plain; charset=idna", id="idna"),
        pytest.param(b"text", b"text/plain;" + b'a="\\";' * 150_000, id="a header of parameters"),
        pytest.param(b"<p>" + b"<br>" * 240_000, b"text/html", id="breaks"),
        pytest.param(b"<ul>" + b"<li>x y z" * 100_000, b"text/html", id="a list"),
        pytest.param(b"<body>" + b"<a href=x>y</a>" * 60_000, b"text/html", id="links"),
        pytest.param(b"<b>" * 300_000, b"text/html", id="nested"),
        pytest.param(b"<table><tr><td>" * 60_000, b"text/html", id="nested tables"),
        pytest.param(b"<p " + b"a=b " * 200_000 + b">hi</p>", b"text/html", id="attributes"),
    ],
)
def test_a_value_made_to_be_slow_is_read_or_rejected_soon(value, content_type):
    began = time.process_time()
    read(value, content_type)
    assert time.process_time() - began < MAX_CPU_SECONDS


def test_a_page_of_too_many_elements_says_both_numbers():
    rejected = read(b"<p>" + b"<br>" * 30_000, b"text/html")
    assert (rejected.reason, rejected.error) == (
        Reason.TOO_LARGE,
        "the page has 30003 elements, the limit is 20000",
    )


@pytest.mark.parametrize(
    ("inside", "error"),
    [
        (b"<b>x</b> " * 6000, "an element of the page has 6000 children, the limit is 5000"),
        (b"<!-- x -->" * 6000, "an element of the page has 6000 children, the limit is 5000"),
        (
            b"<i " + b" ".join(b"a%d=b" % n for n in range(600)) + b">",
            "an element of the page has 600 attributes, the limit is 500",
        ),
    ],
    ids=["children", "comments", "attributes"],
)
def test_an_element_of_too_much_says_both_numbers(inside, error):
    rejected = read(b"<html><body><p>" + inside, b"text/html")
    assert (rejected.reason, rejected.error) == (Reason.TOO_LARGE, error)


@pytest.mark.parametrize(("field", "limit"), [("id", 1000), ("language", 64)])
def test_what_stands_in_every_record_is_short(field, limit):
    rejected = read_json(text="A quiet day.", **{field: "x" * (limit + 1)})
    assert rejected.reason is Reason.TOO_LARGE
    assert rejected.error == f"{field} has {limit + 1} characters, the limit is {limit}"


def test_a_retraction_of_a_long_id_is_too_large_as_its_article_was():
    assert read(None, key=b"x" * 1001).reason is Reason.TOO_LARGE


@pytest.mark.parametrize(
    "content_type", [b"text/plain; charset=" + b"x" * 900, b"text/plain; charset=a\x00b"]
)
def test_an_unknown_charset_is_undecodable_and_the_error_short(content_type):
    rejected = read(b"text", content_type)
    assert rejected.reason is Reason.UNDECODABLE
    assert len(rejected.error) <= 1000


@pytest.mark.parametrize(
    "value",
    [
        pytest.param(b"\x01\x02\x03", id="control characters"),
        pytest.param(b"<?xml version='1.0'?><nitf><body/></nitf>", id="XML that is no page"),
        pytest.param(b'{"text": "broken of', id="JSON that breaks off"),
        pytest.param(b"[1, 2, 3]", id="an array"),
        pytest.param(b'[{"text": "a"}', id="an array that breaks off"),
        pytest.param(b"\x89PNG\r\n\x1a\n", id="an image"),
        pytest.param(b"-12.5", id="a number"),
    ],
)
@pytest.mark.parametrize("content_type", [None, b"application/octet-stream", b"nonsense"])
def test_where_nothing_fits_the_value_is_undecodable(value, content_type):
    assert read(value, content_type).reason is Reason.UNDECODABLE


@pytest.mark.parametrize(
    "text",
    [
        "[12 January] The minister left Rabat.",
        "[Correction: the ferry had eighty seats.]",
        '"No," said the mayor of Lyon. "Not now."',
        "12 people were hurt in Accra.",
        "Less < more, said the teacher.",
    ],
)
def test_a_text_that_begins_like_something_else_is_plain_text(text):
    assert read(text.encode()).text == text


def test_a_page_is_told_behind_its_declaration_and_comments():
    body = b"<html><body><article>" + b"<p>The ferry left Mwanza at dawn with eighty people on board.</p>" * 3
    article = read(b"<?xml version='1.0' encoding='utf-8'?>\n<!-- a -->\n<!-- b -->" + body)
    assert article.text.startswith("The ferry left Mwanza")


def test_integers_of_any_length_keep_their_digits():
    number = 123456789012345678901234567890
    article = read_json(id=number, text="A quiet day.", authors=[number], more={"n": number})
    assert (article.id, article.authors, article.extra) == (
        str(number),
        (str(number),),
        {"more": {"n": str(number)}},
    )


@pytest.mark.parametrize(
    "date",
    ["Mon, 13 Jan 2025 10:00:00 +99999999999999", "\u0660" * 60, "0001-01-01T00:00:00+14:00", "T", ","],
)
def test_a_date_beyond_reason_is_unreadable(date):
    article = read_json(text="A quiet day.", published_at=date)
    assert (article.published_at, article.extra) == (None, {"published_at": date})


def test_an_id_is_retracted_by_the_bytes_it_was_published_with():
    given = " a\x00b "
    assert read(None, key=given.encode()) == Retraction(read_json(id=given, text="A quiet day.").id)


def test_an_empty_id_header_gives_way_to_the_key():
    assert read(None, key=b"a-1", headers=(("id", b" "),)) == Retraction("a-1")


def test_a_language_of_spaces_is_none():
    assert read_json(text="A quiet day.", language="  ").language == "en"


def test_a_headers_null_is_no_header():
    assert not isinstance(read(b"A quiet day.", headers=(("content-type", None),)), Rejected)
