"""Opens the index file: for one process that writes it, and for any number that search it meanwhile."""

import fcntl
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.parse import quote

from worker.query.stems import STEMMERS_VERSION
from worker.search.answer import holds_near, holds_stems
from worker.search.layout import APPLICATION_ID, DROP, FORMAT, SCHEMA
from worker.search.tokens import UNICODE

BUSY_SECONDS = 10
# What decides which words and stems are in the file.
_WRITTEN_BY = {"unicode": UNICODE, "stemmers": STEMMERS_VERSION}


class IndexProblem(ValueError):
    """The index can't be used; the message says why in one line."""


@contextmanager
def opened_for_writing(
    path: Path, *, say: Callable[[str], None] = lambda _line: None
) -> Iterator[sqlite3.Connection]:
    """Opens the index to write, and creates it if it is missing. An index of another version is emptied, and
    `say` is told so.

    Raises IndexProblem if another process writes it, or if the file is no index.
    """
    with _alone(path), _problems(path), closing(_connected(path)) as connection:
        _check_is_ours(connection, path)
        connection.execute("PRAGMA page_size = 16384")
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.execute("PRAGMA wal_autocheckpoint = 4000")
        connection.execute("PRAGMA cache_size = -65536")
        if not _is_current(connection):
            if _version(connection, "user_version"):
                say(f"{path} is of another version of dateline or Python: it is emptied and made anew")
            _make(connection)
        yield connection


@contextmanager
def opened_for_search(path: Path) -> Iterator[sqlite3.Connection]:
    """Opens the index to search what is committed now; later commits are not seen. Raises IndexProblem."""
    if not path.exists():
        raise IndexProblem(f"no index at {path}: `dateline index` makes it")
    with _problems(path), closing(_connected(path, "?mode=ro")) as connection:
        _check_is_ours(connection, path)
        if _version(connection, "user_version") != FORMAT:
            raise IndexProblem(f"{path} is an index of another version: `dateline index` makes it anew")
        connection.create_function("holds_near", 3, holds_near, deterministic=True)
        connection.create_function("holds_stems", 3, holds_stems, deterministic=True)
        connection.create_function("casefolded", 1, str.casefold, deterministic=True)
        connection.execute("BEGIN")
        yield connection


def _make(connection: sqlite3.Connection) -> None:
    connection.execute("BEGIN IMMEDIATE")
    for statement in (*DROP, *SCHEMA):
        connection.execute(statement)
    connection.executemany("INSERT INTO about VALUES (?, ?)", _WRITTEN_BY.items())
    connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    connection.execute(f"PRAGMA user_version = {FORMAT}")
    connection.execute("COMMIT")


def _is_current(connection: sqlite3.Connection) -> bool:
    if _version(connection, "user_version") != FORMAT:
        return False
    about = dict(connection.execute("SELECT name, value FROM about"))
    return {name: about.get(name) for name in _WRITTEN_BY} == _WRITTEN_BY


def _check_is_ours(connection: sqlite3.Connection, path: Path) -> None:
    is_empty = connection.execute("SELECT count(*) FROM sqlite_schema").fetchone() == (0,)
    if not is_empty and _version(connection, "application_id") != APPLICATION_ID:
        raise IndexProblem(f"{path} is an SQLite file, but no index of dateline's")


def _version(connection: sqlite3.Connection, name: str) -> int:
    (version,) = connection.execute(f"PRAGMA {name}").fetchone()
    return int(version)


def _connected(path: Path, mode: str = "") -> sqlite3.Connection:
    connection = sqlite3.connect(
        f"file:{quote(str(path.absolute()))}{mode}",
        uri=True,
        isolation_level=None,
        timeout=BUSY_SECONDS,
        check_same_thread=False,
    )
    try:
        connection.execute("CREATE VIRTUAL TABLE temp.probe USING fts5(word)")
        connection.execute("DROP TABLE temp.probe")
    except sqlite3.OperationalError as error:
        connection.close()
        if "no such module" not in str(error):
            raise
        raise IndexProblem(
            f"this Python's SQLite {sqlite3.sqlite_version} has no FTS5: take a Python whose SQLite has it"
        ) from None
    return connection


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """Holds a lock file beside the index; the lock ends with the process."""
    try:
        lock = path.with_name(path.name + "-lock").open("ab")
    except OSError as error:
        raise IndexProblem(f"{path} can't be written: {error.strerror}") from None
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise IndexProblem(f"{path} is being written by another `dateline index`") from None
        yield


@contextmanager
def _problems(path: Path) -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as error:
        raise IndexProblem(f"{path}: {error}") from None
