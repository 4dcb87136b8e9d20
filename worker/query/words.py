"""Names and words as alert rules and searches compare them: in any letter case, however spaced or composed.

A word's letter case is folded once, by `str.casefold` of its composed form (NFC), and in no other way.
`str.lower` and SQLite's `unicode61` tokenizer differ: Cherokee, for one, folds to upper case. So the search
index is given folded words (`worker.search.tokens`), and its tokenizer is `ascii`, which folds A to Z alone.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from functools import cached_property, lru_cache
from itertools import pairwise

# Letters and digits, with combining marks where a text has these decomposed.
_WORD = re.compile(r"[^\W_]+(?:[\u0300-\u036f]+[^\W_]*)*")
# Room for what rules and articles have in common, without a second copy of tens of thousands of rules.
_REMEMBERED = 1 << 12
# Nearly every name and phrase is shorter. A longer one is folded each time, so that what is remembered stays
# within some 20 MiB, whatever is in articles and rules.
MAX_REMEMBERED_CHARS = 100


def folded(name: str) -> str:
    """A name in the form in which names are compared."""
    return _remembered_folded(name) if len(name) <= MAX_REMEMBERED_CHARS else _folded(name)


@lru_cache(_REMEMBERED)
def _remembered_folded(name: str) -> str:
    return _folded(name)


def _folded(name: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", name).casefold().replace("’", "'").split())


def words_of(text: str) -> tuple[str, ...]:
    """The words of a phrase in the form in which they are compared. Hyphens and apostrophes end words."""
    return _remembered_words(text) if len(text) <= MAX_REMEMBERED_CHARS else tuple(_folded_words(text))


@lru_cache(_REMEMBERED)
def _remembered_words(text: str) -> tuple[str, ...]:
    return tuple(_folded_words(text))


def _folded_words(text: str) -> list[str]:
    return [
        word.casefold() if word.isascii() else unicodedata.normalize("NFC", word).casefold()
        for word in _WORD.findall(text)
    ]


class Words:
    """The words of a text and their positions, computed when they are first asked for."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._words = _folded_words(text)

    @cached_property
    def distinct(self) -> set[str]:
        """Each word once."""
        return set(self._words)

    @cached_property
    def pairs(self) -> set[str]:
        """Each pair of adjacent words once, joined by a space."""
        return {f"{a} {b}" for a, b in pairwise(self._words)}

    @cached_property
    def _joined(self) -> str:
        return f" {' '.join(self._words)} "

    @cached_property
    def _spans(self) -> list[tuple[int, int]]:
        return [found.span() for found in _WORD.finditer(self._text)]

    @cached_property
    def _places(self) -> dict[str, list[int]]:
        places: dict[str, list[int]] = {}
        for place, word in enumerate(self._words):
            places.setdefault(word, []).append(place)
        return places

    def phrase(self, words: Sequence[str]) -> Iterator[tuple[int, int]]:
        """Where these words follow each other: half-open spans in code points."""
        if not self.distinct.issuperset(words):
            return
        wanted = f" {' '.join(words)} "
        first = before = 0
        found = self._joined.find(wanted)
        while found >= 0:
            first += self._joined.count(" ", before, found)
            yield self._spans[first][0], self._spans[first + len(words) - 1][1]
            before, found = found, self._joined.find(wanted, found + 1)

    def near(self, words: Sequence[str], others: int) -> Iterator[tuple[int, int]]:
        """Where all these words stand, in any order, with at most `others` between. No two spans overlap."""
        if not self.distinct.issuperset(words):
            return
        needed: dict[str, int] = {}
        for word in words:
            needed[word] = needed.get(word, 0) + 1
        places = sorted(place for word in needed for place in self._places[word])
        inside = dict.fromkeys(needed, 0)
        complete = start = 0
        for end, place in enumerate(places):
            word = self._words[place]
            inside[word] += 1
            complete += inside[word] == needed[word]
            while complete == len(needed):
                first = places[start]
                lost = self._words[first]
                if inside[lost] == needed[lost]:
                    if place - first + 1 <= len(words) + others:
                        yield self._spans[first][0], self._spans[place][1]
                        inside, complete, start = dict.fromkeys(needed, 0), 0, end
                    else:
                        complete -= 1
                        inside[lost] -= 1
                    start += 1
                else:
                    inside[lost] -= 1
                    start += 1
