"""Decodes a value's bytes into text."""

import codecs

from worker.intake.errors import UndecodableError

# Python's codecs that are no charset of a document, or whose cost grows with the square of its length.
_NO_CHARSETS = frozenset({"punycode", "idna", "undefined", "charmap", "unicode_escape", "raw_unicode_escape"})


def decode_text(value: bytes, charset: str | None) -> str:
    """The text, without a byte order mark. Raises UndecodableError if it is not in this charset."""
    charset = charset or "utf-8"
    try:
        if codecs.lookup(charset).name.replace("-", "_") in _NO_CHARSETS:
            raise LookupError(f"unknown encoding: {charset}")
        text = value.decode(charset)
    except (ValueError, LookupError) as error:  # ValueError: UnicodeError, and a charset with NUL in its name
        raise UndecodableError(f"the value is not {charset}: {error}") from None
    return text.removeprefix("\ufeff")
