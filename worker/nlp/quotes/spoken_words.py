"""The words of a text with their places, for the constructions that are told by tables."""

import re
from bisect import bisect_left
from collections.abc import Sequence
from typing import NamedTuple, Self

# "l'" of "l'avocat" is a word of its own; "porte-parole" and "dit-elle" are one.
_WORD = re.compile(r"[^\W_]+'(?=[^\W_])|[^\W_]+(?:-[^\W_]+)*")


class SpokenWord(NamedTuple):
    """A word in lower case, and its place in the text. An apostrophe at its end is a straight one."""

    start: int
    end: int
    lower: str


class SpokenWords(tuple[SpokenWord, ...]):
    """The words of a text, in order."""

    text: str
    _starts: Sequence[int]

    def __new__(cls, text: str) -> Self:
        found = _WORD.finditer(text.replace("’", "'"))
        words = super().__new__(cls, [SpokenWord(*each.span(), each.group().lower()) for each in found])
        words.text, words._starts = text, [word.start for word in words]
        return words

    def __getnewargs__(self) -> tuple[str]:
        """What a copy is made of: a doc holds its words, and docs are copied and pickled."""
        return (self.text,)

    def first_from(self, place: int) -> int:
        """The index of the first word that begins at a place or behind it."""
        return bisect_left(self._starts, place)

    def between(self, start: int, end: int) -> range:
        """The indices of the words that begin within a span."""
        return range(self.first_from(start), self.first_from(end))

    def gap(self, i: int) -> str:
        """What stands between a word and the one before it."""
        return self.text[self[i - 1].end if i else 0 : self[i].start]

    def has(self, phrase: Sequence[str], i: int) -> bool:
        """Whether the words from `i` on are those of a phrase, without punctuation between them."""
        found = self[i : i + len(phrase)]
        return [word.lower for word in found] == list(phrase) and not any(
            self.gap(j).strip() for j in range(i + 1, i + len(phrase))
        )
