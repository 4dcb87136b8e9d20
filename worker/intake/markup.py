"""Reads a fragment of HTML that stands in a text field: its words, a line for each block.

Such a field is the article, with nothing around it: all of it counts but what nobody sees, notes to readers
and links to other stories.
"""

import re
from collections.abc import Iterator

from lxml import etree
from lxml import html as lxml_html
from lxml.html import defs

from worker.intake.pages.hidden import blank_hidden
from worker.intake.pages.parse import parse_page
from worker.intake.pages.sentences import straighten_sentences
from worker.intake.pages.strangers import drop_strangers
from worker.intake.webpage import read_page

_SECTIONS = {
    "article", "aside", "body", "details", "figcaption", "figure", "footer", "header", "hgroup", "main",
    "nav", "section", "summary",
}  # fmt: skip
_BLOCKS = (defs.block_tags | _SECTIONS) - {"del", "ins", "noscript", "option", "optgroup"}
_LEFT_OUT = frozenset({
    "audio", "button", "canvas", "embed", "figcaption", "form", "head", "iframe", "math", "nav", "noscript",
    "object", "option", "script", "select", "style", "svg", "template", "textarea", "title", "video",
})  # fmt: skip
_NAMES = "|".join(sorted(defs.tags | _SECTIONS))
# At the start of the text, or a pair, or a tag that comes alone.
_STARTS = re.compile(rf"\s*(?:<!--|<!doctype\b|<(?:{_NAMES})(?:\s[^<>]*)?/?>)", re.IGNORECASE)
_CLOSES = re.compile(rf"</(?:{_NAMES})\s*>", re.IGNORECASE)
_OPENS = re.compile(rf"<(?:{_NAMES})(?:\s[^<>]*)?>", re.IGNORECASE)
# A line's end that a word touches, or paragraphs that nobody closed. One alone may be what the text is about.
_ALONE = re.compile(r"\S<br\s*/?>|<br\s*/?>\S|<p(?:\s[^<>]*)?>[^<>]*<p(?:\s[^<>]*)?>", re.IGNORECASE)
_PAGE = re.compile(r"\s*<(?:!doctype\s+html|html|body)\b", re.IGNORECASE)
_SPACES = re.compile(r"[ \t\r\n\f]+")


def is_markup(text: str) -> bool:
    """Whether the text is HTML: it begins with a tag, has tags for line ends, or one that is closed."""
    if "<" not in text or ">" not in text:
        return False
    return (
        _STARTS.match(text) is not None
        or _ALONE.search(text) is not None
        or (_OPENS.search(text) is not None and _CLOSES.search(text) is not None)
    )


def text_of_markup(fragment: str) -> str:
    """The words of the fragment, one line for each block or `<br>`; the article of a whole page.

    Raises LimitError for what is too complex.
    """
    if _PAGE.match(fragment) and (article := read_page(fragment).text):
        return article
    tree = parse_page(fragment)
    if tree is None:
        return ""
    blank_hidden(tree)
    straighten_sentences(tree)
    drop_strangers(tree)
    lines = "".join(_pieces(tree)).split("\n")
    return "\n".join(line for one in lines if (line := _SPACES.sub(" ", one).strip(" ")))


def _pieces(tree: lxml_html.HtmlElement) -> Iterator[str]:
    """The fragment's texts in order, and a line end around each block. No recursion: markup nests deeply."""
    walk = etree.iterwalk(tree, events=("start", "end", "comment", "pi"))
    for event, element in walk:
        tag = element.tag if isinstance(element.tag, str) else ""
        if event in ("start", "end"):
            if tag in _LEFT_OUT and event == "start":
                walk.skip_subtree()
            elif tag in _BLOCKS or (tag == "br" and event == "start"):
                yield "\n"
            if event == "start" and tag not in _LEFT_OUT:
                yield _in_one_line(element.text)
        if event != "start":
            yield _in_one_line(element.tail)


def _in_one_line(text: str | None) -> str:
    return _SPACES.sub(" ", text or "")
