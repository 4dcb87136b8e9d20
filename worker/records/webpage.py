"""The article in an HTML page: its text by trafilatura, and what the page's metadata says of it."""

import logging
from dataclasses import dataclass

from trafilatura import bare_extraction

# What it can't read is our rejection to report, with the article's name.
logging.getLogger("trafilatura").setLevel(logging.CRITICAL)


@dataclass(frozen=True)
class Page:
    """What could be read from a page; `text` is empty where there is no article.

    No date: what a library makes of a page's dates depends on the day it looks.
    """

    text: str = ""
    headline: str | None = None
    url: str | None = None
    source: str | None = None
    author: str | None = None


def read_page(html: str) -> Page:
    """The article's text, a paragraph a line, without navigation, comments and tables; its headline apart."""
    # A fragment without a root is often taken for no HTML at all.
    if "<html" not in html[:2000].lower():
        html = f"<html><body>{html}</body></html>"
    document = bare_extraction(html, with_metadata=True, include_comments=False, include_tables=False)
    if document is None:
        return Page()
    fields = document.as_dict()
    text, headline = (fields.get("text") or "").strip(), (fields.get("title") or "").strip() or None
    first, newline, rest = text.partition("\n")
    if newline and first.strip() == headline:
        text = rest.lstrip("\n")
    return Page(text, headline, *((fields.get(name) or None) for name in ("url", "sitename", "author")))
