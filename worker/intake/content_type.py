"""Reads a record's `content-type` header."""

from dataclasses import dataclass
from email.message import Message
from functools import lru_cache

MAX_HEADER_BYTES = 1000
MAX_REMEMBERED_BYTES = 100


@dataclass(frozen=True, slots=True)
class ContentType:
    """`media_type`: in lower case, empty where none is named. `charset`: as it is written, None for none."""

    media_type: str = ""
    charset: str | None = None


def read_content_type(header: bytes) -> ContentType:
    """What the header says; whatever can't be read in it counts as missing."""
    if len(header) <= MAX_REMEMBERED_BYTES:
        return _remembered(header)
    return _read(header[:MAX_HEADER_BYTES])


@lru_cache(maxsize=256)  # publishers have a few, and reading one takes as long as parsing an article
def _remembered(header: bytes) -> ContentType:
    return _read(header)


def _read(header: bytes) -> ContentType:
    text = header.decode("latin-1")
    parsed = Message()
    parsed["content-type"] = text.replace("\r", " ").replace("\n", " ")
    charset = parsed.get_param("charset")
    return ContentType(
        text.partition(";")[0].strip().lower(),
        charset.strip() if isinstance(charset, str) and charset.strip() else None,
    )
