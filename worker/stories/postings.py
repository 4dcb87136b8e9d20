"""Finds the few open stories that share rare words or names with an article.

A hundred thousand stories have three million postings, which as a dict of Python would take a third of a
gigabyte. They are kept as sorted runs of numbers, eight bytes each, of which small ones become a large one
now and then. What is found does not depend on how the runs are divided.
"""

from __future__ import annotations

from array import array
from collections.abc import Collection
from itertools import chain
from typing import Any

import numpy as np
from numpy.typing import NDArray

MAX_POSTINGS = 500
MAX_CANDIDATES = 6
_RECENT = 1 << 13
_LONGEST_RUN = 1 << 20
# A run is joined with the one before it that has at most so many times as many postings.
_TIMES_AS_LONG = 4
_SHIFT = np.uint64(32)
_FILTERED, _BITS_A_KEY = 1 << 16, 12
_BYTE, _IN_BYTE = np.uint64(3), np.uint64(7)
_ALL = slice(None)
_LOW = np.uint64(0xFFFFFFFF)
"""In place of a story's number: a posting that was taken away. It comes behind all others of its key."""
_BITS = np.array([count.bit_length() for count in range(MAX_POSTINGS + 1)])
_WHOLE = np.int64(64)
_FIRST = np.zeros(1, np.int64)
_NOBODY: tuple[int, ...] = ()

_Pairs = NDArray[np.uint64]


class KeyFilter:
    """Says which of some keys a long run of pairs may have: of those that it has not, nine of ten it has not.

    A key that is looked for in a million pairs meets a dozen places that no cache has. This meets one.
    """

    def __init__(self, pairs: NDArray[np.uint64]) -> None:
        self._bits = None
        if len(pairs) >= _FILTERED:
            self._mask = np.uint64((1 << (_BITS_A_KEY * len(pairs)).bit_length() - 1) - 1)
            flags = np.zeros(int(self._mask) + 1, np.bool_)
            flags[pairs >> _SHIFT & self._mask] = True
            self._bits = np.packbits(flags, bitorder="little")

    def places(self, keys: NDArray[np.uint64]) -> Any:
        """Where in `keys` those are that there may be."""
        if self._bits is None:
            return _ALL
        keys = keys & self._mask
        return (self._bits[keys >> _BYTE] >> (keys & _IN_BYTE).astype(np.uint8) & 1).nonzero()[0]


class Unsorted:
    """Pairs that are not sorted yet: keys of 32 bits, and whose they are."""

    def __init__(self) -> None:
        self._keys: list[bytes | array[int]] = []
        self._owners: list[int] = []
        self._counts: list[int] = []
        self._size = 0

    def __len__(self) -> int:
        return self._size

    def add(self, owner: int, keys: bytes | array[int]) -> None:
        """Adds the keys of one more."""
        count = memoryview(keys).nbytes // 4
        self._keys.append(keys)
        self._owners.append(owner)
        self._counts.append(count)
        self._size += count

    def sorted(self) -> NDArray[np.uint64]:
        """All pairs in order. Nothing is left here."""
        pairs = np.frombuffer(b"".join(self._keys), np.uint32).astype(np.uint64)
        pairs <<= _SHIFT
        pairs |= np.array(self._owners, np.uint64).repeat(self._counts)
        pairs.sort()
        self._keys, self._owners, self._counts, self._size = [], [], [], 0
        return pairs


class _Run:
    """Keys and stories, a pair a number, sorted; and how many of them were taken away."""

    __slots__ = ("filter", "gone", "pairs")

    def __init__(self, pairs: _Pairs) -> None:
        self.pairs, self.gone = pairs, 0
        self.filter = KeyFilter(pairs)

    def remove(self, wanted: _Pairs) -> _Pairs:
        """Takes these pairs away, of which no two have one key; returns those that it does not have."""
        pairs = self.pairs
        places = pairs.searchsorted(wanted)
        hits = pairs.take(places, mode="clip") == wanted
        if not hits.any():
            return wanted
        places, marks = places[hits], wanted[hits] | _LOW
        last = pairs.searchsorted(marks) - 1
        for place, end in zip(places.tolist(), last.tolist(), strict=True):
            if place < end:
                pairs[place:end] = pairs[place + 1 : end + 1]
        pairs[last] = marks
        self.gone += len(places)
        left: _Pairs = wanted[~hits]
        return left

    def left(self) -> _Pairs:
        """The pairs that were not taken away."""
        if not self.gone:
            return self.pairs
        left: _Pairs = self.pairs[self.pairs & _LOW != _LOW]
        return left


class Postings:
    """For each word or name, the numbers of the stories that it stands for."""

    def __init__(self) -> None:
        self._recent: dict[int, tuple[int, ...]] = {}
        self._recent_size = 0
        self._runs: list[_Run] = []
        self._restored = Unsorted()

    def __len__(self) -> int:
        return self._recent_size + sum(len(run.pairs) - run.gone for run in self._runs)

    def add(self, story: int, keys: Collection[int]) -> None:
        """Posts a story under keys, none of them twice, under which it is not posted yet."""
        recent = self._recent
        for key in recent.keys() & keys:
            recent[key] = (*recent[key], story)
        # One tuple for all that are new: a list for each would take longer than all that is done with them.
        recent.update(dict.fromkeys(set(keys).difference(recent), (story,)))
        self._recent_size += len(keys)
        if self._recent_size >= _RECENT:
            pairs = [key << 32 | story for key, stories in recent.items() for story in stories]
            recent.clear()
            self._recent_size = 0
            self._runs.append(_Run(np.sort(np.array(pairs, np.uint64))))
            self._join()

    def restore(self, story: int, keys: bytes) -> None:
        """Like `add`, when state is read back; `keys` are 32 bits each, and may be there twice.

        `restored` has to follow before anything is asked.
        """
        self._restored.add(story, keys)
        if len(self._restored) >= _LONGEST_RUN:
            self.restored()

    def restored(self) -> None:
        """All stories whose state was read back are posted."""
        pairs = self._restored.sorted()
        if len(pairs):
            is_first = np.concatenate(([True], pairs[1:] != pairs[:-1]))
            self._runs.append(_Run(pairs[is_first]))

    def remove(self, story: int, keys: Collection[int]) -> None:
        """Takes a story from keys, none of them twice, under which it is posted."""
        recent, stored = self._recent, []
        for key in keys:
            there = recent.get(key, _NOBODY)
            if story not in there:
                stored.append(key << 32 | story)
                continue
            self._recent_size -= 1
            if len(there) == 1:
                del recent[key]
            else:
                recent[key] = tuple(each for each in there if each != story)
        wanted = np.array(sorted(stored), np.uint64)
        for run in reversed(self._runs):
            if not len(wanted):
                break
            wanted = run.remove(wanted)
            if 2 * run.gone > len(run.pairs):
                self._runs[self._runs.index(run)] = _Run(run.left())
        assert not len(wanted), f"story {story} is not posted under {wanted >> _SHIFT}"

    def candidates(self, keys: array[int], weights: array[int], *, most: int = MAX_CANDIDATES) -> list[int]:
        """The stories that share most with an article: its keys, with the weight of each.

        The keys of the fewest stories come first, until MAX_POSTINGS are looked at. What a key counts falls
        with the number of stories it stands for.
        """
        numbers = np.frombuffer(keys, np.uint32)
        # Numbers in order are looked up sooner.
        ordered = numbers.argsort(kind="stable")
        numbers = numbers[ordered]
        recent = [self._recent.get(key, _NOBODY) for key in numbers.tolist()]
        sizes = np.fromiter(map(len, recent), np.int64, len(recent))
        wide = numbers.astype(np.uint64)
        least = wide << _SHIFT
        greatest = least | _LOW
        found = []
        for run in self._runs:
            some = run.filter.places(wide)
            begins, counts = np.zeros_like(sizes), np.zeros_like(sizes)
            begins[some] = first = run.pairs.searchsorted(least[some])
            counts[some] = run.pairs.searchsorted(greatest[some]) - first
            sizes += counts
            found.append((run.pairs, begins, counts))
        rarest = sizes.argsort(kind="stable")
        size = sizes[rarest]
        rarest, size = rarest[size > 0], size[size > 0]
        rarest = rarest[: size.cumsum().searchsorted(MAX_POSTINGS, "right")]
        worth = np.frombuffer(weights, np.uint8)[ordered[rarest]] * _WHOLE // (8 + _BITS[sizes[rarest]])
        lately = [recent[place] for place in rarest.tolist()]
        stories = [np.fromiter(chain.from_iterable(lately), np.uint64)]
        worths = [worth.repeat([*map(len, lately)])]
        for pairs, begins, counts in found:
            counts = counts[rarest]
            ends = counts.cumsum()
            places = (begins[rarest] + counts - ends).repeat(counts)
            places += np.arange(len(places))
            stories.append(pairs[places] & _LOW)
            worths.append(worth.repeat(counts))
        return _greatest(np.concatenate(stories), np.concatenate(worths), most)

    def _join(self) -> None:
        """Makes one run of two neighbours, as long as they are of about one size and not too long."""
        runs, place = self._runs, len(self._runs) - 1
        while place > 0:
            before, run = runs[place - 1 : place + 1]
            if is_joined(len(before.pairs), len(run.pairs), most=_LONGEST_RUN):
                pairs = np.concatenate((before.left(), run.left()))
                pairs.sort(kind="stable")
                runs[place - 1 : place + 1] = [_Run(pairs)]
            place -= 1


def is_joined(before: int, run: int, *, most: int) -> bool:
    """Whether sorted runs of so many numbers become one: so there are few, and each is made anew seldom."""
    return before <= _TIMES_AS_LONG * run and before + run <= most


def _greatest(stories: NDArray[np.uint64], worths: NDArray[np.int64], most: int) -> list[int]:
    """The stories with the greatest sums; of equal ones the older."""
    if not len(stories):
        return []
    order = stories.argsort()
    stories = stories[order]
    first = np.concatenate((_FIRST, (stories[1:] != stories[:-1]).nonzero()[0] + 1))
    total = np.add.reduceat(worths[order], first)
    best: list[int] = stories[first[(-total).argsort(kind="stable")[:most]]].tolist()
    return best
