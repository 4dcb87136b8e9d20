"""What an article leaves behind for stories: a few hundred numbers, and what a story's card shows of it."""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

import numpy as np

from worker.languages import language_of
from worker.stories.fingerprints import fingerprints_of
from worker.stories.weights import weigh
from worker.stories.wires import wire_of
from worker.stories.words import hashed, salt_of, terms_of, words_of

MAX_TERMS, MAX_LEAD_TERMS, MAX_ENTITIES = 80, 30, 25
MAX_NAMES, MAX_QUOTES = 8, 3
LEAD_WORDS = 60
"""The words at the beginning of an article, its headline among them, that say what it is about."""
_HEADLINE_CHARS, _SOURCE_CHARS, _NAME_CHARS, _QUOTE_CHARS, _URL_CHARS = 300, 200, 120, 400, 2000
_TOP_WEIGHT = 255
# What a name says about which event is told, by its type, in sixteenths: many stories are told of a country.
_ENTITY_SIXTEENTHS = {"GPE": 8, "NORP": 5, "LOC": 8, "MISC": 10}
_PLACES = frozenset({"GPE", "LOC", "FAC"})


class Weighted(NamedTuple):
    """Numbers of words or names, the strongest first, and their weights from 1 to 255."""

    keys: array[int]
    weights: array[int]


class Named(NamedTuple):
    """A person or a place."""

    id: str
    name: str


class Said(NamedTuple):
    """A quote, and who said it if that is known."""

    text: str
    speaker: str | None
    speaker_id: str | None


@dataclass(frozen=True, slots=True)
class Sketch:
    """An article as stories see it. `origin`: the raw record it was made from, `topic/partition/offset`."""

    id: str
    origin: str
    language: str
    headline: str | None
    source: str | None
    url: str | None
    published_ms: int | None
    wire: str | None
    word_count: int
    terms: Weighted
    lead: Weighted
    entities: Weighted
    fingerprints: array[int]
    people: tuple[Named, ...]
    places: tuple[Named, ...]
    quotes: tuple[Said, ...]


def make_sketch(article: Mapping[str, Any], *, origin: str) -> Sketch:
    """The sketch of an enriched article, the parsed JSON of the enriched topic. The same gives the same."""
    language = language_of(article["language"])
    salt = salt_of(language)
    headline, text = article["headline"] or "", article["text"]
    words, above = words_of(text), words_of(headline)
    body = terms_of(words)
    lead = terms_of((above + words)[: max(LEAD_WORDS, len(above))])
    entities = [entity for entity in article["entities"] if entity["id"] is not None]
    url = article["url"]
    return Sketch(
        id=article["id"],
        origin=origin,
        language=language,
        headline=_cut(article["headline"], _HEADLINE_CHARS),
        source=_cut(article["source"], _SOURCE_CHARS),
        url=url if url and len(url) <= _URL_CHARS else None,
        published_ms=_time_ms(article["published_at"]),
        wire=wire_of(text=text, authors=article["authors"], source=article["source"]),
        word_count=len(words),
        terms=_weighted(terms_of(above) + body, language, MAX_TERMS),
        lead=_weighted(lead, language, MAX_LEAD_TERMS),
        entities=_entities(entities, salt),
        fingerprints=fingerprints_of(words),
        people=_named(entities, frozenset({"PERSON"})),
        places=_named(entities, _PLACES),
        quotes=tuple(_quotes(article["quotes"])),
    )


def _weighted(terms: list[str], language: str, most: int) -> Weighted:
    """The terms with the greatest weights. A term that comes often says more, but not in proportion."""
    counts = Counter(terms)
    numbers = np.fromiter(map(hashed, counts), np.uint32, len(counts))
    often = np.fromiter(map(int.bit_length, counts.values()), np.int64, len(counts))
    weights = np.minimum(weigh(numbers, language) * (1 + often) // 4, _TOP_WEIGHT)
    salt = salt_of(language)
    return strongest(
        ((hashed(term, salt), weight) for term, weight in zip(counts, weights.tolist(), strict=True)), most
    )


def _entities(entities: Iterable[Mapping[str, Any]], salt: int) -> Weighted:
    """Names by their salience: that of the article's whole attention is 1,024."""
    found: dict[int, int] = {}
    for entity in entities:
        key = hashed(entity["id"].partition(":")[2], salt)
        share = round(entity["salience"] * 1024) * _ENTITY_SIXTEENTHS.get(entity["type"], 16) // 16
        found[key] = max(found.get(key, 0), 1 + min(share, _TOP_WEIGHT - 1))
    return strongest(found.items(), MAX_ENTITIES)


def strongest(weights: Iterable[tuple[int, int]], most: int) -> Weighted:
    """The keys with the greatest weights, of equal ones the smaller key, each once."""
    ordered = sorted({key: weight for key, weight in weights if weight > 0}.items(), key=_by_weight)[:most]
    return Weighted(array("I", [key for key, _ in ordered]), array("B", [weight for _, weight in ordered]))


def _by_weight(item: tuple[int, int]) -> tuple[int, int]:
    return -item[1], item[0]


def _named(entities: Iterable[Mapping[str, Any]], types: frozenset[str]) -> tuple[Named, ...]:
    wanted = (entity for entity in entities if entity["type"] in types and len(entity["id"]) <= _NAME_CHARS)
    ordered = sorted(wanted, key=lambda entity: (-entity["salience"], entity["id"]))
    return tuple(Named(entity["id"], entity["name"][:_NAME_CHARS]) for entity in ordered[:MAX_NAMES])


def _quotes(quotes: Iterable[Mapping[str, Any]]) -> Iterable[Said]:
    """The direct quotes that are surest and not too long, in the order of the text."""
    direct = [
        (index, quote)
        for index, quote in enumerate(quotes)
        if quote["kind"] == "direct" and 20 <= len(quote["text"]) <= _QUOTE_CHARS
    ]
    best = sorted(direct, key=lambda item: (item[1]["speaker"] is None, -item[1]["confidence"], item[0]))
    for _, quote in sorted(best[:MAX_QUOTES], key=lambda item: item[0]):
        speaker = quote["speaker"] or {}
        name = speaker.get("name") or speaker.get("text")
        speaker_id = speaker.get("entity")
        yield Said(
            quote["text"],
            _cut(name, _NAME_CHARS),
            speaker_id if speaker_id and len(speaker_id) <= _NAME_CHARS else None,
        )


def _cut(text: str | None, most: int) -> str | None:
    return text[:most] if text else None


def _time_ms(written: str | None) -> int | None:
    """The milliseconds since 1970 of a time that a record has, which is ISO 8601."""
    if not written:
        return None
    moment = datetime.fromisoformat(written)
    return (
        (moment.toordinal() - 719163) * 86_400_000
        + ((moment.hour * 60 + moment.minute) * 60 + moment.second) * 1000
        + moment.microsecond // 1000
    )
