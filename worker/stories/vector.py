"""Sums of weighted numbers, and how alike two of them are, in integers."""

from __future__ import annotations

from array import array
from collections.abc import Mapping, Sequence
from itertools import accumulate, chain
from math import isqrt
from operator import itemgetter, mul
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

UNIT = 1024
"""The length to which an article's weights are brought before they are summed; likeness of equals."""
_MOST = 0xFFFF
_weight = itemgetter(1)
_SHIFT = np.uint64(32)
_NOTHING = np.zeros(1, np.int64)


class Vector(NamedTuple):
    """Keys, the strongest first, and their weights as 16 bits."""

    keys: array[int]
    weights: array[int]


def vector_of(weights: Mapping[int, int], most: int) -> Vector:
    """The strongest of these weights. If one is too great for 16 bits, all of them are halved."""
    ordered = sorted(weights.items())
    # Of equal weights the lower key comes first, since this keeps the order there was.
    ordered.sort(key=_weight, reverse=True)
    del ordered[most:]
    while ordered and ordered[0][1] > _MOST:
        ordered = [(key, weight >> 1) for key, weight in ordered if weight > 1]
    return Vector(array("I", [key for key, _ in ordered]), array("H", [weight for _, weight in ordered]))


def length_of(weights: Sequence[int]) -> int:
    """The length of a vector with these weights, rounded down."""
    return isqrt(sum(map(mul, weights, weights)))


def unit(keys: Sequence[int], weights: Sequence[int]) -> dict[int, int]:
    """The weights brought to a length of UNIT, by key."""
    length = length_of(weights)
    return {key: weight * UNIT // length for key, weight in zip(keys, weights, strict=True)} if length else {}


class VectorRows(NamedTuple):
    """Vectors, one behind the other: first one of each kind, then the next of each.

    `keys`, `weights`: as bytes, as they are in a `Vector`. `counts`: how many of them each vector has.
    """

    keys: bytes
    weights: bytes
    counts: list[int]


class UnitVectors:
    """Unit vectors, one of each kind, to which others are compared all at once."""

    def __init__(self, *units: Mapping[int, int]) -> None:
        counts = [*map(len, units)]
        keys = np.fromiter(chain.from_iterable(units), np.uint64, sum(counts))
        keys |= _kinds(len(units), 1).repeat(counts)
        weights = chain.from_iterable(unit.values() for unit in units)
        order = keys.argsort()
        self._number = len(units)
        self._keys, self._weights = keys[order], np.fromiter(weights, np.int64, len(keys))[order]

    def likenesses(self, rows: VectorRows) -> list[int]:
        """The cosine of each of these vectors and the one of its kind, from 0 to UNIT."""
        if not (rows.keys and len(self._keys)):
            return [0] * len(rows.counts)
        keys = np.frombuffer(rows.keys, np.uint32).astype(np.uint64)
        keys |= _kinds(self._number, len(rows.counts) // self._number).repeat(rows.counts)
        weights = np.frombuffer(rows.weights, np.uint16).astype(np.int64)
        places = self._keys.searchsorted(keys)
        products = self._weights.take(places, mode="clip") * weights
        products *= self._keys.take(places, mode="clip") == keys
        weights *= weights
        ends = [0, *accumulate(rows.counts)]
        sums = (_sums(each, ends) for each in (products, weights))
        return [
            min(product // isqrt(square), UNIT) if square else 0
            for product, square in zip(*sums, strict=True)
        ]


def _kinds(number: int, times: int) -> NDArray[np.uint64]:
    """What is added to the keys of vectors, so that those of two kinds have none in common."""
    return np.array([*range(number)] * times, np.uint64) << _SHIFT


def _sums(numbers: NDArray[np.int64], ends: list[int]) -> list[int]:
    """The sum of each row of numbers."""
    until = np.concatenate((_NOTHING, numbers.cumsum()))[ends]
    sums: list[int] = (until[1:] - until[:-1]).tolist()
    return sums


def added(this: Vector, other: Mapping[int, int], most: int) -> Vector:
    """The sum of a vector and the weights of an article."""
    weights = dict(zip(this.keys, this.weights, strict=True))
    for key, weight in other.items():
        weights[key] = weights.get(key, 0) + weight
    return vector_of(weights, most)
