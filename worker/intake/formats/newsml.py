"""Reads NewsML-G2 documents of one news item whose text stands in it: as NITF, XHTML or plain text."""

import re
from typing import Any

from worker.intake.errors import FieldError, IntakeError, UndecodableError
from worker.intake.feeds.people import split_names
from worker.intake.formats.format import Format, Item, Syntax
from worker.intake.formats.nitf import read_nitf
from worker.intake.status import PubStatus, status_named
from worker.intake.times.dates import read_date
from worker.intake.xml_text import (
    attribute,
    children,
    descendants,
    element_html,
    element_json,
    element_text,
    first,
    local,
    merged,
)

_ROOTS = frozenset({"newsItem", "newsMessage"})
# Of an item that is no text; one without a class, or of one that is not known, may be.
_OTHER_CLASSES = frozenset({"animation", "audio", "composite", "graphic", "picture", "planning", "video"})
_TIMES = (("contentMeta", "contentCreated"), ("itemMeta", "firstCreated"), ("itemMeta", "versionCreated"))
_HTML_PARTS = frozenset({"html", "body", "article", "div", "section", "p"})
_MAIN_ROLES = ("main", "headline", "")
_MAX_TYPE_CHARS = 60
_MAX_NAMED_TYPES = 5


def is_newsml(root: Any) -> bool:
    """Whether this is the root of a NewsML-G2 document that may have a news item."""
    return local(root) in _ROOTS


def read_newsml(root: Any) -> Item:
    """The article of the one news item that is a text, and its status. What else its metadata says is kept.

    Raises UndecodableError for another number of items, FieldError for one whose text can't be read.
    """
    item = root if local(root) == "newsItem" else _only_text_item(root)
    item_meta, content_meta = first(item, "itemMeta"), first(item, "contentMeta")
    status = _status(item_meta)
    if status is PubStatus.CANCELED:
        return Item({"id": attribute(item, "guid")}, status=status)
    content = _content(item)
    body = dict(content.fields)
    used: list[Any] = []
    headline = _headline(content_meta, used) or _text_in(item_meta, used, "title")
    published_at = _published_at(item, used)
    fields = body | {
        "id": attribute(item, "guid") or body.get("id"),
        "headline": headline or body.get("headline"),
        "source": _party(_one(item_meta, used, "provider")) or body.get("source"),
        "language": _language(content_meta, used) or attribute(item, "lang") or body.get("language"),
        "published_at": published_at or body.get("published_at"),
        "authors": _authors(content_meta, used) or body.get("authors"),
    }
    extra = fields.pop("extra", {})
    given = {name: value for name, value in fields.items() if value}
    return Item(
        given | {"extra": merged(extra, _rest(item, used))},
        # A document in the item may be withheld although the item is not.
        status=status if status is not PubStatus.USABLE else content.status,
        embargoed_until=element_text(first(item_meta, "embargoed")) or content.embargoed_until,
    )


def _status(item_meta: Any | None) -> PubStatus:
    element = first(item_meta, "pubStatus")
    given = (attribute(element, "qcode") or attribute(element, "uri")) if element is not None else None
    return status_named("pubStatus", given or PubStatus.USABLE)


def _only_text_item(message: Any) -> Any:
    items = list(descendants(message, "newsItem"))
    texts = [item for item in items if _class_of(item) not in _OTHER_CLASSES]
    if len(texts) != 1:
        count = len(texts) or "no"
        raise UndecodableError(
            f"the value is a NewsML-G2 message with {count} news items that are texts; a record takes one "
            "article: send each newsItem as a record of its own"
        )
    return texts[0]


def _class_of(item: Any) -> str:
    element = first(item, "itemMeta", "itemClass")
    code = (attribute(element, "qcode") or attribute(element, "uri") or "") if element is not None else ""
    return _code(code)


def _code(qcode: str) -> str:
    """The code without its scheme: `text` for `ninat:text` and for the address that it stands for."""
    return re.split("[:/#]", qcode)[-1].lower()


def _content(item: Any) -> Item:
    """What the content says: an article in NITF, or a text or page. Raises FieldError for none."""
    content = first(item, "contentSet")
    parts = children(content, "inlineXML", "inlineData") if content is not None else []
    problem: IntakeError | None = None
    for form in (_from_nitf, _from_html, _from_data):
        for part in parts:
            try:
                if found := form(part):
                    return found
            except IntakeError as error:
                problem = problem or error
    if problem:
        raise problem
    given = content[:_MAX_NAMED_TYPES] if content is not None else []
    types = [(attribute(part, "contenttype") or local(part))[:_MAX_TYPE_CHARS] for part in given]
    named = ", ".join(types) or "none"
    raise FieldError(
        "the news item takes a text in contentSet, as NITF or XHTML in inlineXML or as text in inlineData, "
        f"and none was found in it; content found: {named}"
    )


def _from_nitf(part: Any) -> Item | None:
    document = next(descendants(part, "nitf"), None)
    return read_nitf(document) if local(part) == "inlineXML" and document is not None else None


def _from_html(part: Any) -> Item | None:
    is_page = local(part) == "inlineXML" and any(local(child) in _HTML_PARTS for child in part)
    return Item({"html": element_html(part)}) if is_page and element_text(part) else None


def _from_data(part: Any) -> Item | None:
    """What stands in the document as text; of another encoding or type it is not read."""
    text = "".join(part.itertext()).strip()
    kind = (attribute(part, "contenttype") or "text/plain").partition(";")[0].strip().lower()
    if local(part) != "inlineData" or attribute(part, "encoding") or not text:
        return None
    if "html" in kind:
        return Item({"html": text})
    return Item({"text": text}) if kind.startswith("text/") and kind not in ("text/xml", "text/rtf") else None


def _one(parent: Any | None, used: list[Any], name: str) -> Any | None:
    element = first(parent, name)
    if element is not None:
        used.append(element)
    return element


def _text_in(parent: Any | None, used: list[Any], name: str) -> str:
    element = first(parent, name)
    text = element_text(element)
    if text:
        used.append(element)
    return text


def _headline(content_meta: Any | None, used: list[Any]) -> str:
    given = children(content_meta, "headline") if content_meta is not None else []
    ranked = sorted(given, key=lambda one: _code(attribute(one, "role") or "") not in _MAIN_ROLES)
    for headline in ranked:
        if text := element_text(headline):
            used.append(headline)
            return text
    return ""


def _published_at(item: Any, used: list[Any]) -> str:
    """The first of the item's times that can be read; a date may be given in part there."""
    for path in _TIMES:
        element = first(item, *path)
        if element is not None and read_date(element_text(element)) is not None:
            used.append(element)
            return element_text(element)
    return ""


def _language(content_meta: Any | None, used: list[Any]) -> str:
    language = first(content_meta, "language")
    tag = attribute(language, "tag") if language is not None else None
    if tag:
        used.append(language)
    return tag or ""


def _authors(content_meta: Any | None, used: list[Any]) -> list[str]:
    """The names of the byline, else of the creators that have one."""
    byline = first(content_meta, "by")
    if names := split_names(element_text(byline)):
        used.append(byline)
        return names
    creators = children(content_meta, "creator") if content_meta is not None else []
    named = [creator for creator in creators if element_text(first(creator, "name"))]
    used += named
    return list(dict.fromkeys(element_text(first(creator, "name")) for creator in named))


def _party(element: Any | None) -> str:
    """What somebody is called: by name, by a word, or by the last part of a code."""
    if element is None:
        return ""
    code = attribute(element, "qcode") or ""
    return (
        element_text(first(element, "name")) or attribute(element, "literal") or re.split("[:/#]", code)[-1]
    )


def _rest(item: Any, used: list[Any]) -> dict[str, Any]:
    """What of the item's metadata is left, by the names of its elements, and its version."""
    used_ones = set(used)
    metadata = [
        {local(element): element_json(element)}
        for part in children(item, "itemMeta", "contentMeta", "rightsInfo")
        for element in part
        if element not in used_ones
    ]
    return merged(*metadata, {"version": attribute(item, "version")})


INPUT_FORMAT = Format("newsml", Syntax.XML, read_newsml, is_newsml)
