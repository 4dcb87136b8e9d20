"""What the encoder knows of a stretch of text: who says something, by which words, and what is said."""

from bisect import bisect_left

import numpy as np
from spacy.attrs import IDX, LENGTH
from spacy.tokens import Doc

from worker.nlp.encoder.encoding import attribution_of

_UNKNOWN = 0.5
"""Without an encoder every stretch is as likely as not, and the rules decide."""


class Evidence:
    """Probabilities over character spans, from the attribution columns of `doc._.encoding`."""

    def __init__(self, doc: Doc) -> None:
        encoding = attribution_of(doc)
        self.is_there = encoding is not None
        self._starts: list[int] = []
        if encoding is not None:
            offsets = doc.to_array([IDX, LENGTH]).astype(np.int64).reshape(len(doc), 2)
            self._starts = offsets[:, 0].tolist()
            self._ends = offsets.sum(axis=1)
            # As lists: most questions are about a word or two, and an article may ask a million.
            self._source: list[float] = (encoding.roles[:, 1] + encoding.roles[:, 2]).tolist()
            self._cue: list[float] = (encoding.roles[:, 3] + encoding.roles[:, 4]).tolist()
            self._content = 1 - encoding.contents[:, 0]

    def source(self, start: int, end: int) -> float:
        """How surely the span names who says something: its surest token."""
        first, last = self._tokens(start, end)
        return max(self._source[first:last]) if last > first else _UNKNOWN

    def cue(self, start: int, end: int) -> float:
        """How surely the span is a cue: its surest token."""
        first, last = self._tokens(start, end)
        return max(self._cue[first:last]) if last > first else _UNKNOWN

    def content(self, start: int, end: int) -> float:
        """How surely the span is said: the mean of its tokens."""
        first, last = self._tokens(start, end)
        return float(self._content[first:last].mean()) if last > first else _UNKNOWN

    def sources(self, at_least: float = 0.5) -> list[tuple[int, int]]:
        """Spans of text of tokens that follow each other and are sources."""
        if not self.is_there:
            return []
        is_source = np.concatenate(([False], np.array(self._source, dtype=np.float32) >= at_least, [False]))
        edges = np.flatnonzero(is_source[1:] != is_source[:-1])
        return [
            (self._starts[first], int(self._ends[last - 1]))
            for first, last in zip(edges[::2], edges[1::2], strict=True)
        ]

    def in_one_source(self, start: int, end: int, at_least: float = 0.35) -> bool:
        """Whether everything in the span belongs to who says something."""
        first, last = self._tokens(start, end)
        return last > first and min(self._source[first:last]) >= at_least

    def _tokens(self, start: int, end: int) -> tuple[int, int]:
        if not self.is_there:
            return 0, 0
        first = bisect_left(self._starts, start)
        return first, bisect_left(self._starts, end)
