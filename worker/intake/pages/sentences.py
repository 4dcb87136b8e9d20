"""Makes words of elements within a sentence, whose tags are otherwise those of a page's controls."""

import re

from lxml import html as lxml_html

from worker.intake.pages.parse import without_controls

# Extraction drops these, which is right for a page's buttons and labels and wrong within a sentence.
_CONTROLS = ("button", "label", "legend", "menuitem")
_WORDS = ("blink", "marquee", "meter", "noindex", "output", "time")
_INLINE = frozenset({
    "a", "abbr", "b", "bdi", "bdo", "cite", "data", "dfn", "em", "font", "i", "ins", "mark",
    "small", "span", "strong", "sub", "sup", "u", "var",
})  # fmt: skip
_MIN_WORDS = 4
_MAX_WRAPPERS = 5
_WORD = re.compile(r"\w+")
_ENDED = re.compile(r"[.!?…。！？][\"'”’»)\]]*\s*$")
_BEGINS = re.compile(r"\s*[\"'“‘„«(\[]*[A-ZÀ-ÖØ-ÞА-Я]")
# The marks that browsers set around `q`, outside and inside another, by the page's language.
_MARKS = {
    "bg": "„“‚‘", "cs": "„“‚‘", "da": "“”‘’", "de": "„“‚‘", "es": "«»“”", "et": "„“«»", "fi": "””’’",
    "fr": "«»«»", "hr": "„“‘’", "hu": "„”»«", "it": "«»“”", "ja": "「」『』", "nl": "‘’“”", "no": "«»‘’",
    "nb": "«»‘’", "pl": "„”«»", "pt": "«»“”", "ro": "„”«»", "ru": "«»„“", "sk": "„“‚‘", "sv": "””’’",
    "tr": "“”‘’", "uk": "«»„“",
}  # fmt: skip
_ENGLISH = "“”‘’"
_QUOTED = "data-quoted"
_OPENED = re.compile(r"\s*[\"“”„«»‚‘「『]")


def straighten_sentences(tree: lxml_html.HtmlElement) -> None:
    """Renames what stands within a sentence to `span`, and puts the marks of `q` into the text."""
    for element in list(tree.iter(*_CONTROLS, *_WORDS)):
        if _is_within_sentence(element):
            element.tag = "span"
    marks = _MARKS.get((tree.get("lang") or "").strip().lower()[:2], _ENGLISH)
    for quote in list(tree.iter("q")):
        _write_marks(quote, marks)


def _is_within_sentence(element: lxml_html.HtmlElement) -> bool:
    if any(child.tag not in _INLINE for child in element):
        return False
    before, after = _around(element)
    if len(_WORD.findall(f"{before[-200:]} {after[:200]}")) < _MIN_WORDS:
        return False
    if (
        element.tag in _CONTROLS
        and _ENDED.search(before[-20:])
        and (not after.strip() or _BEGINS.match(after))
    ):
        return False
    own = element.text_content()[-20:]
    return bool(after.strip()) or (bool(before.strip()) and bool(_ENDED.search(own)))


def _around(element: lxml_html.HtmlElement) -> tuple[str, str]:
    """The texts next to the element, or next to the inline elements that hold it alone."""
    for _ in range(_MAX_WRAPPERS):
        parent, previous = element.getparent(), element.getprevious()
        if parent is None:
            break
        before = (parent.text if previous is None else _inline_text(previous) + (previous.tail or "")) or ""
        after = (element.tail or "") + _inline_text(element.getnext())
        if before.strip() or after.strip() or parent.tag not in _INLINE:
            return before, after
        element = parent
    return "", ""


def _inline_text(element: lxml_html.HtmlElement | None) -> str:
    return element.text or "" if element is not None and element.tag in _INLINE else ""


def _write_marks(quote: lxml_html.HtmlElement, marks: str) -> None:
    quote.tag = "span"
    first = quote.text or (quote[0].text if len(quote) else None) or ""
    if _OPENED.match(first):
        return
    depth = sum(ancestor.get(_QUOTED) is not None for ancestor in quote.iterancestors())
    quote.set(_QUOTED, "")
    pair = marks[2:] if depth % 2 else marks[:2]
    quote.text = without_controls(pair[0] + (quote.text or ""))
    if len(quote):
        quote[-1].tail = without_controls((quote[-1].tail or "") + pair[1])
    else:
        quote.text += pair[1]
