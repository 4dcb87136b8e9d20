"""A note: what trends know of an article. Its value in the topic of notes is what the state keeps of it."""

from collections.abc import Iterator
from enum import StrEnum
from typing import NamedTuple

import orjson

from worker.records.media_topics import broader, media_topic_name
from worker.stories.outputs import Assignment
from worker.stories.packing import StateError, read_or_refuse
from worker.stories.relations import COPIES
from worker.stories.sketch import Sketch
from worker.stories.wires import is_credit

NOTE_VERSION = 1
MAX_NOTED = 5
"""So many people, organisations and places of an article are counted: those that it is most about."""


class Kind(StrEnum):
    """What a subject is."""

    PERSON = "person"
    ORGANISATION = "organisation"
    PLACE = "place"
    TOPIC = "topic"


class Subject(NamedTuple):
    """Who or what is counted. `id`: an entity's, or a topic's code."""

    kind: Kind
    id: str
    name: str


class Note(NamedTuple):
    """An article. `time_ms`: by which it is counted. `story`: as it was then."""

    time_ms: int
    story: str
    is_copy: bool
    subjects: tuple[Subject, ...]


def note_of(sketch: Sketch, assignment: Assignment, *, time_ms: int) -> Note:
    """The note of an article that has its story."""
    return Note(time_ms, assignment.story, assignment.relation in COPIES, tuple(_subjects(sketch)))


def _subjects(sketch: Sketch) -> Iterator[Subject]:
    # "BERLIN (dpa)" names who wrote the article, and not who is in the news.
    organisations = [
        one for one in sketch.organisations if not is_credit(one.name, wire=sketch.wire, source=sketch.source)
    ]
    named = (
        (Kind.PERSON, sketch.people),
        (Kind.ORGANISATION, organisations),
        (Kind.PLACE, sketch.places),
    )
    for kind, names in named:
        for one in names[:MAX_NOTED]:
            yield Subject(kind, one.id, one.name)
    # An article on football is one on sport too.
    codes = dict.fromkeys(each for code in sketch.topics for each in (code, *broader(code)))
    for code in codes:
        yield Subject(Kind.TOPIC, code, media_topic_name(code) or code)


def note_bytes(note: Note) -> bytes:
    """The value of a note's record. Equal notes give equal bytes."""
    subjects = [[subject.kind.value, subject.id, subject.name] for subject in note.subjects]
    return orjson.dumps([NOTE_VERSION, note.time_ms, note.story, note.is_copy, subjects])


def read_note(value: bytes) -> Note:
    """The note in a record. Raises StateError if this version does not read it."""
    return read_or_refuse(_read, value, "note of an article")


def _read(value: bytes) -> Note:
    version, time_ms, story, is_copy, subjects = orjson.loads(value)
    if version != NOTE_VERSION:
        raise StateError(f"version {version}")
    if not (isinstance(time_ms, int) and isinstance(story, str) and isinstance(is_copy, bool)):
        raise StateError("no time, story and copy")
    read = tuple(Subject(Kind(kind), id_, name) for kind, id_, name in subjects)
    if not all(isinstance(part, str) for subject in read for part in subject):
        raise StateError("a subject without an id or a name")
    return Note(time_ms, story, is_copy, tuple({subject[:2]: subject for subject in read}.values()))
