"""Names and words as alert rules and searches compare them: in any letter case, however spaced or composed.

A word's letter case is folded once, by `str.casefold` of its composed form (NFC), and in no other way.
`str.lower` and SQLite's `unicode61` tokenizer differ: Cherokee, for one, folds to upper case. So the search
index is given folded words (`worker.search.tokens`), and its tokenizer is `ascii`, which folds A to Z alone.
Beyond that the four letters i of Turkish are one: whoever writes İSTANBUL, Istanbul or ıstanbul finds all of
them, and nobody has to say in which language a name is.

Words end where Unicode's rules for any language (UAX #29) have them end: marks belong to their letter, and a
character of Chinese, of Hiragana, Thai, Lao, Burmese or Khmer is a word of its own, since these are written
without spaces and only a dictionary would part them. So a phrase finds such characters wherever they follow
each other. Unlike there, apostrophes and points end words.
"""

import re
import unicodedata
from array import array
from bisect import bisect_left
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from functools import cached_property, lru_cache
from itertools import chain, islice, pairwise
from typing import Self, TypeVar

from worker.query.normal_forms import INVISIBLE_SIGNS, normalized, without_invisible

# Where scripts have their marks, so that not all of Unicode has to be looked through at each start.
_MARKED_BLOCKS = ((0x300, 0x2000), (0x20D0, 0x20F1), (0x2C00, 0x3100), (0xA600, 0xAC00), (0xFB1E, 0xFB1F),
                  (0xFE20, 0xFE30))  # fmt: skip
# Written without spaces: Thai, Lao, Burmese, Khmer, Tai, Hiragana and Chinese characters.
_UNSPACED = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u1950-\u19df\u1a20-\u1aaf\u3005-\u3007\u3040-\u309f"
    "\u3400-\u4dbf\u4e00-\u9fff\ua9e0-\ua9ff\uaa60-\uaadf\uf900-\ufaff\U00020000-\U0003ffff"
)
_MARKS = "".join(
    chr(code)
    for code in chain.from_iterable(range(*block) for block in _MARKED_BLOCKS)
    if unicodedata.category(chr(code)) in ("Mn", "Mc")
)
_LETTER = rf"[^\W_{_UNSPACED}]"
# What a text has behind a letter of the same word: marks, where it has these decomposed or where its script
# writes vowels so, and what nobody sees in it.
_TAIL = rf"(?:[{_MARKS}]|{INVISIBLE_SIGNS}+(?=[{_MARKS}]))"
_WORD = re.compile(
    rf"{_LETTER}+(?:(?:[{_MARKS}]|{INVISIBLE_SIGNS}+(?={_LETTER}|[{_MARKS}]))+{_LETTER}*)*"
    rf"|(?=[^\W_])[{_UNSPACED}]{_TAIL}*"
)
MARKED_OR_UNSPACED = re.compile(f"[{_MARKS}{_UNSPACED}]")
"""Found in texts whose words are not simply what stands between other characters than letters and digits."""
# Room for what rules and articles have in common, without a second copy of tens of thousands of rules.
_REMEMBERED = 1 << 12
# Nearly every name and phrase is shorter. A longer one is folded each time, so that what is remembered stays
# within some 20 MiB, whatever is in articles and rules.
MAX_REMEMBERED_CHARS = 100
# Words that are looked at before others get their turn, where a text is read in pieces.
_PIECE = 2_000
# With more places than this, only those around the rarest of the words are looked at.
_MANY_PLACES = 100
# Characters that a search for a phrase passes over in about the time in which `near` looks at one place.
_CHARS_A_STEP = 256

MadeT = TypeVar("MadeT")
Spend = Callable[[int], None]
"""Is told how many steps of work follow, before they are done; it may raise to prevent them."""


def folded(name: str) -> str:
    """A name in the form in which names are compared."""
    return _remembered_folded(name) if len(name) <= MAX_REMEMBERED_CHARS else _folded(name)


@lru_cache(_REMEMBERED)
def _remembered_folded(name: str) -> str:
    return _folded(name)


def _folded(name: str) -> str:
    name = normalized("NFKC", without_invisible(name))
    return " ".join(case_folded(name).replace("’", "'").split())


def case_folded(text: str) -> str:
    """A text in its composed form (NFC) without letter case; İ, I and ı become i."""
    text = text.casefold()
    return text if text.isascii() else text.replace("i\u0307", "i").replace("ı", "i")


def words_of(text: str) -> tuple[str, ...]:
    """The words of a phrase in the form in which they are compared. Hyphens and apostrophes end words."""
    return _remembered_words(text) if len(text) <= MAX_REMEMBERED_CHARS else tuple(_folded_words(text))


@lru_cache(_REMEMBERED)
def _remembered_words(text: str) -> tuple[str, ...]:
    return tuple(_folded_words(text))


def _folded_words(text: str) -> list[str]:
    return [
        word.casefold() if word.isascii() else case_folded(normalized("NFC", without_invisible(word)))
        for word in _WORD.findall(text)
    ]


def _free(_steps: int) -> None:
    """For whoever has no budget to keep."""


def at_once(steps: Generator[None, None, MadeT]) -> MadeT:
    """What the steps return in the end."""
    while True:
        try:
            next(steps)
        except StopIteration as end:
            result: MadeT = end.value
            return result


def spans_of_words(text: str) -> list[tuple[int, int]]:
    """Where the words of a text stand: half-open, in code points."""
    return [found.span() for found in _WORD.finditer(text)]


class Words:
    """The words of a text and their positions, computed when they are first asked for."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._words = _folded_words(text)

    @classmethod
    def in_pieces(cls, text: str) -> Generator[None, None, Self]:
        """Returns the words with all that is known of them. Others may have their turn at each `yield`."""
        made, found = cls(""), _WORD.finditer(text)
        made._text = text
        # An array, since the garbage collector looks through lists of hundreds of thousands of objects.
        starts = array("q")
        distinct, pairs, places = set[str](), set[str](), dict[str, list[int]]()
        while piece := list(islice(found, _PIECE)):
            start = len(starts)
            starts.extend(one.start() for one in piece)
            made._words += (word for one in piece for word in _folded_words(one.group()))
            for place in range(start, len(starts)):
                places.setdefault(made._words[place], []).append(place)
            distinct.update(islice(made._words, start, None))
            pairs.update(f"{a} {b}" for a, b in pairwise(islice(made._words, max(0, start - 1), None)))
            yield
        made.__dict__ |= {"_starts": starts, "distinct": distinct, "pairs": pairs, "_places": places}
        return made

    def replaced(self, forms: Mapping[str, str]) -> Generator[None, None, Self]:
        """Returns the same places with another word in each; `forms` has one for every word.

        Others may have their turn at each `yield`.
        """
        made, distinct = type(self)(""), set[str]()
        made._text = self._text
        for start in range(0, len(self._words), _PIECE):
            piece = [forms[word] for word in islice(self._words, start, start + _PIECE)]
            made._words += piece
            distinct.update(piece)
            yield
        made.__dict__["distinct"] = distinct
        if "_starts" in self.__dict__:
            made.__dict__["_starts"] = self._starts
        return made

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
    def _starts(self) -> Sequence[int]:
        return [found.start() for found in _WORD.finditer(self._text)]

    def _span(self, first: int, last: int) -> tuple[int, int]:
        """From the first of these words to the end of the last one."""
        end = _WORD.match(self._text, self._starts[last])
        assert end is not None, f"no word at {self._starts[last]}"
        return self._starts[first], end.end()

    @cached_property
    def _places(self) -> dict[str, list[int]]:
        places: dict[str, list[int]] = {}
        for place, word in enumerate(self._words):
            places.setdefault(word, []).append(place)
        return places

    def phrase(self, words: Sequence[str], spend: Spend = _free) -> Iterator[tuple[int, int]]:
        """Where these words follow each other: half-open spans in code points."""
        if not self.distinct.issuperset(words):
            return
        wanted, joined = f" {' '.join(words)} ", self._joined
        first = before = 0
        found = joined.find(wanted)
        while found >= 0:
            spend(1 + (found - before) // _CHARS_A_STEP)
            first += joined.count(" ", before, found)
            yield self._span(first, first + len(words) - 1)
            before, found = found, joined.find(wanted, found + 1)
        spend((len(joined) - before) // _CHARS_A_STEP)

    def near(self, words: Sequence[str], others: int, spend: Spend = _free) -> Iterator[tuple[int, int]]:
        """Where all these words stand, in any order, with at most `others` between. No two spans overlap."""
        if not self.distinct.issuperset(words):
            return
        needed: dict[str, int] = {}
        for word in words:
            needed[word] = needed.get(word, 0) + 1
        longest = len(words) + others
        places = self._places_for(needed, longest, spend)
        spend(len(places))
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
                    if place - first + 1 <= longest:
                        yield self._span(first, place)
                        inside, complete, start = dict.fromkeys(needed, 0), 0, end
                    else:
                        complete -= 1
                        inside[lost] -= 1
                    start += 1
                else:
                    inside[lost] -= 1
                    start += 1

    def _places_for(self, needed: Mapping[str, int], longest: int, spend: Spend) -> list[int]:
        """The places of these words in their order; of many, those that `longest` words could join.

        Whatever has all of the words has the rarest one, so only places within reach of that are of use.
        """
        by_word = [self._places[word] for word in needed]
        if len(by_word) == 1 or sum(map(len, by_word)) <= _MANY_PLACES:
            return sorted(place for places in by_word for place in places)
        rarest = min(by_word, key=len)
        spend(2 * len(rarest) * len(by_word))
        found: list[int] = []
        for start, end in _reaches(rarest, longest):
            for places in by_word:
                found += places[bisect_left(places, start) : bisect_left(places, end)]
        return sorted(found)


def _reaches(places: Sequence[int], longest: int) -> Iterator[tuple[int, int]]:
    """Half-open stretches, apart from each other, of all places fewer than `longest` from one of these."""
    start, end = places[0] - longest + 1, places[0] + longest
    for place in places:
        if place - longest >= end:
            yield start, end
            start = place - longest + 1
        end = place + longest
    yield start, end
