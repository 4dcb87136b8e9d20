"""Reads which article a deletion in a publisher's system retracts."""

from typing import Any

from worker.intake.errors import IntakeError
from worker.intake.fields import article_of
from worker.intake.formats.format import Syntax
from worker.intake.formats.registry import read_as_format
from worker.intake.identity import article_id
from worker.intake.retraction import Retraction, id_in, read_retraction, retraction_of
from worker.intake.wrapping.envelopes import Deletion
from worker.records.messages import RawMessage


def retraction_by_deletion(deletion: Deletion, message: RawMessage) -> Retraction:
    """The retraction of the article that the deleted row was, else that of the `id` header or the key.

    Raises FieldError or LimitError.
    """
    article = _id_of_row(deletion.row) if deletion.row else None
    return retraction_of(article, missing="") if article else read_retraction(message)


def _id_of_row(row: dict[str, Any]) -> str | None:
    """The id that the row had as an article. Often only its key is left of it, and then it is no article."""
    try:
        fields = read_as_format(Syntax.JSON, row).fields
    except IntakeError:
        fields = row
    try:
        return article_of(fields, default_language="en").id
    except IntakeError:
        pass
    named = id_in({"id": fields.get("id")})
    url = fields.get("url")
    return named or (article_id(url=url, text="") if isinstance(url, str) and url else None)
