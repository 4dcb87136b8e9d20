"""How much running text an element of a page holds, links and short labels left out."""

from lxml import html as lxml_html

# A shorter text is a label, a name or a date rather than a sentence or a part of one.
MIN_PROSE_CHARS = 25
_UNREAD = frozenset({
    "a", "button", "head", "input", "label", "noscript", "option", "script", "select", "style",
    "svg", "template", "textarea", "title",
})  # fmt: skip
Prose = dict[lxml_html.HtmlElement, int]


def prose_of(tree: lxml_html.HtmlElement) -> Prose:
    """The characters of running text in each element of the tree; elements without any are left out."""
    found: Prose = {}
    skipped: set[lxml_html.HtmlElement] = set()
    order = []
    for element in tree.iter():
        parent = element.getparent()
        if element.tag in _UNREAD or parent in skipped:
            skipped.add(element)
        else:
            found[element] = _length(element.text)
            order.append(element)
        if parent is not None and parent not in skipped and element is not tree:
            found[parent] += _length(element.tail)
    for element in reversed(order):
        if element is not tree:
            found[element.getparent()] += found[element]
    return {element: count for element, count in found.items() if count}


def _length(text: str | None) -> int:
    length = len(" ".join(text.split())) if text else 0
    return length if length >= MIN_PROSE_CHARS else 0
