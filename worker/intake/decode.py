"""Decodes a raw message into an article, a retraction or a rejection. No bytes make it raise."""

from collections.abc import Sequence

from worker.field_paths import FieldPath
from worker.intake.canceled import retraction_by_item
from worker.intake.content_type import read_content_type
from worker.intake.deletion import retraction_by_deletion
from worker.intake.errors import IntakeError, LimitError, WithheldError
from worker.intake.fields import article_of
from worker.intake.formats.format import Syntax
from worker.intake.formats.registry import read_as_format
from worker.intake.limits import Limits
from worker.intake.placed import read_placed
from worker.intake.retraction import Retraction, read_retraction
from worker.intake.status import PubStatus, refuse_withheld
from worker.intake.wrapping.envelopes import Deletion
from worker.intake.wrapping.unwrap import unwrap
from worker.records.article import Article
from worker.records.messages import FailedStep, RawMessage, Rejected

MAX_ERROR_CHARS = 1000


def decode(
    message: RawMessage,
    *,
    limits: Limits,
    default_language: str,
    other_languages: Sequence[str] = (),
    field_paths: Sequence[FieldPath] = (),
    shows_withheld: bool = False,
) -> Article | Retraction | Rejected:
    """What the message holds. `default_language`: of a text whose language is not named and can't be told.

    It and `other_languages` are those that are allowed: only among them does a text overrule its `language`
    field. An article in any other comes back as well.

    `field_paths`: where in a record, as JSON, fields of the article stand, before its format is asked.
    `shows_withheld`: also an article that may not be published yet, for somebody who looks at a letter.
    """
    try:
        if message.value is None:
            return read_retraction(message)
        _check("the value has {} bytes", len(message.value), limits.max_record_bytes)
        document = unwrap(message.value, read_content_type(message.header("content-type") or b""))
        if isinstance(document, Deletion):
            return retraction_by_deletion(document, message, field_paths)
        if document.syntax is Syntax.JSON:
            item = read_placed(document.content, field_paths)
        else:
            item = read_as_format(document.syntax, document.content)
        if item.status == PubStatus.CANCELED:
            return retraction_by_item(item.fields)
        if not shows_withheld:
            refuse_withheld(item.status, item.embargoed_until, timestamp_ms=message.timestamp_ms)
        article = article_of(
            item.fields,
            item.kept,
            default_language=default_language,
            other_languages=other_languages,
            has_no_markup=item.has_no_markup,
        )
        _check("the text has {} characters", len(article.text), limits.max_text_chars)
    except IntakeError as error:
        until = error.until if isinstance(error, WithheldError) else None
        return Rejected(error.reason, str(error)[:MAX_ERROR_CHARS], FailedStep.DECODE, until=until)
    return article


def _check(what: str, size: int, limit: int) -> None:
    if size > limit:
        raise LimitError(f"{what.format(size)}, the limit is {limit}")
