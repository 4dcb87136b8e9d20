"""Reads what a page says about its article in JSON-LD, with the terms of schema.org."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape
from typing import Any

from lxml import html as lxml_html

# A page has a handful of scripts, and in these some dozens of nodes.
MAX_SCRIPTS = 50
MAX_SCRIPT_CHARS = 500_000
MAX_NODES = 2_000
_WITHIN = ("@graph", "mainEntity", "mainEntityOfPage", "hasPart", "itemListElement", "item")
_POSTINGS = frozenset({"Report", "BlogPosting", "LiveBlogPosting", "SocialMediaPosting"})


@dataclass(frozen=True, slots=True)
class Described:
    """What JSON-LD says about the page's article; what it does not say is None or empty."""

    published: tuple[str, ...] = ()
    url: str | None = None
    authors: tuple[str, ...] = ()
    section: Any = None
    language: str | None = None
    publisher: str | None = None
    summary: str | None = None


def read_described(tree: lxml_html.HtmlElement, headline: str | None) -> Described:
    """What is said about the article with this headline, or else about the first one."""
    nodes = [node for script in _scripts(tree) for node in _nodes_of(script)]
    articles = [node for node in nodes if any(map(_is_article, _listed(node.get("@type"))))]
    if not articles:
        return Described()
    named = (node for node in articles if headline and _text(node.get("headline")) == headline)
    article = next(named, articles[0])
    by_id = {node["@id"]: node for node in nodes if isinstance(node.get("@id"), str) and "name" in node}
    return Described(
        published=tuple(
            filter(None, (_text(article.get(name)) for name in ("datePublished", "dateCreated")))
        ),
        url=_url_of(article),
        authors=tuple(_names(article.get("author"), by_id)),
        section=_section_of(article.get("articleSection")),
        language=_language_of(article.get("inLanguage")),
        publisher=next(iter(_names(article.get("publisher"), by_id)), None),
        summary=_text(article.get("description")),
    )


def _scripts(tree: lxml_html.HtmlElement) -> Iterator[Any]:
    for script in tree.xpath("//script[contains(@type, 'ld+json')]")[:MAX_SCRIPTS]:
        text = (script.text or "").strip().removeprefix("<![CDATA[").removesuffix("]]>").strip().rstrip(";")
        if text and len(text) <= MAX_SCRIPT_CHARS:
            try:
                yield json.loads(text, strict=False)
            except (ValueError, RecursionError):
                continue


def _nodes_of(document: Any) -> Iterator[dict[str, Any]]:
    """The nodes that a page's description lists, outer ones first."""
    waiting = [document]
    for value in waiting:
        within = value[:MAX_NODES] if isinstance(value, list) else []
        if isinstance(value, dict):
            yield value
            within = [value[name] for name in _WITHIN if isinstance(value.get(name), list | dict)]
        waiting += within[: max(0, MAX_NODES - len(waiting))]


def _is_article(kind: Any) -> bool:
    name = kind.rpartition("/")[2].rpartition(":")[2] if isinstance(kind, str) else ""
    return name.endswith("Article") or name in _POSTINGS


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _text(value: Any) -> str | None:
    if isinstance(value, list) and value:
        value = value[0]
    text = " ".join(unescape(value).split()) if isinstance(value, str) else ""
    return text or None


def _names(value: Any, by_id: dict[str, dict[str, Any]]) -> Iterator[str]:
    """The names of persons or organisations: written out, of a node, or of the node that an id refers to."""
    for one in _listed(value)[:MAX_NODES]:
        if isinstance(one, dict) and "name" not in one and isinstance(one.get("@id"), str):
            one = by_id.get(one["@id"])
        names = one.get("name") if isinstance(one, dict) else one
        for name in _listed(names):
            text = _text(name)
            if text and "://" not in text:
                yield text


def _url_of(article: dict[str, Any]) -> str | None:
    page = article.get("mainEntityOfPage")
    found = (page.get("@id") or page.get("url")) if isinstance(page, dict) else page
    for url in (article.get("url"), found, article.get("@id")):
        text = _text(url)
        if text and text.startswith(("http://", "https://")):
            return text
    return None


def _section_of(value: Any) -> Any:
    sections = [text for one in _listed(value) if (text := _text(one))]
    return (sections[0] if len(sections) == 1 else sections) or None


def _language_of(value: Any) -> str | None:
    """A language's code; a name of a language is none."""
    if isinstance(value, dict):
        value = value.get("alternateName") or value.get("name")
    text = (_text(value) or "").replace("_", "-")
    primary, *rest = text.split("-")
    is_code = primary.isascii() and primary.isalpha() and len(primary) in (2, 3)
    return text if is_code and all(part.isalnum() and len(part) <= 8 for part in rest) else None
