"""A raw article as JSON, by the names that `worker.records.raw` lists."""

from typing import Any

from worker.intake.formats.format import Format, Item, Syntax


def read_raw_fields(fields: dict[str, Any]) -> Item:
    """The fields as they are."""
    return Item(fields)


INPUT_FORMAT = Format("article", Syntax.JSON, read_raw_fields, media_types=("application/json",))
