"""Decodes a raw message into an article, a retraction or a rejection. No bytes make it raise."""

import codecs
from dataclasses import asdict, dataclass
from email.message import Message
from typing import Any

from worker.intake.fields import article_of, sanitize
from worker.intake.json_text import FieldError, JsonError, LimitError, parse_object
from worker.intake.ninjs import CONTENT_TYPE as NINJS
from worker.intake.ninjs import is_ninjs, to_raw_fields
from worker.intake.sniff import ContentKind, kind_of
from worker.intake.webpage import read_page
from worker.records.article import Article
from worker.records.messages import FailedStep, RawMessage, Reason, Rejected
from worker.records.raw import MAX_ID_CHARS

_KINDS = {
    "application/json": ContentKind.JSON,
    NINJS: ContentKind.JSON,
    "text/plain": ContentKind.TEXT,
    "text/html": ContentKind.HTML,
    "application/xhtml+xml": ContentKind.HTML,
}
# Python's codecs that are no charset of a document, or whose cost grows with the square of its length.
_NO_CHARSETS = frozenset({"punycode", "idna", "undefined", "charmap", "unicode_escape", "raw_unicode_escape"})
MAX_HEADER_BYTES = 1000
MAX_ERROR_CHARS = 1000


@dataclass(frozen=True, slots=True)
class Retraction:
    """The publisher retracts the article of this id."""

    id: str


@dataclass(frozen=True, slots=True)
class Limits:
    """`max_record_bytes` limits a raw value, `max_text_chars` an article's text in code points."""

    max_record_bytes: int = 1 << 20
    max_text_chars: int = 200_000


def decode(message: RawMessage, *, limits: Limits, default_language: str) -> Article | Retraction | Rejected:
    """What the message holds. `default_language`: of a text whose language is not named nor to be guessed."""
    if message.value is None:
        return _retraction(message)
    if len(message.value) > limits.max_record_bytes:
        return _rejected(
            Reason.TOO_LARGE,
            f"the value has {len(message.value)} bytes, the limit is {limits.max_record_bytes}",
        )
    content_type, charset = _content_type(message)
    try:
        text = _text(message.value, charset or "utf-8")
    except (ValueError, LookupError) as error:  # ValueError: UnicodeError, and a charset with NUL in its name
        return _rejected(Reason.UNDECODABLE, f"the value is not {charset or 'utf-8'}: {error}")
    text = text.removeprefix("\ufeff")
    kind = _KINDS.get(content_type) or (ContentKind.JSON if content_type.endswith("+json") else kind_of(text))
    if kind is None:
        return _rejected(Reason.UNDECODABLE, "the value is neither JSON nor HTML nor plain text")
    try:
        article = article_of(_fields(text, kind), default_language=default_language)
    except JsonError as error:
        return _rejected(Reason.UNDECODABLE, str(error))
    except FieldError as error:
        return _rejected(Reason.INVALID, str(error))
    except LimitError as error:
        return _rejected(Reason.TOO_LARGE, str(error))
    if len(article.text) > limits.max_text_chars:
        return _rejected(
            Reason.TOO_LARGE,
            f"the text has {len(article.text)} characters, the limit is {limits.max_text_chars}",
        )
    return article


def _fields(text: str, kind: ContentKind) -> dict[str, Any]:
    match kind:
        case ContentKind.JSON:
            fields = parse_object(text)
            return to_raw_fields(fields) if is_ninjs(fields) else fields
        case ContentKind.HTML:
            page = read_page(text)
            if not page.text:
                raise FieldError("the page takes an article, and no article text was found in it")
            return {name: value for name, value in asdict(page).items() if value} | {
                "authors": list(page.authors)
            }
        case ContentKind.TEXT:
            return {"text": text}


def _content_type(message: RawMessage) -> tuple[str, str | None]:
    """Media type and charset of the `content-type` header; empty and None where they are missing."""
    header = (message.header("content-type") or b"")[:MAX_HEADER_BYTES].decode("latin-1")
    parsed = Message()
    parsed["content-type"] = header.replace("\r", " ").replace("\n", " ")
    media_type = header.partition(";")[0].strip().lower()
    charset = parsed.get_param("charset")
    return media_type, charset.strip() if isinstance(charset, str) and charset.strip() else None


def _text(value: bytes, charset: str) -> str:
    """The value as text. Raises UnicodeError, or LookupError if this is no charset."""
    if codecs.lookup(charset).name.replace("-", "_") in _NO_CHARSETS:
        raise LookupError(f"unknown encoding: {charset}")
    return value.decode(charset)


def _retraction(message: RawMessage) -> Retraction | Rejected:
    header = (message.header("id") or b"").strip()
    try:
        # Cleaned as the id of an article is, so that the two are equal.
        article = sanitize((header or message.key or b"").decode()).strip()
    except UnicodeDecodeError as error:
        return _rejected(Reason.INVALID, f"a retraction takes an article id in UTF-8: {error}")
    if not article:
        return _rejected(
            Reason.INVALID, "a null value takes an `id` header or a key that says what is retracted"
        )
    if len(article) > MAX_ID_CHARS:
        return _rejected(
            Reason.TOO_LARGE, f"the id has {len(article)} characters, the limit is {MAX_ID_CHARS}"
        )
    return Retraction(article)


def _rejected(reason: Reason, error: str) -> Rejected:
    return Rejected(reason, error[:MAX_ERROR_CHARS], FailedStep.DECODE)
