"""Reads Atom documents of one entry: an entry alone, or a feed that has one."""

from typing import Any

from worker.intake.errors import FieldError
from worker.intake.feeds.entries import namesakes, only_entry, without
from worker.intake.feeds.markup import line_of_markup, text_of_field
from worker.intake.formats.format import Format, Item, Syntax
from worker.intake.xml_text import attribute, children, element_html, element_text, first, local

# The last two are those of Atom 0.3.
_TIMES = ("published", "updated", "issued", "modified")


def is_atom(root: Any) -> bool:
    """Whether this is the root of an Atom document, of 1.0 or 0.3."""
    name, is_named = local(root), "/atom" in str(root.tag).lower()
    if name == "entry":
        return is_named or bool(children(root, "content", "summary"))
    return name == "feed" and (is_named or bool(children(root, "entry")))


def read_atom(root: Any) -> Item:
    """The article of the one entry; the feed's title is its source.

    Raises UndecodableError for another number of entries, FieldError for one without a text.
    """
    feed = root if local(root) == "feed" else None
    entries = namesakes(feed, "entry") if feed is not None else [root]
    entry = only_entry(entries, document="an Atom feed", entry="entry")
    used: list[Any] = []
    text = _text(entry, used)
    if not text:
        raise FieldError("the Atom entry takes a text in content or summary, and found none there")
    title, date = _first_of(entry, used, "title"), _first_of(entry, used, *_TIMES)
    link = _link(entry, used)
    fields = {
        "id": element_text(_first_of(entry, used, "id")),
        "url": attribute(link, "href") if link is not None else "",
        "headline": line_of_markup(_as_html(title)) if title is not None else "",
        "text": text,
        "source": element_text(first(entry, "source", "title")) or element_text(first(feed, "title")),
        "language": _language(used[0], entry, feed),
        "published_at": element_text(date),
        "authors": _authors(entry) or _authors(first(entry, "source")) or _authors(feed),
    }
    extra = without(entry, used)
    if feed is not None and (rest := without(feed, entries)):
        extra["feed"] = rest
    return Item({name: value for name, value in fields.items() if value} | {"extra": extra})


def _text(entry: Any, used: list[Any]) -> str:
    for element in [*namesakes(entry, "content"), *namesakes(entry, "summary")]:
        text = _all_text(element)
        if text.strip():
            used.append(element)
            return text
    return ""


def _all_text(element: Any) -> str:
    """The text of `content` or `summary`; none for one of another type, or that is elsewhere."""
    kind = (attribute(element, "type") or "text").lower()
    if kind in ("text", "text/plain"):
        return "".join(element.itertext())
    return text_of_field(_as_html(element)) if "html" in kind else ""


def _as_html(element: Any) -> str:
    """What the element says, as HTML: escaped in the document, written out, or plain text."""
    kind = (attribute(element, "type") or "text").lower()
    if len(element):
        return element_html(element)
    text = "".join(element.itertext())
    return text if "html" in kind else text.replace("<", "&lt;")


def _first_of(entry: Any, used: list[Any], *names: str) -> Any | None:
    for name in names:
        for element in namesakes(entry, name):
            if element_text(element):
                used.append(element)
                return element
    return None


def _link(entry: Any, used: list[Any]) -> Any | None:
    for link in namesakes(entry, "link"):
        if (attribute(link, "rel") or "alternate") == "alternate" and attribute(link, "href"):
            used.append(link)
            return link
    return None


def _authors(parent: Any | None) -> list[str]:
    """The authors' names, which are taken out of the document; their addresses stay."""
    found = []
    for author in namesakes(parent, "author") if parent is not None else []:
        name = first(author, "name")
        if text := element_text(name):
            found.append(text)
            author.remove(name)
    return list(dict.fromkeys(found))


def _language(*elements: Any | None) -> str:
    return next((tag for one in elements if one is not None and (tag := attribute(one, "lang"))), "")


INPUT_FORMAT = Format("atom", Syntax.XML, read_atom, is_atom)
