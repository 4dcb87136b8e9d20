"""How the index file is laid out: its tables, and document ids that grow with time."""

APPLICATION_ID = 0x444C4E45
"""In the file's header: that it is an index of ours."""
FORMAT = 1
"""Of what this module and `tokens.py` say; a file of another is made anew."""

ID_BITS = 12
"""So many documents of one second have ids of their own: 4,096. More are counted to the next."""

SCHEMA = (
    # The offsets stand beside the documents: one transaction has both.
    "CREATE TABLE about (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID",
    "CREATE TABLE positions (partition INTEGER PRIMARY KEY, next INTEGER NOT NULL)",
    # `value`: the search document's JSON, compressed; null: it was retracted.
    "CREATE TABLE documents (id INTEGER PRIMARY KEY, article TEXT NOT NULL UNIQUE, "
    "partition INTEGER NOT NULL, offset INTEGER NOT NULL, version INTEGER NOT NULL, value BLOB)",
    "CREATE VIRTUAL TABLE words USING fts5(headline, text, quoted, tags, content='', tokenize='ascii')",
    # Four of its pages fill one of SQLite's.
    "INSERT INTO words(words, rank) VALUES('pgsz', 3900)",
    # A transaction's words are one piece of the index: documents are put in order of their ids for it.
    f"INSERT INTO words(words, rank) VALUES('hashsize', {64 << 20})",
    # Pieces are merged by 32: a first 100,000 articles, 20 pieces, are written once.
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
