"""Reads which article a record without a value retracts."""

from dataclasses import dataclass

from worker.intake.errors import FieldError, LimitError
from worker.intake.fields import sanitize
from worker.records.messages import RawMessage
from worker.records.raw import MAX_ID_CHARS


@dataclass(frozen=True, slots=True)
class Retraction:
    """The publisher retracts the article of this id."""

    id: str


def read_retraction(message: RawMessage) -> Retraction:
    """The retraction by the `id` header, else by the key. Raises FieldError or LimitError."""
    header = (message.header("id") or b"").strip()
    try:
        article = (header or message.key or b"").decode()
    except UnicodeDecodeError as error:
        raise FieldError(f"a retraction takes an article id in UTF-8: {error}") from None
    return retraction_of(
        article, missing="a null value takes an `id` header or a key that says what is retracted"
    )


def retraction_of(article: str, *, missing: str) -> Retraction:
    """The retraction of the article of this id. Raises FieldError(missing) if it is blank, or LimitError."""
    # Cleaned as the id of an article is, so that the two are equal.
    article = str(sanitize(article)).strip()
    if not article:
        raise FieldError(missing)
    if len(article) > MAX_ID_CHARS:
        raise LimitError(f"the id has {len(article)} characters, the limit is {MAX_ID_CHARS}")
    return Retraction(article)
