"""An article as a JSON object, by its own names or by those that feeds use for them."""

from typing import Any

from worker.intake.feeds.names import fill_by_names, read_by_names
from worker.intake.formats.format import Format, Item, Syntax
from worker.intake.status import PubStatus, read_embargo, read_status


def read_raw_fields(document: dict[str, Any]) -> Item:
    """The article's fields, wherever the object has them. Raises IntakeError."""
    status, embargo = read_status(document), read_embargo(document)
    read = fill_by_names if status is PubStatus.CANCELED else read_by_names
    return Item(*read(document), status, embargo)


INPUT_FORMAT = Format("article", Syntax.JSON, read_raw_fields, media_types=("application/json",))
