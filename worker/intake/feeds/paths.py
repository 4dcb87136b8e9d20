"""Follows paths of names through objects and arrays of JSON, and takes what they lead to out of it."""

from collections.abc import Iterator, Sequence
from typing import Any

EACH = "*"
Keys = tuple[str | int, ...]
"""Where a value stands: names in objects, numbers in arrays, from the top."""


def found_at(value: Any, path: Sequence[str], keys: Keys = ()) -> Iterator[tuple[Keys, Any]]:
    """Everything that the path leads to, in order, with its place.

    A step is a name in an object or a number in an array. `*` is each element of an array, and `[rel=self]`
    each that is an object in which `rel` is `self`.
    """
    if not path:
        yield keys, value
        return
    step, rest = path[0], path[1:]
    match value:
        case dict() if step in value:
            yield from found_at(value[step], rest, (*keys, step))
        case list() if step.isdecimal() and step.isascii() and len(step) < 10:
            if int(step) < len(value):
                yield from found_at(value[int(step)], rest, (*keys, int(step)))
        case list() if step == EACH:
            for at, item in enumerate(value):
                yield from found_at(item, rest, (*keys, at))
        case list() if step.startswith("["):
            name, _, wanted = step[1:-1].partition("=")
            for at, item in enumerate(value):
                if isinstance(item, dict) and item.get(name) == wanted:
                    yield from found_at(item, rest, (*keys, at))


def value_at(value: Any, keys: Keys) -> Any:
    """The value in this place, which there must be."""
    for key in keys:
        value = value[key]
    return value


def put(value: Any, keys: Keys, new: Any) -> None:
    """Puts `new` in this place, which there must be."""
    value_at(value, keys[:-1])[keys[-1]] = new


def take(value: Any, keys: Keys) -> None:
    """Takes out what stands in this place, and every object and array that is empty without it."""
    while keys:
        parent = value_at(value, keys[:-1])
        del parent[keys[-1]]
        if parent:
            return
        keys = keys[:-1]
