"""Finds the few open stories that share rare words or names with an article.

A hundred thousand stories have three million postings, which as a dict of Python would take a third of a
gigabyte. They are kept as sorted runs of packed pairs, of which small ones become a large one now and then.
What is found does not depend on how the runs are divided.
"""

from __future__ import annotations

from array import array
from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import chain, pairwise, repeat

import numpy as np
from numpy.typing import NDArray

from worker.stories.index.pairs import (
    Integers,
    SortedPairs,
    UnsortedPairs,
    distinct,
    is_joined,
    without_repeats,
)

MAX_POSTINGS = 500
MAX_CANDIDATES = 6
_RECENT = 1 << 13
_LONGEST_RUN = 1 << 20
_SHIFT = np.uint64(32)
_LOW = np.uint64(0xFFFFFFFF)
_BITS = np.array([count.bit_length() for count in range(MAX_POSTINGS + 1)])
_WHOLE = np.int64(64)
_FIRST = np.zeros(1, np.int64)
# What a posting counts is less than 255 * 64 / 8.
_WORTH_BITS, _WORTH = np.uint64(16), np.uint64(0xFFFF)
_NOBODY: tuple[int, ...] = ()


class _Found:
    """Where the stories of some keys are in each run: the keys, in order, and a row for each run.

    It holds as long as the runs are the same, if it is told which pairs are taken away from them.
    """

    def __init__(self, numbers: Integers, runs: list[SortedPairs]) -> None:
        self.numbers = numbers
        self.begins, self.counts = np.zeros((2, len(runs), len(numbers)), np.int64)
        for place, run in enumerate(runs):
            self.begins[place], self.counts[place] = run.find(numbers)

    def of(self, numbers: Integers) -> tuple[Integers, Integers] | None:
        """The same for some of these keys; None if others are among them."""
        places = self.numbers.searchsorted(numbers)
        if not (self.numbers.take(places, mode="clip") == numbers).all():
            return None
        return self.begins[:, places], self.counts[:, places]

    def note_removed(self, run: int, numbers: Sequence[int]) -> None:
        """One story was taken away from each of these keys. Where the others begin is as it was."""
        wanted = np.array(numbers, np.int64)
        places = self.numbers.searchsorted(wanted)
        places = places[self.numbers.take(places, mode="clip") == wanted]
        self.counts[run, places] -= 1


class Postings:
    """For each word or name, the numbers of the stories that it stands for."""

    def __init__(self) -> None:
        self._recent: dict[int, tuple[int, ...]] = {}
        self._recent_size = 0
        self._runs: list[SortedPairs] = []
        self._restored = UnsortedPairs()
        self._foreseen: _Found | None = None

    def __len__(self) -> int:
        return self._recent_size + sum(len(run) - run.gone for run in self._runs)

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
            self._runs.append(SortedPairs(np.sort(np.array(pairs, np.uint64))))
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
            self._runs.append(SortedPairs(without_repeats(pairs)))

    def remove(self, story: int, keys: Collection[int]) -> None:
        """Takes a story from keys, none of them twice, under which it is posted."""
        recent, stored = self._recent, []
        for key in keys:
            there = recent.get(key, _NOBODY)
            if story not in there:
                stored.append(key)
                continue
            self._recent_size -= 1
            if len(there) == 1:
                del recent[key]
            else:
                recent[key] = tuple(each for each in there if each != story)
        for place in reversed(range(len(self._runs))):
            if not stored:
                break
            run = self._runs[place]
            had = run.remove(stored, story)
            if not had:
                continue
            if self._foreseen is not None:
                self._foreseen.note_removed(place, had)
            stored = [*set(stored).difference(had)]
            if 2 * run.gone > len(run):
                left, self._foreseen = run.unpacked(), None
                self._runs[place : place + 1] = [SortedPairs(left)] if len(left) else []
        assert not stored, f"story {story} is not posted under {stored}"

    def foresee(self, keys: Iterable[array[int]]) -> None:
        """Looks up the keys of articles that come next, which takes less time for all at once."""
        numbers = distinct(np.frombuffer(b"".join(keys), np.uint32))
        self._foreseen = _Found(numbers.astype(np.int64), self._runs) if len(numbers) else None

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
        begins, counts = self._found(numbers.astype(np.int64))
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

    def _found(self, numbers: Integers) -> tuple[Integers, Integers]:
        """Where the stories of each of these keys begin in each run, and how many there are."""
        found = None if self._foreseen is None else self._foreseen.of(numbers)
        if found is not None:
            return found
        looked_up = _Found(numbers, self._runs)
        return looked_up.begins, looked_up.counts

    def _stories(self, begins: Integers, counts: Integers) -> Iterator[NDArray[np.uint64]]:
        """Of each run, the stories that begin there and are so many."""
        ends = counts.cumsum()
        places = (begins.ravel() + counts.ravel() - ends).repeat(counts.ravel())
        places += np.arange(len(places))
        until = [0, *ends[len(begins[0]) - 1 :: len(begins[0])].tolist()] if counts.size else []
        for run, (begin, end) in zip(self._runs, pairwise(until), strict=False):
            if begin < end:
                yield run.owners(places[begin:end]).astype(np.uint64)

    def _join(self) -> None:
        """Makes one run of two neighbours, as long as they are of about one size and not too long."""
        runs, place = self._runs, len(self._runs) - 1
        while place > 0:
            before, run = runs[place - 1 : place + 1]
            if is_joined(len(before), len(run), most=_LONGEST_RUN):
                pairs = np.concatenate((before.unpacked(), run.unpacked()))
                pairs.sort(kind="stable")
                runs[place - 1 : place + 1] = [SortedPairs(pairs)]
            place -= 1


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
