"""Sums of weighted numbers, and how alike two of them are, in integers."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from functools import cache
from itertools import accumulate
from math import isqrt
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

UNIT = 1024
"""The length to which an article's weights are brought before they are summed; likeness of equals."""
_MOST = 0xFFFF
_SHIFT = np.uint64(32)
_LOW = np.uint64(0xFFFFFFFF)
# Above a key: a weight, which takes 17 bits when it is summed, and above that the vector's kind.
_KIND_SHIFT, _WEIGHT_MASK = np.uint64(52), np.int64(0xFFFFF)
_KIND_BITS, _KEY_AND_KIND = np.uint64(2), np.uint64((1 << 34) - 1)
_KIND_TO_SLOT, _SLOT = np.uint64(30), np.uint64(0xFFFF)
_TABLE = np.zeros(1 << 16, np.int16)
_Row = tuple["array[int]", "array[int]"]
"""Keys and their weights."""


class Vector(NamedTuple):
    """Keys, the strongest first, and their weights as 16 bits."""

    keys: array[int]
    weights: array[int]


NO_VECTOR = Vector(array("I"), array("H"))


class VectorRows(NamedTuple):
    """Vectors, one behind the other: first one of each kind, then the next of each.

    `keys`, `weights`: as bytes, as they are in a `Vector`. `counts`: how many of them each vector has.
    """

    keys: bytes
    weights: bytes
    counts: list[int]


class KindVectors:
    """Vectors, one of each kind, whose keys are in order: others are compared or summed with all at once."""

    def __init__(self, keys: NDArray[np.uint64], weights: NDArray[np.int64], number: int) -> None:
        self._keys, self._weights, self._number = keys, weights, number

    def likenesses(self, rows: VectorRows) -> list[int]:
        """The cosine of each of these vectors and the one of its kind, from 0 to UNIT."""
        if not (rows.keys and len(self._keys)):
            return [0] * len(rows.counts)
        keys = np.frombuffer(rows.keys, np.uint32).astype(np.uint64)
        keys |= _kinds(self._number, len(rows.counts) // self._number).repeat(rows.counts)
        weights = np.frombuffer(rows.weights, np.uint16).astype(np.int64)
        places = self._places(keys)
        both = np.empty((2, len(keys)), np.int64)
        np.multiply(self._weights.take(places, mode="clip"), weights, out=both[0])
        both[0] *= self._keys.take(places, mode="clip") == keys
        np.multiply(weights, weights, out=both[1])
        return [
            min(product // isqrt(square), UNIT) if square else 0
            for product, square in zip(*_sums(both, [0, *accumulate(rows.counts)]), strict=True)
        ]

    def _places(self, keys: NDArray[np.uint64]) -> NDArray[Any]:
        """Where each of these keys is among those here; somewhere if it is not there.

        A table tells it in less time than a search. It is never emptied: whoever asks compares the keys.
        """
        own, numbers = _slots(self._keys), np.arange(len(self._keys), dtype=np.int16)
        _TABLE[own] = numbers
        if (_TABLE[own] == numbers).all():
            return _TABLE[_slots(keys)]
        return self._keys.searchsorted(keys)

    def added_to(self, vectors: Sequence[Vector], most: Sequence[int]) -> list[Vector]:
        """The sums of other vectors, one of each kind, and these: of each its strongest keys."""
        keys, weights = self._keys, self._weights
        if any(row for row, _ in vectors):
            theirs, sums = _keys(vectors), _weights(vectors)
            places = keys.searchsorted(theirs)
            is_new = np.ones(len(keys), np.bool_)
            if len(keys):
                is_common = keys.take(places, mode="clip") == theirs
                places = places[is_common]
                sums[is_common] += weights[places]
                is_new[places] = False
            keys, weights = np.concatenate((theirs, keys[is_new])), np.concatenate((sums, weights[is_new]))
        return [*map(_strongest, *_by_kind(keys, weights, self._number), most)]


def kind_vectors(*vectors: _Row) -> KindVectors:
    """These keys with their weights."""
    weights, counts = _weights(vectors), [len(keys) for keys, _ in vectors]
    (found,) = _in_order([vectors], weights, counts, left=np.ones(len(weights), np.bool_))
    return found


def unit_vectors(articles: Sequence[Sequence[_Row]]) -> list[KindVectors]:
    """The vectors of each article, one of each kind, brought to a length of UNIT."""
    rows = [row for vectors in articles for row in vectors]
    if not rows:
        return []
    weights, counts = _weights(rows), [len(keys) for keys, _ in rows]
    lengths = np.array([*map(isqrt, _sums(weights * weights, [0, *accumulate(counts)]))], np.int64)
    weights *= UNIT
    weights //= np.maximum(lengths, 1).repeat(counts)
    # Of a vector without length nothing is left. None of the project's sketches has one with keys.
    return _in_order(articles, weights, counts, left=lengths.repeat(counts) > 0)


def _in_order(
    articles: Sequence[Sequence[_Row]],
    weights: NDArray[np.int64],
    counts: list[int],
    left: NDArray[np.bool_],
) -> list[KindVectors]:
    """The vectors of each article, their keys in order. Of a key that is there twice the later one counts."""
    number = len(articles[0])
    keys = np.frombuffer(b"".join([keys for vectors in articles for keys, _ in vectors]), np.uint32)
    # Above a key its kind, and above that its article.
    whose = np.arange(len(articles), dtype=np.uint64).repeat(number) << _KIND_BITS
    whose |= _kinds(number, len(articles)) >> _SHIFT
    found = whose.repeat(counts) << _SHIFT
    found |= keys
    order = found.argsort(kind="stable")
    found, weights = found[order], weights[order]
    left = left[order]
    left[:-1] &= found[1:] != found[:-1]
    if not left.all():
        found, weights = found[left], weights[left]
    ends = found.searchsorted(np.arange(1, len(articles), dtype=np.uint64) << (_SHIFT + _KIND_BITS)).tolist()
    found &= _KEY_AND_KIND
    return [
        KindVectors(found[begin:end], weights[begin:end], number)
        for begin, end in zip([0, *ends], [*ends, len(found)], strict=True)
    ]


def _keys(vectors: Sequence[_Row]) -> NDArray[np.uint64]:
    """The keys of vectors, one of each kind, so that those of two kinds have none in common."""
    keys = np.frombuffer(b"".join([keys for keys, _ in vectors]), np.uint32).astype(np.uint64)
    keys |= _kinds(len(vectors), 1).repeat([len(keys) for keys, _ in vectors])
    return keys


def _weights(vectors: Sequence[_Row]) -> NDArray[np.int64]:
    weights = b"".join([weights for _, weights in vectors])
    return np.frombuffer(weights, vectors[0][1].typecode).astype(np.int64)


def _slots(keys: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Where keys stand in the table: of one in eight articles two keys stand at the same place."""
    slots = keys >> _KIND_TO_SLOT
    slots ^= keys
    slots &= _SLOT
    return slots


@cache
def _kinds(number: int, times: int) -> NDArray[np.uint64]:
    """What is added to the keys of vectors, so that those of two kinds have none in common."""
    return np.array([*range(number)] * times, np.uint64) << _SHIFT


def _sums(numbers: NDArray[np.int64], ends: list[int]) -> Any:
    """The sums of the parts of a row of numbers, or of the same parts of each of several rows."""
    until = np.zeros((*numbers.shape[:-1], numbers.shape[-1] + 1), np.int64)
    numbers.cumsum(axis=-1, out=until[..., 1:])
    until = until[..., ends]
    return (until[..., 1:] - until[..., :-1]).tolist()


def _by_kind(
    keys: NDArray[np.uint64], weights: NDArray[np.int64], number: int
) -> tuple[list[NDArray[np.uint32]], list[NDArray[np.int64]]]:
    """The keys of each kind, the strongest first and of equal ones the lowest, and their weights."""
    ordered = (_WEIGHT_MASK - weights).astype(np.uint64)
    ordered <<= _SHIFT
    ordered |= (keys >> _SHIFT) << _KIND_SHIFT
    ordered |= keys & _LOW
    ordered.sort()
    ends = ordered.searchsorted(_kinds(number, 1)[1:] << (_KIND_SHIFT - _SHIFT)).tolist()
    keys_only = ordered.astype(np.uint32)
    ordered >>= _SHIFT
    falling = _WEIGHT_MASK - (ordered.astype(np.int64) & _WEIGHT_MASK)
    parts = [slice(*each) for each in zip([0, *ends], [*ends, len(ordered)], strict=True)]
    return [keys_only[part] for part in parts], [falling[part] for part in parts]


def _strongest(keys: NDArray[np.uint32], weights: NDArray[np.int64], most: int) -> Vector:
    """A vector of the first of these. If one weight is too great for 16 bits, all of them are halved."""
    keys, weights = keys[:most], weights[:most]
    while len(weights) and weights[0] > _MOST:
        keys, weights = keys[weights > 1], weights[weights > 1] >> 1
    return Vector(array("I", keys.tobytes()), array("H", weights.astype(np.uint16).tobytes()))
