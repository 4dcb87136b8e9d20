"""How much a word says: the rarer, the more. A table of integers that `training.stories.weights` makes."""

import struct
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

TABLE_VERSION = 1
MAX_WEIGHT = 160
"""The weight of a word that the table does not have. Sixteen are a factor of e in frequency."""
_MAGIC = b"DLSW"
_HEAD = struct.Struct("<4sHH")
_ROW = struct.Struct("<8sI")
_EMPTY = np.zeros(0, np.uint32)


class _Words(NamedTuple):
    """The words of a language: their numbers, sorted, and their weights."""

    numbers: NDArray[np.uint32]
    weights: NDArray[np.uint8]


def weigh(numbers: NDArray[np.uint32], language: str) -> NDArray[np.int64]:
    """The weight of each word (its number without a language's salt), from 0 to MAX_WEIGHT."""
    table = _tables().get(language)
    found = np.full(len(numbers), MAX_WEIGHT, np.int64)
    if table is None or not len(table.numbers):
        return found
    places = np.minimum(np.searchsorted(table.numbers, numbers), len(table.numbers) - 1)
    known = table.numbers[places] == numbers
    found[known] = table.weights[places[known]]
    return found


def has_weights(language: str) -> bool:
    """Whether the table has words of the language."""
    return language in _tables()


def table_bytes(languages: Mapping[str, Mapping[int, int]]) -> bytes:
    """The table as bytes: for each language its words' numbers with their weights."""
    parts = [_HEAD.pack(_MAGIC, TABLE_VERSION, len(languages))]
    parts += [_ROW.pack(name.encode(), len(words)) for name, words in sorted(languages.items())]
    for _, words in sorted(languages.items()):
        ordered = sorted(words.items())
        parts.append(np.array([number for number, _ in ordered], "<u4").tobytes())
        parts.append(np.array([weight for _, weight in ordered], np.uint8).tobytes())
    return b"".join(parts)


def unpack(table: bytes) -> dict[str, _Words]:
    """The languages of a table. Raises ValueError if it is none, or one of another version."""
    magic, version, count = _HEAD.unpack_from(table)
    if (magic, version) != (_MAGIC, TABLE_VERSION):
        raise ValueError(f"no table of words of version {TABLE_VERSION}")
    found, at = {}, _HEAD.size + count * _ROW.size
    for row in range(count):
        name, size = _ROW.unpack_from(table, _HEAD.size + row * _ROW.size)
        numbers = np.frombuffer(table, "<u4", size, at)
        weights = np.frombuffer(table, np.uint8, size, at + 4 * size)
        found[name.rstrip(b"\0").decode()] = _Words(numbers, weights)
        at += 5 * size
    return found


@cache
def _tables() -> Mapping[str, _Words]:
    return unpack((files("worker.stories") / "data" / "weights.bin").read_bytes())
