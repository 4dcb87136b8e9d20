"""Finds the dates and amounts of money of a text, in the languages that have a table."""

from bisect import bisect_left
from collections.abc import Sequence

from worker.nlp.values.dates import dates_in
from worker.nlp.values.money import amounts_in
from worker.nlp.values.tables import ValueTable
from worker.nlp.values.tokens import tokens_of

FoundValue = tuple[int, int, str]
"""A half-open range of the text, in code points, and DATE or MONEY."""


def values_in(text: str, table: ValueTable) -> list[FoundValue]:
    """The values in order, of the types that the table names; none overlaps another. An amount is no date."""
    tokens = tokens_of(text)
    money = list(amounts_in(tokens, table))
    dates = [span for span in dates_in(tokens, table) if not _overlaps(money, span)]
    found = [(span, "DATE") for span in dates] + [(span, "MONEY") for span in money]
    return [
        (tokens[first].start, tokens[end - 1].end, label)
        for (first, end), label in sorted(found)
        if label in table.types
    ]


def _overlaps(taken: Sequence[tuple[int, int]], span: tuple[int, int]) -> bool:
    """Whether one of the ranges, which are in order, overlaps this one."""
    i = bisect_left(taken, span)
    return any(start < span[1] and span[0] < end for start, end in taken[max(0, i - 1) : i + 1])
