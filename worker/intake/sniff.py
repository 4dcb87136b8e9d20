"""Tells what a value without a content type is, from its text. The cost is linear in the text's length."""

import re

from worker.intake.formats.format import Syntax

_HTML = re.compile(r"<(?:!doctype\s+html|html|head|body|main|article|section|div|p|h1)\b", re.IGNORECASE)
# The beginning of an object or array, even one that breaks off; or one bare value.
_JSON = re.compile(r"\{|\[\s*[\[{\"\]]")
_BARE_VALUE = re.compile(r"-?\d+(?:\.\d+)?$|(?:true|false|null)$|\"[^\"]*\"$")
_ARRAY_OF_NUMBERS = re.compile(r"\[[-+\d.eE,\s]*\]$")
# Bytes that no text has, by WHATWG's MIME Sniffing; without NUL, which is replaced later.
_BINARY = re.compile("[\x01-\x08\x0b\x0e-\x1a\x1c-\x1f]")
_SPACE = " \t\r\n\f"
_MAX_COMMENTS = 20


def sniff(text: str) -> Syntax | None:
    """HTML by its first tag, JSON by its first characters or as one bare value, else plain text.

    None for text with control characters, and for XML that is not HTML.
    """
    text = text.strip(_SPACE)
    if text.startswith("<"):
        is_xml = text.startswith("<?xml")
        if _HTML.match(text, _after_prologue(text)):
            return Syntax.HTML
        if is_xml:
            return None
    if _JSON.match(text) or _BARE_VALUE.match(text) or _ARRAY_OF_NUMBERS.match(text):
        return Syntax.JSON
    return None if _BINARY.search(text) else Syntax.TEXT


def _after_prologue(text: str) -> int:
    """The position of the first tag after an XML declaration and comments."""
    at = 0
    for _ in range(_MAX_COMMENTS):
        if text.startswith("<?xml", at):
            end, length = text.find("?>", at), 2
        elif text.startswith("<!--", at):
            end, length = text.find("-->", at + 4), 3
        else:
            break
        if end < 0:
            break
        at = end + length
        while at < len(text) and text[at] in _SPACE:
            at += 1
    return at
