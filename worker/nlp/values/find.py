"""Finds the dates and amounts of money of a text, in the languages that have a table."""

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from heapq import merge
from itertools import takewhile
from typing import TypeVar

from worker.nlp.values.dates import dates_in
from worker.nlp.values.money import amounts_in
from worker.nlp.values.tables import ValueTable
from worker.nlp.values.tokens import tokens_of

TYPES = frozenset(("DATE", "MONEY"))

_Range = TypeVar("_Range", tuple[int, int], tuple[int, int, str])

FoundValue = tuple[int, int, str]
"""A half-open range of the text, in code points, and DATE or MONEY."""


def values_in(text: str, table: ValueTable) -> list[FoundValue]:
    """The values in order, of the types that the table names; none overlaps another. An amount is no date."""
    tokens = tokens_of(text)
    money = list(amounts_in(tokens, table))
    dates = [span for span in dates_in(tokens, table) if not _overlapping(money, span)]
    found = [(span, "DATE") for span in dates] + [(span, "MONEY") for span in money]
    return [
        (tokens[first].start, tokens[end - 1].end, label)
        for (first, end), label in sorted(found)
        if label in table.types
    ]


def _overlapping(taken: Sequence[_Range], span: _Range) -> list[_Range]:
    """Those of the ranges that overlap this one. They are in order, and none overlaps another."""
    first = max(0, bisect_left(taken, span) - 1)
    near = takewhile(lambda other: other[0] < span[1], (taken[i] for i in range(first, len(taken))))
    return [other for other in near if span[0] < other[1]]


def beside_names(names: Iterable[FoundValue], values: Sequence[FoundValue]) -> list[FoundValue]:
    """The names and the values, in order. Names are those of an encoder: its own DATE and MONEY are left out.

    Of a value and a name that overlap, the value is kept if it has all of the name and more: "5 млн долларов
    **США**". Else the name is: "place du **8 mai 1945**", "Plácido **Domingo**".
    """
    others = [name for name in names if name[2] not in TYPES]
    kept_values, within = [], set[FoundValue]()
    for value in values:
        overlapping = _overlapping(others, value)
        if all(value[0] <= name[0] and name[1] <= value[1] and value[:2] != name[:2] for name in overlapping):
            kept_values.append(value)
            within.update(overlapping)
    return list(merge((name for name in others if name not in within), kept_values))
