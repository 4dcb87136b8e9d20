"""Parses an XML document from outside. Every failure is an IntakeError, whatever is in the text.

Nothing is fetched, and no entity is expanded: neither a document's own, which may grow without end, nor a
file's or an address's. Elements and attributes are known by their names without a namespace, since prefixes
and addresses differ between versions of a format.
"""

import re
from collections.abc import Iterator
from html import escape
from html.entities import html5
from typing import Any

from lxml import etree

from worker.intake.errors import LimitError, UndecodableError

MAX_XML_ELEMENTS = 20_000
MAX_XML_DEPTH = 100
_PREDEFINED = frozenset({"amp", "lt", "gt", "quot", "apos"})
# In a CDATA section an ampersand is one.
_ENTITY = re.compile(r"<!\[CDATA\[(?:.*?\]\]>|.*)|&([A-Za-z][A-Za-z0-9]{1,31});", re.DOTALL)
_MISCELLANY = re.compile(r"\s*(?:<!--.*?-->|<\?.*?\?>)", re.DOTALL)
_DOCTYPE = re.compile(
    r"""\s*<!DOCTYPE\s[^\["'>]{1,200}(?:"[^"]*"\s*|'[^']*'\s*){0,2}(?:\[\s*\]\s*)?>""", re.IGNORECASE
)
_ANY_DOCTYPE = re.compile(r"\s*<!DOCTYPE", re.IGNORECASE)
_UNPRINTABLE = re.compile("[\x00\ud800-\udfff]")
_PLACE = re.compile(r" \(<string>, line \d+\)$")


def parse_xml(text: str) -> Any:
    """The root element. Raises UndecodableError, or LimitError for too many elements or levels."""
    _refuse_declarations(text)
    # Those of HTML, which publishers write without declaring them.
    text = _UNPRINTABLE.sub("\ufffd", _ENTITY.sub(_with_html_entity, text))
    try:
        root = etree.fromstring(text.encode(), _parser())
    except etree.LxmlError as error:
        raise _problem(str(error)) from None
    entity = next(root.iter(etree.Entity), None)
    if entity is not None:
        raise UndecodableError(
            f"the value is XML with an entity that it does not declare: {entity.text[:40]}"
        )
    _check_size(root)
    return root


def local(element: Any) -> str:
    """An element's name without its namespace."""
    return str(element.tag).rpartition("}")[2]


def attribute(element: Any, name: str) -> str | None:
    """The value of an attribute, in whatever namespace; None if it is missing or blank."""
    for known, value in element.attrib.items():
        if known.rpartition("}")[2] == name:
            return str(value).strip() or None
    return None


def children(element: Any, *names: str) -> list[Any]:
    """The element's children of these names."""
    return [child for child in element if local(child) in names]


def first(element: Any | None, *path: str) -> Any | None:
    """The first element on this way down from one: `first(root, "head", "docdata")`."""
    for name in path:
        if element is None:
            return None
        element = next(iter(children(element, name)), None)
    return element


def descendants(element: Any, name: str) -> Iterator[Any]:
    """The element and those below it, if they have this name."""
    return (found for found in element.iter() if local(found) == name)


def element_text(element: Any | None) -> str:
    """All text in an element, in one line."""
    return "" if element is None else " ".join("".join(element.itertext()).split())


def element_html(element: Any) -> str:
    """What stands in an element of XHTML, as HTML; changes the document."""
    for below in element.iter():
        below.tag = local(below)
    etree.cleanup_namespaces(element)
    inside = "".join(etree.tostring(child, encoding="unicode", method="html") for child in element)
    return escape(element.text or "") + inside


def has_own_text(element: Any) -> bool:
    """Whether text stands in the element itself, beside its children or without any."""
    return bool((element.text or "").strip() or any((child.tail or "").strip() for child in element))


def element_json(element: Any) -> Any:
    """What an element says, for `extra`; None if it says nothing.

    A text for one that has text alone; an attribute's value for one that has no more than that; else an
    object of its attributes, its children and, as `text`, its text.
    """
    found: dict[str, Any] = {}
    for name, value in element.attrib.items():
        if value.strip():
            _add(found, name.rpartition("}")[2], value)
    is_one = len(found) == 1
    if has_own_text(element):
        found["text"] = element_text(element)
    else:
        for child in element:
            _add(found, local(child), element_json(child))
    is_one = (is_one and len(found) == 1) or set(found) == {"text"}
    return next(iter(found.values())) if is_one else found or None


def merged(*objects: Any) -> dict[str, Any]:
    """Several elements as one object; of equal names all values are kept."""
    found: dict[str, Any] = {}
    for one in objects:
        for name, value in one.items() if isinstance(one, dict) else [("text", one)]:
            _add(found, name, value)
    return found


def _add(found: dict[str, Any], name: str, value: Any) -> None:
    if value is None:
        return
    if name not in found:
        found[name] = value
    elif isinstance(found[name], list):
        found[name].append(value)
    else:
        found[name] = [found[name], value]


def _parser() -> Any:
    return etree.XMLParser(
        encoding="utf-8",  # whatever the declaration says: the text is decoded already
        resolve_entities=False, no_network=True, load_dtd=False, dtd_validation=False,
        attribute_defaults=False, huge_tree=False, remove_comments=True, remove_pis=True,
    )  # fmt: skip


def _refuse_declarations(text: str) -> None:
    """Refuses a document type with declarations of its own, before a parser reads them."""
    at = 0
    while misc := _MISCELLANY.match(text, at):
        at = misc.end()
    if _ANY_DOCTYPE.match(text, at) and not _DOCTYPE.match(text, at):
        raise UndecodableError(
            "the value is XML whose DOCTYPE declares entities or more of its own, which are refused: "
            "it takes a DOCTYPE that names its type alone, or none"
        )


def _with_html_entity(found: re.Match[str]) -> str:
    name = found[1]
    if name is None or name in _PREDEFINED:
        return found[0]
    # Of those, none stands for markup but the predefined ones in other letters.
    letters = html5.get(f"{name};", found[0])
    return found[0] if letters in "<&" else letters


def _check_size(root: Any) -> None:
    elements, level, deepest = 0, 0, 0
    for event, _ in etree.iterwalk(root, events=("start", "end")):
        if event == "start":
            elements, level = elements + 1, level + 1
            deepest = max(deepest, level)
        else:
            level -= 1
    if elements > MAX_XML_ELEMENTS:
        raise LimitError(f"the document has {elements} elements, the limit is {MAX_XML_ELEMENTS}")
    if deepest > MAX_XML_DEPTH:
        raise LimitError(f"the document has {deepest} levels of nesting, the limit is {MAX_XML_DEPTH}")


def _problem(error: str) -> UndecodableError | LimitError:
    if "depth" in error:
        return LimitError(f"the document has more levels of nesting than the limit, {MAX_XML_DEPTH}")
    return UndecodableError(f"the value is not well-formed XML: {_PLACE.sub('', error)}")
