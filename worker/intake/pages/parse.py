"""Parses a page into a tree, once it is known to be no larger than can be read in time."""

import re
from collections.abc import Mapping

from lxml import etree
from lxml import html as lxml_html

from worker.intake.errors import LimitError

# The time of extraction grows with the square of the elements; a long live blog has some thousands.
MAX_ELEMENTS = 20_000
# The time of extraction and of parsing grows likewise with the children and attributes of one element.
MAX_CHILDREN = 5_000
MAX_ATTRIBUTES = 500
_NO_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


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


def without_controls(text: str) -> str:
    """The text with U+FFFD for what lxml reads from a page and refuses to put into one."""
    return _NO_XML.sub("\ufffd", text)


def parse_page(html: str) -> lxml_html.HtmlElement | None:
    """The page's tree without comments, which would part a paragraph's words; None if there is nothing in it.

    Raises LimitError for more than MAX_ELEMENTS, MAX_CHILDREN of an element or MAX_ATTRIBUTES of an element.
    """
    # Without a root element, a fragment often yields nothing.
    if "<html" not in html[:2000].lower():
        html = f"<html><body>{html}</body></html>"
    # Encoded, because lxml refuses a str that declares an encoding. It reads control characters, and refuses
    # to write them back when extraction moves a text.
    page = without_controls(html).encode()
    counts = _Counts()
    parser = lxml_html.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True)
    try:
        etree.fromstring(page, lxml_html.HTMLParser(encoding="utf-8", target=counts))
        counts.check()
        return lxml_html.document_fromstring(page, parser=parser)
    except etree.LxmlError:
        return None
