"""What the index has of stories: the story of each article, and which stories became a part of others.

The story of an article and its document come from two topics, so either may be the first. Stories become
parts of others later, too, so which story an article is in now is looked up when it is asked for.
"""

import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from worker.records.stories import independent_sources
from worker.search.document import (
    FILLED_TEXT,
    MAX_VERSION,
    TEXT,
    TEXT_OR_NULL,
    NotADocument,
    WantedFields,
    kind_of,
    read_fields,
)


@dataclass(frozen=True, slots=True)
class ArticleStory:
    """The story that an article was given, and what its text is to that of the earlier article `original`."""

    story: str
    relation: str
    original: str | None


@dataclass(frozen=True, slots=True)
class AssignmentChange:
    """A record of the articles of stories; `given` is None where the article was taken back.

    `version`: milliseconds since the epoch.
    """

    article: str
    partition: int
    offset: int
    version: int
    given: ArticleStory | None


@dataclass(frozen=True, slots=True)
class StoryChange:
    """A record of a story. `part_of`: the story that it became a part of. `sources`: how many it has."""

    story: str
    partition: int
    offset: int
    version: int
    part_of: str | None
    sources: int


@dataclass(frozen=True, slots=True)
class DocumentStory:
    """The story that an article is in now. `sources`: how many that has; 0 if its record was not read."""

    id: str
    sources: int
    relation: str
    original: str | None


def read_assignment(value: bytes) -> tuple[str, ArticleStory]:
    """The article of a record's value, and its story. Raises NotADocument."""
    fields = read_fields(value, _ASSIGNMENT)
    return fields["id"], ArticleStory(fields["story"], fields["relation"], fields["of"])


def read_standing(value: bytes) -> tuple[str, str | None, int]:
    """The id of a story's record, the story that it became a part of, and how many sources it has.

    They are those that rules about stories count. Raises NotADocument.
    """
    fields = read_fields(value, _STORY)
    counts = fields["counts"]
    counted = counts.get("independent_sources") is not None
    for name in ("independent_sources",) if counted else ("sources", "unique"):
        count = counts.get(name)
        if type(count) is not int or not 0 <= count < MAX_VERSION:
            raise NotADocument(f"counts.{name} takes a whole number from 0 on, got {kind_of(count)}")
    return fields["id"], fields["into"] or None, independent_sources(counts)


def write_assignments(connection: sqlite3.Connection, changes: Iterable[AssignmentChange]) -> int:
    """Applies those that are newer than what is there; returns how many say a story."""
    count = 0
    for change in changes:
        given = change.given
        said = (given.story, given.relation, given.original) if given else (None, None, None)
        where = (change.article, change.partition, change.offset, change.version, change.article)
        done = connection.execute(_PUT_ASSIGNMENT, (*where, *said))
        count += done.rowcount > 0 and given is not None
    return count


def write_stories(connection: sqlite3.Connection, changes: Iterable[StoryChange]) -> None:
    """Applies those that are newer than what is there."""
    connection.executemany(
        _PUT_STORY,
        (
            (change.story, change.partition, change.offset, change.version, change.part_of, change.sources)
            for change in changes
        ),
    )


def has_assignments(connection: sqlite3.Connection) -> bool:
    """Whether there is the story of any article, also of one that was taken back."""
    return connection.execute("SELECT 1 FROM assignments LIMIT 1").fetchone() is not None


def move_document(connection: sqlite3.Connection, article: str, document: int | None) -> None:
    """The article's document has another row now, or none."""
    connection.execute("UPDATE assignments SET document = ? WHERE article = ?", (document, article))


def current_story(connection: sqlite3.Connection, story: str) -> str:
    """The story that this one is a part of by now; itself if it is none, or unknown."""
    seen = {story}
    while True:
        row = connection.execute("SELECT part_of FROM stories WHERE id = ?", (story,)).fetchone()
        if row is None or row[0] is None or row[0] in seen:
            return story
        story = row[0]
        seen.add(story)


def story_of(connection: sqlite3.Connection, article: str) -> DocumentStory | None:
    """The story that an article is in now; None if it was given none."""
    found = connection.execute(
        "SELECT story, relation, original FROM assignments WHERE article = ? AND story IS NOT NULL",
        (article,),
    ).fetchone()
    if found is None:
        return None
    story, relation, original = found
    story = current_story(connection, story)
    sources = connection.execute("SELECT sources FROM stories WHERE id = ?", (story,)).fetchone()
    return DocumentStory(story, sources[0] if sources else 0, relation, original)


# A record is newer by its offset within a partition, by its version where partitions were added.
_NEWER = (
    "CASE WHEN excluded.partition = {0}.partition THEN excluded.offset >= {0}.offset "
    "ELSE excluded.version >= {0}.version END"
)
_PUT_ASSIGNMENT = (
    "INSERT INTO assignments(article, partition, offset, version, document, story, relation, original) "
    "VALUES (?, ?, ?, ?, (SELECT id FROM documents WHERE article = ? AND value IS NOT NULL), ?, ?, ?) "
    "ON CONFLICT (article) DO UPDATE SET partition = excluded.partition, offset = excluded.offset, "
    "version = excluded.version, document = excluded.document, story = excluded.story, "
    f"relation = excluded.relation, original = excluded.original WHERE {_NEWER.format('assignments')}"
)
_PUT_STORY = (
    "INSERT INTO stories(id, partition, offset, version, part_of, sources) VALUES (?, ?, ?, ?, ?, ?) "
    "ON CONFLICT (id) DO UPDATE SET partition = excluded.partition, offset = excluded.offset, "
    "version = excluded.version, part_of = excluded.part_of, sources = excluded.sources "
    f"WHERE {_NEWER.format('stories')}"
)
_ASSIGNMENT: WantedFields = {
    "id": FILLED_TEXT,
    "story": FILLED_TEXT,
    "relation": TEXT,
    "of": TEXT_OR_NULL,
}
_STORY: WantedFields = {
    "id": FILLED_TEXT,
    "into": TEXT_OR_NULL,
    "counts": (lambda value: isinstance(value, Mapping), "an object"),
}
