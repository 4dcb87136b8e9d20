"""Reads the word lists in `data/en/`, each once. A file's first lines say where it comes from.

Tables that other languages have too are read by `language_rows`, from `data/<language>/`.
"""

from functools import cache
from importlib.resources import files

_ALL = files("worker.nlp") / "data"
_DATA = _ALL / "en"
_FOLDERS = {"nb": "no", "nn": "no"}


def language_rows(language: str, name: str) -> list[list[str]] | None:
    """The rows of a language's tab-separated file, without comments and empty lines; None if it has none."""
    path = _ALL / _FOLDERS.get(language, language) / name
    if not (language.isascii() and language.isalpha() and path.is_file()):
        return None
    lines = path.read_text(encoding="utf-8").splitlines()
    return [line.split("\t") for line in lines if line.strip() and not line.startswith("#")]


def read_bytes(name: str) -> bytes:
    """The bytes of a data file."""
    return (_DATA / name).read_bytes()


def read_rows(name: str) -> list[list[str]]:
    """The rows of a tab-separated file, without comments and empty lines."""
    lines = (_DATA / name).read_text(encoding="utf-8").splitlines()
    return [line.split("\t") for line in lines if line.strip() and not line.startswith("#")]


@cache
def words(name: str) -> frozenset[str]:
    """The first column of a file, as a set."""
    return frozenset(row[0] for row in read_rows(name))


@cache
def countries() -> dict[str, str]:
    """ISO 3166-1 alpha-2 codes by case-folded name, for names that mean one country and nothing else."""
    return {
        name.casefold(): row[0] for row in read_rows("countries.tsv") for name in row[1].split("|") if name
    }


@cache
def demonyms() -> dict[str, str]:
    """ISO 3166-1 alpha-2 codes by case-folded demonym."""
    return {
        name.casefold(): row[0] for row in read_rows("countries.tsv") for name in row[2].split("|") if name
    }
