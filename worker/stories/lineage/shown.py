"""What a story's record shows of its quotes: the first three, and the lineage of those that were repeated."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any

from worker.records.cloudevents import rfc3339
from worker.stories.lineage.utterances import (
    ARTICLE,
    CARRIERS,
    COMPARED_WITH,
    EDITS,
    MAX_COUNTED,
    PINNED_UTTERANCES,
    PUBLISHED_MS,
    RECORD_SOURCE,
    SEEN_MS,
    SPEAKER_ID,
    SPEAKER_NAME,
    VARIANT_TEXT,
    Carrier,
    KeptVariant,
    Utterance,
    article_count,
    variant_articles,
)

MAX_LINEAGES = 3
_LEAST_ARTICLES = 2


def shown_quotes(utterances: Sequence[Utterance]) -> list[dict[str, Any]]:
    """A quote for each of the first three utterances: in the words of whoever had it first."""
    return [
        {
            "text": variant[VARIANT_TEXT],
            "speaker": first[SPEAKER_NAME],
            "speaker_id": first[SPEAKER_ID],
            "article": first[ARTICLE],
        }
        for variant, first in (
            (variants[0], variants[0][CARRIERS][0]) for variants, _ in utterances[:PINNED_UTTERANCES]
        )
    ]


def shown_lineages(utterances: Sequence[Utterance]) -> list[dict[str, Any]]:
    """The utterances that two articles or more have, those of most articles first; three at most."""
    counted = [(article_count(one), one) for one in utterances if _may_be_repeated(one)]
    # Stable: of the same number the one that came first is first.
    counted.sort(key=lambda item: -item[0])
    return [_lineage(one, count) for count, one in islice(counted, MAX_LINEAGES) if count >= _LEAST_ARTICLES]


def _may_be_repeated(utterance: Utterance) -> bool:
    """Whether several articles may have it, without looking which: most quotes are in one alone."""
    variants, _ = utterance
    return len(variants) > 1 or len(variants[0][CARRIERS]) > 1


def _lineage(utterance: Utterance, count: int) -> dict[str, Any]:
    variants, unlisted = utterance
    named = next((one for one in _carriers(variants) if one[SPEAKER_NAME]), variants[0][CARRIERS][0])
    return {
        "speaker": named[SPEAKER_NAME],
        "speaker_id": named[SPEAKER_ID],
        "articles": count,
        "unlisted": len(set(unlisted).difference(*map(variant_articles, variants))),
        "variants": [_variant(variants, place) for place in range(len(variants))],
    }


def _carriers(variants: Sequence[KeptVariant]) -> Iterator[Carrier]:
    for variant in variants:
        yield from variant[CARRIERS]


def _variant(variants: Sequence[KeptVariant], place: int) -> dict[str, Any]:
    variant = variants[place]
    of = variants[variant[COMPARED_WITH]] if place else None
    edits = shown_edits(variant[VARIANT_TEXT], of[VARIANT_TEXT], variant[EDITS]) if of else []
    return {
        "text": variant[VARIANT_TEXT],
        "wording": shown_wording(edits) if of else "first",
        "of": variant[COMPARED_WITH] if of else None,
        "edits": edits,
        "articles": min(len({*variant_articles(variant)}), MAX_COUNTED),
        "found_in": [_found_in(carrier) for carrier in variant[CARRIERS]],
    }


def shown_edits(text: str, of: str, edits: Iterable[Sequence[int]]) -> list[dict[str, Any]]:
    """Where a quote differs from another one, with the words of both."""
    return [_edit(text, of, *spans) for spans in edits]


def _edit(text: str, of: str, start: int, end: int, of_start: int, of_end: int) -> dict[str, Any]:
    was, now = of[of_start:of_end], text[start:end]
    return {
        "kind": _kind(was, now),
        "was": was,
        "now": now,
        "start": start,
        "end": end,
        "of_start": of_start,
        "of_end": of_end,
    }


def _kind(was: str, now: str) -> str:
    if not now:
        return "left_out"
    if not was:
        return "added"
    return "number" if _has_digit(was) and _has_digit(now) else "replaced"


def _has_digit(text: str) -> bool:
    return any(map(str.isdecimal, text))


def shown_wording(edits: Sequence[dict[str, Any]]) -> str:
    """What a quote with these differences is to the other one."""
    kinds = {edit["kind"] for edit in edits}
    return {frozenset({"left_out"}): "cut", frozenset({"added"}): "extended"}.get(frozenset(kinds), "altered")


def _found_in(carrier: Carrier) -> dict[str, Any]:
    seen_ms, published_ms = carrier[SEEN_MS], carrier[PUBLISHED_MS]
    return {
        "id": carrier[ARTICLE],
        "record_source": carrier[RECORD_SOURCE],
        "speaker": carrier[SPEAKER_NAME],
        "speaker_id": carrier[SPEAKER_ID],
        "seen_at": rfc3339(seen_ms) if seen_ms >= 0 else None,
        "published_at": None if published_ms is None else rfc3339(published_ms),
    }
