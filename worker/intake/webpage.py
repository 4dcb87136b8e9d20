"""Extracts the article from an HTML page: its text by trafilatura, the rest from the page's metadata."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass

from lxml import etree
from lxml import html as lxml_html
from trafilatura import bare_extraction

from worker.intake.errors import LimitError
from worker.query.normal_forms import with_few_marks

# A page that it can't read is reported as a rejection, with the article's name.
logging.getLogger("trafilatura").setLevel(logging.CRITICAL)

# The time of extraction grows with the square of the elements; a long live blog has some thousands.
MAX_ELEMENTS = 20_000
# The time of extraction and of parsing grows likewise with the children and attributes of one element.
MAX_CHILDREN = 5_000
MAX_ATTRIBUTES = 500
# Read here, because what a library makes of a page's dates depends on the day on which it runs.
_PUBLISHED = "//meta[@property='article:published_time' or @itemprop='datePublished']/@content"


@dataclass(frozen=True)
class Page:
    """What was read from a page; `text` is empty if no article was found."""

    text: str = ""
    headline: str | None = None
    url: str | None = None
    source: str | None = None
    authors: tuple[str, ...] = ()
    published_at: str | None = None


def read_page(html: str) -> Page:
    """The article's text, one line per paragraph, without navigation, comments, tables and headline.

    Raises LimitError for more than MAX_ELEMENTS, MAX_CHILDREN of an element or MAX_ATTRIBUTES of an element.
    """
    tree = _parse(html)
    if tree is None:
        return Page()
    _cut_marks(tree)
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


def _cut_marks(tree: lxml_html.HtmlElement) -> None:
    """Cuts runs of combining marks in what may be read as the page's url, since reading it normalizes it."""
    for element in tree.iter("link", "meta", "base"):
        for name in ("href", "content"):
            value = element.get(name, "")
            if (cut := with_few_marks(value)) != value:
                element.set(name, cut)


class _Counts:
    """Counts what is in a page while it is parsed, before a tree is built. A parser's target."""

    def __init__(self) -> None:
        self.elements = self.children = self.attributes = 0
        # The number of children so far of each open element, below the page itself.
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
        """Required of a parser's target."""


def _parse(html: str) -> lxml_html.HtmlElement | None:
    # Without a root element, a fragment often yields nothing.
    if "<html" not in html[:2000].lower():
        html = f"<html><body>{html}</body></html>"
    # Encoded, because lxml refuses a str that declares an encoding.
    page = html.encode(errors="replace")
    counts = _Counts()
    try:
        etree.fromstring(page, lxml_html.HTMLParser(encoding="utf-8", target=counts))
        counts.check()
        return lxml_html.document_fromstring(page, parser=lxml_html.HTMLParser(encoding="utf-8"))
    except etree.LxmlError:
        return None
