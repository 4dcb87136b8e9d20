"""A sketch as the value of a record, and back: numbers as they are in memory, the rest as JSON."""

from __future__ import annotations

import struct
from array import array
from itertools import starmap
from typing import Any, NamedTuple

import orjson

from worker.stories.lineage.utterances import Spoken
from worker.stories.packing import PackedReader, StateError, read_or_refuse
from worker.stories.sketch import Named, NamedSpeaker, Sketch, Weighted

SKETCH_VERSION = 1
_HEAD = struct.Struct("<BBBBBxxxI")
_SHOWN = 11
"""How many parts of the JSON every sketch has."""


def sketch_bytes(sketch: Sketch) -> bytes:
    """The value of a sketch's record. Equal sketches give equal bytes."""
    weighted = (sketch.terms, sketch.lead, sketch.entities)
    head = _HEAD.pack(
        SKETCH_VERSION, *(len(each.keys) for each in weighted), len(sketch.fingerprints), sketch.word_count
    )
    shown: tuple[tuple[NamedTuple, ...], ...] = (sketch.people, sketch.places, sketch.quotes)
    rest: list[Any] = [
        sketch.id, sketch.origin, sketch.language, sketch.headline, sketch.source, sketch.url,
        sketch.published_ms, sketch.wire, *(list(map(list, named)) for named in shown),
        list(map(list, sketch.organisations)), sketch.countries, sketch.topics,
        list(map(list, sketch.speakers)),
    ]  # fmt: skip
    parts = [each.keys.tobytes() + each.weights.tobytes() for each in weighted]
    return b"".join((head, *parts, sketch.fingerprints.tobytes(), orjson.dumps(rest)))


def read_sketch(value: bytes) -> Sketch:
    """The sketch in a record. Raises StateError if this version does not read it."""
    return read_or_refuse(_read, value, "sketch")


def _read(value: bytes) -> Sketch:
    version, terms, lead, entities, fingerprints, word_count = _HEAD.unpack_from(value)
    if version != SKETCH_VERSION:
        raise StateError(f"version {version}")
    reader = PackedReader(value, _HEAD.size)
    counts = (terms, lead, entities)
    of_terms, of_lead, of_entities = (
        Weighted(reader.numbers("I", count), reader.numbers("B", count)) for count in counts
    )
    numbers = _sorted(reader.numbers("I", fingerprints))
    rest = reader.rest()
    *texts, published_ms, wire, people, places, quotes = rest[:_SHOWN]
    # Sketches that were written before these were kept have none of them.
    organisations, countries, topics, speakers = rest[_SHOWN:] or ([], [], [], [])
    id_, origin, language, headline, source, url = texts
    if not all(isinstance(text, str) for text in (id_, origin, language)):
        raise StateError("no id, origin and language")
    if not all(text is None or isinstance(text, str) for text in (headline, source, url, wire)):
        raise StateError("a text is none")
    return Sketch(
        id_, origin, language, headline, source, url, published_ms, wire, word_count, of_terms, of_lead,
        of_entities, numbers,
        tuple(starmap(Named, people)), tuple(starmap(Named, places)), tuple(starmap(Spoken, quotes)),
        tuple(starmap(Named, organisations)), tuple(countries), tuple(topics),
        tuple(starmap(NamedSpeaker, speakers)),
    )  # fmt: skip


def _sorted(numbers: array[int]) -> array[int]:
    if any(map(int.__ge__, numbers, numbers[1:])):
        raise StateError("fingerprints out of order")
    return numbers
