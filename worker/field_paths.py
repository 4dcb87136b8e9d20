"""Reads DATELINE_FIELDS: where in a record, as JSON, the fields of an article stand."""

import re
from typing import NamedTuple

ARTICLE_FIELDS = ("id", "url", "headline", "text", "html", "source", "language", "published_at", "authors")
MAX_STEPS = 20
_ESCAPED = ("\\.", "\\,", "\\\\")
_SIGN = re.compile(r"\\.|.", re.DOTALL)


class FieldPath(NamedTuple):
    """A field of an article, and the names that lead to its value in a record."""

    field: str
    path: tuple[str, ...]


def read_field_paths(text: str) -> tuple[FieldPath, ...]:
    """Reads `headline=story.head,text=story.body.0.value`.

    A number leads into an array. `\\.`, `\\,` and `\\\\` stand for a full stop, a comma and a backslash in a
    name. Raises ValueError, which says what is wrong.
    """
    paths: dict[str, FieldPath] = {}
    for pair in _split(text, ",") if text.strip() else ():
        field, equals, names = (part.strip() for part in pair.partition("="))
        if not equals:
            raise ValueError(f"{pair!r} is not FIELD=PATH")
        if field not in ARTICLE_FIELDS:
            raise ValueError(f"{field!r} is no field of an article; these are {', '.join(ARTICLE_FIELDS)}")
        if field in paths:
            raise ValueError(f"{field} is given twice")
        path = tuple(_unescaped(name) for name in _split(names, "."))
        if not all(path):
            raise ValueError(f"the path of {field}, {names!r}, has an empty name")
        if len(path) > MAX_STEPS:
            raise ValueError(f"the path of {field} has {len(path)} names, the limit is {MAX_STEPS}")
        paths[field] = FieldPath(field, path)
    return tuple(paths.values())


def _split(text: str, separator: str) -> list[str]:
    """The parts between the separators that no backslash stands before."""
    parts = [""]
    for sign in _SIGN.findall(text):
        if sign == separator:
            parts.append("")
        else:
            parts[-1] += sign
    return parts


def _unescaped(name: str) -> str:
    signs = _SIGN.findall(name)
    if stray := next((sign for sign in signs if sign[0] == "\\" and sign not in _ESCAPED), None):
        raise ValueError(f"the backslash in {stray!r} stands before none of . , \\")
    return "".join(sign[-1] for sign in signs)
