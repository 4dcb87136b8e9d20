"""Decodes a raw message into an article, a retraction or a rejection. No bytes make it raise."""

from worker.intake.charset import decode_text
from worker.intake.content_type import read_content_type
from worker.intake.errors import IntakeError, LimitError, UndecodableError
from worker.intake.fields import article_of
from worker.intake.formats.format import Item, Syntax
from worker.intake.formats.registry import read_as_format, syntax_of
from worker.intake.json_text import parse_object
from worker.intake.limits import Limits
from worker.intake.retraction import Retraction, read_retraction
from worker.intake.sniff import sniff
from worker.records.article import Article
from worker.records.messages import FailedStep, RawMessage, Rejected

MAX_ERROR_CHARS = 1000


def decode(message: RawMessage, *, limits: Limits, default_language: str) -> Article | Retraction | Rejected:
    """What the message holds. `default_language`: of a text whose language is not named nor to be guessed."""
    try:
        if message.value is None:
            return read_retraction(message)
        _check("the value has {} bytes", len(message.value), limits.max_record_bytes)
        item = _read(message, message.value)
        article = article_of(item.fields, default_language=default_language)
        _check("the text has {} characters", len(article.text), limits.max_text_chars)
    except IntakeError as error:
        return Rejected(error.reason, str(error)[:MAX_ERROR_CHARS], FailedStep.DECODE)
    return article


def _read(message: RawMessage, value: bytes) -> Item:
    content_type = read_content_type(message.header("content-type") or b"")
    text = decode_text(value, content_type.charset)
    syntax = syntax_of(content_type.media_type) or sniff(text)
    if syntax is None:
        raise UndecodableError("the value is neither JSON nor HTML nor plain text")
    return read_as_format(syntax, parse_object(text) if syntax is Syntax.JSON else text)


def _check(what: str, size: int, limit: int) -> None:
    if size > limit:
        raise LimitError(f"{what.format(size)}, the limit is {limit}")
