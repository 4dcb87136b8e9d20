"""Finds the few open stories that share rare words or names with an article.

A hundred thousand stories have three million postings, which as a dict of Python would take a third of a
gigabyte. They are kept as sorted runs of numbers, eight bytes each, of which small ones become a large one
now and then. What is found does not depend on how the runs are divided.
"""

from __future__ import annotations

from array import array
from collections.abc import Collection
from itertools import chain

import numpy as np
from numpy.typing import NDArray

MAX_POSTINGS = 500
MAX_CANDIDATES = 6
_RECENT = 1 << 13
_LONGEST_RUN = 1 << 20
# A run is joined with the one before it that has at most so many times as many postings.
_TIMES_AS_LONG = 4
_SHIFT = np.uint64(32)
_LOW = np.uint64(0xFFFFFFFF)
"""In place of a story's number: a posting that was taken away. It comes behind all others of its key."""
_BITS = np.array([count.bit_length() for count in range(MAX_POSTINGS + 1)])
_WHOLE = np.int64(64)
_FIRST = np.zeros(1, np.int64)
_NOBODY: tuple[int, ...] = ()

_Pairs = NDArray[np.uint64]


class _Run:
    """Keys and stories, a pair a number, sorted; and how many of them were taken away."""

    __slots__ = ("gone", "pairs")

    def __init__(self, pairs: _Pairs) -> None:
        self.pairs, self.gone = pairs, 0

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
        return wanted[~hits]

    def left(self) -> _Pairs:
        """The pairs that were not taken away."""
        return self.pairs[self.pairs & _LOW != _LOW] if self.gone else self.pairs


class Postings:
    """For each word or name, the numbers of the stories that it stands for."""

    def __init__(self) -> None:
        self._recent: dict[int, tuple[int, ...]] = {}
        self._recent_size = 0
        self._runs: list[_Run] = []
        self._restored: list[_Pairs] = []
        self._restored_size = 0

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

    def restore(self, story: int, keys: Collection[int]) -> None:
        """Like `add`, when state is read back. `restored` has to follow before anything is asked."""
        self._restored.append(np.fromiter(keys, np.uint64, len(keys)) << _SHIFT | np.uint64(story))
        self._restored_size += len(keys)
        if self._restored_size >= _LONGEST_RUN:
            self.restored()

    def restored(self) -> None:
        """All stories whose state was read back are posted."""
        if self._restored_size:
            self._runs.append(_Run(np.sort(np.concatenate(self._restored))))
        self._restored, self._restored_size = [], 0

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
                run.pairs, run.gone = run.left(), 0
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
        least = numbers.astype(np.uint64) << _SHIFT
        greatest = least | _LOW
        found = []
        for run in self._runs:
            begins = run.pairs.searchsorted(least)
            counts = run.pairs.searchsorted(greatest)
            counts -= begins
            sizes += counts
            found.append((run.pairs, begins, counts))
        rarest = sizes.argsort(kind="stable")
        size = sizes[rarest]
        rarest, size = rarest[size > 0], size[size > 0]
        rarest = rarest[: size.cumsum().searchsorted(MAX_POSTINGS, "right")]
        worth = np.frombuffer(weights, np.uint8)[ordered[rarest]] * _WHOLE // (8 + _BITS[sizes[rarest]])
        some = [recent[place] for place in rarest.tolist()]
        stories = [np.fromiter(chain.from_iterable(some), np.uint64)]
        worths = [worth.repeat([*map(len, some)])]
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
