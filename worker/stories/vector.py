"""Sums of weighted numbers, and how alike two of them are, in integers."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Mapping
from math import isqrt
from typing import NamedTuple

UNIT = 1024
"""The length to which an article's weights are brought before they are summed; likeness of equals."""
_MOST = 0xFFFF


class Vector(NamedTuple):
    """Keys, the strongest first, their weights as 16 bits, and the length of all of them."""

    keys: array[int]
    weights: array[int]
    length: int


def vector_of(weights: Mapping[int, int], most: int) -> Vector:
    """The strongest of these weights. If one is too great for 16 bits, all of them are halved."""
    ordered = sorted(weights.items(), key=_by_weight)[:most]
    while ordered and ordered[0][1] > _MOST:
        ordered = [(key, weight >> 1) for key, weight in ordered if weight > 1]
    values = array("H", [weight for _, weight in ordered])
    return Vector(array("I", [key for key, _ in ordered]), values, length_of(values))


def _by_weight(item: tuple[int, int]) -> tuple[int, int]:
    return -item[1], item[0]


def length_of(weights: Iterable[int]) -> int:
    """The length of a vector with these weights, rounded down."""
    return isqrt(sum([weight * weight for weight in weights]))


def unit(keys: Iterable[int], weights: Iterable[int]) -> dict[int, int]:
    """The weights brought to a length of UNIT, by key."""
    values = list(weights)
    length = length_of(values)
    return {key: weight * UNIT // length for key, weight in zip(keys, values, strict=True)} if length else {}


def likeness(this: Mapping[int, int], that: Vector) -> int:
    """The cosine of a unit vector and another, from 0 to UNIT."""
    if not that.length:
        return 0
    get = this.get
    product = 0
    for key, weight in zip(that.keys, that.weights, strict=True):
        if mine := get(key):
            product += mine * weight
    return min(product // that.length, UNIT)


def added(this: Vector, other: Mapping[int, int], most: int) -> Vector:
    """The sum of a vector and the weights of an article."""
    weights = dict(zip(this.keys, this.weights, strict=True))
    for key, weight in other.items():
        weights[key] = weights.get(key, 0) + weight
    return vector_of(weights, most)
