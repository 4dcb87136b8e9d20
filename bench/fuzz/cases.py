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
        *_scripts(),
        *_feeds(),
        *_charsets(),
        *_disguises(),
        *_pages(),
        *_page_parts(),
        *_xml(),
        *_ninjs(),
        *_headers(),
        *_keys(),
        *_wrappings(),
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
                        ("language", {}), ("id", []), ("id", True), ("authors", 5), ("authors", [[]]),
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


def _scripts() -> Iterator[Case]:
    """Fields in other scripts than Latin, and of characters that look like others or like nothing."""
    kind, foreign = b"application/json", Reason.UNSUPPORTED_LANGUAGE
    russian = "Паром вышел из Мванзы на рассвете, сообщила Анна Ковальчук журналистам на причале."
    greek = (
        "Το πλοίο έφυγε από τη Μουάνζα την αυγή, είπε η Άννα Κοβάλτσουκ στους δημοσιογράφους στην προβλήτα."
    )
    for name, fields, end in (
        ("Russian that says nothing", {"text": russian}, None),
        ("Greek that says nothing", {"text": greek}, foreign),
        ("Russian that says English", {"text": russian, "language": "en"}, None),
        ("English that says Russian", {"language": "ru"}, None),
        ("English that says Turkish", {"language": "tr"}, foreign),
        ("Russian of a few letters", {"text": "Паром вышел."}, None),
        ("English with a Cyrillic letter", {"language": "\u0435n"}, foreign),
        ("English in wide letters", {"language": "\uff25\uff2e"}, foreign),
        ("English with an accent", {"language": "e\u0301n"}, foreign),
        ("English with a joiner", {"language": "en\u200d"}, foreign),
        ("English turned around", {"language": "\u202een"}, foreign),
        ("English with a dotless letter", {"language": "Engl\u0131sh"}, foreign),
        ("a language in its own script", {"language": "\u0939\u093f\u0928\u094d\u0926\u0940"}, foreign),
        ("a language and its script", {"language": "zh-Hant-TW"}, foreign),
        ("a language in digits", {"language": "\u0661\u0662"}, foreign),
        ("a text of joiners", {"text": "\u200d\u200c\u2060"}, None),
        ("a text of marks", {"text": "\u0301" * 9}, None),
        ("a text of directions", {"text": "\u202e\u2066\u2069\u202c"}, None),
        ("a text of fillers", {"text": "\u3164\u115f"}, None),
        ("a text of tags", {"text": "\U000e0041\U000e007f\ufe0f"}, None),
        ("an id that is not seen", {"id": "\u200d"}, None),
        ("an id turned around", {"id": "\u202e42"}, None),
        ("an id in digits of another script", {"id": "\u0664\u0662"}, None),
        ("an id with its accent apart", {"id": "e\u0301"}, None),
        ("authors in five scripts", {"authors": ["安娜", "ليلى حداد", "अनीता", "Анна \u200d", "\u202e\u05d3"]}, None),
        ("a headline turned around", {"headline": "\u202e" + ORDINARY}, None),
        ("a headline of 90,000 marks", {"headline": "e" + "\u0301" * 90_000}, None),
        ("a source that looks empty", {"source": "\u3164"}, None),
        ("a day in Thai years", {"published_at": "2567-05-12"}, None),
        ("a day in wide digits", {"published_at": "\uff12\uff10\uff12\uff14-\uff10\uff15-\uff11\uff12"}, None),
        ("a day in Devanagari", {"published_at": "\u0968\u0966\u0968\u096a-\u0966\u096b-\u0967\u0968"}, None),
        ("a host in Arabic", {"url": "http://\u0645\u062b\u0627\u0644.\u0625\u062e\u062a/"}, None),
        ("a host with a sharp s", {"url": "http://fa\u00df.example/"}, None),
        ("a host with a joiner", {"url": "http://a\u200d.example/\u202egpj.exe"}, None),
    ):  # fmt: skip
        yield Case(f"scripts: {name}", _article(**fields), end, kind)


def _feeds() -> Iterator[Case]:
    """Records by the names that feeds use, with what no feed has under them."""
    node = {"@type": "NewsArticle", "@id": "#a", "articleBody": ORDINARY, "author": {"@id": "#a"}}
    for name, fields, end in (
        ("every name a number", dict.fromkeys(("content", "link", "author", "source_name", "lang", "pubDate", "guid"), 5), INVALID),
        ("every name an array in arrays", {"content": [[[[ORDINARY]]]], "author": [[["Ada"]]], "description": ORDINARY}, None),
        ("60,000 authors as objects", {"content": ORDINARY, "author": [{"name": "a"}, {"a": 1}] * 30_000}, None),
        ("authors in one string of a megabyte", {"content": ORDINARY, "author": "Ada Obi, " * 100_000}, None),
        ("authors that are all addresses", {"content": ORDINARY, "authors": "a@" * 500}, None),
        ("30,000 contents without a text", {"content": [{"value": ""}, {"type": "a/b", "value": "a"}] * 15_000, "summary": ORDINARY}, None),
        ("25,000 links to itself", {"content": ORDINARY, "links": [{"rel": "self", "href": "a"}] * 25_000}, None),
        ("a source of everything", {"content": ORDINARY, "source": {"name": {"name": []}, "title": "\ud800", "uri": "\0"}}, None),
        ("a headline of tags", {"title": {"rendered": "<" * 200_000}, "content": {"rendered": f"<p>{ORDINARY}</p>"}}, None),
        ("a headline of open tags", {"title": {"rendered": "<a " * 200_000}, "content": {"rendered": ORDINARY}}, None),
        ("a text of open tags", {"content": "<p " * 6_000 + ORDINARY}, None),
        ("a text of ends of tags", {"description": "<p>a" + "</p" * 60_000}, None),
        ("a text of escapes", {"content": "&amp;" * 100_000}, None),
        ("a text of half escapes", {"content": "&a" * 8_000}, None),
        ("a text of comments", {"content": "<!--" * 200_000, "summary": ORDINARY}, LARGE),
        ("a text of deep elements", {"content_html": "<div>" * 10_000 + ORDINARY}, INVALID),
        ("a text of too many elements", {"content_html": "<p>a</p>" * 30_000}, LARGE),
        ("a text without words", {"content_html": "<figure><figcaption>a</figcaption></figure>" * 1000}, INVALID),
        ("a language of everything", {"content": ORDINARY, "inLanguage": ["en", 5], "lang": "e" * 64, "dc:language": {}}, None),
        ("a graph without an article", {"@context": "https://schema.org", "@graph": [{"@type": "WebPage"}] * 20_000}, INVALID),
        ("a graph of references to itself", {"@graph": [node, {"@id": "#a", "author": {"@id": "#a"}}]}, None),
        ("a graph of 5,000 articles", {"@graph": [node] * 5_000}, None),
        ("a graph of everything", {"@graph": [5, None, [], {"@type": 5}, {"@type": ["NewsArticle", 5], "@id": []}, node]}, None),
        ("an article whose type is all", {"@type": ["NewsArticle"] * 50_000, "articleBody": {"@value": ORDINARY}}, None),
        ("an id too long by another name", {"content": ORDINARY, "guid": "g" * 1001}, LARGE),
        ("a url too long by another name", {"content": ORDINARY, "link": "https://" + "a" * 8_192}, LARGE),
        ("a time of nine huge numbers", {"content": ORDINARY, "published_parsed": [10**18] * 9}, None),
    ):  # fmt: skip
        yield Case(f"feeds: {name}", json.dumps(fields).encode(), end, b"application/json")


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
    yield Case("utf-16 that nobody says", ORDINARY.encode("utf-16"), None)
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
    yield Case("gzip as Latin 1", gzip.compress(text, mtime=0), UNREADABLE, b"text/plain; charset=latin-1")
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


def _ninjs() -> Iterator[Case]:
    """Items that are long, odd or contradict themselves. A record's time is in 2023."""
    paragraphs = f"<p>{ORDINARY}</p>"
    nitf = f"<nitf><body><body.content>{paragraphs}</body.content></body></nitf>"
    body = {"value": ORDINARY}
    withheld = Reason.WITHHELD
    for name, more, end in (
        (
            "18,000 bodies that are pictures",
            {"bodies": [{"value": "x", "contentType": "image/x"}] * 18_000},
            INVALID,
        ),
        ("18,000 bodies in broken NITF", {"bodies": [{"value": "<nitf>"}] * 18_000}, UNREADABLE),
        (
            "18,000 headlines without a value",
            {"bodies": [body], "headlines": [{"role": "main"}] * 18_000},
            None,
        ),
        ("18,000 bylines", {"bodies": [body], "bylines": [{"by": "Ada", "title": "Dr"}] * 18_000}, None),
        (
            "40,000 fields that are bodies",
            {f"body_x{n}": "" for n in range(40_000)} | {"body_text": ORDINARY},
            None,
        ),
        ("a role of a megabyte", {"bodies": [{"value": ORDINARY, "role": ":/#" * 250_000}]}, None),
        (
            "a content type of a megabyte",
            {"bodies": [{"value": "x", "contentType": "image/" + "x" * 900_000}]},
            INVALID,
        ),
        ("a body of white space and a tag", {"bodies": [{"value": " " * 800_000 + paragraphs}]}, None),
        (
            "NITF with an entity bomb",
            {"bodies": [{"value": _BOMB + nitf, "contentType": "text/vnd.iptc.nitf"}]},
            UNREADABLE,
        ),
        (
            "NITF that is none",
            {"bodies": [{"value": "<" * 500_000, "contentType": "application/xml"}]},
            INVALID,
        ),
        ("NITF and a text beside it", {"bodies": [{"value": "<nitf>", "role": "main"}, body]}, None),
        ("names twice", {"bodies": [body], "Bodies": 5, "URI": 5, "VERSIONCREATED": "x"}, None),
        ("an embargo in surrogates", {"bodies": [body], "embargoed": "\ud800" * 100}, withheld),
        ("an embargo of a megabyte", {"bodies": [body], "embargoed": "2030" * 200_000}, withheld),
        ("an embargo of 1e300", {"bodies": [body], "embargoed": 1e300}, withheld),
        (
            "an embargo at the end of time",
            {"bodies": [body], "embargoed": "9999-12-31T23:59:59.999999"},
            withheld,
        ),
        ("an embargo before time", {"bodies": [body], "embargoed": "0001-01-01T00:00:00+14:00"}, withheld),
        ("an embargo that is over", {"bodies": [body], "embargoed": "0001-01-01T00:00:00"}, None),
        ("a status of colons", {"bodies": [body], "pubstatus": ":" * 900_000}, None),
        ("a status as an object", {"bodies": [body], "pubStatus": {"qcode": "stat:canceled"}}, INVALID),
        ("canceled, with nothing that can be read", {"bodies": 5, "pubstatus": "canceled"}, None),
        ("canceled, with an id too long", {"uri": "u" * 1001, "pubstatus": "canceled"}, LARGE),
        ("canceled, with a blank id", {"uri": " ", "pubstatus": "canceled"}, INVALID),
        ("canceled, with a uri that is none", {"uri": 5, "pubstatus": "canceled"}, INVALID),
    ):
        yield Case(
            f"ninjs in its versions: {name}", json.dumps({"uri": "u", "language": "en"} | more).encode(), end
        )
    for name, fields, end in (
        ("canceled, and no id", {"pubstatus": "canceled"}, INVALID),
        ("canceled, with a number as id", {"id": 1e308, "pubstatus": "canceled"}, None),
        ("withheld", {"pubstatus": "withheld"}, withheld),
    ):
        yield Case(f"a raw article that is {name}", _article(**fields), end)


_DEEP_HEAD = '<a b="c">' * 90
_NITF = "<nitf><body><body.content><block>{}</block></body.content></body></nitf>"
_ENTITIES = "".join(f"<!ENTITY {chr(98 + n)} '{f'&{chr(97 + n)};' * 10}'>" for n in range(9))
_BOMB = f"<!DOCTYPE nitf [<!ENTITY a 'aaaaaaaaaa'>{_ENTITIES}]>"


def _xml() -> Iterator[Case]:
    nitf = _NITF.format(f"<p>{ORDINARY}</p>")
    for name, value, end in (
        ("NITF", nitf, None),
        ("declared in another encoding", f"<?xml version='1.0' encoding='utf-16'?>{nitf}", None),
        ("an unknown encoding", f"<?xml version='1.0' encoding='klingon'?>{nitf}", None),
        ("entities in entities", _BOMB + _NITF.format("<p>&j;</p>"), UNREADABLE),
        ("entities in an attribute", _BOMB + _NITF.format("<p a='&j;'>x</p>"), UNREADABLE),
        ("a file as entity", f"<!DOCTYPE nitf [<!ENTITY x SYSTEM 'file:///etc/passwd'>]>{nitf}", UNREADABLE),
        (
            "an entity of parameters",
            f"<!DOCTYPE nitf [<!ENTITY % x SYSTEM 'http://127.0.0.1/'> %x;]>{nitf}",
            UNREADABLE,
        ),
        (
            "a subset behind a strange name",
            f"<!DOCTYPE nitf SYSTEM \"]>\" [<!ENTITY x 'y'>]>{nitf}",
            UNREADABLE,
        ),
        ("a type that is fetched nowhere", f"<!DOCTYPE nitf SYSTEM 'http://127.0.0.1/nitf.dtd'>{nitf}", None),
        ("an endless type", "<!DOCTYPE nitf " + "x" * 500_000, UNREADABLE),
        (
            "an include",
            _NITF.format(
                f"<xi:include xmlns:xi='http://www.w3.org/2001/XInclude' href='file:///etc/passwd'/>{ORDINARY}"
            ),
            None,
        ),
        ("deep", _NITF.format("<p>" * 99 + "x" + "</p>" * 99), LARGE),
        ("deeper", _NITF.format("<p>" * 90_000), LARGE),
        ("many elements", _NITF.format("<p/>" * 200_000), LARGE),
        ("as many elements as may be", _NITF.format("<p>a b</p>" * 19_990), None),
        ("quotations in quotations", _NITF.format("<p>" + "<q>" * 90 + "x" + "</q>" * 90 + "</p>"), None),
        (
            "attributes",
            _NITF.format("<p " + " ".join(f"a{n}='b'" for n in range(50_000)) + f">{ORDINARY}</p>"),
            None,
        ),
        ("equal attributes", _NITF.format("<p a='b' a='b'>x</p>"), UNREADABLE),
        (
            "namespaces",
            _NITF.format("<p " + " ".join(f"xmlns:a{n}='b{n}'" for n in range(20_000)) + f">{ORDINARY}</p>"),
            None,
        ),
        ("an undeclared prefix", _NITF.format("<a:p>x</a:p>"), UNREADABLE),
        ("open sections", _NITF.format("<![CDATA[&nbsp;" * 60_000), UNREADABLE),
        ("ampersands", _NITF.format("<p>" + "&" * 900_000), UNREADABLE),
        (
            "entities of HTML",
            _NITF.format("<p>" + "&CounterClockwiseContourIntegral;" * 25_000 + "</p>"),
            None,
        ),
        ("a long entity", _NITF.format(f"<p>&{'a' * 500_000};</p>"), UNREADABLE),
        ("open instructions", "<?xml version='1.0'?>" + "<?a " * 200_000, UNREADABLE),
        ("instructions alone", "<?xml version='1.0'?>" + "<?a b?>\n" * 120_000, UNREADABLE),
        ("two roots", nitf + nitf, UNREADABLE),
        ("no text", _NITF.format("<p> </p>"), INVALID),
        ("a surrogate", _NITF.format("<p>&#xD800;</p>"), UNREADABLE),
        ("a long root", f"<{'a' * 900_000} xmlns='x'/>", UNREADABLE),
        (
            "spaces in a byline",
            f"<nitf><body><body.head><byline>{'By ' * 100_000}</byline></body.head>"
            f"<body.content><p>{ORDINARY}</p></body.content></body></nitf>",
            None,
        ),
        (
            "a deep head",
            f"<nitf><head>{_DEEP_HEAD}{'</a>' * 90}</head><body><body.content><p>{ORDINARY}"
            "</p></body.content></body></nitf>",
            None,
        ),
    ):
        yield Case(f"xml: {name}", value.encode(), end)
    yield Case("xml: tags that open and never close", b"<foo>" * 8_000, None)
    yield Case("xml: a tag that nearly closes", b"<foo>" + b"</foo" * 8_000, None)


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


def _wrappings() -> Iterator[Case]:
    """Frames, envelopes and keys of other systems, and what is no text."""
    kind = b"application/json"

    def json_case(name: str, value: Any, end: Reason | None = None, key: bytes | None = None) -> Case:
        return Case(f"wrapped: {name}", json.dumps(value).encode(), end, kind, key)

    def page_of_marks(head: str) -> Case:
        value = PAGE.replace("<body>", f"<head>{head}</head><body>").format("")
        return Case("page: controls beside marks", value.encode(), None, b"text/html")

    article, frame = {"text": ORDINARY}, b"\0\0\0\0\x09"
    deep: Any = article
    for _ in range(8):
        deep = {"schema": None, "payload": deep}
    yield json_case("8 envelopes", deep)
    yield json_case("9 envelopes", {"schema": None, "payload": deep}, UNREADABLE)
    opening = b'{"schema":null,"payload":'
    for count in (500, 30_000):
        nested = opening * count + _article() + b"}" * count
        yield Case(f"wrapped: {count:,} envelopes", nested, UNREADABLE, kind)
    text = json.dumps(article)
    for _ in range(12):
        text = json.dumps(text)
    yield Case("wrapped: JSON in 12 strings", text.encode(), UNREADABLE)
    yield Case("wrapped: strings that never end", b'"\\"' * 250_000, LARGE)
    yield Case("wrapped: a string of a megabyte of braces", json.dumps("{" * 500_000).encode(), UNREADABLE)
    yield Case("wrapped: 300,000 documents", b"{} " * 300_000, UNREADABLE, kind)
    yield Case("wrapped: 40,000 articles", _article() * 9_000, UNREADABLE, kind)
    yield Case("wrapped: documents as deep as a megabyte", b"{}" + b"[" * 900_000, UNREADABLE, kind)
    yield Case("wrapped: an array of 300,000", b"[" + b"1," * 300_000 + b"1]", UNREADABLE, kind)
    for name, value, end in (
        ("no payload, no key", {"schema": {}, "payload": None}, INVALID),
        ("a payload of bytes that are none", {"schema": {"type": "bytes"}, "payload": "\ud800"}, INVALID),
        ("a payload of zeros", {"schema": {"type": "bytes"}, "payload": "A" * 200_000}, None),
        ("a payload that is a number", {"schema": {}, "payload": 5}, UNREADABLE),
        ("a payload that is a text", {"schema": {}, "payload": ORDINARY}, None),
        ("a payload of a surrogate", {"schema": {}, "payload": "\ud800"}, None),
        ("a payload that is empty", {"schema": {}, "payload": ""}, INVALID),
        ("a change of everything", {"op": "c", "before": [], "after": {"text": []}}, INVALID),
        ("a change to nothing", {"op": "u", "before": article, "after": None}, INVALID),
        ("a change in a string that is broken", {"op": "u", "after": '{"text"'}, UNREADABLE),
        ("a change to a list", {"op": "r", "after": "[1]"}, UNREADABLE),
        ("a change of no kind", {"op": "\ud800" * 900, "after": article}, UNREADABLE),
        ("a table that was emptied", {"op": "t", "source": {}}, UNREADABLE),
        ("a deletion of an article", {"op": "d", "before": article, "after": None}, None),
        ("a deletion of nothing", {"op": "d", "before": None, "after": None}, INVALID),
        ("a deletion of numbers", {"op": "d", "before": {"id": [], "url": 5, "text": {}}}, INVALID),
        ("a deletion of an id too long", {"op": "d", "before": {"id": "a" * 1001}}, LARGE),
        ("a deletion of a deep row", {"__deleted": True, "id": 5, "a": json.loads("[" * 120 + "]" * 120)}, None),
        ("types in types", {"op": "c", "after": '{"_id":' + '{"$oid":' * 900 + "1" + "}" * 900 + "}"}, INVALID),
        ("a value that was not sent", {"op": "u", "after": {"text": "__debezium_unavailable_value"}}, INVALID),
        ("an event without data", {"specversion": "1.0", "type": "a", "data": None}, INVALID),
        ("an event of broken base64", {"specversion": "1.0", "type": "a", "data_base64": "A"}, INVALID),
        ("an event of a number in base64", {"specversion": "1.0", "type": "a", "data_base64": 5}, INVALID),
        ("an event of a type of numbers", {"specversion": 1, "type": 5, "datacontenttype": 5, "data": article}, INVALID),
        ("an event of a strange type", {"specversion": 1, "type": 5, "datacontenttype": "\ud800;\0", "data": article}, None),
        ("an event of Protobuf", {"specversion": "1.0", "type": "a", "datacontenttype": "application/protobuf",
                                  "data_base64": "CgVoZWxsbw=="}, UNREADABLE),
    ):  # fmt: skip
        yield json_case(name, value, end)
    controls = "\x01\x0c\x1b\x1f\ufffe\uffff"
    yield Case("controls in a feed's HTML", json.dumps({"title": {"rendered": "a"}, "content": {
        "rendered": f"<p>{controls}{ORDINARY}</p>{controls}<br>{controls}&#1;&#12;"}}).encode(), None)  # fmt: skip
    yield page_of_marks(f"<link rel=canonical href='http://a.example/{controls}{_MARKS[:9000]}'>")
    yield Case("a frame alone", frame, UNREADABLE)
    yield Case("a frame of a frame", frame + frame + _article(), UNREADABLE)
    yield Case("a frame of Avro that looks like a string", frame + b'"seventeen letters', UNREADABLE)
    yield Case("a frame of brackets", frame + b"[" * 900_000, UNREADABLE)
    yield Case("a frame of a text", frame + ORDINARY.encode(), UNREADABLE, b"text/plain")
    yield Case("a frame as UTF-16", frame + _article(), UNREADABLE, b"text/plain; charset=utf-16be")
    yield Case("a frame of Glue, packed", b"\x03\x05" + b"\xff" * 16 + zlib.compress(_article()), UNREADABLE)
    yield Case(
        "an Avro file", b"Obj\x01\x04\x14avro.codec\x08null", UNREADABLE, b"text/plain; charset=latin-1"
    )
    yield Case("Rich Text", b"{\\rtf1\\ansi " + ORDINARY.encode() + b"}", UNREADABLE, b"text/plain")
    yield Case(
        "a page that says what it is in for a megabyte", b"<p>\xff" + b"<meta charset=" * 60_000, UNREADABLE
    )
    yield Case(
        "a page in a charset of nothing", b"<meta charset='\xff\xfe\0'>" + PAGE.encode("cp1252"), UNREADABLE
    )
    yield Case("controls of Windows", b"\x81" * 900_000, LARGE, b"text/plain; charset=latin-1")
    yield Case("a key in 12 strings", None, LARGE, key=text.encode())
    yield Case("a key of brackets", None, LARGE, key=b"[" * 900_000)
    yield Case("a key of objects", None, INVALID, key=b'{"a":' * 900 + b"1" + b"}" * 900)
    yield Case(
        "a key of two fields of a megabyte",
        None,
        INVALID,
        key=json.dumps({"a": "\ud800" * 99_000, "b": 1}).encode(),
    )
    yield Case("a key of 1e400", None, None, key=b'{"id":1e400}')
    yield Case("a key of Avro", None, INVALID, key=frame + b"\x06a-1")
    yield Case("a key of eight zeros", None, INVALID, key=b"\0" * 8)


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
