"""Finds the few open stories that share rare words or names with an article.

A hundred thousand stories have three million postings, which as a dict of Python would take a third of a
gigabyte. They are kept as sorted runs of numbers, eight bytes each, of which small ones become a large one
now and then. What is found does not depend on how the runs are divided.
"""

from __future__ import annotations

from array import array
from collections.abc import Collection, Iterable, Iterator
from itertools import chain, pairwise, repeat
from typing import Any, TypeVar

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
_MARKED, _MANY = 128, 100
_BYTE, _IN_BYTE = np.uint64(3), np.uint64(7)
_ALL = slice(None)
_LOW = np.uint64(0xFFFFFFFF)
"""In place of a story's number: a posting that was taken away. It comes behind all others of its key."""
_BITS = np.array([count.bit_length() for count in range(MAX_POSTINGS + 1)])
_WHOLE = np.int64(64)
_FIRST = np.zeros(1, np.int64)
# What a posting counts is less than 255 * 64 / 8.
_WORTH_BITS, _WORTH = np.uint64(16), np.uint64(0xFFFF)
_NOBODY: tuple[int, ...] = ()

_Pairs = NDArray[np.uint64]
_Number = TypeVar("_Number", np.uint32, np.uint64)
_TRUE = np.ones(1, np.bool_)


class PairSearch:
    """Finds keys in a run of pairs. What a long run does not have costs next to nothing.

    A key that is looked for in a million pairs meets a dozen places that no cache has, one after the other.
    So there is a filter, which says of nine of ten keys that are not there that they are not, and each 128th
    pair stands apart: between two of these, many keys are looked for at a time.
    """

    def __init__(self, pairs: NDArray[np.uint64]) -> None:
        self._pairs, self._bits = pairs, None
        if len(pairs) >= _FILTERED:
            self._mask = np.uint64((1 << (_BITS_A_KEY * len(pairs)).bit_length() - 1) - 1)
            flags = np.zeros(int(self._mask) + 1, np.bool_)
            flags[pairs >> _SHIFT & self._mask] = True
            self._bits = np.packbits(flags, bitorder="little")
            self._marks = pairs[::_MARKED].copy()

    def possible(self, keys: NDArray[np.uint64]) -> Any:
        """Where in `keys` those are that there may be."""
        if self._bits is None:
            return _ALL
        keys = keys & self._mask
        return (self._bits[keys >> _BYTE] >> (keys & _IN_BYTE).astype(np.uint8) & 1).nonzero()[0]

    def places(self, wanted: NDArray[np.uint64]) -> NDArray[np.int64]:
        """How many pairs are less than each of these."""
        if self._bits is None or len(wanted) < _MANY:
            return self._pairs.searchsorted(wanted)
        places = self._marks.searchsorted(wanted)
        places -= 1
        places *= _MARKED
        step = _MARKED
        while step := step // 2:
            places += (self._pairs.take(places + step, mode="clip") < wanted) * step
        places += 1
        return places.clip(0, len(self._pairs), out=places)

    def changed(self, begin: int, end: int) -> None:
        """The pairs from one place up to another are others than they were."""
        mark = -(-begin // _MARKED)
        if self._bits is not None and mark * _MARKED < end:
            self._marks[mark : -(-end // _MARKED)] = self._pairs[mark * _MARKED : end : _MARKED]


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

    __slots__ = ("gone", "pairs", "search")

    def __init__(self, pairs: _Pairs) -> None:
        self.pairs, self.gone = pairs, 0
        self.search = PairSearch(pairs)

    def find(self, numbers: NDArray[np.uint64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Where the stories of each of these keys, in order, begin here, and how many there are."""
        begins, counts = np.zeros((2, len(numbers)), np.int64)
        some = self.search.possible(numbers)
        least = numbers[some] << _SHIFT
        begins[some] = first = self.search.places(least)
        counts[some] = self.search.places(least | _LOW) - first
        return begins, counts

    def remove(self, wanted: _Pairs) -> NDArray[np.bool_]:
        """Takes those of these pairs away that it has; returns which. No two of them have one key."""
        pairs = self.pairs
        places = pairs.searchsorted(wanted)
        hits: NDArray[np.bool_] = pairs.take(places, mode="clip") == wanted
        if not hits.any():
            return hits
        places, marks = places[hits], wanted[hits] | _LOW
        last = pairs.searchsorted(marks) - 1
        for place, end in zip(places.tolist(), last.tolist(), strict=True):
            if place < end:
                pairs[place:end] = pairs[place + 1 : end + 1]
        pairs[last] = marks
        for place, end in zip(places.tolist(), last.tolist(), strict=True):
            self.search.changed(place, end + 1)
        self.gone += len(places)
        return hits

    def left(self) -> _Pairs:
        """The pairs that were not taken away."""
        if not self.gone:
            return self.pairs
        left: _Pairs = self.pairs[self.pairs & _LOW != _LOW]
        return left


class _Found:
    """Where the stories of some keys are in each run: the keys, in order, and a row for each run.

    It holds as long as the runs are the same, if it is told which pairs are taken away from them.
    """

    def __init__(self, numbers: NDArray[np.uint64], runs: list[_Run]) -> None:
        self.numbers = numbers
        self.begins, self.counts = np.zeros((2, len(runs), len(numbers)), np.int64)
        for place, run in enumerate(runs):
            self.begins[place], self.counts[place] = run.find(numbers)

    def of(self, numbers: NDArray[np.uint64]) -> tuple[NDArray[np.int64], NDArray[np.int64]] | None:
        """The same for some of these keys; None if others are among them."""
        places = self.numbers.searchsorted(numbers)
        if not (self.numbers.take(places, mode="clip") == numbers).all():
            return None
        return self.begins[:, places], self.counts[:, places]

    def note_removed(self, run: int, numbers: NDArray[np.uint64]) -> None:
        """One story was taken away from each of these keys. Where the others begin is as it was."""
        places = self.numbers.searchsorted(numbers)
        places = places[self.numbers.take(places, mode="clip") == numbers]
        self.counts[run, places] -= 1


class Postings:
    """For each word or name, the numbers of the stories that it stands for."""

    def __init__(self) -> None:
        self._recent: dict[int, tuple[int, ...]] = {}
        self._recent_size = 0
        self._runs: list[_Run] = []
        self._restored = Unsorted()
        self._foreseen: _Found | None = None

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
            self._foreseen = None
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
        pairs, self._foreseen = self._restored.sorted(), None
        if len(pairs):
            self._runs.append(_Run(_without_repeats(pairs)))

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
        for place in reversed(range(len(self._runs))):
            if not len(wanted):
                break
            run = self._runs[place]
            is_here = run.remove(wanted)
            if self._foreseen is not None:
                self._foreseen.note_removed(place, wanted[is_here] >> _SHIFT)
            wanted = wanted[~is_here]
            if 2 * run.gone > len(run.pairs):
                self._runs[place], self._foreseen = _Run(run.left()), None
        assert not len(wanted), f"story {story} is not posted under {wanted >> _SHIFT}"

    def foresee(self, keys: Iterable[array[int]]) -> None:
        """Looks up the keys of articles that come next, which takes less time for all at once."""
        numbers = distinct(np.frombuffer(b"".join(keys), np.uint32))
        self._foreseen = _Found(numbers.astype(np.uint64), self._runs) if len(numbers) else None

    def candidates(self, keys: array[int], weights: array[int], *, most: int = MAX_CANDIDATES) -> list[int]:
        """The stories that share most with an article: its keys, with the weight of each.

        The keys of the fewest stories come first, until MAX_POSTINGS are looked at. What a key counts falls
        with the number of stories it stands for.
        """
        numbers = np.frombuffer(keys, np.uint32)
        # Numbers in order are looked up sooner.
        ordered = numbers.argsort(kind="stable")
        numbers = numbers[ordered]
        recent = [*map(self._recent.get, numbers.tolist(), repeat(_NOBODY))]
        lately = np.fromiter(map(len, recent), np.int64, len(recent))
        begins, counts = self._found(numbers.astype(np.uint64))
        sizes = lately + counts.sum(axis=0)
        there = sizes.nonzero()[0]
        rarest = there[sizes[there].argsort(kind="stable")]
        size = sizes[rarest]
        rarest = rarest[: size.cumsum().searchsorted(MAX_POSTINGS, "right")]
        worth = np.frombuffer(weights, np.uint8)[ordered[rarest]] * _WHOLE // (8 + _BITS[sizes[rarest]])
        stories = [
            np.fromiter(chain.from_iterable([recent[place] for place in rarest.tolist()]), np.uint64),
            *self._stories(begins[:, rarest], counts[:, rarest]),
        ]
        times = np.concatenate((lately[rarest][None], counts[:, rarest]))
        worths = np.concatenate([worth] * len(times)).repeat(times.ravel()).astype(np.uint64)
        return _greatest(np.concatenate(stories), worths, most)

    def _found(self, numbers: NDArray[np.uint64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Where the stories of each of these keys begin in each run, and how many there are."""
        found = None if self._foreseen is None else self._foreseen.of(numbers)
        if found is not None:
            return found
        looked_up = _Found(numbers, self._runs)
        return looked_up.begins, looked_up.counts

    def _stories(self, begins: NDArray[np.int64], counts: NDArray[np.int64]) -> Iterator[NDArray[np.uint64]]:
        """Of each run, the stories that begin there and are so many."""
        ends = counts.cumsum()
        places = (begins.ravel() + counts.ravel() - ends).repeat(counts.ravel())
        places += np.arange(len(places))
        until = [0, *ends[len(begins[0]) - 1 :: len(begins[0])].tolist()] if counts.size else []
        for run, (begin, end) in zip(self._runs, pairwise(until), strict=False):
            if begin < end:
                yield run.pairs[places[begin:end]] & _LOW

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


def distinct(numbers: NDArray[np.uint32]) -> NDArray[np.uint32]:
    """Each of these numbers once, in order. (NumPy's own `unique` takes ten times as long.)"""
    return _without_repeats(np.sort(numbers))


def _without_repeats(numbers: NDArray[_Number]) -> NDArray[_Number]:
    """Each of these numbers, which are in order, once."""
    once: NDArray[_Number] = numbers[np.concatenate((_TRUE[: len(numbers)], numbers[1:] != numbers[:-1]))]
    return once


def is_joined(before: int, run: int, *, most: int) -> bool:
    """Whether sorted runs of so many numbers become one: so there are few, and each is made anew seldom."""
    return before <= _TIMES_AS_LONG * run and before + run <= most


def _greatest(stories: NDArray[np.uint64], worths: NDArray[np.uint64], most: int) -> list[int]:
    """The stories with the greatest sums; of equal ones the older."""
    if not len(stories):
        return []
    # One number for both is sorted sooner than one by the other.
    pairs = stories << _WORTH_BITS | worths
    pairs.sort()
    stories = pairs >> _WORTH_BITS
    first = np.concatenate((_FIRST, (stories[1:] != stories[:-1]).nonzero()[0] + 1))
    best = np.add.reduceat(pairs & _WORTH, first)
    best <<= _SHIFT
    best |= _LOW - stories[first]
    best.sort()
    greatest: list[int] = (_LOW - (best[: -most - 1 : -1] & _LOW)).tolist()
    return greatest
