"""The words of a text with their places, for the constructions that are told by tables."""

import re
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass

# "l'" of "l'avocat" is a word of its own; "porte-parole" and "dit-elle" are one.
_WORD = re.compile(r"[^\W_]+['’](?=[^\W_])|[^\W_]+(?:-[^\W_]+)*")


@dataclass(frozen=True, slots=True)
class SpokenWord:
    """A word in lower case, and its place in the text. An apostrophe at its end is a straight one."""

    start: int
    end: int
    lower: str


class SpokenWords:
    """The words of a text, in order."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.all: Sequence[SpokenWord] = [
            SpokenWord(*found.span(), found.group().lower().replace("’", "'"))
            for found in _WORD.finditer(text)
        ]
        self._starts = [word.start for word in self.all]

    def __getitem__(self, i: int) -> SpokenWord:
        return self.all[i]

    def __len__(self) -> int:
        return len(self.all)

    def first_from(self, place: int) -> int:
        """The index of the first word that begins at a place or behind it."""
        return bisect_left(self._starts, place)

    def between(self, start: int, end: int) -> range:
        """The indices of the words that begin within a span."""
        return range(self.first_from(start), self.first_from(end))

    def gap(self, i: int) -> str:
        """What stands between a word and the one before it."""
        return self.text[self.all[i - 1].end if i else 0 : self.all[i].start]

    def has(self, phrase: Sequence[str], i: int) -> bool:
        """Whether the words from `i` on are those of a phrase, without punctuation between them."""
        found = self.all[i : i + len(phrase)]
        return [word.lower for word in found] == list(phrase) and not any(
            self.gap(j).strip() for j in range(i + 1, i + len(phrase))
        )
