"""Writes documents to the index, with the stories of articles and the offsets up to which topics were read.

One transaction writes all of a batch.
"""

import sqlite3
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from worker.channels import Channel
from worker.search.document import LAST_INDEXABLE_SECOND, Document, read_document, seconds_of
from worker.search.forms import FormWriter, Vocabulary, vocabulary_of
from worker.search.layout import EMPTY, ID_BITS, first_id
from worker.search.naming import NamedEntity, NamingCounts, named_in
from worker.search.story_rows import (
    AssignmentChange,
    StoryChange,
    has_assignments,
    move_document,
    write_assignments,
    write_stories,
)
from worker.search.tokens import IndexRow, row_of

LogPosition = tuple[Channel, int]
"""A partition of a topic that is indexed."""

_REMEMBERED_SECONDS = 100_000


@dataclass(frozen=True, slots=True)
class Entry:
    """A document as it is stored: compressed, its tokens, and who is named. `second`: when it was published.

    `vocabulary`: its different words, where its language has a stemmer.
    """

    second: int
    value: bytes
    row: IndexRow
    vocabulary: Vocabulary | None
    named: tuple[NamedEntity, ...]


@dataclass(frozen=True, slots=True)
class Change:
    """A record of the search topic: an article's document, or its retraction (`entry` is None).

    `version`: milliseconds since the epoch.
    """

    article: str
    partition: int
    offset: int
    version: int
    entry: Entry | None


IndexChange = Change | AssignmentChange | StoryChange
"""A record of one of the topics that are indexed."""


def entry_of(document: Document, value: bytes) -> Entry:
    """The entry of a document; `value` is the JSON that `read_document` made it from."""
    row = row_of(document)
    vocabulary, named = vocabulary_of(document, row), named_in(document)
    return Entry(seconds_of(document), zlib.compress(value, 1), row, vocabulary, named)


@dataclass(frozen=True, slots=True)
class Written:
    """How many articles of a batch were indexed, how many deleted, and how many records were outdated.

    `assigned`: how many articles were given a story.
    """

    indexed: int = 0
    deleted: int = 0
    outdated: int = 0
    assigned: int = 0


@dataclass(frozen=True, slots=True)
class _Indexed:
    """What the index has of an article already."""

    id: int
    partition: int
    offset: int
    version: int
    is_document: bool


class Writer:
    """Writes to an index that was opened for writing. Each call is one transaction: all of it or nothing."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._forms = FormWriter(connection)
        self._next_ids: dict[int, int] = {}
        self._has_assignments = False

    @property
    def about(self) -> Mapping[str, str]:
        """Facts about the index: its topic, the topic's id, when it was last up to date."""
        return dict(self._connection.execute("SELECT name, value FROM about"))

    @property
    def positions(self) -> Mapping[LogPosition, int]:
        """The next offset of each partition that was read."""
        rows = self._connection.execute("SELECT topic, partition, next FROM positions")
        return {(Channel(topic), partition): following for topic, partition, following in rows}

    @property
    def count(self) -> int:
        """How many documents there are."""
        (count,) = self._connection.execute("SELECT count(*) FROM words_docsize").fetchone()
        return int(count)

    def note(self, **about: str) -> None:
        """Records facts about the index."""
        self._connection.execute("BEGIN IMMEDIATE")
        self._note(about)
        self._connection.execute("COMMIT")

    def empty(self, channels: Iterable[Channel], **about: str) -> None:
        """Deletes all that came of these topics, and how far they were read."""
        self._connection.execute("BEGIN IMMEDIATE")
        for channel in channels:
            for statement in EMPTY[channel]:
                self._connection.execute(statement)
            self._connection.execute("DELETE FROM positions WHERE topic = ?", (channel.value,))
        self._note(about)
        self._connection.execute("COMMIT")
        self._forget()

    def write(self, changes: Iterable[IndexChange], positions: Mapping[LogPosition, int]) -> Written:
        """Applies changes, in the order of their offsets, and stores the next offset of each partition."""
        try:
            self._connection.execute("BEGIN IMMEDIATE")
            written = self._write_all(list(changes))
            self._connection.executemany(
                "INSERT OR REPLACE INTO positions VALUES (?, ?, ?)",
                ((channel.value, partition, end) for (channel, partition), end in positions.items()),
            )
            self._connection.execute("COMMIT")
        except BaseException:
            self._forget()
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
            raise
        return written

    def _forget(self) -> None:
        """What is remembered may not be in the file."""
        self._next_ids.clear()
        self._forms.forget()

    def _write_all(self, changes: Sequence[IndexChange]) -> Written:
        self._has_assignments = has_assignments(self._connection)
        written = self._write([change for change in changes if isinstance(change, Change)])
        # After the documents, so that it is known which are there.
        assigned = write_assignments(
            self._connection, (change for change in changes if isinstance(change, AssignmentChange))
        )
        write_stories(self._connection, (change for change in changes if isinstance(change, StoryChange)))
        return replace(written, assigned=assigned)

    def _note(self, about: Mapping[str, str]) -> None:
        self._connection.executemany("INSERT OR REPLACE INTO about VALUES (?, ?)", about.items())

    def _write(self, changes: Sequence[Change]) -> Written:
        before = {article: self._indexed(article) for article in {change.article for change in changes}}
        latest: dict[str, Change] = {}
        outdated = 0
        for change in changes:
            if _supersedes(change, latest.get(change.article) or before[change.article]):
                latest[change.article] = change
            else:
                outdated += 1
        # In the order of ids, deletions before insertions, so that FTS5 writes one segment for all documents.
        steps: list[tuple[int, bool, IndexRow]] = []
        vocabularies: list[Vocabulary | None] = []
        counts = NamingCounts()
        indexed = deleted = 0
        for article, change in latest.items():
            current = before[article]
            if current and current.is_document:
                document = self._document(current.id)
                steps.append((current.id, False, row_of(document)))
                counts.take_out(current.id, named_in(document))
                deleted += change.entry is None
            new_id = self._place(change, current)
            if change.entry is not None:
                vocabularies.append(change.entry.vocabulary)
                steps.append((new_id, True, change.entry.row))
                counts.add(new_id, change.entry.named)
                indexed += 1
        steps.sort(key=lambda step: step[:2])
        for row_id, is_new, row in steps:
            self._connection.execute(_PUT if is_new else _TAKE_OUT, (row_id, *row))
        self._forms.add(filter(None, vocabularies))
        counts.write(self._connection)
        return Written(indexed, deleted, outdated)

    def _indexed(self, article: str) -> _Indexed | None:
        found = self._connection.execute(
            "SELECT id, partition, offset, version, value IS NOT NULL FROM documents WHERE article = ?",
            (article,),
        ).fetchone()
        return _Indexed(*found) if found else None

    def _document(self, document_id: int) -> Document:
        (value,) = self._connection.execute(
            "SELECT value FROM documents WHERE id = ?", (document_id,)
        ).fetchone()
        return read_document(zlib.decompress(value))

    def _place(self, change: Change, current: _Indexed | None) -> int:
        """Replaces the article's row of `documents`; returns the new row's id."""
        second = change.entry.second if change.entry else min(change.version // 1000, LAST_INDEXABLE_SECOND)
        new_id = current.id if current and current.id >> ID_BITS == second else self._new_id(second)
        if current:
            self._connection.execute("DELETE FROM documents WHERE id = ?", (current.id,))
        self._connection.execute(
            "INSERT INTO documents VALUES (?, ?, ?, ?, ?, ?)",
            (
                new_id, change.article, change.partition, change.offset, change.version,
                change.entry.value if change.entry else None,
            ),
        )  # fmt: skip
        if self._has_assignments:
            move_document(self._connection, change.article, new_id if change.entry else None)
        return new_id

    def _new_id(self, second: int) -> int:
        """The next free id of this second, or of the first later second that has one."""
        start = self._next_ids.get(second, first_id(second))
        while True:
            end = ((start >> ID_BITS) + 1) << ID_BITS
            (last,) = self._connection.execute(
                "SELECT max(id) FROM documents WHERE id >= ? AND id < ?", (start, end)
            ).fetchone()
            if last is None or last + 1 < end:
                found = start if last is None else last + 1
                break
            start = end
        if len(self._next_ids) >= _REMEMBERED_SECONDS:
            self._next_ids.clear()
        self._next_ids[second] = found + 1
        return found


_PUT = "INSERT INTO words(rowid, headline, text, quoted, tags) VALUES (?, ?, ?, ?, ?)"
_TAKE_OUT = "INSERT INTO words(words, rowid, headline, text, quoted, tags) VALUES ('delete', ?, ?, ?, ?, ?)"


def _supersedes(change: Change, current: "Change | _Indexed | None") -> bool:
    """Whether a change is newer: by offset within a partition, by version where partitions were added."""
    if current is None:
        return True
    if change.partition == current.partition:
        return change.offset >= current.offset
    return change.version >= current.version
