"""The article in an HTML page: its text by trafilatura, and what the page's metadata says of it."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass

from lxml import etree
from lxml import html as lxml_html
from trafilatura import bare_extraction

from worker.intake.json_text import LimitError

# What it can't read is our rejection to report, with the article's name.
logging.getLogger("trafilatura").setLevel(logging.CRITICAL)

# Extraction slows with the square of a page's elements; a long live blog has some thousands.
MAX_ELEMENTS = 20_000
# So it does, and a parser, with what one element has.
MAX_CHILDREN = 5_000
MAX_ATTRIBUTES = 500
# Read from the page itself: what a library makes of a page's dates depends on the day it looks.
_PUBLISHED = "//meta[@property='article:published_time' or @itemprop='datePublished']/@content"


@dataclass(frozen=True)
class Page:
    """What could be read from a page; `text` is empty where there is no article."""

    text: str = ""
    headline: str | None = None
    url: str | None = None
    source: str | None = None
    authors: tuple[str, ...] = ()
    published_at: str | None = None


def read_page(html: str) -> Page:
    """The article's text, a paragraph a line, without navigation, comments and tables; its headline apart.

    Raises LimitError for more than MAX_ELEMENTS, or an element of more than MAX_CHILDREN or MAX_ATTRIBUTES.
    """
    tree = _parse(html)
    if tree is None:
        return Page()
    published = [str(date) for date in tree.xpath(_PUBLISHED)]
    document = bare_extraction(tree, with_metadata=True, include_comments=False, include_tables=False)
    if document is None:
        return Page()
    fields = document if isinstance(document, dict) else document.as_dict()
    text, headline = (fields.get("text") or "").strip(), (fields.get("title") or "").strip() or None
    first, newline, rest = text.partition("\n")
    if newline and first.strip() == headline:
        text = rest.lstrip("\n")
    return Page(
        text=text,
        headline=headline,
        url=fields.get("url") or None,
        source=fields.get("sitename") or None,
        authors=tuple(name for part in (fields.get("author") or "").split(";") if (name := part.strip())),
        published_at=published[0] if published else None,
    )


class _Counts:
    """What a page holds, as a parser meets it, before a tree is made of it."""

    def __init__(self) -> None:
        self.elements = self.children = self.attributes = 0
        # Of each element that is open, its children so far; first of none.
        self._open = [0]

    def start(self, _tag: str, attributes: Mapping[str, str]) -> None:
        self._count()
        self._open.append(0)
        self.attributes = max(self.attributes, len(attributes))

    def end(self, _tag: str) -> None:
        if len(self._open) > 1:
            self._open.pop()

    def comment(self, _text: str) -> None:
        self._count()

    def pi(self, _target: str, _data: str | None = None) -> None:
        self._count()

    def _count(self) -> None:
        self.elements += 1
        self._open[-1] += 1
        self.children = max(self.children, self._open[-1])

    def check(self) -> None:
        """Raises LimitError, naming what is too much."""
        if self.elements > MAX_ELEMENTS:
            raise LimitError(f"the page has {self.elements} elements, the limit is {MAX_ELEMENTS}")
        for what, found, limit in (
            ("children", self.children, MAX_CHILDREN),
            ("attributes", self.attributes, MAX_ATTRIBUTES),
        ):
            if found > limit:
                raise LimitError(f"an element of the page has {found} {what}, the limit is {limit}")

    def close(self) -> None:
        """A parser wants it."""


def _parse(html: str) -> lxml_html.HtmlElement | None:
    # A fragment without a root is often taken for no HTML at all.
    if "<html" not in html[:2000].lower():
        html = f"<html><body>{html}</body></html>"
    # As bytes: lxml refuses text that declares an encoding.
    page = html.encode(errors="replace")
    counts = _Counts()
    try:
        etree.fromstring(page, lxml_html.HTMLParser(encoding="utf-8", target=counts))
        counts.check()
        return lxml_html.document_fromstring(page, parser=lxml_html.HTMLParser(encoding="utf-8"))
    except etree.LxmlError:
        return None
