"""Reads texts that may be HTML, as feeds have them: fragments, escaped characters, or nothing of either."""

import html
import re

from worker.intake.markup import is_markup, text_of_markup

_ANY_TAG = re.compile(r"</?[a-zA-Z][^<>]*>")
_HTML_TYPES = frozenset({"html", "xhtml", "text/html", "application/xhtml+xml"})
_TEXT_TYPES = frozenset({"text", "plain", "text/plain"})


def is_markup_type(media_type: object, *, otherwise: bool) -> bool | None:
    """Whether a text of this media type, or of Atom's `html` or `text`, is HTML; None if it is no text."""
    if not isinstance(media_type, str) or not media_type.strip():
        return otherwise
    essence = media_type.partition(";")[0].strip().lower()
    if essence in _HTML_TYPES:
        return True
    return False if essence in _TEXT_TYPES else (otherwise if "/" not in essence else None)


def text_of_field(value: str) -> str:
    """The text of a field that may be HTML; without elements it is as it came. Raises LimitError."""
    return text_of_markup(value) if is_markup(value) else value


def line_of_markup(value: str) -> str:
    """A headline's text, without its elements and with its escaped characters as themselves."""
    return " ".join(html.unescape(_ANY_TAG.sub("", value)).split())
