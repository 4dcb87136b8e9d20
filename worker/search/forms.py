"""The forms that words have in the indexed documents, by language and stem, for searches with `stem:`."""

import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from worker.query.stems import MAX_STEMMED_CHARS, STEMMERS, STEMMERS_VERSION, stemmed_language, stems_of
from worker.search.conditions import Every, SearchCondition, Some, TextStem, Without, WordForms
from worker.search.document import Document
from worker.search.tokens import IndexRow, words_of_row

MAX_FORMS = 5_000
"""How many forms the stems of one search may stand for."""

# More than any word that has another stem than itself.
_MAX_BYTES = 4 * MAX_STEMMED_CHARS
# A language's words; beyond that they are looked up in the file again.
_MAX_KNOWN = 1_000_000


class FormsProblem(ValueError):
    """The index can't answer `stem:`; the message says why in one line."""


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The different words, in UTF-8, of a document whose language has a stemmer."""

    language: str
    words: set[bytes]


def vocabulary_of(document: Document, row: IndexRow) -> Vocabulary | None:
    """The words of a document's row; None where words are their own stems."""
    language = stemmed_language(document["language"])
    return None if language is None else Vocabulary(language, words_of_row(row))


class FormWriter:
    """Adds the words of documents to an index that was opened for writing."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._known: dict[str, set[bytes]] = {}

    def add(self, documents: Iterable[Vocabulary]) -> None:
        """Within the caller's transaction. If that fails, `forget` must be called."""
        by_language: dict[str, set[bytes]] = {}
        for document in documents:
            by_language.setdefault(document.language, set()).update(document.words)
        for language, words in by_language.items():
            known = self._known.setdefault(language, set())
            unknown = {word for word in words - known if len(word) <= _MAX_BYTES}
            if len(known) + len(unknown) > _MAX_KNOWN:
                known.clear()
            known |= unknown
            new = sorted(word.decode() for word in unknown)
            stems = stems_of(new, language)
            self._connection.executemany(
                "INSERT OR IGNORE INTO forms VALUES (?, ?, ?)",
                ((language, stem, word) for word, stem in zip(new, stems, strict=True) if stem != word),
            )

    def forget(self) -> None:
        """What was added may not be there."""
        self._known.clear()


def with_forms(connection: sqlite3.Connection, condition: SearchCondition) -> SearchCondition:
    """The condition with the forms that its stems stand for. Raises FormsProblem."""
    return _Forms(connection).into(condition)


class _Forms:
    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._left = MAX_FORMS
        self._is_checked = False

    def into(self, condition: SearchCondition) -> SearchCondition:
        match condition:
            case TextStem():
                self._check_version()
                return replace(condition, forms=tuple(self._of(condition.words)))
            case Without(part):
                return Without(self.into(part))
            case Every(parts):
                return Every(tuple(map(self.into, parts)))
            case Some(parts):
                return Some(tuple(map(self.into, parts)))
            case _:
                return condition

    def _of(self, words: Sequence[str]) -> Iterable[WordForms]:
        for language in STEMMERS:
            others = tuple(
                self._others(language, word, stem)
                for word, stem in zip(words, stems_of(words, language), strict=True)
            )
            if any(others):
                yield WordForms(language, others)

    def _others(self, language: str, word: str, stem: str) -> tuple[str, ...]:
        rows = self._connection.execute(
            "SELECT word FROM forms WHERE language = ? AND stem = ? LIMIT ?", (language, stem, self._left + 1)
        )
        found = {row[0] for row in rows}
        if stems_of((stem,), language) == [stem]:
            # Words that are their own stems are not stored.
            found.add(stem)
        found.discard(word)
        self._left -= len(found)
        if self._left < 0:
            raise FormsProblem(
                f"stem: the stems of a search stand for {MAX_FORMS:,} forms at most in this index, got more: "
                "ask for fewer, or for words without stem:"
            )
        return tuple(sorted(found))

    def _check_version(self) -> None:
        if self._is_checked:
            return
        (found,) = self._connection.execute("SELECT value FROM about WHERE name = 'stemmers'").fetchone()
        if found != STEMMERS_VERSION:
            raise FormsProblem(
                f"stem: the index has stems of version {found} of the stemmers, not of this one, "
                f"{STEMMERS_VERSION}: `dateline index` makes it anew"
            )
        self._is_checked = True
