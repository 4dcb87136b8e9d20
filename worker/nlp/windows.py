"""Cutting a long sequence into windows the encoder can read, and putting the answers together again."""

from __future__ import annotations

from itertools import pairwise

import numpy as np


def cut(length: int, *, size: int, overlap: int) -> list[tuple[int, int]]:
    """Half-open windows over `length` pieces, as few and as equal as possible; one empty window for none.

    Neighbours share at least `overlap` pieces. Equal windows make one batch of an article without padding.
    """
    if not 0 <= overlap < size:
        raise ValueError(f"overlap takes 0 to size - 1 ({size - 1}), got {overlap}")
    if length <= size:
        return [(0, length)]
    count = -(-(length - overlap) // (size - overlap))
    width = -(-(length + (count - 1) * overlap) // count)
    starts = np.linspace(0, length - width, count).round().astype(int)
    return [(int(start), int(start) + width) for start in starts]


def owners(windows: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """The part of each window that is nearer its middle than any other's: half-open, gapless, in order."""
    edges = [windows[0][0]]
    edges += [(after[0] + before[1]) // 2 for before, after in pairwise(windows)]
    edges.append(windows[-1][1])
    return list(pairwise(edges))
