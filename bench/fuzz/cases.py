"""Raw messages that break parsers, by name, each with its expected end: `None` for outputs, else the reason.

Written by hand, one thing wrong in each; texts that are slow or large are in texts.py.
"""

import base64
import gzip
import json
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from worker.channels import MIB
from worker.records.messages import Headers, RawMessage, Reason

ORDINARY = "The ferry left Mwanza at dawn with eighty people on board, said Ada Obi."
PARAGRAPH = "<p>The ferry left Mwanza at dawn with eighty people on board, the harbour master said.</p>"
PAGE = "<html><body><article>" + PARAGRAPH * 4 + "{}</article></body></html>"
# Out of their order: to normalize them takes a time that grows with the square of their number.
_MARKS = "\u0345\u0301" * 200_000
INVALID, LARGE, UNREADABLE = Reason.INVALID, Reason.TOO_LARGE, Reason.UNDECODABLE


@dataclass(frozen=True, slots=True)
class Case:
    """One raw message and its expected end."""

    name: str
    value: bytes | None
    end: Reason | None
    content_type: bytes | None = None
    key: bytes | None = None
    headers: Headers = ()

    @property
    def message(self) -> RawMessage:
        headers = self.headers
        if self.content_type is not None:
            headers = (*headers, ("content-type", self.content_type))
        return RawMessage("news.articles.raw.v1", 0, 0, 1_700_000_000_000, self.key, self.value, headers)


@cache
def cases() -> tuple[Case, ...]:
    """All of them; no two share a name."""
    return (
        *_json(),
        *_fields(),
        *_charsets(),
        *_disguises(),
        *_pages(),
        *_page_parts(),
        *_headers(),
        *_keys(),
    )


def _article(**fields: Any) -> bytes:
    return json.dumps({"text": ORDINARY, **fields}).encode()


def _raw(member: bytes) -> bytes:
    """An article with one more member, as it would stand in the JSON."""
    return b'{"text":%s,%s}' % (json.dumps(ORDINARY).encode(), member)


def _json() -> Iterator[Case]:
    kind = b"application/json"
    yield Case(
        "arrays as deep as a megabyte", _raw(b'"a":' + b"[" * 500_000 + b"]" * 500_000), UNREADABLE, kind
    )
    yield Case(
        "objects 1,025 deep", _raw(b'"a":' * 1 + b'{"a":' * 1025 + b"1" + b"}" * 1025), UNREADABLE, kind
    )
    yield Case("arrays 101 deep", _raw(b'"a":' + b"[" * 101 + b"]" * 101), INVALID, kind)
    yield Case("arrays 99 deep", _raw(b'"a":' + b"[" * 99 + b"]" * 99), None, kind)
    yield Case("deep, with a surrogate", b'{"text":"\\ud800","a":' + b"[" * 100_000 + b"]" * 100_000 + b"}",
               UNREADABLE, kind)  # fmt: skip
    yield Case("never closed", b'{"text":"a","b":' + b'{"b":' * 200_000, UNREADABLE, kind)
    yield Case("1e400", _raw(b'"n":1e400'), UNREADABLE, kind)
    yield Case("-1e400 and 1e-400", _raw(b'"n":[-1e400,1e-400]'), UNREADABLE, kind)
    yield Case("an id of 1e400", _raw(b'"id":1e400'), UNREADABLE, kind)
    yield Case("an id of 1e308", _raw(b'"id":1e308'), None, kind)
    yield Case("100,000 digits", _raw(b'"n":' + b"9" * 100_000), UNREADABLE, kind)
    yield Case("4,300 digits", _raw(b'"n":' + b"9" * 4300), UNREADABLE, kind)
    yield Case("300 digits", _raw(b'"id":' + b"9" * 300), None, kind)
    yield Case("1e400 behind a surrogate", _raw(b'"s":"\\ud800","n":1e400'), UNREADABLE, kind)
    yield Case("100,000 decimals", _raw(b'"n":0.' + b"9" * 100_000), None, kind)
    yield Case("an exponent of 100,000 digits", _raw(b'"n":1e' + b"9" * 100_000), UNREADABLE, kind)
    yield Case("an id of 2,000 digits", _raw(b'"id":' + b"9" * 2000), UNREADABLE, kind)
    yield Case("NaN", _raw(b'"n":NaN'), UNREADABLE, kind)
    yield Case("Infinity behind a surrogate", _raw(b'"s":"\\ud800","n":Infinity'), UNREADABLE, kind)
    yield Case(
        "the same name twice", b'{"text":"first","text":%s}' % json.dumps(ORDINARY).encode(), None, kind
    )
    yield Case("the same name 50,000 times", _raw(b",".join([b'"a":1'] * 50_000)), None, kind)
    yield Case("names that become one", _raw(b'"\\ud800":1,"\\ud801":2,"\\u0000":3'), None, kind)
    yield Case("100,000 names", _raw(b",".join(b'"%d":0' % n for n in range(80_000))), None, kind)
    yield Case("a name of a megabyte", _raw(b'"%s":1' % (b"n" * 900_000)), None, kind)
    yield Case("lone surrogates everywhere", json.dumps(dict.fromkeys(("id", "url", "headline", "text", "source", "more"), f"�{ORDINARY}�") | {"authors": ["\udc00"], "\ud800": {"\ud800": ["\ud800"]}, "language": "en"}).encode(), None, kind)  # fmt: skip
    yield Case("surrogates as bytes", b'{"text":"\xed\xa0\x80 %s"}' % ORDINARY.encode(), UNREADABLE, kind)
    yield Case(
        "NUL as an escape", _article(headline="a\0b", id="\0", source="\0", authors=["\0"]), None, kind
    )
    yield Case("NUL as a byte", b'{"text":"a\0b"}', UNREADABLE, kind)
    yield Case("a line break in a string", b'{"text":"a\nb"}', UNREADABLE, kind)
    yield Case("a comma too many", b'{"text":"a",}', UNREADABLE, kind)
    yield Case("two objects", b'{"text":"a"}{"text":"b"}', UNREADABLE, kind)
    yield Case("an empty value", b"", INVALID)
    yield Case("an empty value of JSON", b"", UNREADABLE, kind)
    yield Case("an array", b'[{"text":"a"}]', UNREADABLE, kind)
    yield Case("a million quotation marks", b'"' * 1_000_000, LARGE)
    yield Case("a million quotation marks of JSON", b'"' * 1_000_000, UNREADABLE, kind)
    yield Case("a million backslashes", b'{"text":"' + b"\\" * 1_000_000 + b'"}', LARGE, kind)
    yield Case("escapes of a megabyte", b'{"text":"' + b"\\u0041" * 170_000 + b'"}', None, kind)


def _fields() -> Iterator[Case]:
    for name, value in (("text", 5), ("text", ["a"]), ("html", {}), ("headline", True), ("url", 1.5), ("source", []),
                        ("language", {}), ("id", []), ("id", True), ("authors", "Ada"), ("authors", [{}]),
                        ("published_at", []), ("published_at", False)):  # fmt: skip
        yield Case(f"{name}: {json.dumps(value)}", _article(**{name: value}), INVALID)
    for time in ("0000-01-01T00:00:00Z", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "2016-12-31T23:59:60Z",
                 "2025-02-30", "10000-01-01", "-1", "T", "2025-W01-1", "٢٠٢٥-٠١-٠١", "Mon, 99 Jan 99999 99:99:99 +9999",
                 "Thu, 01 Jan 1970 00:00:00 -99999999999", "1" * 64, "\u0660" * 60, "20250101T000000.0000000001", " "):  # fmt: skip
        yield Case(f"published at {time!r}", _article(published_at=time), None)
    for number in (10**18, -(10**18), 1e300, 0, 10**40):
        yield Case(f"published at the number {number}", _article(published_at=number), None)
    for url in ("http://[", "http://[::1", "http://a:99999999/", "http://a:b/", "//", ":", "http://\x00/", "http://a/\n\r\t",
                "http://ａ．example／x", "http://xn--a/", "javascript:alert(1)", "data:text/html,x", "http://a@b@c:1@d/",
                "http://a/%zz%", "http://a/?%ff=%fe", "http://a/\ud800?\ud800=\ud800#\ud800", "http://" + "a" * 5000,
                "http://a/?" + "a&" * 4000, "http://a.example/" + "../" * 2_500, "\u2028", "http://℀.example"):  # fmt: skip
        yield Case(f"the url {url[:30]!r}", _article(url=url), None)
    for given in (
        "\x01\x02\x7f",
        "\u202e\u0007\n",
        "a" * 1000,
        "\U0001f600" * 1000,
        " \t ",
        "\ud800" * 10,
        "a/../b",
        '"',
    ):
        yield Case(f"the id {given[:10]!r}, {len(given)} characters", _article(id=given), None)
    yield Case("an id too long", _article(id="a" * 1001), LARGE)
    for language in ("en\0", "EN_gb-\ud800", "en-" + "x" * 60, "\u0456\u200b"):
        end = (
            None
            if language.lower().startswith("en") and "\0" not in language
            else Reason.UNSUPPORTED_LANGUAGE
        )
        yield Case(f"the language {language!r}", _article(language=language), end)
    yield Case("a language too long", _article(language="e" * 65), LARGE)
    yield Case("a url of 8,192 characters", _article(url="https://a.example/".ljust(8_192, "a")), None)
    yield Case("a url too long", _article(url="https://a.example/".ljust(8_193, "a")), LARGE)
    yield Case(
        "a url of a megabyte with an id", _article(id="a", url="http://" + "\u0345\u0301" * 80_000), LARGE
    )
    yield Case("a url of marks in its host", _article(url="http://" + "\u0345\u0301" * 4_000), None)
    yield Case("a source of a megabyte", _article(source="\ufdfa" * 170_000), None)
    yield Case("a source of marks", _article(source="a" + "\u0345\u0301" * 80_000), None)
    yield Case("a headline of marks", _article(headline="a" + "\u0345\u0301" * 80_000), None)
    yield Case("a text of marks", _article(text="a" + "\u0345\u0301" * 80_000), None)
    yield Case("a text of halfwidth voicing marks", _article(text="\uff76" + "\uff9e\u0301" * 80_000), None)
    yield Case("an author of a megabyte", _article(authors=["a" * 1_000_000]), None)
    yield Case("an author of 300 digits a thousand times", _article(authors=[10**300] * 1001), None)
    yield Case(
        "texts in many languages", _article(text="Bonjour le monde. Hallo Welt. Ciao mondo. " * 20), None
    )
    yield Case("30,000 authors", _article(authors=["\u0301"] * 30_000), None)
    yield Case("a headline of a megabyte", _article(headline="“" * 170_000), None)
    yield Case("a headline of 170,000 names", _article(headline="Ada Obi " * 100_000), None)
    yield Case("spaces", b" " * 200_000, INVALID)
    yield Case("line breaks", b"\n" * 200_000, INVALID)
    yield Case("zero width alone", _article(text="\u200b" * 1000), None)
    yield Case("one character", b"a", None)
    yield Case("text and a broken page", _article(html="<p" * 1000), None)
    yield Case("extra of extra", _article(extra={"extra": {"text": "\0"}, "text": 5, "id": []}), None)
    ninjs = {"uri": "urn:a", "language": "en"}
    for name, more, end in (
        ("bodies of everything", {"bodies": [{"value": ORDINARY}, {"value": 5}, {"value": None}, {}]}, None),
        ("a body that is a number", {"bodies": [{"value": 5}]}, INVALID),
        ("bodies of numbers", {"bodies": [5]}, INVALID),
        ("roles of everything", {"bodies": [{"role": ["\0"], "value": ORDINARY, "contenttype": {}}]}, None),
        ("people of everything", {"bodies": [{"value": ORDINARY}], "people": [{"rel": 5, "name": []}]}, None),
        ("people who are authors by number", {"bodies": [{"value": ORDINARY}], "people": [{"rel": "author", "name": 7}]}, None),
        ("sources of numbers", {"bodies": [{"value": ORDINARY}], "infosources": [{"name": 5}]}, INVALID),
        ("a uri of numbers", {"uri": 5, "bodies": [{"value": ORDINARY}]}, INVALID),
        ("20,000 bodies", {"bodies": [{"value": ORDINARY, "role": "x"}] + [{}] * 20_000}, None),
        ("a page in a body", {"bodies": [{"value": PAGE.format("<" * 500), "contenttype": "text/html"}]}, None),
        ("a headline of a megabyte", {"headlines": [{"value": "a" * 900_000}], "bodies": [{"value": ORDINARY}]}, None),
        ("a uri too long", {"uri": "u" * 1001, "bodies": [{"value": ORDINARY}]}, LARGE),
        ("bylines of a megabyte", {"bylines": [{"byline": "a" * 900_000}], "bodies": [{"value": ORDINARY}]}, None),
        ("a source of a megabyte", {"infosources": [{"name": "a" * 900_000}], "bodies": [{"value": ORDINARY}]}, None),
        ("headlines without end", {"headlines": [{"value": "\ud800"}] * 5000, "bodies": [{"value": ORDINARY}]}, None),
    ):  # fmt: skip
        yield Case(
            f"ninjs: {name}", json.dumps(ninjs | more).encode(), end, b"application/vnd.iptc.newsinjson"
        )


def _charsets() -> Iterator[Case]:
    for charset in ("idna", "punycode", "rot13", "rot_13", "zlib", "hex", "base64", "uu", "bz2", "quopri", "undefined",
                    "unicode_escape", "raw_unicode_escape", "mbcs", "oem", "none", "utf-9", "x" * 900, "a\0b", "\u0660",
                    "../../etc/passwd", "string-escape", "unicode_internal", "zip", "charmap", "aliases", "__init__"):  # fmt: skip
        yield Case(
            f"charset {charset[:20]!r}",
            ORDINARY.encode(),
            UNREADABLE,
            b"text/plain; charset=" + charset.encode(),
        )
    yield Case("utf-7", b"+ADw-script+AD4- " + ORDINARY.encode(), None, b"text/plain; charset=utf-7")
    yield Case("utf-7 with surrogates", b"+2AA- " + ORDINARY.encode(), None, b"text/plain; charset=utf-7")
    yield Case("utf-16 without a mark", ORDINARY.encode("utf-16-le"), None, b"text/plain; charset=utf-16")
    yield Case("utf-16, odd", ORDINARY.encode("utf-16") + b"x", UNREADABLE, b"text/plain; charset=utf-16")
    yield Case("utf-16 that nobody says", ORDINARY.encode("utf-16"), UNREADABLE)
    yield Case("utf-16 that nobody says, without a mark", ORDINARY.encode("utf-16-le"), None)
    yield Case("utf-32", ORDINARY.encode("utf-32"), None, b"text/plain; charset=utf-32")
    yield Case("utf-8 with a mark", b"\xef\xbb\xbf" + ORDINARY.encode(), None)
    yield Case("two marks", b"\xef\xbb\xbf\xef\xbb\xbf" + _article(), None)
    yield Case(
        "JSON behind two marks", b"\xef\xbb\xbf\xef\xbb\xbf" + _article(), UNREADABLE, b"application/json"
    )
    yield Case("Latin 1 that nobody says", "Ça alors, said José.".encode("latin-1"), UNREADABLE)
    yield Case("EBCDIC", ORDINARY.encode("cp037"), None, b"text/plain; charset=cp037")
    yield Case("half a character", ORDINARY.encode() + b"\xe2\x82", UNREADABLE)
    yield Case("overlong", b"\xc0\xaf" + ORDINARY.encode(), UNREADABLE)
    yield Case("iso-2022-jp escapes", b"\x1b$B" * 1000, INVALID, b"text/plain; charset=iso-2022-jp")
    yield Case(
        "a page in another charset", PAGE.format("é").encode("utf-16"), None, b"text/html; charset=utf-16"
    )


def _disguises() -> Iterator[Case]:
    text = (ORDINARY * 20).encode()
    zstd = base64.b64decode("KLUv/SBIQQIAVGhlIGZlcnJ5IGxlZnQ=")
    for name, value in (("gzip", gzip.compress(text, mtime=0)), ("zlib", zlib.compress(text)), ("zstd", zstd),
                        ("brotli", b"\x1b\x47\x00\x00\x24\xb4\x9b\x87\x40\x4d\x05\xe1"), ("png", b"\x89PNG\r\n\x1a\n" + text),
                        ("pdf", b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n" + text), ("zip", b"PK\x03\x04\x14\x00\xff" + text)):  # fmt: skip
        for kind in (b"text/plain", b"application/json", b"text/html", None):
            yield Case(f"{name} as {(kind or b'nothing').decode()}", value, UNREADABLE, kind)
    yield Case("gzip as Latin 1", gzip.compress(text, mtime=0), None, b"text/plain; charset=latin-1")
    bomb = gzip.compress(b"a" * 100 * MIB, 9, mtime=0)
    yield Case("a bomb of 100 MiB in gzip", bomb, UNREADABLE, b"application/json")
    yield Case("JSON as text", _article(), None, b"text/plain")
    yield Case("text as JSON", ORDINARY.encode(), UNREADABLE, b"application/json")
    yield Case("text as a page", ORDINARY.encode(), None, b"text/html")
    yield Case("a page as text", PAGE.format("").encode(), None, b"text/plain")
    yield Case("a page as JSON", PAGE.format("").encode(), UNREADABLE, b"application/json")
    yield Case("XML", b"<?xml version='1.0'?><nitf><body>%s</body></nitf>" % ORDINARY.encode(), UNREADABLE)
    yield Case("entities of XML", b"<?xml version='1.0'?><!DOCTYPE a [<!ENTITY b 'bb'><!ENTITY c '&b;&b;'>]><a>&c;</a>",
               UNREADABLE)  # fmt: skip
    yield Case("a script", b"#!/bin/sh\nrm -rf /\n", None)
    yield Case("terminal escapes", b"\x1b]0;title\x07\x1b[2J" + ORDINARY.encode(), UNREADABLE)


def _pages() -> Iterator[Case]:
    def page(name: str, inside: str, end: Reason | None = None) -> Case:
        return Case(f"page: {name}", PAGE.format(inside).encode(errors="surrogatepass"), end, b"text/html")

    for name, head, end in (
        ("a url too long", f"<link rel=canonical href=https://a.example/{'a' * 17_000}>", LARGE),
        ("a title of a megabyte", f"<meta property='og:title' content='{'a' * 800_000}'>", None),
        ("a site of a megabyte", f"<meta property='og:site_name' content='{'a' * 800_000}'>", None),
        ("a url of marks", f"<link rel=canonical href='http://{_MARKS}'>", None),
        (
            "a url of marks as entities",
            f"<link rel=canonical href='http://{'&#x345;&#x301;' * 40_000}'>",
            None,
        ),
        ("a url of marks for others", f"<meta property=og:url content='http://{_MARKS}/'>", None),
        (
            "a base of marks",
            f"<link rel=canonical href=/x><meta property=og:x content='http://{_MARKS}/'>",
            None,
        ),
        ("a title of marks", f"<title>a{_MARKS}</title>", None),
        ("20,000 authors", f"<meta name=author content='{'Ada Obi; Bo Li; ' * 10_000}'>", None),
    ):
        value = PAGE.replace("<body>", f"<head>{head}</head><body>").format("")
        yield Case(f"page: {name}", value.encode(), end, b"text/html")
    yield page("nested 150,000 deep", "<b>" * 150_000, LARGE)
    yield page("nested 15,000 deep", "<b>" * 15_000)
    yield page("divisions 150,000 deep", "<div>" * 150_000, LARGE)
    yield page("divisions 15,000 deep", "<div>" * 15_000)
    yield page("tables 40,000 deep", "<table><tr><td>" * 40_000, LARGE)
    yield page("19,000 tiny elements", "<p>" + ("<i>x</i>" * 4700 + "</p><p>") * 4)
    yield page("a million tiny elements", "<a>" * 300_000, LARGE)
    yield page("100,000 entities", "&amp;&nbsp;&#x1F600;" * 40_000)
    yield page("entities of nothing", "&#0;&#xD800;&#x110000;&#99999999999999;&nonsense;&" * 1000)
    yield page("an attribute of 800,000 characters", f'<p title="{"a" * 800_000}">x</p>')
    yield page("an attribute never closed", '<p title="' + "a" * 100_000, None)
    yield page("80,000 attributes", "<p " + " ".join(f"a{n}=b" for n in range(80_000)) + ">x</p>", LARGE)
    yield page(
        "many attributes on many elements", ("<p " + " ".join(f"{n:x}" for n in range(499)) + ">y") * 500
    )
    yield page("comments", "<!---->" * 100_000, LARGE)
    yield page("a name of 100,000 characters", "<" + "a" * 100_000 + ">x")
    yield page(
        "scripts and styles", "<script>alert('<p>no</p>')</script><style>p{}</style><iframe src=x></iframe>"
    )
    yield page("a script never closed", "<script>" + "a<" * 100_000)
    yield page("data urls", '<img src="data:image/png;base64,' + "A" * 500_000 + '">')
    yield page(
        "objects and frames", "<object data=x><embed src=y><frameset><frame></frameset></object>" * 100
    )
    yield page("a comment never closed", "<!--" + "-" * 100_000)
    yield page("a declaration inside", "<!DOCTYPE html [<!ENTITY x SYSTEM 'file:///etc/passwd'>]>&x;")
    yield page("a file as entity", "<?xml version='1.0'?><!ENTITY x SYSTEM 'file:///etc/passwd'>&x;")
    yield page(
        "another charset within",
        "<meta charset=utf-7><meta http-equiv=content-type content='a;charset=utf-16'>",
    )
    yield page("NUL and surrogates", "\0\ud800<p\0>x\0</p\0>", UNREADABLE)
    yield page("NUL", "\0<p\0>x\0</p\0><p>\0 is not the end</p>")
    yield page("svg and mathematics", "<svg><p><math><mi>" * 500)
    yield page("templates and shadows", "<template><slot><p>" * 500)
    yield page("breaks", "<p>" + "<br>" * 4500)
    yield page("19,000 bold words in one paragraph", "<p>" + "<b>x</b> " * 19_000, LARGE)
    yield page("19,000 bold words in five paragraphs", ("<p>" + "<b>x</b> " * 3800 + "</p>") * 5)
    yield page(
        "9,000 rows",
        "<table>" + "<tr><td>x</td></tr>" * 4500 + "</table><table>" + "<tr><td>y</td></tr>" * 4500,
    )
    yield page("a million brackets", "<" * 900_000)
    yield page("ends of what never began", "</p></div></article>" * 20_000)
    yield page("lists in lists", "<ul><li>" * 5000)
    yield page("links", "<a href=x>y</a>" * 4900)
    yield page(
        "metadata of everything",
        "<script type='application/ld+json'>" + '{"@type":[{"a":' * 3000 + "</script>",
    )
    yield Case("page: metadata that is broken", (
        "<html><head><title>\u202e</title><meta property='og:url' content='http://['><link rel=canonical href='//['>"
        "<meta property='article:published_time' content='9999999-99'><meta name=author content='" + ";" * 50_000 + "'>"
        "<script type='application/ld+json'>{\"@context\":\"http://schema.org\",\"@type\":\"NewsArticle\",\"author\":[[[]]],"
        "\"datePublished\":{}}</script></head><body><article>" + PARAGRAPH * 4 + "</article></body></html>"
    ).encode(), None, b"text/html")  # fmt: skip
    yield Case("page: nothing in it", b"<html><body></body></html>", INVALID, b"text/html")
    yield Case("page: no element", b"<!-- -->", INVALID, b"text/html")
    yield Case("page: empty", b"", INVALID, b"text/html")
    yield Case("page: NUL alone", b"\0" * 1000, None, b"text/html")
    yield Case(
        "page: a text of 300,000 characters",
        PAGE.format("<p>" + ORDINARY * 4200 + "</p>").encode(),
        LARGE,
        b"text/html",
    )
    yield Case("page: in JSON", _article(text="", html=PAGE.format("<script>" + "<" * 100_000)), None)


def _page_parts() -> Iterator[Case]:
    """What is made of a page before and after its text is extracted: styles, marks, frames, JSON-LD."""
    sentence = "The lock at Hornu was closed on Tuesday, after a barge had struck it"
    long_class = "<div class='" + "zz " * 330 + "'>"
    numbered = "".join(f"<div><p>{sentence} for the {n}th time this year.</p></div>" for n in range(1800))
    names = "".join(
        f"<div class='{' '.join(f'n{n}' for n in range(start, start + 150))}'>"
        for start in range(0, 9000, 150)
    )

    def page(name: str, head: str, inside: str) -> Case:
        value = PAGE.format(inside).replace("<body>", f"<head>{head}</head><body>")
        return Case(f"page part: {name}", value.encode(), None, b"text/html")

    for name, css in (
        ("braces", "{" * 500_000),
        ("comments never closed", "/*" * 300_000),
        ("40,000 rules", "".join(f".a{n}{{display:none}}" for n in range(40_000))),
        ("one rule of a megabyte", ".a{" + "display:none;" * 60_000 + "}"),
        ("spaces", ".a{" + " " * 800_000 + "}"),
        ("one selector of a megabyte", ".a," * 250_000 + ".a{display:none}"),
    ):
        yield page(f"styles: {name}", f"<style>{css}</style>", "")
    yield page(
        "30,000 rules for 4,000 elements", f"<style>{'.a{opacity:1}' * 30_000}</style>", "<p class=a>x" * 4000
    )
    yield page(
        "9,000 names of ancestors",
        "<style>" + "".join(f".n{n} p{{opacity:1}}" for n in range(9000)) + "</style>",
        names + "<b>x</b>" * 4900,
    )
    yield page("a style of 50,000 declarations", "", f"<p style='{'display:none;' * 50_000}'>x</p>")
    yield page("q in q", "", "<q>" * 15_000)
    yield page("4,800 q", "", "<p>" + "<q>a</q> b " * 4800)
    yield page("time in time", "", "<p>said on " + "<time>" * 15_000)
    yield page("spans in divisions", "", "<div><span>" * 120 + "<i>x</i>" * 4900)
    yield page("4,500 linked paragraphs", "", f"<p><a href=/x>{sentence}.</a></p>" * 4500)
    yield page("4,500 notes with text behind them", "", ("<p>Advertisement</p>" + "w " * 60) * 4500)
    yield page("2,400 articles", "", f"<article><h1>a</h1><p>{sentence}</p></article>" * 2400)
    yield page("articles in articles", "", "<article><h2><a href=/x>b</a></h2>" * 6000)
    yield page("paragraphs far from the others", "", "</article>" + long_class * 240 + numbered)
    yield page("4,500 lines that are the same", "", "<p>Share it now.</p>" * 4500)
    for name, said in (
        ("arrays without end", "[" * 400_000),
        ("60,000 arrays", "[" + ",".join(["[[],[]]"] * 60_000) + "]"),
        ("80,000 authors", '{"@type":"NewsArticle","author":[' + ",".join(['"A b"'] * 80_000) + "]}"),
        ("a number for a date", '{"@type":"Article","datePublished":' + "9" * 400_000 + "}"),
    ):
        yield page(f"JSON-LD: {name}", f"<script type=application/ld+json>{said}</script>", "")


def _headers() -> Iterator[Case]:
    value = ORDINARY.encode()
    yield Case("content types that differ", value, UNREADABLE, b"application/json",
               headers=(("content-type", b"text/plain"), ("Content-Type", b"text/html")))  # fmt: skip
    yield Case("a content type of a megabyte", value, None, b"text/plain;" + b"a=b;" * 250_000)
    yield Case("a content type of quotation marks", value, None, b'text/plain; a="' + b'\\"' * 400)
    yield Case("a content type that is not UTF-8", value, None, b"text/plain\xff; charset\xfe=\xff")
    yield Case("a content type with line breaks", value, None, b"text/plain\r\n\r\nSet-Cookie: a")
    yield Case("charsets that differ", value, UNREADABLE, b"text/plain; charset=hex; charset=utf-8")
    yield Case("a charset in parts", value, None, b"text/plain; charset*0=utf; charset*1=-8")
    yield Case("a charset as RFC 2231 has it", value, None, b"text/plain; charset*=utf-16''utf-8%ff%fe")
    yield Case("a content type of null", value, None, headers=(("content-type", None),))
    yield Case("headers of null", value, None,
               headers=(("traceparent", None), ("id", None), ("a", None)))  # fmt: skip
    yield Case(
        "headers that are not UTF-8", value, None, headers=(("a", b"\xff\xfe"), ("traceparent", b"\xff"))
    )
    yield Case("a header without a name", value, None, headers=(("", b""), ("", b"x")))
    yield Case(
        "names that are strange", value, None, headers=(("\u0130", b"1"), ("CE_\u017f", b"2"), ("\0\n", b"3"))
    )
    yield Case("10,000 headers", value, None, headers=tuple((f"h{n}", b"x") for n in range(10_000)))
    yield Case("the same header 10,000 times", value, None, headers=(("traceparent", b"00-a-b-01"),) * 10_000)
    yield Case("a header of a megabyte", value, None, headers=(("h" * 1000, b"\xff" * 900_000),))
    yield Case("headers of ours", value, None, headers=(
        ("ce_id", b"\xff"), ("CE_TYPE", b"x"), ("origin", b"x"), ("dead-letter-reason", b"\xff"),
        ("dead-letter-redriven", b"99999999999999999999"),
    ))  # fmt: skip


def _keys() -> Iterator[Case]:
    yield Case("a key of 1,001 characters and no value", None, LARGE, key=b"k" * 1001)
    yield Case(
        "an id of 1,001 characters and no value", None, LARGE, key=b"k", headers=(("id", b"i" * 1001),)
    )
    yield Case("neither key nor value", None, INVALID)
    yield Case("a key of zeros and no value", None, None, key=b"\0")
    yield Case("a key that is not UTF-8 and no value", None, INVALID, key=b"\xff")
    yield Case("a key of spaces and no value", None, INVALID, key=b" \t")
    yield Case("a key of a megabyte and no value", None, LARGE, key=b"k" * 900_000)
    yield Case("an id that is not UTF-8 and no value", None, INVALID, key=b"a", headers=(("id", b"\xff"),))
    yield Case("an id of null and no value", None, None, key=b"a", headers=(("id", None),))
    yield Case("a surrogate as key and no value", None, INVALID, key=b"\xed\xa0\x80")
    yield Case("a key that is not UTF-8", ORDINARY.encode(), None, key=b"\xff\xfe")
    yield Case("a key of 100,000 bytes", ORDINARY.encode(), None, key=b"k" * 100_000)
