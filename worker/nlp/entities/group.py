"""An entity of one article: the mentions that name the same person, organisation or place."""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass

Span = tuple[int, int]
"""A half-open range of the text, in code points."""

LabelledSpan = tuple[int, int, str]
"""A half-open range of the text, in code points, and its label."""


def overlapping(taken: Sequence[Span], span: Span) -> list[Span]:
    """Those of the spans next to the start of this one that overlap it. `taken` is in order."""
    i = bisect_left(taken, span)
    return [other for other in taken[max(0, i - 1) : i + 1] if other[0] < span[1] and span[0] < other[1]]


@dataclass(frozen=True, slots=True)
class Group:
    """An entity of one article. `mentions` stand in order, and none overlaps another.

    `iso3166` is the country's code and `geonames` the city's identifier, each only where it is certain.
    """

    name: str
    type: str
    mentions: tuple[Span, ...]
    iso3166: str | None = None
    geonames: str | None = None
