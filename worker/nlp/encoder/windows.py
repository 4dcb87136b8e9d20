"""Cuts a long sequence of word pieces into windows the encoder can read, at breaks in the text."""

from __future__ import annotations

import numpy as np


def cut(pauses: np.ndarray, *, size: int) -> list[tuple[int, int]]:
    """Half-open windows of up to `size` pieces that follow each other without gap or overlap.

    No pieces give one empty window. `pauses`: int [pieces], how strong a break stands before each piece, as
    `wordpieces.pauses` gives it.
    """
    windows = []
    start = 0
    while len(pauses) - start > size:
        end = window_end(pauses, start, size=size)
        windows.append((start, end))
        start = end
    return [*windows, (start, len(pauses))]


def window_end(pauses: np.ndarray, start: int, *, size: int) -> int:
    """Where the window from `start` ends: at the strongest break in its second half, the last if several.

    Raises ValueError where `size` is below 1.
    """
    if size < 1:
        raise ValueError(f"size takes 1 or more pieces, got {size}")
    if len(pauses) - start <= size:
        return len(pauses)
    first = start + size // 2 + 1 if size > 1 else start + 1
    second_half = pauses[first : start + size + 1]
    return first + len(second_half) - 1 - int(second_half[::-1].argmax())
