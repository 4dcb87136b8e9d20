"""Reads a page's paragraphs, headings and items in their order, each with where it stands."""

from collections.abc import Iterator
from dataclasses import dataclass

from lxml import etree
from lxml import html as lxml_html

HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_INLINE = frozenset({
    "a", "abbr", "acronym", "b", "bdi", "bdo", "big", "cite", "code", "data", "del", "dfn", "em",
    "font", "i", "ins", "kbd", "mark", "q", "s", "samp", "small", "span", "strike", "strong", "sub",
    "sup", "tt", "u", "var", "wbr",
})  # fmt: skip
# What of these stands within a sentence has another name by now.
_UNREAD = frozenset({
    "audio", "button", "canvas", "head", "iframe", "input", "label", "math", "noscript", "object",
    "option", "rp", "rt", "script", "select", "style", "svg", "template", "textarea", "time", "title",
    "video",
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Block:
    """Text between two borders of blocks or line breaks. `element`: the innermost one around it."""

    element: lxml_html.HtmlElement
    text: str
    linked_chars: int

    @property
    def key(self) -> str:
        """The text's letters and digits, by which two readings of it are compared."""
        return key_of(self.text)


def key_of(text: str) -> str:
    """A text's letters and digits."""
    return "".join(filter(str.isalnum, text))


def blocks_of(tree: lxml_html.HtmlElement) -> list[Block]:
    """All blocks with text."""
    found: list[Block] = []
    parts: list[str] = []
    owner, linked = tree, 0

    def close(next_owner: lxml_html.HtmlElement) -> None:
        nonlocal owner, linked
        if text := " ".join("".join(parts).split()):
            found.append(Block(owner, text, min(linked, len(text))))
        parts.clear()
        owner, linked = next_owner, 0

    for kind, element, text, in_link in _walk(tree):
        if kind == "break":
            close(element)
        elif text:
            parts.append(text)
            linked += len(text) if in_link else 0
    close(tree)
    return found


def _walk(tree: lxml_html.HtmlElement) -> Iterator[tuple[str, lxml_html.HtmlElement, str | None, bool]]:
    """Texts, and breaks with the element that holds what follows."""
    holders, links = [tree], 0
    skipped: lxml_html.HtmlElement | None = None
    for event, element in etree.iterwalk(tree, events=("start", "end")):
        if skipped is None and event == "start":
            if element.tag in _UNREAD:
                skipped = element
                continue
            if element.tag == "br":
                yield "break", holders[-1], None, False
            elif element.tag not in _INLINE:
                holders.append(element)
                yield "break", element, None, False
            links += element.tag == "a"
            yield "text", element, element.text, links > 0
        elif event == "end" and skipped in (None, element):
            if skipped is None:
                links -= element.tag == "a"
                if element.tag not in _INLINE and element.tag != "br":
                    holders.pop()
                    yield "break", holders[-1], None, False
            skipped = None
            yield "text", element, element.tail if element is not tree else None, links > 0
