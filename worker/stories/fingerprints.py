"""Fingerprints: places of a text by which its copies are found, however they are cut or put together.

By winnowing (Schleimer, Wilkerson and Aiken 2003): every run of five words is a number, and of each ten
numbers in a row the smallest is kept. Two texts that share fifteen words in a row share a fingerprint. Of a
long text the smallest of these are kept, so that what is kept of two texts can still be compared.
"""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from worker.stories.words import is_unspaced, numbers_of

MAX_FINGERPRINTS = 64
_SHINGLE_WORDS, _SHINGLE_CHARACTERS = 5, 12
_WINDOW = 10
_FACTOR = 0x9E3779B97F4A7C15
_MIX = np.uint64(0xD6E8FEB86659FD93)
_HALF = np.uint64(32)


class Overlap(NamedTuple):
    """What two texts share: fingerprints, and their shares of the one's and the other's, in thousandths."""

    shared: int
    of_this: int
    of_that: int


def fingerprints_of(
    words: list[str],
    numbers: Mapping[str, int] | None = None,
    *,
    salt: int = 0,
    most: int = MAX_FINGERPRINTS,
) -> array[int]:
    """The fingerprints of a text, sorted; none of one with less than fourteen words.

    `numbers`: those of its words, where they are known already. `salt`: with another one, 32 bits, the same
    text has other fingerprints.
    """
    size = _SHINGLE_CHARACTERS if is_unspaced(words) else _SHINGLE_WORDS
    if len(words) < size + _WINDOW - 1:
        return array("I")
    known = numbers_of(words) if numbers is None else numbers
    row = np.fromiter([known[word] for word in words], np.uint64, len(words))
    shingles = np.zeros(len(words) - size + 1, np.uint64)
    for place in range(size):
        factor = np.uint64(pow(_FACTOR, place + 1, 1 << 64))
        shingles += row[place : place + len(shingles)] * factor
    shingles ^= np.uint64(salt)
    shingles ^= shingles >> _HALF
    shingles *= _MIX
    smallest = sliding_window_view(shingles >> _HALF, _WINDOW).min(axis=1)
    return array("I", np.unique(smallest)[:most].astype(np.uint32).tobytes())


def shared_text(this: array[int], that: array[int], *, most: int = MAX_FINGERPRINTS) -> Overlap:
    """What two texts share. If one of them is long, both are compared as far as its fingerprints reach."""
    reach = (
        min(fingers[-1] for fingers in (this, that) if len(fingers) >= most)
        if (len(this) >= most or len(that) >= most)
        else None
    )
    these = this if reach is None else this[: bisect_right(this, reach)]
    those = that if reach is None else that[: bisect_right(that, reach)]
    shared = len(set(these).intersection(those))
    return Overlap(shared, shared * 1000 // max(len(these), 1), shared * 1000 // max(len(those), 1))
