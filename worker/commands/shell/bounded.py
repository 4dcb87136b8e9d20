"""Reads lines of any length in bounded memory: a line of 1 GB is one line that is too long, not the end."""

from collections.abc import Iterator
from typing import BinaryIO, NamedTuple

BOM = b"\xef\xbb\xbf"
_CHUNK_BYTES = 1 << 20


class Line(NamedTuple):
    """A line without its ending, counted from 1. `text` is None if it is too long. `size`: its bytes read."""

    number: int
    text: bytes | None
    size: int


def bounded_lines(file: BinaryIO, most: int) -> Iterator[Line]:
    """The lines of a file. Of one that has more than `most` bytes at most a chunk is held at a time.

    A byte order mark in front of the first line is left out.
    """
    number = 0
    while text := file.readline(most + len(BOM) + 2):
        number += 1
        size = len(text)
        line = text.rstrip(b"\r\n")
        if number == 1:
            line = line.removeprefix(BOM)
        if len(line) <= most:
            yield Line(number, line, size)
            continue
        while not text.endswith(b"\n") and (text := file.readline(_CHUNK_BYTES)):
            size += len(text)
        yield Line(number, None, size)
