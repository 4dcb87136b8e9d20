"""An article as a JSON object, by its own names or by those that feeds use for them."""

from typing import Any

from worker.intake.feeds.names import read_by_names
from worker.intake.formats.format import Format, Item, Syntax


def read_raw_fields(document: dict[str, Any]) -> Item:
    """The article's fields, wherever the object has them. Raises IntakeError."""
    return Item(*read_by_names(document))


INPUT_FORMAT = Format("article", Syntax.JSON, read_raw_fields, media_types=("application/json",))
