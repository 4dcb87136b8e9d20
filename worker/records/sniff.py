"""What a value without a content type is, by looking."""

import re
from enum import Enum, auto

_HTML = re.compile(
    r"\s*(?:<\?xml[^>]{0,200}\?>\s*)?(?:<!--.{0,2000}?-->\s*)*<(?:!doctype\s+html|html|head|body|main|article|section|div|p|h1)\b",
    re.IGNORECASE | re.DOTALL,
)
_JSON_VALUE = re.compile(
    r"\s*(?:\{|\[\s*(?:[\[{\"\]]|-?\d)|-?\d+(?:\.\d+)?\s*$|(?:true|false|null)\s*$|\"[^\"]*\"\s*$)"
)


class Kind(Enum):
    JSON = auto()
    HTML = auto()
    TEXT = auto()


def kind_of(text: str) -> Kind:
    """HTML by its first tag, JSON by its first character or by being one bare value, else plain text."""
    if _HTML.match(text):
        return Kind.HTML
    return Kind.JSON if _JSON_VALUE.match(text) else Kind.TEXT
