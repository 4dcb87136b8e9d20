"""Reads NITF, IPTC's older format of news in XML, by its structure. Names are those of NITF 3."""

import re
from itertools import pairwise
from typing import Any

from worker.intake.errors import FieldError, UndecodableError
from worker.intake.feeds.people import split_names
from worker.intake.formats.format import Format, Item, Syntax
from worker.intake.status import PubStatus, status_named
from worker.intake.xml_text import (
    attribute,
    children,
    descendants,
    element_json,
    element_text,
    first,
    has_own_text,
    local,
    merged,
    parse_xml,
)

# Each begins a paragraph of its own. Those of HTML are here because systems write them into NITF.
_BLOCKS = frozenset(
    {"block", "bq", "credit", "dd", "dl", "dt", "hl1", "hl2", "li", "ol", "p", "pre", "ul"}
    | {"article", "blockquote", "div", "h1", "h2", "h3", "h4", "h5", "h6", "section"}
)
# What stands beside the text: tables, pictures with their captions, notes, and what says something about it.
_LEFT_OUT = frozenset(
    {"abstract", "alt-code", "byline", "classifier", "copyrite", "custom-table", "dateline", "datasource"}
    | {"ds", "fn", "key-list", "media", "nitf-table", "note", "rp", "rt", "table", "tobject"}
    | {"figcaption", "figure", "iframe", "img", "script", "style", "video"}
)
_MARKS = ("“”", "‘’")
_ANY_MARK = "“”„«»‹›‘’\"'‚「」『』"
_SPACE = re.compile(r"[ \t\r\n\f]+")
_PARTS_OF_DOCUMENTS = ("nitf", "body", "body.content", "block")
_FIRST_TAG = re.compile(r"\s*<([A-Za-z][\w.-]*)")


def is_nitf(root: Any) -> bool:
    """Whether this is the root of a NITF document."""
    return local(root) == "nitf"


def read_nitf(root: Any) -> Item:
    """The document's article and its status; what else its head says is kept.

    Raises UndecodableError or FieldError if it has no text, unless it is canceled.
    """
    head, body = first(root, "head"), first(root, "body")
    docdata, body_head = first(head, "docdata"), first(body, "body.head")
    status, embargoed_until = _status(docdata)
    if status is PubStatus.CANCELED:
        return Item({"id": _taken(docdata, "doc-id", "id-string")}, status=status)
    fields: dict[str, Any] = {
        "id": _taken(docdata, "doc-id", "id-string"),
        "headline": _taken_text(body_head, "hedline", "hl1") or element_text(first(head, "title")),
        "text": nitf_text(root),
        "language": _language(root, body),
        "published_at": _taken(docdata, "date.issue", "norm")
        or _taken(docdata, "date.release", "norm")
        or _taken(first(body_head, "dateline"), "story.date", "norm"),
        "authors": _authors(body_head),
        "source": _taken_text(body_head, "distributor")
        or _taken(head, "pubdata", "name")
        or _taken(docdata, "doc-id", "regsrc"),
    }
    if not fields["text"] and next(descendants(root, "body.content"), None) is None:
        raise UndecodableError("the value is NITF without body.content, in which the text would stand")
    if not fields["text"]:
        raise FieldError("the NITF document takes a text in body.content, and none was found in it")
    given = {name: value for name, value in fields.items() if value}
    return Item(
        given | {"extra": _rest(root, fields["headline"])}, status=status, embargoed_until=embargoed_until
    )


def _status(docdata: Any | None) -> tuple[PubStatus, str | None]:
    """The status, and until when the document is embargoed; one that does not say when is withheld."""
    given = attribute(docdata, "management-status") if docdata is not None else None
    release = first(docdata, "date.release")
    until = attribute(release, "norm") if release is not None else None
    if given and given.lower() == "embargoed" and until:
        return PubStatus.USABLE, until
    return status_named("management-status", given or PubStatus.USABLE), None


def _language(*elements: Any | None) -> str | None:
    return next((tag for one in elements if one is not None and (tag := attribute(one, "lang"))), None)


def read_nitf_text(text: str) -> Item:
    """The article of NITF in a string: a document, or a part of one such as a `block` or paragraphs.

    Raises FieldError if it has no text, and the errors of `parse_xml`.
    """
    tag = _FIRST_TAG.match(text)
    is_part = tag is None if not text.lstrip().startswith("<") else tag and tag[1] not in _PARTS_OF_DOCUMENTS
    if is_part:
        text = f"<nitf><body><body.content>{text}</body.content></body></nitf>"
    return read_nitf(parse_xml(text))


def nitf_text(root: Any) -> str:
    """The text of a document's content, a line for each paragraph, list item and heading."""
    content = next(
        descendants(root, "body.content"), root if local(root) in ("block", "body.content") else None
    )
    if content is None:
        return ""
    parts = (
        [_paragraphs([part]) for part in content] if not has_own_text(content) else [_paragraphs([content])]
    )
    # Archives give the lead twice: in a block of its own, and again in the block of the whole text.
    kept = [part for part, following in pairwise([*parts, []]) if not part or part != following[: len(part)]]
    return "\n".join(line for part in kept for line in part)


class _Lines:
    """Collects a text's lines."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self._open: list[str] = []

    def add(self, text: str | None) -> None:
        if text:
            self._open.append(_SPACE.sub(" ", text))

    def end(self) -> None:
        line = _SPACE.sub(" ", "".join(self._open)).strip()
        self._open.clear()
        if line:
            self.lines.append(line)


def _paragraphs(elements: list[Any]) -> list[str]:
    lines = _Lines()
    for element in elements:
        _collect(element, lines, quotes=0)
        lines.end()
    return lines.lines


def _collect(element: Any, lines: _Lines, *, quotes: int) -> None:
    """Adds an element's text. `quotes`: in how many quotations it stands."""
    name = local(element)
    if name in _LEFT_OUT:
        return
    if name in _BLOCKS or name == "br":
        lines.end()
    marks = _marks(element, quotes) if name == "q" else ""
    lines.add(marks[:1])
    lines.add(element.text)
    for child in element:
        if local(child) == "denom" and not children(element, "frac-sep"):
            lines.add("/")
        _collect(child, lines, quotes=quotes + (name == "q"))
        lines.add(child.tail)
    lines.add(marks[1:])
    if name in _BLOCKS:
        lines.end()


def _marks(element: Any, quotes: int) -> str:
    """The quotation marks that a `q` stands for, unless they are written out."""
    text = element_text(element)
    return "" if not text or text[0] in _ANY_MARK or text[-1] in _ANY_MARK else _MARKS[min(quotes, 1)]


def _authors(body_head: Any | None) -> list[str]:
    """Everybody whom a byline names, without `By` and the job."""
    found = []
    for byline in children(body_head, "byline") if body_head is not None else []:
        for title in list(descendants(byline, "byttl")):
            _remove(title, keep_tail=True)
        people = [element_text(person) for person in descendants(byline, "person")]
        found += people or split_names(element_text(byline).strip(" ,;"))
        byline.getparent().remove(byline)
    return list(dict.fromkeys(name for name in found if name))


def _taken(parent: Any | None, name: str, of: str) -> str | None:
    """An attribute of a child, which is taken out of the document."""
    element = first(parent, name)
    value = attribute(element, of) if element is not None else None
    if element is not None and value is not None:
        del element.attrib[next(known for known in element.attrib if known.rpartition("}")[2] == of)]
    return value


def _taken_text(parent: Any | None, *path: str) -> str:
    """A child's text, which is taken out of the document."""
    element = first(parent, *path)
    text = element_text(element)
    if element is not None:
        _remove(element, keep_tail=False)
    return text


def _remove(element: Any, *, keep_tail: bool) -> None:
    tail = element.tail if keep_tail else None
    before, parent = element.getprevious(), element.getparent()
    parent.remove(element)
    if tail and before is not None:
        before.tail = (before.tail or "") + tail
    elif tail:
        parent.text = (parent.text or "") + tail


def _rest(root: Any, headline: str) -> dict[str, Any]:
    """What of the document's head and of the parts around the text is left, by the names of its elements."""
    head, body = first(root, "head"), first(root, "body")
    if element_text(first(head, "title")) == headline:
        _taken_text(head, "title")
    docdata = first(head, "docdata")
    left = [element_json(docdata) if docdata is not None else None]
    if docdata is not None:
        docdata.getparent().remove(docdata)
    left += [
        element_json(part)
        for part in (head, first(body, "body.head"), first(body, "body.end"))
        if part is not None
    ]
    return merged(*(part for part in left if part))


INPUT_FORMAT = Format("nitf", Syntax.XML, read_nitf, is_nitf)
