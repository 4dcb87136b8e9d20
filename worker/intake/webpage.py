"""Reads the article of an HTML page: its text, and what the page says about it."""

from dataclasses import dataclass
from typing import Any

from worker.intake.pages.extract import extract_lines
from worker.intake.pages.metadata import read_metadata
from worker.intake.pages.parse import parse_page


@dataclass(frozen=True)
class Page:
    """What was read from a page; `text` is empty if no article was found."""

    text: str = ""
    headline: str | None = None
    url: str | None = None
    source: str | None = None
    authors: tuple[str, ...] = ()
    published_at: str | None = None
    language: str | None = None
    # By a raw article's rules for names that it does not know, this ends up in `extra`.
    section: Any = None


def read_page(html: str) -> Page:
    """The article's text as a reader of the page sees it, one line per paragraph.

    Without navigation, comments, tables, headline, teasers and notes. Raises LimitError for more than
    MAX_ELEMENTS, MAX_CHILDREN of an element or MAX_ATTRIBUTES of an element.
    """
    tree = parse_page(html)
    if tree is None:
        return Page()
    about = read_metadata(tree)
    lines = extract_lines(tree, titles=[about.headline or ""], summaries=about.summaries)
    text = "\n".join(lines).strip()
    if not text:
        return Page()
    return Page(
        text=text,
        headline=about.headline,
        url=about.url,
        source=about.source,
        authors=about.authors,
        published_at=about.published_at,
        language=about.language,
        section=about.section,
    )
