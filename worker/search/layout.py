"""The layout of the index file: its tables, and document ids that grow with time."""

APPLICATION_ID = 0x444C4E45
"""Marks the file, in its header, as an index of dateline's."""
FORMAT = 2
"""The version of this layout and of `tokens.py`. A file of another format is made anew."""

ID_BITS = 12
"""Bits of an id below its second: 4,096 documents a second. Any more take ids of the next second."""

SCHEMA = (
    # The offsets are in the same file as the documents, so that one transaction commits both.
    "CREATE TABLE about (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID",
    "CREATE TABLE positions (partition INTEGER PRIMARY KEY, next INTEGER NOT NULL)",
    # `value`: the search document's JSON, compressed; null if the article was retracted.
    "CREATE TABLE documents (id INTEGER PRIMARY KEY, article TEXT NOT NULL UNIQUE, "
    "partition INTEGER NOT NULL, offset INTEGER NOT NULL, version INTEGER NOT NULL, value BLOB)",
    "CREATE VIRTUAL TABLE words USING fts5(headline, text, quoted, tags, content='', tokenize='ascii')",
    # Four pages of FTS5 fill one page of SQLite.
    "INSERT INTO words(words, rank) VALUES('pgsz', 3900)",
    # Room for a whole transaction, so that it becomes one segment of the index; this also takes ids in order.
    f"INSERT INTO words(words, rank) VALUES('hashsize', {64 << 20})",
    # 32 segments are merged at a time, so that the first 100,000 articles, 20 segments, are written once.
    "INSERT INTO words(words, rank) VALUES('automerge', 32)",
    "INSERT INTO words(words, rank) VALUES('crisismerge', 32)",
)

EMPTY = (
    "INSERT INTO words(words) VALUES('delete-all')",
    "DELETE FROM documents",
    "DELETE FROM positions",
)

DROP = (
    "DROP TABLE IF EXISTS words",
    "DROP TABLE IF EXISTS documents",
    "DROP TABLE IF EXISTS positions",
    "DROP TABLE IF EXISTS about",
)


def first_id(second: int) -> int:
    """The first id of a second since the epoch."""
    return second << ID_BITS
