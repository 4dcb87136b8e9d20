"""Finds what in a new version of a schema breaks those who hold to the old one.

What the worker writes must fit what readers were told: the old schema allows every record of the new one, and
nothing that readers look for is gone. What others write is the other way round: every value that was taken is
still taken. Both are one question, whether one schema covers another, asked in two directions.

An own walk, since the comparers on PyPI do not take the loss of a field for a break where objects are open.
It names the place, and refuses a keyword that it does not know.
"""

from collections.abc import Iterator
from typing import Any

Schema = dict[str, Any]

_ANNOTATIONS = {"$schema", "$id", "$defs", "title", "description", "default", "examples"}
_LOWER_BOUNDS = {"minimum", "minLength", "minItems", "minProperties"}
_UPPER_BOUNDS = {"maximum", "maxLength", "maxItems", "maxProperties"}
_SAME = {"pattern", "format", "patternProperties"}
_SHAPE = {"type", "enum", "anyOf", "$ref", "properties", "required", "additionalProperties", "items", "x-key"}
_KNOWN = _ANNOTATIONS | _LOWER_BOUNDS | _UPPER_BOUNDS | _SAME | _SHAPE


def breaks(old: Schema, new: Schema, *, written: bool) -> list[str]:
    """What breaks readers of what the worker has `written`, or else those who write for it, and where."""
    found = []
    if old.get("x-key") != new.get("x-key"):
        found.append(f"the key: {old.get('x-key')!r} became {new.get('x-key')!r}")
    walk = _Walk(old, new, written)
    return found + list(dict.fromkeys(walk.compare(old, new, "value")))


class _Walk:
    def __init__(self, old: Schema, new: Schema, written: bool) -> None:
        self._old, self._new, self._written = old, new, written
        # Pairs that are being compared, by identity: conditions contain conditions.
        self._under_way: set[tuple[int, int]] = set()

    def compare(self, old: Schema, new: Schema, place: str) -> Iterator[str]:
        olds, news = _alternatives(old, self._old), _alternatives(new, self._new)
        if self._written:
            yield from _gone_values(olds, news, place)
            yield from self._cover(olds, news, place)
        else:
            yield from self._cover(news, olds, place)

    def _cover(self, wide: list[Schema], narrow: list[Schema], place: str) -> Iterator[str]:
        """Every alternative of `narrow` has one in `wide` that takes all its values."""
        for one in narrow:
            kin = [other for other in wide if _takes_type(other, one)]
            if not kin:
                said = "may be" if self._written else "may no longer be"
                yield f"{place}: {said} {one.get('type', 'anything')}"
                continue
            yield from min((list(self._fits(other, one, place)) for other in kin), key=len)

    def _fits(self, wide: Schema, narrow: Schema, place: str) -> Iterator[str]:
        pair = (id(wide), id(narrow))
        if pair in self._under_way:
            return
        self._under_way.add(pair)
        yield from self._fits_bounds(wide, narrow, place)
        if wide.get("type") == "object":
            yield from self._fits_object(wide, narrow, place)
        if wide.get("items", {}):
            old, new = self._in_time(wide, narrow)
            yield from self.compare(old.get("items", {}), new.get("items", {}), f"{place}[]")
        self._under_way.discard(pair)

    def _fits_bounds(self, wide: Schema, narrow: Schema, place: str) -> Iterator[str]:
        changed = "is wider" if self._written else "is narrower"
        if "enum" in wide:
            for value in narrow.get("enum", ["any value"]):
                if value not in wide["enum"]:
                    yield f"{place}: {value} " + ("is new" if self._written else "is refused")
        for keyword in sorted(_LOWER_BOUNDS & wide.keys()):
            if narrow.get(keyword, float("-inf")) < wide[keyword]:
                yield f"{place}: {keyword} {changed}"
        for keyword in sorted(_UPPER_BOUNDS & wide.keys()):
            if narrow.get(keyword, float("inf")) > wide[keyword]:
                yield f"{place}: {keyword} {changed}"
        for keyword in sorted(_SAME & wide.keys()):
            if narrow.get(keyword) != wide[keyword]:
                yield f"{place}: {keyword} {changed}"

    def _fits_object(self, wide: Schema, narrow: Schema, place: str) -> Iterator[str]:
        old, new = self._in_time(wide, narrow)
        was, now = old.get("properties", {}), new.get("properties", {})
        required = sorted(set(wide.get("required", ())) - set(narrow.get("required", ())))
        said = "is no longer always there" if self._written else "is required now"
        yield from (f"{place}.{name}: {said}" for name in required if name in was and name in now)
        if not self._written:
            yield from (f"{place}.{name}: {said}" for name in required if name not in was)
        yield from (f"{place}.{name}: is gone" for name in was if name not in now)
        rest_was, rest_now = old.get("additionalProperties", True), new.get("additionalProperties", True)
        if rest_was is False and self._written:
            yield from (f"{place}.{name}: is new in a closed object" for name in now if name not in was)
        if rest_now is False and rest_was is not False:
            yield f"{place}: takes no other fields now"
        if rest_was is False and rest_now is not False and self._written:
            yield f"{place}: may have other fields now"
        for name in was:
            if name in now:
                yield from self.compare(was[name], now[name], f"{place}.{name}")
        if isinstance(rest_was, dict) or isinstance(rest_now, dict):
            yield from self.compare(_as_schema(rest_was), _as_schema(rest_now), f"{place}.*")

    def _in_time(self, wide: Schema, narrow: Schema) -> tuple[Schema, Schema]:
        return (wide, narrow) if self._written else (narrow, wide)


def _as_schema(rest: Schema | bool) -> Schema:
    return rest if isinstance(rest, dict) else {}


def _alternatives(schema: Schema, root: Schema) -> list[Schema]:
    """The forms that a value may take, references followed."""
    if unknown := schema.keys() - _KNOWN:
        raise ValueError(f"takes keywords that it can compare, got {', '.join(sorted(unknown))}")
    if "$ref" in schema:
        return _alternatives(root["$defs"][schema["$ref"].removeprefix("#/$defs/")], root)
    if "anyOf" in schema:
        return [form for one in schema["anyOf"] for form in _alternatives(one, root)]
    return [schema]


def _takes_type(wide: Schema, narrow: Schema) -> bool:
    types = (wide.get("type"), narrow.get("type"))
    return types[0] is None or types[0] == types[1] or types == ("number", "integer")


def _gone_values(olds: list[Schema], news: list[Schema], place: str) -> Iterator[str]:
    """Known values of an open enumeration: any string fits there, but readers look for these."""
    still = {value for one in news for value in one.get("enum", ())}
    for one in olds:
        yield from (f"{place}: {value} is gone" for value in one.get("enum", ()) if value not in still)
