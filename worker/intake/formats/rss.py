"""Reads RSS documents of one item: 2.0 and its forerunners, and 1.0, which is RDF."""

from typing import Any

from worker.intake.errors import FieldError
from worker.intake.feeds.entries import namesakes, only_entry, without
from worker.intake.feeds.markup import line_of_markup, text_of_field
from worker.intake.feeds.people import split_names
from worker.intake.formats.format import Format, Item, Syntax
from worker.intake.xml_text import attribute, children, element_html, element_text, first, local

_CONTENT = "{http://purl.org/rss/1.0/modules/content/}encoded"
_DUBLIN_CORE = "{http://purl.org/dc/elements/1.1/}"


def is_rss(root: Any) -> bool:
    """Whether this is the root of an RSS document, or of one in RDF that has a channel or an item."""
    name = local(root)
    return name == "rss" or (name == "RDF" and bool(children(root, "channel", "item")))


def read_rss(root: Any) -> Item:
    """The article of the one item; the channel's title is its source.

    Raises UndecodableError for another number of items, FieldError for one without a text.
    """
    channel = first(root, "channel")
    # In RDF the items stand beside the channel.
    homes = [home for home in (channel, root) if home is not None]
    items = [item for home in homes for item in children(home, "item")]
    item = only_entry(items, document="an RSS document", entry="item")
    used: list[Any] = []
    title = _one(item, "title", used)
    guid, link = _one(item, "guid", used), _one(item, "link", used)
    text = _text(item, used)
    if not text:
        raise FieldError("the RSS item takes a text in content:encoded or description, and found none there")
    source = _one(item, "source", used)
    date = _one(item, "pubDate", used, f"{_DUBLIN_CORE}date")
    language = item.find(f"{_DUBLIN_CORE}language")
    fields = {
        "id": element_text(guid),
        "url": element_text(link) or _permalink(guid),
        "headline": line_of_markup(element_text(title)),
        "text": text,
        "source": element_text(source) or _channels(channel, "title"),
        "language": element_text(language) or _channels(channel, "language", f"{_DUBLIN_CORE}language"),
        "published_at": element_text(date),
        "authors": _authors(item, used),
    }
    extra = without(item, used)
    if channel is not None and (rest := without(channel, items)):
        extra["channel"] = rest
    return Item({name: value for name, value in fields.items() if value} | {"extra": extra})


def _one(item: Any, name: str, used: list[Any], other: str = "") -> Any | None:
    """The first element of this name that says something, else of the other; it is noted as used."""
    for element in [*namesakes(item, name), *(item.findall(other) if other else ())]:
        if element_text(element):
            used.append(element)
            return element
    return None


def _text(item: Any, used: list[Any]) -> str:
    for element in [*item.findall(_CONTENT), *namesakes(item, "description")]:
        # Markup is escaped there, but some write it as elements.
        text = text_of_field(element_html(element) if len(element) else element.text or "")
        if text.strip():
            used.append(element)
            return text
    return ""


def _authors(item: Any, used: list[Any]) -> list[str]:
    for elements in (item.findall(f"{_DUBLIN_CORE}creator"), namesakes(item, "author")):
        names = [name for element in elements for name in split_names(element_text(element))]
        if names:
            used += elements
            return list(dict.fromkeys(names))
    return []


def _permalink(guid: Any | None) -> str:
    """The guid as an address, unless it says that it is none."""
    address = element_text(guid)
    is_address = guid is not None and attribute(guid, "isPermaLink") != "false"
    return address if is_address and address.lower().startswith(("http://", "https://")) else ""


def _channels(channel: Any | None, name: str, other: str = "") -> str:
    if channel is None:
        return ""
    found = [*namesakes(channel, name), *(channel.findall(other) if other else ())]
    return next((text for element in found if (text := element_text(element))), "")


INPUT_FORMAT = Format("rss", Syntax.XML, read_rss, is_rss)
