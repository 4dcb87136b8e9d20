"""A post as WordPress' REST interface gives it: `title` and `content` are objects with what is `rendered`."""

import re
from typing import Any

from worker.intake.feeds.names import read_by_names
from worker.intake.formats.format import Format, Item, Syntax

_NAMED_OFFSET = re.compile(r"(?:Z|[+-]\d\d:?\d\d)$")


def is_wordpress(document: dict[str, Any]) -> bool:
    """Whether these are fields of a post."""
    parts = (document.get("title"), document.get("content"))
    return any(isinstance(part, dict) and "rendered" in part for part in parts)


def read_post(document: dict[str, Any]) -> Item:
    """The post's fields by the table of names. Raises IntakeError.

    `date` is in the site's own time zone, which the post does not name, so it is not read; `date_gmt` is.
    """
    date = document.get("date")
    is_local = isinstance(date, str) and not _NAMED_OFFSET.search(date)
    fields, kept = read_by_names(
        {name: value for name, value in document.items() if name != "date" or not is_local}
    )
    return Item(fields, kept | {"date": date} if is_local else kept)


INPUT_FORMAT = Format("wordpress", Syntax.JSON, read_post, is_wordpress)
