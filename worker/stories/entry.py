"""What is kept of an article: where it went, and by what its copies are found."""

from __future__ import annotations

import struct
from array import array
from dataclasses import dataclass

import orjson

from worker.stories.packing import Reader, StateError
from worker.stories.relations import Relation

ENTRY_VERSION = 1
_HEAD = struct.Struct("<BBBBHHHIIqq")
_RELATIONS = tuple(Relation)


@dataclass(frozen=True, slots=True)
class Entry:
    """An article that was assigned.

    `number`: its place among all articles, by which `copies` knows it. `story`: the number of the story that
    it was assigned to, which may have become part of another. `offset`: that of the sketch that decided.
    """

    id: str
    number: int
    story: int
    taken_ms: int
    offset: int
    relation: Relation
    of: str | None
    of_this: int
    of_that: int
    score: int
    wire: str | None
    source: str | None
    versions: int
    fingerprints: array[int]


def entry_bytes(entry: Entry) -> bytes:
    """The value of an article's state record."""
    head = _HEAD.pack(
        ENTRY_VERSION,
        _RELATIONS.index(entry.relation),
        min(entry.versions, 255),
        len(entry.fingerprints),
        entry.of_this,
        entry.of_that,
        entry.score,
        entry.number,
        entry.story,
        entry.taken_ms,
        entry.offset,
    )
    return head + entry.fingerprints.tobytes() + orjson.dumps([entry.of, entry.wire, entry.source])


def read_entry(article: str, value: bytes) -> Entry:
    """The entry of an article. Raises StateError if this version does not read it."""
    if len(value) < _HEAD.size or value[0] != ENTRY_VERSION:
        raise StateError(f"article {article!r}: no state of version {ENTRY_VERSION}")
    _, relation, versions, count, of_this, of_that, score, number, story, taken, offset = _HEAD.unpack_from(
        value
    )
    reader = Reader(value, _HEAD.size)
    fingerprints = reader.numbers("I", count)
    of, wire, source = reader.rest()
    shares = _RELATIONS[relation], of, of_this, of_that
    return Entry(article, number, story, taken, offset, *shares, score, wire, source, versions, fingerprints)


def number_of(value: bytes) -> int:
    """The number in an article's state record, without reading the rest."""
    number: int = struct.unpack_from("<I", value, 10)[0]
    return number


def taken_ms_of(value: bytes) -> int:
    """When the article was taken, without reading the rest."""
    taken: int = struct.unpack_from("<q", value, 18)[0]
    return taken
