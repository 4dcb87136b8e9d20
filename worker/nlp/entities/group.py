"""An entity of one article: the mentions that name the same person, organisation or place."""

from dataclasses import dataclass

Span = tuple[int, int]
"""A half-open range of the text, in code points."""

LabelledSpan = tuple[int, int, str]
"""A half-open range of the text, in code points, and its label."""


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
