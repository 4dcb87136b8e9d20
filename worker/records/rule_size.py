"""Whether parsed JSON is of a rule's size: whatever is larger is refused before anybody validates it.

pydantic makes an error of each part that is wrong. A value of 256 KiB has room for 130,000 of them, which
take seconds while the worker does nothing else. So the size is looked at first, and the look ends early.
"""

from collections.abc import Iterator
from itertools import chain
from typing import Any

MAX_CONDITIONS = 200
MAX_CONDITION_DEPTH = 20
# No object of a rule has more fields: a condition has twelve.
_MAX_FIELDS = 12
# All fields and parts of 200 conditions, each an entity with five links, are fewer.
_MAX_VALUES = 2_500
# As many conditions are counted, so that whoever wrote a rule somewhat too large learns by how much.
_COUNTED = 2_000


def oversize(fields: Any) -> str | None:
    """What of a rule's parsed JSON is beyond any rule's size. None if nothing is."""
    if not isinstance(fields, dict):
        return None
    count, deepest = _counted(fields.get("when"))
    if count > MAX_CONDITIONS or deepest > MAX_CONDITION_DEPTH:
        many = str(count) if count <= _COUNTED else f"more than {_COUNTED:,}"
        return (
            f"the rule: when takes {MAX_CONDITIONS} conditions, {MAX_CONDITION_DEPTH} deep, "
            f"got {many}, {deepest} deep"
        )
    return _crowded(fields)


def _counted(when: Any) -> tuple[int, int]:
    """How many conditions there are, right or wrong, and how deep. Counting ends above `_COUNTED`."""
    count, depth, level = 1, 1, [when]
    while below := list(_parts(level, _COUNTED + 1)):
        depth += 1
        count += len(below)
        if count > _COUNTED:
            break
        level = below
    return count, depth


def _parts(level: list[Any], most: int) -> Iterator[Any]:
    """The conditions directly below these, or the first so many of them."""
    found = 0
    for condition in level:
        if not isinstance(condition, dict):
            continue
        for part in chain(*_lists(condition)):
            found += 1
            if found > most:
                return
            yield part


def _lists(condition: dict[Any, Any]) -> Iterator[list[Any]]:
    for name in ("all", "any"):
        if isinstance(found := condition.get(name), list | tuple):
            yield list(found)
    if condition.get("not") is not None:
        yield [condition["not"]]


def _crowded(fields: dict[Any, Any]) -> str | None:
    """Says so if an object has too many fields, or all objects and lists have too many parts together."""
    count = 0
    left: list[dict[Any, Any] | list[Any] | tuple[Any, ...]] = [fields]
    while left:
        value = left.pop()
        count += len(value)
        if isinstance(value, dict) and len(value) > _MAX_FIELDS:
            return f"the rule: no object in it takes more than {_MAX_FIELDS} fields, got {len(value):,}"
        if count > _MAX_VALUES:
            return f"the rule: takes {_MAX_VALUES:,} fields and list items in all, got more"
        parts = value.values() if isinstance(value, dict) else value
        left += (part for part in parts if isinstance(part, dict | list | tuple))
    return None
