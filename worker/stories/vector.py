"""Sums of weighted numbers, and how alike two of them are, in integers."""

from __future__ import annotations

from array import array
from collections.abc import Mapping, Sequence
from itertools import repeat
from math import isqrt
from operator import itemgetter, mul
from typing import NamedTuple

UNIT = 1024
"""The length to which an article's weights are brought before they are summed; likeness of equals."""
_MOST = 0xFFFF
_weight = itemgetter(1)


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


def likeness(this: Mapping[int, int], that: Vector) -> int:
    """The cosine of a unit vector and another, from 0 to UNIT."""
    length = length_of(that.weights)
    if not length:
        return 0
    product: int = sum(map(mul, map(this.get, that.keys, repeat(0)), that.weights))
    return min(product // length, UNIT)


def added(this: Vector, other: Mapping[int, int], most: int) -> Vector:
    """The sum of a vector and the weights of an article."""
    weights = dict(zip(this.keys, this.weights, strict=True))
    for key, weight in other.items():
        weights[key] = weights.get(key, 0) + weight
    return vector_of(weights, most)
