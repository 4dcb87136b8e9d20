"""Reads which article a deletion in a publisher's system retracts."""

from collections.abc import Sequence
from typing import Any

from worker.field_paths import FieldPath
from worker.intake.canceled import retraction_by_item
from worker.intake.errors import FieldError, IntakeError
from worker.intake.fields import article_of
from worker.intake.placed import read_placed
from worker.intake.retraction import Retraction, read_retraction
from worker.intake.wrapping.envelopes import Deletion
from worker.records.messages import RawMessage


def retraction_by_deletion(
    deletion: Deletion, message: RawMessage, field_paths: Sequence[FieldPath]
) -> Retraction:
    """The retraction of the article that the deleted row was, else that of the `id` header or the key.

    Raises FieldError or LimitError.
    """
    article = _article_of_row(deletion.row, field_paths) if deletion.row else None
    return article or read_retraction(message)


def _article_of_row(row: dict[str, Any], field_paths: Sequence[FieldPath]) -> Retraction | None:
    """Of the id that the row had as an article; often only its key is left, and then it is none."""
    try:
        fields = read_placed(dict(row), field_paths).fields
    except IntakeError:
        fields = row
    try:
        return Retraction(article_of(fields, default_language="en").id)
    except IntakeError:
        pass
    try:
        return retraction_by_item(fields)
    except FieldError:
        return None
