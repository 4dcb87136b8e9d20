"""What is kept of an article: where it went, and by what its copies are found."""

from __future__ import annotations

import struct
from array import array
from dataclasses import dataclass
from functools import partial

import orjson

from worker.stories.packing import PackedReader, StateError, read_or_refuse
from worker.stories.relations import Relation

ENTRY_VERSION = 1
_HEAD = struct.Struct("<BBBBHHHIIqqQ")
_RELATIONS = tuple(Relation)


@dataclass(frozen=True, slots=True)
class ArticleEntry:
    """An article that was assigned.

    `number`: its place among all articles, by which `copies` knows it. `story`: the number of the story that
    it was assigned to, which may have become part of another. `offset`: that of the sketch that decided.
    `hidden`: a bit for each fingerprint that its source stands for.
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
    hidden: int = 0

    def indexed(self) -> array[int]:
        """The fingerprints by which copies of this article are found."""
        return _shown(self.fingerprints, self.hidden)


def entry_bytes(entry: ArticleEntry) -> bytes:
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
        entry.hidden,
    )
    return head + entry.fingerprints.tobytes() + orjson.dumps([entry.of, entry.wire, entry.source])


def read_entry(article: str, value: bytes) -> ArticleEntry:
    """The entry of an article. Raises StateError if this version does not read it."""
    return read_or_refuse(partial(_read, article), value, "article")


def _read(article: str, value: bytes) -> ArticleEntry:
    version, relation, versions, count, *shares, number, story, taken, offset, hidden = _HEAD.unpack_from(
        value
    )
    if version != ENTRY_VERSION:
        raise StateError(f"version {version}")
    of_this, of_that, score = shares
    reader = PackedReader(value, _HEAD.size)
    fingerprints = reader.numbers("I", count)
    of, wire, source = reader.rest()
    copied = _RELATIONS[relation], of, of_this, of_that
    return ArticleEntry(
        article, number, story, taken, offset, *copied, score, wire, source, versions, fingerprints, hidden
    )


def fingerprints_in(value: bytes) -> array[int]:
    """An article's fingerprints in its state record, without reading the rest."""
    return array("I", value[_HEAD.size : _HEAD.size + 4 * value[3]])


def read_indexed(value: bytes) -> tuple[int, array[int]]:
    """An article's number and `indexed` from its state record, without reading the rest.

    Raises StateError if this version does not read it.
    """
    if len(value) < _HEAD.size or value[0] != ENTRY_VERSION or value[1] >= len(_RELATIONS):
        raise StateError(f"no article of version {ENTRY_VERSION}")
    head = _HEAD.unpack_from(value)
    return head[7], _shown(PackedReader(value, _HEAD.size).numbers("I", head[3]), head[-1])


def _shown(fingerprints: array[int], hidden: int) -> array[int]:
    if not hidden:
        return fingerprints
    return array("I", [each for place, each in enumerate(fingerprints) if not hidden >> place & 1])


def numbers_in(value: bytes) -> tuple[int, int]:
    """An article's number and its story's in its state record, without reading the rest."""
    number, story = struct.unpack_from("<II", value, 10)
    return number, story


def taken_ms_of(value: bytes) -> int:
    """When the article was taken, without reading the rest."""
    taken: int = struct.unpack_from("<q", value, 18)[0]
    return taken
