"""Reads what a page says about its article: in JSON-LD, in `meta` and `time` elements, and by trafilatura."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from lxml import html as lxml_html
from trafilatura.metadata import extract_metadata

from worker.intake.pages.json_ld import Described, read_described
from worker.intake.pages.parse import without_controls
from worker.intake.times.dates import read_date
from worker.query.normal_forms import with_few_marks

# Names of `meta` elements that say when an article was published, from the surest to the vaguest.
_TIME_NAMES = (
    "article:published_time",
    "og:published_time",
    "og:article:published_time",
    "datepublished",
    "pubdate",
    "publishdate",
    "publish-date",
    "publish_date",
    "published_time",
    "publication_date",
    "publicationdate",
    "published-date",
    "parsely-pub-date",
    "sailthru.date",
    "cxenseparse:recs:publishtime",
    "dcterms.issued",
    "dcterms.created",
    "dcterms.date",
    "dc.date.issued",
    "dc.date.created",
    "dc.date",
    "article.published",
    "article.created",
    "article_date_original",
    "article:post_date",
    "og:pubdate",
    "originalpublicationdate",
    "rnews:datepublished",
    "date",
)
_SUMMARY_NAMES = ("description", "og:description", "twitter:description")
_MAX_ELEMENTS = 500
_MAX_TIME_CHARS = 100
_EARLIEST = "1600"
_WITH_ZONE = re.compile(r"[0-9](?:Z|z|\s?[+-][0-9]{2}:?[0-9]{2}|\s?(?:GMT|UTC|UT))$")


@dataclass(frozen=True, slots=True)
class Metadata:
    """What a page says about its article; what it does not say is None or empty."""

    headline: str | None = None
    url: str | None = None
    source: str | None = None
    authors: tuple[str, ...] = ()
    published_at: str | None = None
    section: Any = None
    language: str | None = None
    summaries: tuple[str, ...] = ()


def read_metadata(tree: lxml_html.HtmlElement) -> Metadata:
    """What the page says. `published_at`: a time that can be read, or else the first one that can't."""
    _cut_marks(tree)
    found = extract_metadata(tree, extensive=False).as_dict()
    headline = (found.get("title") or "").strip() or None
    described = read_described(tree, headline)
    named = tuple(name for part in (found.get("author") or "").split(";") if (name := part.strip()))
    meta = _meta_of(tree)
    sections = meta.get("article:section", [])
    return Metadata(
        headline=headline,
        url=found.get("url") or described.url,
        source=found.get("sitename") or described.publisher,
        authors=named or described.authors,
        published_at=_published(list(_times(tree, meta, described))),
        section=described.section or (sections[0] if sections else None),
        language=described.language,
        summaries=(
            *(text for name in _SUMMARY_NAMES for text in meta.get(name, ())),
            *filter(None, (described.summary,)),
        ),
    )


def _cut_marks(tree: lxml_html.HtmlElement) -> None:
    """Cuts runs of combining marks in what may be read as the page's url, since reading it normalizes it."""
    for element in tree.iter("link", "meta", "base"):
        for name in ("href", "content"):
            value = element.get(name, "")
            if (cut := with_few_marks(value)) != value:
                element.set(name, without_controls(cut))


def _meta_of(tree: lxml_html.HtmlElement) -> dict[str, list[str]]:
    """What the page's `meta` elements say, by their names in lower case."""
    found: dict[str, list[str]] = {}
    for element in tree.iter("meta"):
        content = (element.get("content") or "").strip()
        for attribute in ("name", "property", "itemprop"):
            name = element.get(attribute)
            if name and content:
                found.setdefault(name.strip().lower()[:100], []).append(content)
    return found


def _times(tree: lxml_html.HtmlElement, meta: dict[str, list[str]], described: Described) -> Iterator[str]:
    """All that may be the time of publication, the surest first."""
    yield from described.published[:1]
    for element in tree.xpath("//*[@itemprop='datePublished']")[:_MAX_ELEMENTS]:
        yield element.get("content") or element.get("datetime") or element.get("title") or element.text or ""
    for name in _TIME_NAMES:
        yield from meta.get(name, ())[:_MAX_ELEMENTS]
    for path in ("//time[@pubdate]", "//time[contains(@class, 'publi')]"):
        for element in tree.xpath(path)[:_MAX_ELEMENTS]:
            yield element.get("datetime") or element.text or ""
    yield from described.published[1:]


def _published(times: list[str]) -> str | None:
    """The first time that can be read; one that names its zone comes before one that does not."""
    given = [text for time in times if (text := time.strip())]
    readable = [text for text in given if len(text) <= _MAX_TIME_CHARS and _is_time(text)]
    exact = (text for text in readable if _WITH_ZONE.search(text))
    return next(exact, None) or next(iter(readable or given), None)


def _is_time(text: str) -> bool:
    """Whether it can be read, and is not the beginning of some calendar, as where no time was filled in."""
    moment = read_date(text)
    return moment is not None and moment >= _EARLIEST and not moment.startswith("1970-01-01T00:00:00")
