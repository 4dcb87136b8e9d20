"""One article in every form that is read: the same headline, text, date, source and author in each.

`@M` and `@S` stand for the minutes and seconds of the date, which `timing.py` puts in.
"""

import base64
import json
from dataclasses import dataclass
from html import escape
from typing import Any

from tests.faults.workers import ROOT

PLAIN_JSON = "JSON"
_GOLD = json.loads((ROOT / "seeds/quality/articles.jsonl").read_text(encoding="utf-8").splitlines()[0])
_HEADLINE, _TEXT = _GOLD["headline"], _GOLD["text"]
_ID, _URL, _DATE, _AUTHOR, _SOURCE = (
    "a-1",
    "https://x.example/a",
    "2025-02-03T09:@M:@SZ",
    "Ada Obi",
    "Lake Wire",
)
_PARAGRAPHS = [escape(line) for line in _TEXT.split("\n") if line]
_HTML = "".join(f"<p>{line}</p>" for line in _PARAGRAPHS)
_DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n'


@dataclass(frozen=True, slots=True)
class WrittenArticle:
    """`name`: as it stands in the table."""

    name: str
    value: bytes
    content_type: str | None = "application/json"


def documents() -> list[WrittenArticle]:
    """All forms, plain JSON first."""
    return [*_as_json(), *_as_xml(), *_as_text()]


def _json(name: str, value: Any, content_type: str | None = "application/json") -> WrittenArticle:
    return WrittenArticle(name, json.dumps(value).encode(), content_type)


def _as_json() -> list[WrittenArticle]:
    article = {
        "id": _ID, "url": _URL, "headline": _HEADLINE, "text": _TEXT, "source": _SOURCE, "language": "en",
        "published_at": _DATE, "authors": [_AUTHOR],
    }  # fmt: skip
    ninjs = {
        "uri": _ID, "headlines": [{"value": _HEADLINE}], "language": "en", "versioncreated": _DATE,
        "bodies": [{"contenttype": "text/plain", "value": _TEXT}], "bylines": [{"byline": _AUTHOR}],
        "infosources": [{"name": _SOURCE}],
    }  # fmt: skip
    return [
        _json(PLAIN_JSON, article),
        _json("JSON, without a content type", article, None),
        _json("JSON, a date in words", article | {"published_at": "Feb 3, 2025 4:@M:@S AM EST"}),
        _json("JSON, a date in seconds", article | {"published_at": "173857@M@S"}),
        _json("JSON, the text as HTML", article | {"text": "", "html": _HTML}),
        _json("ninjs 3", ninjs, "application/vnd.iptc.newsinjson"),
        _json(
            "ninjs 3, the body in NITF",
            ninjs | {"bodies": [{"contenttype": "application/nitf+xml", "value": _nitf("")}]},
            "application/vnd.iptc.newsinjson",
        ),
        _json(
            "a news interface's JSON",
            {
                "source": {"id": None, "name": _SOURCE}, "author": _AUTHOR, "title": _HEADLINE, "url": _URL,
                "publishedAt": _DATE, "description": _TEXT[:200], "content": _TEXT, "language": "en",
            },
        ),
        _json(
            "JSON-LD",
            {
                "@context": "https://schema.org", "@type": "NewsArticle", "headline": _HEADLINE, "url": _URL,
                "articleBody": _TEXT, "author": {"@type": "Person", "name": _AUTHOR}, "datePublished": _DATE,
                "publisher": {"@type": "Organization", "name": _SOURCE}, "inLanguage": "en",
            },
        ),
    ]  # fmt: skip


def _nitf(declaration: str = _DECLARATION) -> str:
    return f"""{declaration}<nitf xml:lang="en"><head><title>{escape(_HEADLINE)}</title><docdata><doc-id
      id-string="{_ID}"/><urgency ed-urg="4"/><date.issue norm="{_DATE}"/></docdata></head><body><body.head>
      <hedline><hl1>{escape(_HEADLINE)}</hl1></hedline><byline>By {_AUTHOR}</byline><distributor>{_SOURCE}
      </distributor></body.head><body.content><block>{_HTML}</block></body.content></body></nitf>"""


def _newsml(content: str) -> bytes:
    return f"""{_DECLARATION}<newsItem xmlns="http://iptc.org/std/nar/2006-10-01/" guid="{_ID}" version="1"
      xml:lang="en"><itemMeta><itemClass qcode="ninat:text"/><provider><name>{_SOURCE}</name></provider>
      <versionCreated>{_DATE}</versionCreated></itemMeta><contentMeta><by>{_AUTHOR}</by>
      <headline>{escape(_HEADLINE)}</headline></contentMeta><contentSet>{content}</contentSet></newsItem>""".encode()


def _as_xml() -> list[WrittenArticle]:
    rss = f"""{_DECLARATION}<rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/"
      xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel><title>{_SOURCE}</title>
      <language>en</language><item><guid>{_ID}</guid><link>{_URL}</link><title>{escape(_HEADLINE)}</title>
      <dc:creator>{_AUTHOR}</dc:creator><pubDate>Mon, 03 Feb 2025 09:@M:@S GMT</pubDate>
      <content:encoded><![CDATA[{_HTML}]]></content:encoded></item></channel></rss>"""
    atom = f"""{_DECLARATION}<entry xmlns="http://www.w3.org/2005/Atom" xml:lang="en"><id>{_ID}</id>
      <title>{escape(_HEADLINE)}</title><link href="{_URL}"/><author><name>{_AUTHOR}</name></author>
      <published>{_DATE}</published><source><title>{_SOURCE}</title></source>
      <content>{escape(_TEXT)}</content></entry>"""
    nitf = f'<inlineXML contenttype="application/nitf+xml">{_nitf("")}</inlineXML>'
    xhtml = f'<inlineXML contenttype="application/xhtml+xml"><html><body>{_HTML}</body></html></inlineXML>'
    return [
        WrittenArticle("NITF", _nitf().encode(), "application/nitf+xml"),
        WrittenArticle("NewsML-G2, the content in NITF", _newsml(nitf), "text/xml"),
        WrittenArticle("NewsML-G2, the content in XHTML", _newsml(xhtml), "text/xml"),
        WrittenArticle("RSS, the content in HTML", rss.encode(), "application/rss+xml"),
        WrittenArticle("Atom, the content as text", atom.encode(), "application/atom+xml"),
    ]


def _as_text() -> list[WrittenArticle]:
    page = f"""<!DOCTYPE html><html lang="en"><head><title>{escape(_HEADLINE)}</title></head><body>
      <nav>Home Sport</nav><article><h1>{escape(_HEADLINE)}</h1>{_HTML}</article></body></html>"""
    return [
        WrittenArticle("plain text, whose language is guessed", _TEXT.encode(), "text/plain"),
        WrittenArticle("a page, whose language is guessed", page.encode(), "text/html"),
    ]


def encoded(document: WrittenArticle, times: int) -> str:
    """A request for the process that measures it."""
    value = base64.b64encode(document.value).decode()
    return json.dumps({"value": value, "content_type": document.content_type, "times": times})
