"""Reads texts that may be HTML, as feeds have them: fragments, escaped characters, or nothing of either."""

import html
import re

from lxml import etree

from worker.intake.webpage import parse_page, read_page, without_controls

# An element that feeds have in their texts. Its end is sought up to the next angle bracket: in linear time.
_ELEMENT = re.compile(
    r"</?(?:a|abbr|article|aside|b|blockquote|body|br|caption|center|cite|code|dd|del|details|div|dl|dt|em"
    r"|embed|figcaption|figure|font|footer|form|h[1-6]|head|header|hr|html|i|iframe|img|ins|li|main|mark|nav"
    r"|noscript|ol|p|picture|pre|q|s|script|section|small|source|span|strike|strong|style|sub|summary|sup|svg"
    r"|table|tbody|td|tfoot|th|thead|time|tr|tt|u|ul|video|wbr)(?:\s[^<>]*)?/?>",
    re.IGNORECASE,
)
_ANY_TAG = re.compile(r"</?[a-zA-Z][^<>]*>")
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[a-zA-Z][a-zA-Z0-9]{1,31});")
_COMMENT = "<!--"
# Ends a line; a line break in HTML's source is a space.
_END = "\u2029"
_HTML_TYPES = frozenset({"html", "xhtml", "text/html", "application/xhtml+xml"})
_TEXT_TYPES = frozenset({"text", "plain", "text/plain"})
_PAGE = re.compile(r"<(?:!doctype\s+html|html|body)\b", re.IGNORECASE)
# What is in these is no sentence of the article.
_SILENT = (
    "audio", "button", "canvas", "embed", "figcaption", "form", "head", "iframe", "nav", "noscript", "object",
    "script", "select", "style", "svg", "template", "textarea", "title", "video",
)  # fmt: skip
_LINES = frozenset({
    "article", "aside", "blockquote", "br", "caption", "center", "dd", "details", "div", "dl", "dt", "figure",
    "footer", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "li", "main", "ol", "p", "pre", "section",
    "summary", "table", "td", "th", "tr", "ul",
})  # fmt: skip


def is_markup_type(media_type: object, *, otherwise: bool) -> bool | None:
    """Whether a text of this media type, or of Atom's `html` or `text`, is HTML; None if it is no text."""
    if not isinstance(media_type, str) or not media_type.strip():
        return otherwise
    essence = media_type.partition(";")[0].strip().lower()
    if essence in _HTML_TYPES:
        return True
    return False if essence in _TEXT_TYPES else (otherwise if "/" not in essence else None)


def text_of_markup(value: str) -> str:
    """The text of a fragment of HTML, one line a paragraph; a value without elements keeps its lines.

    A fragment is the article alone, so all of it counts, unlike a page's text, for which the article is
    sought. Raises LimitError for what is too complex.
    """
    if not _ELEMENT.search(value) and _COMMENT not in value:
        return html.unescape(value) if _ENTITY.search(value) else value
    return read_page(value).text if _PAGE.search(value) else _whole_text(value)


def line_of_markup(value: str) -> str:
    """A headline's text, without its elements and with its escaped characters as themselves."""
    return " ".join(html.unescape(_ANY_TAG.sub("", value)).split())


def _whole_text(value: str) -> str:
    """All the text that a reader would see: a word stays in its sentence, whatever element it has."""
    tree = parse_page(value)
    if tree is None:
        return ""
    etree.strip_elements(tree, etree.Comment, etree.ProcessingInstruction, *_SILENT, with_tail=False)
    for element in tree.iter(*_LINES):
        element.text = _END + without_controls(element.text or "")
        element.tail = _END + without_controls(element.tail or "")
    lines = (" ".join(line.split()) for line in str(tree.text_content()).split(_END))
    return "\n".join(line for line in lines if line)
