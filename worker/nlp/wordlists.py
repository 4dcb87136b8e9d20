"""Reads the word lists in `data/en/`, each once. A file's first lines say where it comes from.

Tables that other languages have too are read by `language_rows`, from `data/<language>/`.
"""

from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable

from worker.languages import known_languages, language_of

_ALL = files("worker.nlp") / "data"
_DATA = _ALL / "en"


def language_rows(language: str, name: str) -> list[list[str]] | None:
    """The rows of a language's tab-separated file, without comments and empty lines; None if it has none."""
    known = known_languages().get(language_of(language))
    path = _ALL / (known.folder if known else language) / name
    return _rows(path) if language.isascii() and language.isalpha() and path.is_file() else None


def read_bytes(name: str) -> bytes:
    """The bytes of a data file."""
    return (_DATA / name).read_bytes()


def shared_rows(name: str) -> list[list[str]]:
    """The rows of a tab-separated file that is about several languages, without comments and empty lines."""
    return _rows(_ALL / name)


def read_rows(name: str) -> list[list[str]]:
    """The rows of a tab-separated file, without comments and empty lines."""
    return _rows(_DATA / name)


def _rows(path: Traversable) -> list[list[str]]:
    lines = path.read_text(encoding="utf-8").splitlines()
    return [line.split("\t") for line in lines if line.strip() and not line.startswith("#")]


@cache
def words(name: str) -> frozenset[str]:
    """The first column of a file, as a set."""
    return frozenset(row[0] for row in read_rows(name))
