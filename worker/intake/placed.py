"""Reads a JSON object with the fields that DATELINE_FIELDS finds in it; the rest is left to its format."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from worker.field_paths import FieldPath
from worker.intake.feeds.names import fill_by_names, fill_id, is_plain
from worker.intake.feeds.paths import Keys, found_at, take
from worker.intake.formats.format import Item, Syntax
from worker.intake.formats.registry import read_as_format
from worker.intake.times.dates import read_date

# A value that `html` leads to is the text, unless `text` leads to one too.
_TEXTS = ("text", "body", "html")


def read_placed(document: dict[str, Any], field_paths: Sequence[FieldPath]) -> Item:
    """The object's fields. What a path leads to wins over what its format finds. Raises IntakeError."""
    was_plain = bool(field_paths) and is_plain(document)
    found = _take_found(document, field_paths)
    if not found:
        return read_as_format(Syntax.JSON, document)
    placed, kept = fill_by_names(found)
    if read_date(placed.get("published_at")) is None and "published_at" in placed:
        kept["published_at"] = placed.pop("published_at")
    displaced = {*placed, *(_TEXTS if "text" in placed or "html" in placed else ())}
    for name in [name for name in document if name in displaced]:
        kept[name] = document.pop(name)
    item = read_as_format(Syntax.JSON, document | placed)
    fields = item.fields | placed
    if "text" in placed:
        fields.pop("html", None)
    if not was_plain:
        fill_id(fields)
    return replace(item, fields=fields, kept=item.kept | kept)


def _take_found(document: dict[str, Any], field_paths: Sequence[FieldPath]) -> dict[str, Any]:
    """What the paths lead to, by field, taken out of the object; nulls and blanks count as nothing."""
    found: dict[str, Any] = {}
    places: set[Keys] = set()
    for field, path in field_paths:
        for keys, value in found_at(document, path):
            if value is not None and (not isinstance(value, str) or value.strip()):
                found[field] = value
                places.add(keys)
                break
    # The last place of an array first, so that the others stay where they are.
    for keys in sorted(places, key=_order, reverse=True):
        if any(True for _ in found_at(document, [str(key) for key in keys])):
            take(document, keys)
    return found


def _order(keys: Keys) -> list[tuple[int, str]]:
    return [(key, "") if isinstance(key, int) else (-1, key) for key in keys]
