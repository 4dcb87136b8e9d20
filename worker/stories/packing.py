"""Numbers in a row as bytes, each part behind the one before it."""

from __future__ import annotations

import struct
from array import array
from collections.abc import Callable
from typing import Any, TypeVar

import orjson

from worker.stories.vector import Vector


class StateError(ValueError):
    """Bytes that no worker of this version wrote."""


_Read = TypeVar("_Read")
_ITEM_BYTES = {typecode: array(typecode).itemsize for typecode in "BHI"}


def read_or_refuse(read: Callable[[bytes], _Read], value: bytes, kind: str) -> _Read:
    """What `read` makes of the bytes. Raises StateError, whatever is wrong with them."""
    try:
        return read(value)
    except (ValueError, TypeError, IndexError, struct.error) as error:
        raise StateError(f"no {kind} of this version: {error}") from None


class PackedReader:
    """Reads parts from bytes, in the order in which they were written."""

    def __init__(self, value: bytes, at: int) -> None:
        self._value = value
        self._at = at

    def numbers(self, typecode: str, count: int) -> array[int]:
        """So many numbers of a type of `array`."""
        end = self._at + count * _ITEM_BYTES[typecode]
        if end > len(self._value):
            raise StateError(f"{len(self._value)} bytes, where {end} are announced")
        numbers = array(typecode, self._value[self._at : end])
        self._at = end
        return numbers

    def vector(self, count: int) -> Vector:
        """A vector of so many keys."""
        return Vector(self.numbers("I", count), self.numbers("H", count))

    def rest(self) -> Any:
        """What is left, which is JSON."""
        return orjson.loads(self._value[self._at :])


def packed(vector: Vector) -> bytes:
    """A vector as `PackedReader.vector` reads it."""
    return vector.keys.tobytes() + vector.weights.tobytes()
