"""Names and words as rules compare them: in any letter case, however they are spaced or composed."""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

# A letter or digit with the marks that stand on it, where a text has them apart.
_WORD = re.compile(r"(?:[^\W_][\u0300-\u036f]*)+")


@lru_cache(maxsize=1 << 16)
def folded(name: str) -> str:
    """A name for comparison."""
    return " ".join(unicodedata.normalize("NFKC", name).casefold().replace("’", "'").split())


def words_of(text: str) -> list[str]:
    """The words of a phrase for comparison; a hyphen or an apostrophe parts words."""
    return [word.word for word in _words(text)]


@dataclass(frozen=True, slots=True)
class Word:
    """A word of a text, and where it stands, in code points."""

    word: str
    start: int
    end: int


def _words(text: str) -> Iterator[Word]:
    for found in _WORD.finditer(text):
        word = found[0]
        plain = word if word.isascii() else unicodedata.normalize("NFC", word)
        yield Word(plain.casefold(), found.start(), found.end())


class Words:
    """A text's words, and where each of them stands."""

    def __init__(self, text: str) -> None:
        self._found = list(_words(text))
        self._places: dict[str, list[int]] = {}
        for place, word in enumerate(self._found):
            self._places.setdefault(word.word, []).append(place)

    @property
    def distinct(self) -> set[str]:
        """Every word once."""
        return set(self._places)

    @property
    def pairs(self) -> set[tuple[str, str]]:
        """Every two words that stand side by side, once."""
        return {(a.word, b.word) for a, b in pairwise(self._found)}

    def phrase(self, words: Sequence[str]) -> Iterator[tuple[int, int]]:
        """Where the words stand one after the other: half-open spans in code points."""
        rarest = min(range(len(words)), key=lambda i: len(self._places.get(words[i], ())))
        for place in self._places.get(words[rarest], ()):
            first = place - rarest
            stretch = self._found[max(0, first) : first + len(words)]
            if first >= 0 and [word.word for word in stretch] == list(words):
                yield stretch[0].start, stretch[-1].end

    def near(self, words: Sequence[str], others: int) -> Iterator[tuple[int, int]]:
        """Where all words stand in any order with so many others between them at most; no two overlap."""
        needed: dict[str, int] = {}
        for word in words:
            needed[word] = needed.get(word, 0) + 1
        places = sorted(place for word in needed for place in self._places.get(word, ()))
        inside = dict.fromkeys(needed, 0)
        complete = start = 0
        for end, place in enumerate(places):
            word = self._found[place].word
            inside[word] += 1
            complete += inside[word] == needed[word]
            while complete == len(needed):
                first = places[start]
                lost = self._found[first].word
                if inside[lost] == needed[lost]:
                    if place - first + 1 <= len(words) + others:
                        yield self._found[first].start, self._found[place].end
                        inside, complete, start = dict.fromkeys(needed, 0), 0, end
                    else:
                        complete -= 1
                        inside[lost] -= 1
                    start += 1
                else:
                    inside[lost] -= 1
                    start += 1
