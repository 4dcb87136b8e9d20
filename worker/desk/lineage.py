"""The quotes that several articles of a story have, each variant beside the one that it is compared with."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from operator import itemgetter
from typing import Any

_MOST_LINEAGES, _MOST_VARIANTS, _MOST_EDITS = 3, 5, 12

_SPAN, _OF_SPAN = itemgetter("start", "end"), itemgetter("of_start", "of_end")

QuotePiece = tuple[str, bool]
"""A piece of a quote, and whether the other quote lacks it."""


def lineages_of(card: Mapping[str, Any]) -> list[dict[str, Any]]:
    """What the page shows of a story's `quote_lineage`; a record from before that was kept has none.

    Of each variant: `was`, the words of the variant that it is compared with, in pieces, and `now`, its own.
    """
    return [
        {**lineage, "variants": [*_variants(lineage["variants"][:_MOST_VARIANTS])]}
        for lineage in card.get("quote_lineage", ())[:_MOST_LINEAGES]
    ]


def _variants(variants: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for place, variant in enumerate(variants):
        of, edits = variant["of"], variant["edits"][:_MOST_EDITS]
        is_compared = of is not None and 0 <= of < place
        yield {
            **variant,
            "of": of if is_compared else None,
            "was": [*quote_pieces(variants[of]["text"], map(_OF_SPAN, edits))] if is_compared else [],
            "now": [*quote_pieces(variant["text"], map(_SPAN, edits))],
        }


def quote_pieces(text: str, spans: Iterable[tuple[int, int]]) -> Iterator[QuotePiece]:
    """The text in pieces, those within the spans being marked. Joined they are the text."""
    at = 0
    for start, end in spans:
        start, end = max(start, at), min(end, len(text))
        if start < end:
            yield text[at:start], False
            yield text[start:end], True
            at = end
    yield text[at:], False
