"""Tells what a value without a content type is, from its text. The cost is linear in the text's length."""

import re

from lxml.html import defs

from worker.intake.formats.format import Syntax

# HTML's elements, by lxml and, for those that it does not know yet, by WHATWG.
_HTML_ELEMENTS = (defs.tags | {"data", "dialog", "main", "picture", "search", "slot", "template"}) - {
    "svg",
    "math",
}
# A page or a part of it may begin with one of these and not close it. `<b>` may also be what a text is about.
_OPENS_A_PAGE = (
    defs.block_tags
    | defs.empty_tags
    | defs.head_tags
    | defs.table_tags
    | {
        "article",
        "aside",
        "body",
        "dd",
        "dt",
        "figure",
        "footer",
        "header",
        "html",
        "li",
        "main",
        "nav",
        "section",
    }
)
# The beginning of an object or array, even one that breaks off; or one bare value.
_JSON = re.compile(r"\{|\[\s*[\[{\"\]]")
# An object in a string, or in a string in a string; quotation marks may be escaped as `\\u0022`.
_JSON_IN_STRING = re.compile(r'"(?:\s|\\+[nrt"])*\{(?:\s|\\+[nrt])*(?:\\+"|\\+u0022|\})')
_BARE_VALUE = re.compile(r"-?\d+(?:\.\d+)?$|(?:true|false|null)$|\"[^\"]*\"$")
_ARRAY_OF_NUMBERS = re.compile(r"\[[-+\d.eE,\s]*\]$")
# Bytes that no text has, by WHATWG's MIME Sniffing; without NUL, which is replaced later.
_BINARY = re.compile("[\x01-\x08\x0b\x0e-\x1a\x1c-\x1f]")
_SPACE = " \t\r\n\f"
_XML_DECLARATION = re.compile(r"<\?xml[\s?]")
_MISCELLANY = re.compile(r"[ \t\r\n\f]*(?:<!--.*?-->|<\?.*?\?>)", re.DOTALL)
_DOCTYPE = re.compile(r"\s*<!DOCTYPE\s+([^\s>\[]+)", re.IGNORECASE)
_FIRST_ELEMENT = re.compile(r"\s*<(?P<prefix>[A-Za-z_][\w.-]*:)?(?P<name>[A-Za-z_][\w.-]*)(?=[\s/>])")
_NAMESPACE = re.compile(r"[^<>]*\sxmlns(?::[\w.-]+)?\s*=")
# Documents of news that may break off or miss their declaration.
_XML_ROOTS = frozenset({"rss", "feed", "nitf", "newsItem", "newsMessage", "packageItem", "NewsML", "RDF"})


def sniff(text: str) -> Syntax | None:
    """HTML or XML by its first tag, JSON by its first characters or as one bare value, else plain text.

    None for text with control characters.
    """
    text = text.strip(_SPACE)
    if text.startswith("<"):
        markup = _sniff_markup(text)
        if markup is not None:
            return markup
    is_json = _JSON.match(text) or _JSON_IN_STRING.match(text)
    if is_json or _BARE_VALUE.match(text) or _ARRAY_OF_NUMBERS.match(text):
        return Syntax.JSON
    return None if _BINARY.search(text) else Syntax.TEXT


def _sniff_markup(text: str) -> Syntax | None:
    """HTML or XML; None for a text that begins with what may look like a tag: `<3 you`, `<b> is for bold`."""
    is_declared = _XML_DECLARATION.match(text) is not None
    at = _after_miscellany(text)
    doctype = _DOCTYPE.match(text, at)
    if doctype:
        return Syntax.HTML if doctype[1].lower() == "html" else Syntax.XML
    tag = _FIRST_ELEMENT.match(text, at)
    if tag is None:
        return Syntax.XML if is_declared else None
    name = tag["name"].lower()
    if not tag["prefix"] and name in _HTML_ELEMENTS:
        is_page = is_declared or name in _OPENS_A_PAGE or _is_closed(text, name, tag.end())
        return Syntax.HTML if is_page else None
    if is_declared or tag["name"] in _XML_ROOTS or _NAMESPACE.match(text, tag.end()):
        return Syntax.XML
    if not tag["prefix"] and "-" in name:  # an element of the page's own, such as `<news-card>`
        return Syntax.HTML if _is_closed(text, name, tag.end()) else None
    return Syntax.XML if _is_whole(text, tag) else None


def _after_miscellany(text: str) -> int:
    """The position after an XML declaration, instructions and comments."""
    at = 0
    while found := _MISCELLANY.match(text, at):
        at = found.end()
    return at


def _is_closed(text: str, name: str, at: int) -> bool:
    return f"</{name}" in text[at:].lower()


def _is_whole(text: str, tag: re.Match[str]) -> bool:
    """Whether the text is one element from its first tag to its end, but for comments."""
    close = f"</{tag['prefix'] or ''}{tag['name']}"
    at = text.rfind(close)
    if at < 0:
        return text.endswith("/>") and text.find(">", tag.end()) == len(text) - 1
    end = text.find(">", at)
    return end >= 0 and not text[at + len(close) : end].strip() and not _without_comments(text[end + 1 :])


def _without_comments(text: str) -> str:
    return text[_after_miscellany(text) :].strip()
