"""Chooses among the bodies of a ninjs item the one that is the article, and reads it.

2.x and 3.x have an array of objects with `role`, `contenttype` and `value`; 1.x has a field for each, named
`body_` and its format and role: `body_html`, `body_text_short`. Descriptions are written likewise.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

from worker.intake.errors import FieldError, IntakeError
from worker.intake.formats.ninjs_names import Fields, local_name
from worker.intake.formats.nitf import read_nitf_text
from worker.intake.json_text import json_type


class _Form(IntEnum):
    TEXT = 0
    HTML = 1
    NITF = 2
    UNREADABLE = 3


# The roles of an article's text, the likeliest first; then come those that are not known.
_ARTICLE_ROLES = ("main", "article", "")
# The roles of what stands beside an article.
_OTHER_ROLES = frozenset({
    "summary", "abstract", "description", "caption", "lead", "lede", "intro", "teaser", "excerpt", "short",
    "brief", "standfirst", "deck", "note", "ednote", "correction", "headline", "subhead", "byline", "social",
    "push", "script", "shotlist", "credit",
})  # fmt: skip
# What a body's role, or a part of its field's name, says of its format.
_FORMATS = {
    "text": _Form.TEXT,
    "plain": _Form.TEXT,
    "plaintext": _Form.TEXT,
    "html": _Form.HTML,
    "html5": _Form.HTML,
    "xhtml": _Form.HTML,
    "nitf": _Form.NITF,
}
_UNREADABLE = (
    "application/", "audio/", "font/", "image/", "model/", "multipart/", "video/",
    "text/css", "text/csv", "text/rtf",
)  # fmt: skip
_NITF_ROOT = re.compile(r"<(?:\w{1,20}:)?nitf[\s>]", re.IGNORECASE)
_FIRST_TAG = re.compile(r"<(?:[?!]|[a-z][a-z0-9]*[\s/>])", re.IGNORECASE)
_ROOT_WITHIN_CHARS = 2_000
MAX_NAMED_TYPES = 5
MAX_TYPE_CHARS = 60


@dataclass(frozen=True, slots=True)
class Body:
    """`place`: where it stands in the item, the object in an array or the name of a field."""

    role: str
    content_type: str
    value: Any
    place: Any

    @property
    def form(self) -> _Form:
        """By its content type; without one by its role, or else by how it begins."""
        if not isinstance(self.value, str):
            return _Form.UNREADABLE
        if "nitf" in self.content_type:
            return _Form.NITF
        if "html" in self.content_type:
            return _Form.HTML
        if self.content_type.endswith(("/xml", "+xml")):
            return _Form.NITF if self._is_nitf else _Form.UNREADABLE
        if self.content_type:
            return _Form.UNREADABLE if self.content_type.startswith(_UNREADABLE) else _Form.TEXT
        named = _FORMATS.get(self.role)
        return self._sniffed if named is None else named

    @property
    def called(self) -> str:
        """What it is instead of a text, for an error."""
        return (self.content_type or "other XML") if isinstance(self.value, str) else json_type(self.value)

    @property
    def _sniffed(self) -> _Form:
        if not _FIRST_TAG.match(self._beginning):
            return _Form.TEXT
        if self._is_nitf:
            return _Form.NITF
        is_html = not self._beginning.startswith("<?") or "<html" in self._beginning.lower()
        return _Form.HTML if is_html else _Form.UNREADABLE

    @property
    def _is_nitf(self) -> bool:
        return _NITF_ROOT.search(self._beginning) is not None

    @property
    def _beginning(self) -> str:
        return str(self.value).lstrip()[:_ROOT_WITHIN_CHARS]

    @property
    def rank(self) -> tuple[int, bool]:
        """The lower, the more likely it is the article: by its role, then NITF last."""
        if self.role in _ARTICLE_ROLES:
            return _ARTICLE_ROLES.index(self.role), self.form is _Form.NITF
        return len(_ARTICLE_ROLES) + (self.role in _OTHER_ROLES), self.form is _Form.NITF


def bodies_in(item: Fields, array: str, prefix: str) -> list[Body]:
    """All that have a value, as they follow in the array `array` or in fields that begin with `prefix`.

    Raises FieldError for an array that holds something else than objects.
    """
    return [*_in_array(item, array), *_in_fields(item, prefix)]


def read_likeliest(bodies: Iterable[Body], *, name: str) -> tuple[Body, dict[str, Any]] | None:
    """The body that is the article, and what it says by the names of a raw article. None if there is none.

    Raises FieldError if none can be read, with `name` for where they stood, or the error of the likeliest.
    """
    given = list(bodies)
    problem: IntakeError | None = None
    for body in sorted(given, key=lambda body: body.rank):
        try:
            if body.form is not _Form.UNREADABLE:
                return body, _read(body)
        except IntakeError as error:
            problem = problem or error
    if problem is not None:
        raise problem
    if given:
        types = dict.fromkeys(body.called[:MAX_TYPE_CHARS] for body in given)
        found = ", ".join(list(types)[:MAX_NAMED_TYPES])
        raise FieldError(f"{name} takes text, HTML or NITF, got {found}")
    return None


def _read(body: Body) -> dict[str, Any]:
    if body.form is _Form.NITF:
        return read_nitf_text(body.value).fields
    return {"html" if body.form is _Form.HTML else "text": body.value}


def _in_array(item: Fields, array: str) -> Iterator[Body]:
    for entry in item.objects(array):
        named = Fields(entry)
        value = named.get("value")
        if not value:
            continue
        content_type = str(named.get("contenttype") or "").partition(";")[0].strip().lower()
        yield Body(local_name(named.get("role")), content_type, value, entry)


def _in_fields(item: Fields, prefix: str) -> Iterator[Body]:
    """Those as plain text before HTML, as of a raw article's `text` and `html` the text counts."""
    found = []
    for name, value in item.rest.items():
        if not name.lower().startswith(prefix) or not isinstance(value, str) or not value.strip():
            continue
        parts = [part for part in name[len(prefix) :].lower().split("_") if part]
        formats = [part for part in parts if part in _FORMATS]
        role = "_".join(part for part in parts if part not in _FORMATS)
        found.append(Body(role, f"text/{formats[0]}" if formats else "", value, name))
    yield from sorted(found, key=lambda body: body.form)
