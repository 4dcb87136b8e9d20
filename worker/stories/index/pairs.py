"""Pairs of a key and an owner, sorted, in little more than four bytes each.

Both are numbers of 32 bits, and a pair of them would take eight bytes. But the first bits of a key follow
from where it stands among the others, and of the owners few are in one run: a place among these takes fewer
bits than a number. So the rest of the key and the owner's place share 32 bits, and a table says where the
keys with the same first bits begin.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Sequence
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

_KEY_BITS = 32
_SHIFT = np.uint64(_KEY_BITS)
_ALL_ONES = 0xFFFFFFFF
_LOW = np.uint64(_ALL_ONES)
# So many pairs have the same first bits of a key; a table's number for fewer would take too much room.
_PAIRS_A_NUMBER = 16
_FILTERED, _BITS_A_KEY = 1 << 16, 12
# Owners whose numbers lie so close are counted in a table, which takes less time than a search.
_CLOSE = 8
_TIMES_AS_LONG = 4
_BYTE, _IN_BYTE = 3, 7
_TRUE = np.ones(1, np.bool_)
_ALL = slice(None)

Integers = NDArray[np.int64]
_Number = TypeVar("_Number", np.uint32, np.uint64)


class SortedPairs:
    """Pairs that are looked up by their keys; some may be taken away. `gone`: how many were."""

    __slots__ = ("_bits", "_filter", "_filter_mask", "_last", "_owners", "_packed", "_table", "gone")

    def __init__(self, pairs: NDArray[np.uint64]) -> None:
        """`pairs`: in order, the key above the owner."""
        self.gone = 0
        self._owners, places = _numbered((pairs & _LOW).astype(np.uint32))
        # An owner's place is less than _last, which stands for the owner of a pair that was taken away.
        self._bits = bits = max(len(self._owners).bit_length(), (len(pairs) // _PAIRS_A_NUMBER).bit_length())
        self._last = (1 << bits) - 1
        pairs = pairs >> _SHIFT
        self._filter, self._filter_mask = _filter_of(pairs)
        self._table = np.zeros((1 << bits) + 1, np.uint32)
        first_bits = (pairs >> np.uint64(_KEY_BITS - bits)).astype(np.int64)
        self._table[1:] = np.bincount(first_bits, minlength=1 << bits).cumsum()
        self._packed = pairs.astype(np.uint32)
        self._packed <<= np.uint32(bits)
        self._packed |= places

    def __len__(self) -> int:
        return len(self._packed)

    def unpacked(self) -> NDArray[np.uint64]:
        """The pairs that were not taken away, as they were given."""
        pairs = np.arange(len(self._table) - 1, dtype=np.uint64).repeat(np.diff(self._table))
        pairs <<= np.uint64(_KEY_BITS - self._bits)
        pairs |= self._packed >> np.uint32(self._bits)
        pairs <<= _SHIFT
        places = self._packed & np.uint32(self._last)
        if self.gone:
            is_left = places != self._last
            pairs, places = pairs[is_left], places[is_left]
        pairs |= self._owners[places]
        return pairs

    def find(self, keys: Integers, *, since: int = 0) -> tuple[Integers, Integers]:
        """Where the pairs of each key begin with an owner of at least `since`, and how many there are."""
        begins, counts = np.zeros((2, len(keys)), np.int64)
        some = self._possible(keys)
        first = int(self._owners.searchsorted(np.uint32(since))) if since else 0
        found, ends = self._search(keys[some], first, self._last)
        begins[some], counts[some] = found, ends - found
        return begins, counts

    def owners(self, places: Integers) -> NDArray[np.uint32]:
        """Whose the pairs at these places are."""
        return self._owners.take(self._packed.take(places) & np.uint32(self._last))

    def remove(self, keys: Sequence[int], owner: int) -> list[int]:
        """Takes away the pairs of an owner and these keys, none of them twice; returns the keys that it had.

        What is left of a key moves up, and begins where it began.
        """
        place = int(self._owners.searchsorted(np.uint32(owner)))
        if place == len(self._owners) or self._owners[place] != owner:
            return []
        had, last, bits = [], self._last, self._bits
        # Of so few keys a search for each takes less time than one for all at once.
        packed, table = self._packed.data, self._table.data
        for key in keys:
            first_bits, rest = key >> (_KEY_BITS - bits), key << bits & _ALL_ONES
            end = table[first_bits + 1]
            at = bisect_left(packed, rest | place, table[first_bits], end)
            if at < end and packed[at] == rest | place:
                end = bisect_left(packed, rest | last, at + 1, end)
                packed[at : end - 1] = packed[at + 1 : end]
                packed[end - 1] = rest | last
                had.append(key)
        self.gone += len(had)
        return had

    def _possible(self, keys: Integers) -> Any:
        """Where in `keys` those are that there may be.

        A key that is looked for in a million pairs meets places that no cache has. A filter says of nine of
        ten keys that are not there that they are not.
        """
        if self._filter is None:
            return _ALL
        keys = keys & self._filter_mask
        return (self._filter[keys >> _BYTE] >> (keys & _IN_BYTE).astype(np.uint8) & 1).nonzero()[0]

    def _search(self, keys: Integers, *owners: int) -> Integers:
        """For each of these places of an owner, how many pairs are less than each key with it."""
        buckets = keys >> (_KEY_BITS - self._bits)
        begins = self._table[buckets].astype(np.int64)
        ends = self._table[buckets + 1].astype(np.int64)
        rest = (keys << self._bits) & _ALL_ONES
        wanted = np.array([rest | owner for owner in owners]).astype(np.uint32)
        places = np.array([begins] * len(owners))
        places -= 1
        step = 1 << int((ends - begins).max(initial=0)).bit_length()
        while step := step >> 1:
            ahead = places + step
            is_less = self._packed.take(ahead, mode="clip") < wanted
            is_less &= ahead < ends
            places += is_less * step
        places += 1
        return places


class UnsortedPairs:
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
        """All pairs in order, the key above the owner. Nothing is left here."""
        pairs = np.frombuffer(b"".join(self._keys), np.uint32).astype(np.uint64)
        pairs <<= _SHIFT
        pairs |= np.array(self._owners, np.uint64).repeat(self._counts)
        pairs.sort()
        self._keys, self._owners, self._counts, self._size = [], [], [], 0
        return pairs


def distinct(numbers: NDArray[np.uint32]) -> NDArray[np.uint32]:
    """Each of these numbers once, in order. (NumPy's own `unique` takes ten times as long.)"""
    return without_repeats(np.sort(numbers))


def without_repeats(numbers: NDArray[_Number]) -> NDArray[_Number]:
    """Each of these numbers, which are in order, once."""
    once: NDArray[_Number] = numbers[np.concatenate((_TRUE[: len(numbers)], numbers[1:] != numbers[:-1]))]
    return once


def is_joined(before: int, run: int, *, most: int) -> bool:
    """Whether sorted runs of so many pairs become one: so there are few, and each is made anew seldom."""
    return before <= _TIMES_AS_LONG * run and before + run <= most


def _numbered(owners: NDArray[np.uint32]) -> tuple[NDArray[np.uint32], NDArray[np.uint32]]:
    """Each owner once, in order, and for each of `owners` its place there."""
    least = int(owners.min())
    span = int(owners.max()) - least + 1
    if span > _CLOSE * len(owners):
        each = distinct(owners)
        return each, each.searchsorted(owners).astype(np.uint32)
    owners = owners - np.uint32(least)
    is_there = np.zeros(span, np.bool_)
    is_there[owners] = True
    places = is_there.cumsum(dtype=np.uint32)
    places -= 1
    return is_there.nonzero()[0].astype(np.uint32) + np.uint32(least), places[owners]


def _filter_of(keys: NDArray[np.uint64]) -> tuple[NDArray[np.uint8] | None, int]:
    """A bit for each key that may be there, and what of a key says where its bit is. None of few keys."""
    if len(keys) < _FILTERED:
        return None, 0
    mask = (1 << (_BITS_A_KEY * len(keys)).bit_length() - 1) - 1
    flags = np.zeros(mask + 1, np.bool_)
    flags[keys & np.uint64(mask)] = True
    return np.packbits(flags, bitorder="little"), mask
