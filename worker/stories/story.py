"""A story: what it is about and what its card shows, and its record in the state's topic."""

from __future__ import annotations

import struct
from array import array
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, NamedTuple

import cramjam
import orjson

from worker.stories.lineage.utterances import Utterance, compact, expanded, utterances_of_quotes
from worker.stories.packing import PackedReader, StateError, packed, read_or_refuse
from worker.stories.vector import Vector, VectorRows

STORY_VERSION = 1
POSTED_TERMS, POSTED_ENTITIES = 24, 8
_HEAD = struct.Struct("<BBBBBxIIIIIIIqqqqq")
_SHORT_HEAD = struct.Struct("<xB4xI4xI8xI12xq")
"""Of the same, what a StoryHead has: each decision looks at several."""
_KEY_BYTES = 6
"""Of a vector: a key and its weight."""
NO_TIME = -(1 << 62)
_OLDER, _UTTERANCES, _SOURCES = 10, 7, 8
"""How many parts the JSON of a story had before `independent` was kept, and where others stand in it."""


class StoryStatus(StrEnum):
    """Whether articles can join a story."""

    OPEN = "open"
    CLOSED = "closed"
    MERGED = "merged"
    """It is a part of another story now."""


_STATUSES = tuple(StoryStatus)


@dataclass(slots=True)
class Story:
    """A story as it is kept. Times are milliseconds since 1970; `last_ms` and the like are the log's.

    `number`: stands for the story within the state; an older story has a smaller one. `headline`: the text
    and its article's id. `first`: the id, source and url of the article that founded it. `members`: the ids
    of the latest, each with its relation. `people`, `places`: id, name, number of articles. `utterances`:
    what its articles quote (see `lineage`). `sources`: hashes of their names; `independent`: of those
    whose articles are no copies. `organisations`, `speakers`: as `people`; `countries`, `topics`: code,
    number of articles.
    """

    number: int
    status: StoryStatus
    version: int
    articles: int
    reprints: int
    retracted: int
    into: int
    shown_articles: int
    founded_ms: int
    last_ms: int
    shown_ms: int
    earliest_ms: int
    latest_ms: int
    terms: Vector
    lead: Vector
    entities: Vector
    id: str
    language: str
    headline: list[str] | None
    first: list[str | None]
    members: list[list[str]]
    people: list[list[Any]]
    places: list[list[Any]]
    utterances: list[Utterance]
    sources: list[int]
    merged_from: list[str]
    independent: list[int]
    organisations: list[list[Any]]
    countries: list[list[Any]]
    topics: list[list[Any]]
    speakers: list[list[Any]]


class StoryHead(NamedTuple):
    """What a story's record begins with."""

    number: int
    status: StoryStatus
    articles: int
    into: int
    last_ms: int


def story_bytes(story: Story) -> bytes:
    """The value of a story's state record."""
    head = _HEAD.pack(
        STORY_VERSION,
        _STATUSES.index(story.status),
        len(story.terms.keys),
        len(story.lead.keys),
        len(story.entities.keys),
        story.number,
        story.version,
        story.articles,
        story.reprints,
        story.retracted,
        story.into,
        story.shown_articles,
        story.founded_ms,
        story.last_ms,
        story.shown_ms,
        story.earliest_ms,
        story.latest_ms,
    )
    rest = [
        story.id, story.language, story.headline, story.first, story.members, story.people, story.places,
        compact(story.utterances), story.sources, story.merged_from, story.independent, story.organisations,
        story.countries, story.topics, story.speakers,
    ]  # fmt: skip
    return head + packed(story.terms) + packed(story.lead) + packed(story.entities) + orjson.dumps(rest)


def read_story(value: bytes) -> Story:
    """The story in a state record. Raises StateError if this version does not read it."""
    return read_or_refuse(_read, value, "story")


def _read(value: bytes) -> Story:
    reader, head = _begin(value)
    _, status, terms, lead, entities, number, *numbers = head
    vectors = (reader.vector(terms), reader.vector(lead), reader.vector(entities))
    rest = reader.rest()
    if len(rest) == _OLDER:
        # A story that was written before the rest was kept: its sources count as independent.
        rest += [list(rest[_SOURCES]), [], [], [], []]
    if rest[_UTTERANCES] and isinstance(rest[_UTTERANCES][0][0], str):
        # A story that was written when quotes were kept alone.
        rest[_UTTERANCES] = utterances_of_quotes(rest[_UTTERANCES])
    else:
        rest[_UTTERANCES] = expanded(rest[_UTTERANCES])
    fields: tuple[Any, ...] = (number, _STATUSES[status], *numbers, *vectors, *rest)
    return Story(*fields)


def kept_in_memory(value: bytes) -> bytes:
    """A story's state record, which `read_head` reads, with the JSON at its end compressed.

    What comes before that, its head and its vectors, is read from either. Snappy takes 2 microseconds, and
    a third of the JSON off; zlib would take 13, and half of it off.
    """
    end = _vectors_end(value)
    return value[:end] + bytes(cramjam.snappy.compress_raw(value[end:]))


def stored_record(kept: bytes) -> bytes:
    """The state record that `kept_in_memory` made this of."""
    end = _vectors_end(kept)
    return kept[:end] + bytes(cramjam.snappy.decompress_raw(kept[end:]))


def read_vectors(values: Iterable[bytes]) -> VectorRows:
    """The terms, the lead and the names of each story in a state record, without reading the rest."""
    keys, weights, counts = [], [], []
    for value in values:
        _check(value)
        at = _HEAD.size
        for count in value[2:5]:
            between, end = at + 4 * count, at + _KEY_BYTES * count
            keys.append(value[at:between])
            weights.append(value[between:end])
            counts.append(count)
            at = end
    return VectorRows(b"".join(keys), b"".join(weights), counts)


def read_head(value: bytes) -> StoryHead:
    """The head of a story's state record, without reading the rest."""
    _check(value)
    status, number, articles, into, last_ms = _SHORT_HEAD.unpack_from(value)
    return StoryHead(number, _STATUSES[status], articles, into, last_ms)


def posted_in(value: bytes) -> list[int]:
    """The words and names by which a story is found, from its state record, without reading the rest.

    Its vectors have the strongest first.
    """
    return list(dict.fromkeys(array("I", posted_bytes(value))))


def posted_bytes(value: bytes) -> bytes:
    """The same as bytes; what is both a word and a name is there twice."""
    _check(value)
    terms, lead, entities = value[2:5]
    begin = _HEAD.size + _KEY_BYTES * (terms + lead)
    return (
        value[_HEAD.size : _HEAD.size + 4 * min(terms, POSTED_TERMS)]
        + value[begin : begin + 4 * min(entities, POSTED_ENTITIES)]
    )


def _begin(value: bytes) -> tuple[PackedReader, tuple[int, ...]]:
    _check(value)
    return PackedReader(value, _HEAD.size), _HEAD.unpack_from(value)


def _check(value: bytes) -> None:
    if len(value) < _HEAD.size or value[0] != STORY_VERSION or value[1] >= len(_STATUSES):
        raise StateError(f"a story without state of version {STORY_VERSION}")
    if len(value) < _HEAD.size + _KEY_BYTES * (value[2] + value[3] + value[4]):
        raise StateError(f"a story of {len(value)} bytes, which is not all of it")


def _vectors_end(value: bytes) -> int:
    return _HEAD.size + _KEY_BYTES * (value[2] + value[3] + value[4])
