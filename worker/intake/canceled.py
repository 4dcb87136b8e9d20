"""What an item that its publisher has canceled retracts."""

from collections.abc import Mapping
from typing import Any

from worker.intake.identity import article_id
from worker.intake.json_text import decimal_string
from worker.intake.retraction import Retraction, retraction_of

_NOTHING = "a canceled item takes an id, a uri or a url that says what is retracted, and has none"


def retraction_by_item(fields: Mapping[str, Any]) -> Retraction:
    """The retraction of the article that has the item's id, else the one that has its url.

    Raises FieldError if it has neither, since nobody knows then what it retracts; or LimitError.
    """
    given, url = fields.get("id"), fields.get("url")
    if isinstance(given, int | float) and not isinstance(given, bool):
        given = decimal_string(given)
    if isinstance(given, str) and given.strip():
        return retraction_of(given, missing=_NOTHING)
    return retraction_of(
        article_id(url=url, text="") if isinstance(url, str) and url else "", missing=_NOTHING
    )
