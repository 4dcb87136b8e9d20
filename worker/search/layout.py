"""The layout of the index file: its tables, and document ids that grow with time."""

from collections.abc import Mapping

from worker.channels import Channel

APPLICATION_ID = 0x444C4E45
"""Marks the file, in its header, as an index of dateline's."""
FORMAT = 4
"""The version of this layout and of `tokens.py`. A file of another format is made anew."""

ID_BITS = 12
"""Bits of an id below its second: 4,096 documents a second. Any more take ids of the next second."""

IS_COPY = "relation IN ('reprint', 'excerpt') AND original IS NOT NULL"
"""Of such an article nothing, or next to nothing, is not in the other: what extends another has more."""

SCHEMA = (
    # The offsets are in the same file as the documents, so that one transaction commits both.
    "CREATE TABLE about (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID",
    # `topic`: the channel's name, without the prefix.
    "CREATE TABLE positions (topic TEXT NOT NULL, partition INTEGER NOT NULL, next INTEGER NOT NULL, "
    "PRIMARY KEY (topic, partition)) WITHOUT ROWID",
    # `value`: the search document's JSON, compressed; null if the article was retracted.
    "CREATE TABLE documents (id INTEGER PRIMARY KEY, article TEXT NOT NULL UNIQUE, "
    "partition INTEGER NOT NULL, offset INTEGER NOT NULL, version INTEGER NOT NULL, value BLOB)",
    # The story of each article, whichever came first, it or the document. `document`: the row of that, while
    # there is one. `story` is null if the article was taken back.
    "CREATE TABLE assignments (article TEXT PRIMARY KEY, partition INTEGER NOT NULL, "
    "offset INTEGER NOT NULL, version INTEGER NOT NULL, document INTEGER, story TEXT, "
    "relation TEXT, original TEXT) WITHOUT ROWID",
    "CREATE INDEX assigned ON assignments (story, document)",
    f"CREATE INDEX copies ON assignments (document, original) WHERE {IS_COPY}",
    # `part_of`: the story that it became a part of. `sources`: how many it has.
    "CREATE TABLE stories (id TEXT PRIMARY KEY, partition INTEGER NOT NULL, offset INTEGER NOT NULL, "
    "version INTEGER NOT NULL, part_of TEXT, sources INTEGER NOT NULL) WITHOUT ROWID",
    "CREATE INDEX parts ON stories (part_of) WHERE part_of IS NOT NULL",
    "CREATE INDEX confirmed ON stories (sources) WHERE part_of IS NULL",
    # People and organisations by the hour: in how many articles of that hour they are named, and how many
    # quotes there are of them.
    "CREATE TABLE naming (hour INTEGER NOT NULL, entity TEXT NOT NULL, name TEXT NOT NULL, "
    "articles INTEGER NOT NULL, quotes INTEGER NOT NULL, PRIMARY KEY (hour, entity)) WITHOUT ROWID",
    "CREATE VIRTUAL TABLE words USING fts5(headline, text, quoted, tags, content='', tokenize='ascii')",
    # The words that have another stem than themselves, by the languages of the documents that had them. They
    # stay when the documents go: a word that is in none finds nothing.
    "CREATE TABLE forms (language TEXT, stem TEXT, word TEXT, "
    "PRIMARY KEY (language, stem, word)) WITHOUT ROWID",
    # Four pages of FTS5 fill one page of SQLite.
    "INSERT INTO words(words, rank) VALUES('pgsz', 3900)",
    # Room for a whole transaction, so that it becomes one segment of the index; this also takes ids in order.
    f"INSERT INTO words(words, rank) VALUES('hashsize', {64 << 20})",
    # 32 segments are merged at a time, so that the first 100,000 articles, 20 segments, are written once.
    "INSERT INTO words(words, rank) VALUES('automerge', 32)",
    "INSERT INTO words(words, rank) VALUES('crisismerge', 32)",
)

EMPTY: Mapping[Channel, tuple[str, ...]] = {
    Channel.SEARCH: (
        "INSERT INTO words(words) VALUES('delete-all')",
        "DELETE FROM documents",
        "DELETE FROM forms",
        "DELETE FROM naming",
        "UPDATE assignments SET document = NULL",
    ),
    Channel.STORY_ARTICLES: ("DELETE FROM assignments",),
    Channel.STORIES: ("DELETE FROM stories",),
}
"""What deletes all that came of a topic, but for its positions."""

INDEXED: tuple[Channel, ...] = tuple(EMPTY)
"""The topics that are indexed: documents always, the others where there are stories."""
STORY_CHANNELS = (Channel.STORY_ARTICLES, Channel.STORIES)

DROP = tuple(
    f"DROP TABLE IF EXISTS {table}"
    for table in ("words", "documents", "forms", "naming", "assignments", "stories", "positions", "about")
)


def first_id(second: int) -> int:
    """The first id of a second since the epoch."""
    return second << ID_BITS
