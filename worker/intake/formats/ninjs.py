"""Translates ninjs 3.x, IPTC's format of news in JSON, to the fields of a raw article."""

from typing import Any

from worker.intake.errors import FieldError
from worker.intake.formats.format import Format, Item, Syntax
from worker.intake.json_text import json_type

CONTENT_TYPE = "application/vnd.iptc.newsinjson"
_HEADLINE_ROLES = ("main", "headline", "")
_BODY_ROLES = ("main", "article", "")
_TIMES = ("contentcreated", "firstcreated", "versioncreated")
_USED = frozenset({"uri", "headlines", "headline", "bodies", "language", "byline", "bylines"})


def is_ninjs(fields: dict[str, Any]) -> bool:
    """Whether these are fields of ninjs: `uri`, and an array of `bodies` or `headlines`."""
    return "uri" in fields and (
        isinstance(fields.get("bodies"), list) or isinstance(fields.get("headlines"), list)
    )


def read_ninjs(item: dict[str, Any]) -> Item:
    """The item's fields under the raw article's names. Others keep their own, and so end up in `extra`.

    Raises FieldError, which names a field of the wrong type.
    """
    fields = {name: value for name, value in item.items() if name not in _USED}
    fields["id"] = _text(item, "uri")
    headline = _first(item, "headlines", _HEADLINE_ROLES)
    fields["headline"] = headline.get("value") if headline else _text(item, "headline")
    body = _first(item, "bodies", _BODY_ROLES)
    if body:
        content_type = str(body.get("contenttype") or "text/plain").partition(";")[0].strip().lower()
        fields["html" if "html" in content_type else "text"] = body.get("value")
    fields["language"] = _text(item, "language")
    time = next((name for name in _TIMES if item.get(name)), "")
    fields["published_at"] = fields.pop(time, None)
    for name, used in (("headlines", headline), ("bodies", body)):
        # Subheadings and other renditions are kept.
        fields[name] = [entry for entry in _objects(item, name) if entry is not used] or None
    fields["authors"] = [name for name in _bylines(item) if name]
    if "source" not in fields:
        sources = [s.get("name") for s in _objects(item, "infosources") if s.get("name")]
        fields["source"] = sources[0] if sources else None
    return Item({name: value for name, value in fields.items() if value is not None})


def _bylines(item: dict[str, Any]) -> list[Any]:
    if isinstance(item.get("byline"), str):
        return [item["byline"]]
    people = [
        p.get("name")
        for p in _objects(item, "people")
        if _local(str(p.get("rel", ""))) in ("author", "creator")
    ]
    return [b.get("byline") for b in _objects(item, "bylines")] or people


def _first(item: dict[str, Any], name: str, roles: tuple[str, ...]) -> dict[str, Any] | None:
    entries = _objects(item, name)
    for role in roles:
        for entry in entries:
            if _local(str(entry.get("role") or "")) == role and entry.get("value"):
                return entry
    return next((entry for entry in entries if entry.get("value")), None)


def _local(name: str) -> str:
    return name.rpartition(":")[2].lower()


def _objects(item: dict[str, Any], name: str) -> list[dict[str, Any]]:
    value = item.get(name)
    if value is None:
        return []
    if not isinstance(value, list) or not all(isinstance(entry, dict) for entry in value):
        raise FieldError(f"{name} takes an array of objects, got {json_type(value)}")
    return value


def _text(item: dict[str, Any], name: str) -> str | None:
    value = item.get(name)
    if value is not None and not isinstance(value, str):
        raise FieldError(f"{name} takes a string, got {json_type(value)}")
    return value


INPUT_FORMAT = Format("ninjs", Syntax.JSON, read_ninjs, is_ninjs, (CONTENT_TYPE,))
