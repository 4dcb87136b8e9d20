"""Counts of one window: of each subject how many articles, how many of them no copies, and which stories."""

from __future__ import annotations

from hashlib import blake2b
from typing import NamedTuple


class Counted(NamedTuple):
    """A subject's counts in one window. `independent`: articles that are no copies."""

    articles: int
    independent: int
    stories: int


NOTHING_COUNTED = Counted(0, 0, 0)
_FEW = 8
"""So many marks are kept in a tuple."""


class WindowCounts:
    """The subjects of one window, by their numbers.

    An article is a mark: its story's number, and whether it is a copy. Most subjects have few articles in an
    hour; these are kept as one mark, or a tuple of some. Memory has each mark once, whatever it counts for.
    """

    def __init__(self) -> None:
        self._counts: dict[int, int | tuple[int, ...] | _Many] = {}

    def __len__(self) -> int:
        return len(self._counts)

    def add(self, subject: int, mark: int) -> None:
        """Counts an article in."""
        found = self._counts.get(subject)
        if found is None:
            self._counts[subject] = mark
        elif isinstance(found, int):
            self._counts[subject] = (found, mark)
        elif isinstance(found, _Many):
            found.add(mark)
        elif len(found) < _FEW:
            self._counts[subject] = (*found, mark)
        else:
            self._counts[subject] = many = _Many()
            for each in (*found, mark):
                many.add(each)

    def remove(self, subject: int, mark: int) -> None:
        """Takes an article out that was counted in."""
        found = self._counts[subject]
        if isinstance(found, _Many):
            found.remove(mark)
            is_left = found.articles > 0
        else:
            left = [found] if isinstance(found, int) else [*found]
            left.remove(mark)
            is_left = bool(left)
            self._counts[subject] = left[0] if len(left) == 1 else tuple(left)
        if not is_left:
            del self._counts[subject]

    def of(self, subject: int) -> Counted:
        """What is counted of a subject."""
        found = self._counts.get(subject)
        if found is None:
            return NOTHING_COUNTED
        if isinstance(found, int):
            return Counted(1, 1 - (found & 1), 1)
        if isinstance(found, _Many):
            return Counted(found.articles, found.independent, found.stories)
        independent = len(found) - sum(mark & 1 for mark in found)
        return Counted(len(found), independent, len({mark >> 1 for mark in found}))


class _Many:
    """The articles of a subject that has many."""

    __slots__ = ("articles", "independent", "marks", "stories")

    def __init__(self) -> None:
        self.articles = self.independent = self.stories = 0
        self.marks: dict[int, int] = {}
        """How many articles have each mark."""

    def add(self, mark: int) -> None:
        self.articles += 1
        self.independent += 1 - (mark & 1)
        before = self.marks.get(mark, 0)
        self.stories += not before and mark ^ 1 not in self.marks
        self.marks[mark] = before + 1

    def remove(self, mark: int) -> None:
        left = self.marks[mark] - 1
        self.articles -= 1
        self.independent -= 1 - (mark & 1)
        if left:
            self.marks[mark] = left
        else:
            del self.marks[mark]
            self.stories -= mark ^ 1 not in self.marks


def trend_mark(story: str, *, is_copy: bool) -> int:
    """What stands for an article of a story."""
    return number_of(story) << 1 | is_copy


def number_of(name: str) -> int:
    """What stands for a subject, or a story. Two of a million have the same by a chance of one in 10^7."""
    return int.from_bytes(blake2b(name.encode(errors="surrogatepass"), digest_size=8).digest())
