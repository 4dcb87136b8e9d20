"""What publishers may send, row by row of docs/contract.md."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from worker.intake.decode import decode
from worker.intake.limits import Limits
from worker.intake.retraction import Retraction
from worker.records.article import Article
from worker.records.codec import to_bytes
from worker.records.messages import RawMessage, Reason, Rejected
from worker.records.raw import (
    MAX_AUTHOR_CHARS,
    MAX_AUTHORS,
    MAX_HEADLINE_CHARS,
    MAX_ID_CHARS,
    MAX_LANGUAGE_CHARS,
    MAX_SOURCE_CHARS,
    MAX_URL_CHARS,
)

NINJS = "application/vnd.iptc.newsinjson"
PARAGRAPH = "The ferry had left the island before dawn, and nobody on the pier had seen it come back."


def read(value, content_type=None, *, key=None, headers=(), limits=None):
    if isinstance(value, dict | list):
        value = json.dumps(value).encode()
    if content_type is not None:
        headers = (*headers, ("content-type", content_type.encode()))
    message = RawMessage("news.articles.raw.v1", 0, 7, 1_700_000_000_000, key, value, tuple(headers))
    return decode(message, limits=limits or Limits(), default_language="en")


def test_a_json_article_comes_out_as_it_was_sent():
    sent = {
        "id": "a-1", "url": "https://x.example/a", "headline": "H", "text": "  Two  lines.\r\nKept. ",
        "source": "S", "language": "en-GB", "published_at": "2025-01-13T09:00:00Z", "authors": ["Ada Obi"],
    }  # fmt: skip
    assert read(sent, "application/json") == Article(**sent)


@pytest.mark.parametrize(
    ("value", "content_type", "text"),
    [
        ({"text": "A"}, "application/json; charset=utf-8", "A"),
        ({"text": "A"}, None, "A"),
        (b'\xef\xbb\xbf{"text": "A"}', None, "A"),
        ({"text": "A"}, "Application/JSON", "A"),
        ({"text": "A"}, "application/ld+json", "A"),
        ({"text": "A"}, "video/mp4", "A"),
        ({"body": "A"}, None, "A"),
        ({"content": "A", "description": "B"}, None, "A"),
        ({"description": "A"}, None, "A"),
        ({"content_html": f"<p>{PARAGRAPH}</p>"}, None, PARAGRAPH),
        ({"title": {"rendered": "T"}, "content": {"rendered": f"<p>{PARAGRAPH}</p>"}}, None, PARAGRAPH),
        ({"@type": "NewsArticle", "articleBody": "A"}, "application/ld+json", "A"),
        (b"Plain words.", "text/plain", "Plain words."),
        (b"Plain words.", None, "Plain words."),
        (b"[LAGOS] Plain words.", None, "[LAGOS] Plain words."),
        (b"{braces} are fine", "text/plain", "{braces} are fine"),
        ("Café".encode("latin-1"), "text/plain; charset=iso-8859-1", "Café"),
        ("Café".encode("utf-16"), 'text/plain; charset="utf-16"', "Café"),
        (f"<!doctype html><html><body><p>{PARAGRAPH}</p></body></html>".encode(), "text/html", PARAGRAPH),
        (f"<html><body><article><p>{PARAGRAPH}</p></article></body></html>".encode(), None, PARAGRAPH),
        ({"html": f"<p>{PARAGRAPH}</p>"}, None, PARAGRAPH),
        ({"text": "A", "html": "<p>B</p>"}, None, "A"),
        ({"text": " ", "html": f"<p>{PARAGRAPH}</p>"}, None, PARAGRAPH),
        ({"text": "a\x00b"}, None, "a\ufffdb"),
        (b'{"text": "a\\ud800b"}', None, "a\ufffdb"),
        (b'{"text": "\\ud83d\\ude00"}', None, "😀"),
        (b"a\x00b", "text/plain", "a\ufffdb"),
        ({"uri": "u", "bodies": [{"contenttype": "text/plain", "value": "A"}]}, NINJS, "A"),
        (
            {"uri": "u", "bodies": [{"contenttype": "text/html", "value": f"<p>{PARAGRAPH}</p>"}]},
            NINJS,
            PARAGRAPH,
        ),
    ],
)  # fmt: skip
def test_the_text_of_every_form_is_found(value, content_type, text):
    assert read(value, content_type).text == text


@pytest.mark.parametrize(
    ("value", "content_type"),
    [
        (b"\xff\xfe\x00", None),
        (b"\xff", "text/plain"),
        (b"\x1f\x8b\x08\x00gzip", "application/json"),
        ("Café".encode("latin-1"), "text/plain"),
        (b"A", "text/plain; charset=klingon"),
        (b"A", "text/plain; charset=zip"),
        (b"A", "text/plain; charset=a\x00b"),
        (b"not json", "application/json"),
        (b"{not json", None),
        (b'{"text": "A"', None),
        (b"", "application/json"),
        (b"[1, 2]", None),
        (b'[{"text": "A"}]', "application/json"),
        (b"42", None),
        (b"null", "application/json"),
        (b'"A"', "application/json"),
        (b'{"text": NaN}', None),
        (b'{"text": ' + b"[" * 100_000, None),
        (b'{"a": "\\ud800", "text": ' + b"[" * 100_000, None),
        (b'{"id": 1' + b"0" * 5000 + b', "text": "A"}', None),
    ],
)
def test_what_is_no_article_is_undecodable(value, content_type):
    rejected = read(value, content_type)
    assert isinstance(rejected, Rejected)
    assert rejected.reason is Reason.UNDECODABLE
    assert rejected.error


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({"text": 5}, "text"),
        ({"text": ["A"]}, "text"),
        ({"text": "A", "headline": {}}, "headline"),
        ({"text": "A", "url": 1}, "url"),
        ({"text": "A", "source": True}, "source"),
        ({"text": "A", "source": ["Wire"]}, "source"),
        ({"text": "A", "language": 1}, "language"),
        ({"text": "A", "id": True}, "id"),
        ({"text": "A", "id": ["x"]}, "id"),
        ({"text": "A", "authors": 5}, "authors"),
        ({"text": "A", "authors": [None, True]}, "authors"),
        ({"text": "A", "authors": [["Ada Obi"]]}, "authors"),
        ({"text": "A", "published_at": {}}, "published_at"),
        ({"text": "A", "published_at": [2025, 1, 13]}, "published_at"),
        ({"html": 5}, "html"),
        ({"headline": "H"}, "text"),
        ({"text": "", "html": ""}, "text"),
        ({"text": " \n "}, "text"),
        ({"html": "<p></p>"}, "html"),
        ({}, "text"),
        ({"uri": "u", "bodies": [1]}, "bodies"),
        ({"uri": 5, "bodies": []}, "uri"),
    ],
)
def test_a_field_that_cannot_be_used_is_invalid_and_named(fields, named):
    rejected = read(fields)
    assert isinstance(rejected, Rejected)
    assert rejected.reason is Reason.INVALID
    assert named in rejected.error


def test_over_a_limit_is_too_large_and_says_both_numbers():
    limits = Limits(max_record_bytes=50, max_text_chars=10)
    for value in (b"A" * 51, b"A" * 11):
        rejected = read(value, "text/plain", limits=limits)
        assert rejected.reason is Reason.TOO_LARGE
        assert str(len(value)) in rejected.error
    assert isinstance(read(b"A" * 10, "text/plain", limits=limits), Article)


URL, NAME = "https://x.example/?signed=", "Ada Obi "


def long(start, length):
    return start + "x" * (length - len(start))


@pytest.mark.parametrize(
    ("field", "start", "limit"),
    [
        ("id", "a-", MAX_ID_CHARS),
        ("url", URL, MAX_URL_CHARS),
        ("language", "en-", MAX_LANGUAGE_CHARS),
    ],
)
@pytest.mark.parametrize(
    "more", [{}, {"id": "given"}, {"headline": "H" * 100_000}], ids=["", "id", "headline"]
)
def test_an_identity_or_address_is_kept_whole_or_the_article_is_too_large(field, start, limit, more):
    taken = read({"text": "A", **more, field: long(start, limit)})
    assert getattr(taken, field) == long(start, limit)
    refused = read({"text": "A", **more, field: long(start, limit + 1)})
    error = f"{field} has {limit + 1} characters, the limit is {limit}"
    assert (refused.reason, refused.error) == (Reason.TOO_LARGE, error)


@pytest.mark.parametrize(
    ("field", "name", "limit"),
    [
        ("headline", "headline", MAX_HEADLINE_CHARS),
        ("title", "headline", MAX_HEADLINE_CHARS),
        ("source", "source", MAX_SOURCE_CHARS),
    ],
)
@pytest.mark.parametrize("sign", ["x", "\u0301", "\U0001f600", "\ufdfa"])
def test_what_people_read_is_cut_and_ends_with_an_ellipsis(field, name, limit, sign):
    assert getattr(read({"text": "A", field: sign * limit}), name) == sign * limit
    for longer in (limit + 1, 3 * limit):
        assert getattr(read({"text": "A", field: sign * longer}), name) == sign * (limit - 1) + "…"


def test_names_of_authors_are_cut_and_the_first_thousand_kept():
    at_most = [f"{n} {NAME}" for n in range(MAX_AUTHORS - 1)] + ["x" * MAX_AUTHOR_CHARS]
    assert list(read({"text": "A", "authors": at_most}).authors) == [name.strip() for name in at_most]
    more = ["", "y" * (MAX_AUTHOR_CHARS + 1), *at_most]
    authors = read({"text": "A", "authors": more}).authors
    assert authors[0] == "y" * (MAX_AUTHOR_CHARS - 1) + "…"
    assert list(authors[1:]) == [name.strip() for name in at_most[:-1]]


LONG_NAME, LONG_HEADLINE = "N" * 5_000, "h" * 50_000
CUT = ("h" * (MAX_HEADLINE_CHARS - 1) + "…", "N" * (MAX_SOURCE_CHARS - 1) + "…")


@pytest.mark.parametrize(
    ("value", "content_type"),
    [
        (
            {"uri": "u", "headlines": [{"value": LONG_HEADLINE}], "bodies": [{"value": "A"}],
             "bylines": [{"byline": LONG_NAME}], "infosources": [{"name": LONG_NAME}]},
            NINJS,
        ),
        (
            f"""<html><head><title>{LONG_HEADLINE}</title><meta property="og:site_name" content="{LONG_NAME}">
            <meta name="author" content="{LONG_NAME}"></head>
            <body><article><p>{PARAGRAPH}</p></article></body></html>""".encode(),
            "text/html",
        ),
    ],
    ids=["ninjs", "page"],
)  # fmt: skip
def test_the_limits_hold_in_every_format(value, content_type):
    article = read(value, content_type)
    assert (article.headline, article.source) == CUT
    assert all(len(name) <= MAX_AUTHOR_CHARS for name in article.authors)


@pytest.mark.parametrize(
    ("key", "headers"),
    [(b"i" * 1001, ()), (b"k", (("id", b"i" * 1001),)), (b"k" * 2000, (("id", b"i" * 1001),))],
)
def test_a_retraction_of_an_id_too_long_is_too_large(key, headers):
    refused = read(None, key=key, headers=headers)
    assert (refused.reason, refused.error) == (
        Reason.TOO_LARGE,
        "the id has 1001 characters, the limit is 1000",
    )
    assert read(None, key=key, headers=(("id", b"i" * 1000),)) == Retraction("i" * 1000)


def test_numbers_as_ids_and_authors_are_decimal_strings():
    value = b'{"id": 12345678901234567890123, "authors": [7, 1.5, 1e21], "text": "A"}'
    article = read(value)
    assert article.id == "12345678901234567890123"
    assert article.authors == ("7", "1.5", "1000000000000000000000")


@pytest.mark.parametrize(
    ("given", "published_at", "is_kept"),
    [
        ("2025-01-13T09:00:00Z", "2025-01-13T09:00:00Z", False),
        ("2025-01-13T09:00:00+05:30", "2025-01-13T03:30:00Z", False),
        ("2025-01-13T09:00:00", "2025-01-13T09:00:00Z", False),
        ("2025-01-13", "2025-01-13T00:00:00Z", False),
        ("Mon, 13 Jan 2025 09:00:00 +0100", "2025-01-13T08:00:00Z", False),
        ("yesterday", None, True),
        ("0001-01-01T00:00:00+14:00", None, True),
        (1736758800, "2025-01-13T09:00:00Z", False),
        (1736758800000, "2025-01-13T09:00:00Z", False),
        ("1736758800", "2025-01-13T09:00:00Z", False),
        ([2025, 1, 13, 9, 0, 0, 0, 13, 0], "2025-01-13T09:00:00Z", False),
        (25, None, True),
        ("13 January 2025, 4 a.m. EST", "2025-01-13T09:00:00Z", False),
        ("03/04/2025", None, True),
        ("13 January 2025, 4 a.m. CST", None, True),
        ("", None, False),
        (None, None, False),
    ],
)
def test_dates_come_out_in_utc_and_unreadable_ones_are_kept(given, published_at, is_kept):
    article = read({"text": "A", "published_at": given})
    assert article.published_at == published_at
    assert article.extra == ({"published_at": given} if is_kept else {})


def test_unknown_fields_are_kept_under_extra():
    article = read({"text": "A", "desk": "x", "huge": 2**70, "extra": {"more": [1, {"deep": None}]}})
    assert article.extra == {"desk": "x", "huge": str(2**70), "more": [1, {"deep": None}]}
    assert to_bytes(article)


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Die Regierung hat am Montag beschlossen, dass die Brücke über den Fluss gesperrt bleibt.", "de"),
        ("The government decided on Monday that the bridge over the river would stay closed.", "en"),
        ("Правительство решило в понедельник, что мост через реку останется закрытым до осени.", "ru"),
        ("OK", "en"),
        ("12345 67890 !!!", "en"),
    ],
)
def test_a_missing_language_is_guessed_and_a_doubtful_one_is_the_pipelines(text, language):
    assert read({"text": text}).language == language


# Ids


def test_the_same_article_gets_the_same_id_every_time():
    first = read({"url": "https://x.example/a?utm_source=feed&b=2&a=1#top", "text": "A"})
    again = read({"url": "HTTPS://X.example:443/a/?a=1&b=2", "text": "B"})
    assert first.id == again.id
    assert first.id.startswith("url-")
    assert read({"text": "A"}).id == read(b"A", "text/plain").id
    assert read({"text": "A"}).id.startswith("text-")


@pytest.mark.parametrize(
    "other", ["https://x.example/b", "https://x.example/a?a=2", "https://y.example/a", "not a url"]
)
def test_another_url_is_another_article(other):
    assert read({"url": other, "text": "A"}).id != read({"url": "https://x.example/a?a=1", "text": "A"}).id


@pytest.mark.parametrize("empty", ["", "  ", None])
def test_an_empty_id_is_no_id(empty):
    assert read({"id": empty, "text": "A"}).id == read({"text": "A"}).id


# ninjs


def test_a_ninjs_item_is_read_by_its_own_names():
    item = {
        "uri": "urn:n:1", "language": "en", "versioncreated": "2025-01-13T10:00:00+01:00",
        "headlines": [{"role": "sub", "value": "No"}, {"role": "main", "value": "Yes"}],
        "bodies": [{"role": "caption", "value": "No"}, {"role": "main", "value": "Text."}],
        "bylines": [{"byline": "Ada Obi"}], "infosources": [{"name": "Wire"}], "subjects": [{"name": "sea"}],
    }  # fmt: skip
    article = read(item, NINJS)
    assert (article.id, article.headline, article.text) == ("urn:n:1", "Yes", "Text.")
    assert (article.published_at, article.authors, article.source) == (
        "2025-01-13T09:00:00Z",
        ("Ada Obi",),
        "Wire",
    )
    assert article.extra["subjects"] == [{"name": "sea"}]


# HTML


def test_a_page_gives_its_article_and_leaves_the_rest():
    page = f"""<html><head><title>T</title><meta property="og:title" content="Ferry lost"></head><body>
    <nav>Home Sport</nav><article><h1>Ferry lost</h1><p>{PARAGRAPH}</p>
    <p>“We will search,” she said.</p></article>
    <script>alert(1)</script><footer>All rights reserved</footer></body></html>"""
    article = read(page.encode(), "text/html")
    assert article.headline == "Ferry lost"
    assert article.text == f"{PARAGRAPH}\n“We will search,” she said."


def test_a_page_is_read_the_same_way_twice():
    page = f"<html><body><article><p>{PARAGRAPH}</p></article></body></html>".encode()
    assert to_bytes(read(page)) == to_bytes(read(page))


@pytest.mark.timeout(60)
@pytest.mark.parametrize(
    "page",
    [
        b"<html>" + b"<div>" * 150_000,
        b"<html><table>" + b"<tr><td>" * 100_000,
        b"<html><body>" + b"<p>word</p>" * 80_000,
        b"<html><body><p>" + b"&lt;" * 200_000,
        b"<html><!--" + b"-" * 900_000,
    ],
)
def test_a_page_made_to_be_slow_ends_as_something(page):
    assert isinstance(read(page, "text/html"), Article | Rejected)


# Retraction


def test_a_null_value_retracts_by_header_or_key():
    assert read(None, key=b"a-1") == Retraction("a-1")
    assert read(None, key=b"other", headers=[("id", b"a-1")]) == Retraction("a-1")


@pytest.mark.parametrize("key", [None, b"", b"\xff", b" "])
def test_a_retraction_of_nothing_is_invalid(key):
    assert read(None, key=key).reason is Reason.INVALID


# Laws

HEADER = st.tuples(st.text(max_size=12) | st.just("content-type"), st.none() | st.binary(max_size=40))
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner, max_size=4),
    max_leaves=12,
)
NAMES = [
    "id", "url", "headline", "title", "text", "body", "html", "source", "language", "published_at", "authors",
    "extra", "uri", "bodies", "headlines", "bylines", "x", "content", "description", "author", "link", "guid",
    "pubDate", "lang", "@type", "@graph", "articleBody", "fields", "links", "publisher", "name", "rendered",
]  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=400), st.lists(HEADER, max_size=3), st.none() | st.binary(max_size=20))
def test_any_bytes_end_as_an_article_a_retraction_or_a_rejection(value, headers, key):
    assert isinstance(read(value, key=key, headers=headers), Article | Retraction | Rejected)


@settings(max_examples=300, deadline=None)
@given(st.dictionaries(st.sampled_from(NAMES), JSON, max_size=6))
def test_any_fields_end_as_an_article_that_can_be_written_or_a_rejection(fields):
    result = read(json.dumps(fields).encode(), "application/json")
    assert isinstance(result, Article | Rejected)
    if isinstance(result, Article):
        assert to_bytes(result)
        assert result.id.encode()
