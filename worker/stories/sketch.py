"""What an article leaves behind for stories: a few hundred numbers, and what a story's card shows of it."""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from operator import itemgetter
from typing import Any, NamedTuple

import numpy as np

from worker.languages import language_of
from worker.records.times import read_time
from worker.stories.fingerprints import fingerprints_of
from worker.stories.lineage.marks import mark_of
from worker.stories.lineage.utterances import Spoken
from worker.stories.weights import has_weights, weigh
from worker.stories.wires import wire_of
from worker.stories.words import hashed, numbers_of, salt_of, terms_of, text_words

MAX_SKETCH_TERMS, MAX_LEAD_TERMS, MAX_ENTITIES = 80, 30, 25
MAX_SKETCH_NAMES, MAX_SKETCH_QUOTES = 8, 6
_SUREST_QUOTES = 3
"""So many come first: of a story's first article these are shown."""
# What rules about stories ask for besides, in fewer places: it is kept of every article and story.
MAX_SKETCH_ORGANISATIONS, MAX_SKETCH_COUNTRIES, MAX_SKETCH_TOPICS, MAX_SKETCH_SPEAKERS = 6, 4, 4, 6
LEAD_WORDS = 60
"""The words at the beginning of an article, its headline among them, that say what it is about."""
_HEADLINE_CHARS, _SOURCE_CHARS, _NAME_CHARS, _QUOTE_CHARS, _URL_CHARS = 300, 200, 120, 400, 2000
_CODE_CHARS = 10
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_TOP_WEIGHT = 255
# Fingerprints of English have none: workers of both sides of an upgrade find its copies.
_ENGLISH_SALT = salt_of("en")
# Of a language without weights only long words count: those that every sentence has are short.
_LONG_WORD = 7
_MOST_OFTEN = 255
_LENGTHS = np.array([count.bit_length() for count in range(_MOST_OFTEN + 1)])
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


class NamedSpeaker(NamedTuple):
    """Somebody who is quoted; `id` is that of the entity, if it is known which."""

    id: str | None
    name: str


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
    quotes: tuple[Spoken, ...]
    organisations: tuple[Named, ...] = ()
    countries: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    speakers: tuple[NamedSpeaker, ...] = ()


def make_sketch(article: Mapping[str, Any], *, origin: str) -> Sketch:
    """The sketch of an enriched article, the parsed JSON of the enriched topic. The same gives the same."""
    language = language_of(article["language"])
    salt = salt_of(language)
    headline, text = article["headline"] or "", article["text"]
    words, above = text_words(text), text_words(headline)
    everything = above + words
    lead = everything[: max(LEAD_WORDS, len(above))]
    numbers = numbers_of(everything)
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
        terms=_weighted(everything, numbers, language, MAX_SKETCH_TERMS),
        lead=_weighted(lead, numbers, language, MAX_LEAD_TERMS),
        entities=_entities(entities, salt),
        fingerprints=fingerprints_of(words, numbers, salt=salt ^ _ENGLISH_SALT),
        people=_named(entities, frozenset({"PERSON"}), MAX_SKETCH_NAMES),
        places=_named(entities, _PLACES, MAX_SKETCH_NAMES),
        quotes=tuple(_quotes(article["quotes"])),
        organisations=_named(entities, frozenset({"ORG"}), MAX_SKETCH_ORGANISATIONS),
        countries=_countries(entities),
        topics=_topics(article.get("topics", ())),
        speakers=_speakers(article["quotes"]),
    )


def _weighted(words: list[str], numbers: Mapping[str, int], language: str, most: int) -> Weighted:
    """The terms with the greatest weights. A term that comes often says more, but not in proportion."""
    terms = terms_of(words)
    if not has_weights(language):
        terms = [term for term in terms if len(term) >= _LONG_WORD]
    counts = Counter(terms)
    keys = np.fromiter([numbers.get(term) or hashed(term) for term in counts], np.uint32, len(counts))
    often = _LENGTHS[np.minimum(np.fromiter(counts.values(), np.int64, len(counts)), _MOST_OFTEN)]
    weights = np.minimum(weigh(keys, language) * (1 + often) // 4, _TOP_WEIGHT)
    keys ^= np.uint32(salt_of(language))
    order = np.lexsort((keys, -weights))[:most]
    order = order[weights[order] > 0]
    return Weighted(array("I", keys[order].tobytes()), array("B", weights[order].astype(np.uint8).tobytes()))


def _entities(entities: Iterable[Mapping[str, Any]], salt: int) -> Weighted:
    """Names by their salience: that of the article's whole attention is 1,024."""
    found: dict[int, int] = {}
    for entity in entities:
        key = hashed(entity["id"].partition(":")[2]) ^ salt
        share = round(entity["salience"] * 1024) * _ENTITY_SIXTEENTHS.get(entity["type"], 16) // 16
        found[key] = max(found.get(key, 0), 1 + min(share, _TOP_WEIGHT - 1))
    ordered = sorted(found.items(), key=_by_weight)[:MAX_ENTITIES]
    return Weighted(array("I", [key for key, _ in ordered]), array("B", [weight for _, weight in ordered]))


def _by_weight(item: tuple[int, int]) -> tuple[int, int]:
    return -item[1], item[0]


def _named(entities: Iterable[Mapping[str, Any]], types: frozenset[str], most: int) -> tuple[Named, ...]:
    wanted = (entity for entity in entities if entity["type"] in types and len(entity["id"]) <= _NAME_CHARS)
    ordered = sorted(wanted, key=lambda entity: (-entity["salience"], entity["id"]))
    return tuple(Named(entity["id"], entity["name"][:_NAME_CHARS]) for entity in ordered[:most])


def _countries(entities: Iterable[Mapping[str, Any]]) -> tuple[str, ...]:
    """The codes of the countries that are named, those that the article is most about first."""
    ordered = sorted(entities, key=lambda entity: (-entity["salience"], entity["id"]))
    codes = (entity.get("links", {}).get("iso3166") for entity in ordered)
    return tuple(dict.fromkeys(code for code in codes if code and len(code) <= _CODE_CHARS))[
        :MAX_SKETCH_COUNTRIES
    ]


def _topics(tags: Iterable[Mapping[str, Any]]) -> tuple[str, ...]:
    """The codes of the topics, the surest first; narrower ones stand for those above them."""
    ordered = sorted(tags, key=lambda tag: (-tag["confidence"], tag["code"]))
    return tuple(tag["code"] for tag in ordered[:MAX_SKETCH_TOPICS])


def _speakers(quotes: Iterable[Mapping[str, Any]]) -> tuple[NamedSpeaker, ...]:
    """Who is quoted, in the order of the text."""
    found: dict[str, NamedSpeaker] = {}
    for quote in quotes:
        speaker = quote["speaker"] or {}
        name, speaker_id = speaker.get("name") or speaker.get("text"), speaker.get("entity")
        if name:
            known = speaker_id if speaker_id and len(speaker_id) <= _NAME_CHARS else None
            found.setdefault(known or name, NamedSpeaker(known, name[:_NAME_CHARS]))
    return tuple(found.values())[:MAX_SKETCH_SPEAKERS]


def _quotes(quotes: Iterable[Mapping[str, Any]]) -> Iterable[Spoken]:
    """The direct quotes that are surest and not too long: three in the order of the text, then the next."""
    direct = [
        (index, quote)
        for index, quote in enumerate(quotes)
        if quote["kind"] == "direct" and 20 <= len(quote["text"]) <= _QUOTE_CHARS
    ]
    best = sorted(direct, key=lambda item: (item[1]["speaker"] is None, -item[1]["confidence"], item[0]))
    surest, further = best[:_SUREST_QUOTES], best[_SUREST_QUOTES:MAX_SKETCH_QUOTES]
    for _, quote in (*sorted(surest, key=itemgetter(0)), *sorted(further, key=itemgetter(0))):
        speaker = quote["speaker"] or {}
        name = speaker.get("name") or speaker.get("text")
        speaker_id = speaker.get("entity")
        yield Spoken(
            quote["text"],
            _cut(name, _NAME_CHARS),
            speaker_id if speaker_id and len(speaker_id) <= _NAME_CHARS else None,
            mark_of(quote["text"]),
        )


def _cut(text: str | None, most: int) -> str | None:
    return text[:most] if text else None


def _time_ms(written: str | None) -> int | None:
    """The milliseconds since 1970 of a time that a record has; None if there is none that can be read."""
    read = read_time(written) if written else None
    return (datetime.fromisoformat(read) - _EPOCH) // timedelta(milliseconds=1) if read else None
