"""Finds the positions of words in a text, as `worker.query.words` does, but faster for a single search."""

from collections.abc import Iterator, Sequence
from functools import cached_property

from worker.languages import language_of
from worker.query.stems import stems_of
from worker.query.words import Words, spans_of_words
from worker.search.conditions import TextPhrase, TextStem
from worker.search.tokens import words_in

CharSpan = tuple[int, int]
"""Half-open, in code points."""


class PhraseFinder:
    """Finds phrases in one text. `language`: the tag of its document's language."""

    def __init__(self, text: str, language: str) -> None:
        self._text = text
        self._language = language_of(language)

    def find(self, words: TextPhrase | TextStem) -> Iterator[CharSpan]:
        """The spans of a phrase, or of words that are near each other."""
        if isinstance(words, TextPhrase) and words.near is not None:
            yield from self._parsed.near(list(words.words), words.near)
            return
        length = len(words.words)
        if isinstance(words, TextStem):
            firsts = _firsts(self._stems, stems_of(words.words, self._language))
        else:
            firsts = _firsts(self._words, words.words)
        for first in firsts:
            yield self._spans[first][0], self._spans[first + length - 1][1]

    @cached_property
    def _words(self) -> list[str]:
        return words_in(self._text)

    @cached_property
    def _stems(self) -> list[str]:
        return stems_of(self._words, self._language)

    @cached_property
    def _spans(self) -> list[CharSpan]:
        return spans_of_words(self._text)

    @cached_property
    def _parsed(self) -> Words:
        return Words(self._text)


def _firsts(found: list[str], words: Sequence[str]) -> Iterator[int]:
    """Where these words begin among those that were found."""
    wanted, first = list(words), -1
    while True:
        try:
            first = found.index(wanted[0], first + 1)
        except ValueError:
            return
        if found[first : first + len(wanted)] == wanted:
            yield first
