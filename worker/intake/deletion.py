"""Reads which article a deletion in a publisher's system retracts."""

from typing import Any

from worker.intake.canceled import retraction_by_item
from worker.intake.errors import FieldError, IntakeError
from worker.intake.fields import article_of
from worker.intake.formats.format import Syntax
from worker.intake.formats.registry import read_as_format
from worker.intake.retraction import Retraction, read_retraction
from worker.intake.wrapping.envelopes import Deletion
from worker.records.messages import RawMessage


def retraction_by_deletion(deletion: Deletion, message: RawMessage) -> Retraction:
    """The retraction of the article that the deleted row was, else that of the `id` header or the key.

    Raises FieldError or LimitError.
    """
    article = _article_of_row(deletion.row) if deletion.row else None
    return article or read_retraction(message)


def _article_of_row(row: dict[str, Any]) -> Retraction | None:
    """Of the id that the row had as an article; often only its key is left, and then it is none."""
    try:
        fields = read_as_format(Syntax.JSON, row).fields
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
