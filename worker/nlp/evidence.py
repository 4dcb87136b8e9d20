"""What the encoder knows of a stretch of text: who says something, by which words, and what is said."""

from bisect import bisect_left

import numpy as np
from spacy.tokens import Doc

_UNKNOWN = 0.5
"""Without an encoder every stretch is as likely as not, and the rules decide."""


class Evidence:
    """Probabilities over character spans, from the attribution columns of `doc._.encoding`."""

    def __init__(self, doc: Doc) -> None:
        encoding = doc._.encoding if doc.has_extension("encoding") else None
        self.is_there = encoding is not None
        self._starts = [token.idx for token in doc] if encoding is not None else []
        if encoding is not None:
            self._source = encoding.roles[:, 1] + encoding.roles[:, 2]
            self._cue = encoding.roles[:, 3] + encoding.roles[:, 4]
            self._content = 1 - encoding.contents[:, 0]

    def source(self, start: int, end: int) -> float:
        """How surely the span names who says something: its surest token."""
        first, last = self._tokens(start, end)
        return float(self._source[first:last].max()) if last > first else _UNKNOWN

    def cue(self, start: int, end: int) -> float:
        """How surely the span is a cue: its surest token."""
        first, last = self._tokens(start, end)
        return float(self._cue[first:last].max()) if last > first else _UNKNOWN

    def content(self, start: int, end: int) -> float:
        """How surely the span is said: the mean of its tokens."""
        first, last = self._tokens(start, end)
        return float(self._content[first:last].mean()) if last > first else _UNKNOWN

    def runs(self, at_least: float = 0.5) -> list[tuple[int, int]]:
        """Indices of tokens that follow each other and are sources: first, one past the last."""
        if not self.is_there:
            return []
        is_source = np.concatenate(([False], self._source >= at_least, [False]))
        edges = np.flatnonzero(is_source[1:] != is_source[:-1])
        return [(int(a), int(b)) for a, b in zip(edges[::2], edges[1::2], strict=True)]

    def in_one_source(self, start: int, end: int, at_least: float = 0.35) -> bool:
        """Whether everything in the span belongs to who says something."""
        first, last = self._tokens(start, end)
        return last > first and float(self._source[first:last].min()) >= at_least

    def _tokens(self, start: int, end: int) -> tuple[int, int]:
        if not self.is_there:
            return 0, 0
        first = bisect_left(self._starts, start)
        return first, bisect_left(self._starts, end)
