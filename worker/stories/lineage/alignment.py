"""Two quotes word by word: whether they are one utterance, and where their words differ.

The longest common subsequence of their words is found with whole numbers as rows of bits (Hyyrö 2004), so
that even hostile quotes take time in proportion to their words.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property
from itertools import pairwise
from typing import NamedTuple

from worker.query.words import spans_of_words, words_of
from worker.stories.words import is_unspaced

LEAST_WORDS = 8
"""A quote of fewer words is the same utterance only as one with the same words, or as a part of a longer."""
_LEAST_PART = 5
"""A part has so many words at least, all of them in a row in the whole."""
_CHARACTERS_A_WORD = 2
"""In a script without spaces each character is a word: so many say as much as a word elsewhere."""
_SAME = 66
"""Hundredths of the shorter quote that have to be in the other, by the letters of its words."""
_LONGEST = 8
"""A word counts for so many letters at most."""
_NEAR = 3
"""Common words count with others that stand fewer than so many words away in both quotes."""
_LEAST_SOLID = 5
MAX_EDITS = 12

_Pair = tuple[int, int]


class WordEdit(NamedTuple):
    """Where two quotes differ, half-open in code points: in this one, and in the one it is compared with.

    One of the two may be empty: it stands behind the word before.
    """

    start: int
    end: int
    of_start: int
    of_end: int


class QuoteWords:
    """A quote as words, with where they stand."""

    def __init__(self, text: str) -> None:
        self._text = text
        self.words = words_of(text)
        self._unit = _CHARACTERS_A_WORD if is_unspaced([*self.words]) else 1
        self.sizes = [min(len(word), _LONGEST) for word in self.words]
        self.size = sum(self.sizes)

    @cached_property
    def spans(self) -> list[tuple[int, int]]:
        """Where each word stands."""
        return spans_of_words(self._text)

    def has_words(self, count: int) -> bool:
        """Whether there are so many; of a script without spaces, characters that say as much."""
        return len(self.words) >= count * self._unit

    def span(self, first: int, end: int) -> tuple[int, int]:
        """Where the words from `first` to before `end` stand; without any the place behind the one before."""
        if first < end:
            return self.spans[first][0], self.spans[end - 1][1]
        place = self.spans[first - 1][1] if first else self.spans[0][0]
        return place, place


def align(of: QuoteWords, this: QuoteWords) -> tuple[WordEdit, ...] | None:
    """Where a quote differs from an earlier one, in the text's order; None if they are not one utterance.

    Quotes with the same words differ nowhere.
    """
    shorter, longer = sorted((of, this), key=lambda quote: quote.size)
    if not longer.has_words(LEAST_WORDS) or not shorter.has_words(_LEAST_PART):
        return () if of.words == this.words else None
    pairs = _common(of.words, this.words)
    if not pairs or not _is_same(pairs, of, shorter):
        return None
    return tuple(_edits(_without_islands(pairs, of, this), of, this))


def _is_same(pairs: Sequence[_Pair], of: QuoteWords, shorter: QuoteWords) -> bool:
    if not shorter.has_words(LEAST_WORDS):
        runs = sum(not _follows(before, after) for before, after in pairwise(pairs)) + 1
        return len(pairs) == len(shorter.words) and runs == 1
    solid = [pair for pair, is_solid in zip(pairs, _solid(pairs), strict=True) if is_solid]
    return (
        len(solid) >= _LEAST_SOLID
        and sum(of.sizes[place] for place, _ in solid) * 100 >= _SAME * shorter.size
    )


def _solid(pairs: Sequence[_Pair]) -> list[bool]:
    """Of each common word whether another one is near it in both quotes: words by chance stand alone."""
    near = [b[0] - a[0] <= _NEAR and b[1] - a[1] <= _NEAR for a, b in pairwise(pairs)]
    return [before or after for before, after in zip([False, *near], [*near, False], strict=True)]


def _follows(before: _Pair, after: _Pair) -> bool:
    return after == (before[0] + 1, before[1] + 1)


def _common(of: Sequence[str], this: Sequence[str]) -> list[_Pair]:
    """The places of common words in both, in their order: as many as there can be."""
    where: dict[str, int] = {}
    for place, word in enumerate(of):
        where[word] = where.get(word, 0) | 1 << place
    row = every = (1 << len(of)) - 1
    rows = [row]
    for word in this:
        found = row & where.get(word, 0)
        row = (row + found | row - found) & every
        rows.append(row)
    pairs: list[_Pair] = []
    place, other = len(of), len(this)
    while place and other:
        bit = 1 << place - 1
        if rows[other] & bit:
            place -= 1
            continue
        other -= 1
        if rows[other] & bit:
            place -= 1
            pairs.append((place, other))
    return _in_rows(pairs[::-1], of)


def _in_rows(pairs: list[_Pair], of: Sequence[str]) -> list[_Pair]:
    """The same words, those that could as well stand right before the next one there."""
    for index in range(len(pairs) - 2, -1, -1):
        (place, other), after = pairs[index], pairs[index + 1]
        is_begun = index > 0 and _follows(pairs[index - 1], pairs[index])
        if not is_begun and after[1] == other + 1 and after[0] > place + 1 and of[after[0] - 1] == of[place]:
            pairs[index] = after[0] - 1, other
    return pairs


def _without_islands(pairs: list[_Pair], of: QuoteWords, this: QuoteWords) -> list[_Pair]:
    """The pairs without the shortest rows, of which there are too many to list each difference."""
    runs: list[list[_Pair]] = []
    for pair in pairs:
        if runs and _follows(runs[-1][-1], pair):
            runs[-1].append(pair)
        else:
            runs.append([pair])
    ends = (pairs[0] != (0, 0)) + (pairs[-1] != (len(of.words) - 1, len(this.words) - 1))
    excess = len(runs) - 1 + ends - MAX_EDITS
    if excess <= 0:
        return pairs
    inner = sorted(range(1, len(runs) - 1), key=lambda index: (len(runs[index]), index))
    dropped = set(inner[:excess])
    return [pair for index, run in enumerate(runs) if index not in dropped for pair in run]


def _edits(pairs: Sequence[_Pair], of: QuoteWords, this: QuoteWords) -> Iterator[WordEdit]:
    ends = (len(of.words), len(this.words))
    place = other = 0
    for pair in (*pairs, ends):
        if pair != (place, other):
            yield WordEdit(*this.span(other, pair[1]), *of.span(place, pair[0]))
        place, other = pair[0] + 1, pair[1] + 1
