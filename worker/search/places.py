"""Finds the positions of words in a text, as `worker.query.words` does, but faster for a single search."""

from collections.abc import Iterator, Sequence
from functools import cached_property

from worker.query.words import Words, spans_of_words
from worker.search.conditions import TextPhrase
from worker.search.tokens import words_in

CharSpan = tuple[int, int]
"""Half-open, in code points."""


class PhraseFinder:
    """Finds phrases in one text."""

    def __init__(self, text: str) -> None:
        self._text = text

    def find(self, words: TextPhrase) -> Iterator[CharSpan]:
        """The spans of a phrase, or of words that are near each other."""
        if words.near is not None:
            yield from self._parsed.near(list(words.words), words.near)
            return
        length = len(words.words)
        for first in self._firsts(words.words):
            yield self._spans[first][0], self._spans[first + length - 1][1]

    def _firsts(self, words: Sequence[str]) -> Iterator[int]:
        found, wanted, first = self._words, list(words), -1
        while True:
            try:
                first = found.index(wanted[0], first + 1)
            except ValueError:
                return
            if found[first : first + len(wanted)] == wanted:
                yield first

    @cached_property
    def _words(self) -> list[str]:
        return words_in(self._text)

    @cached_property
    def _spans(self) -> list[CharSpan]:
        return spans_of_words(self._text)

    @cached_property
    def _parsed(self) -> Words:
        return Words(self._text)
