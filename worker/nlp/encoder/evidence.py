"""The encoder's attribution scores for any span of the text: source, cue and content."""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from spacy.tokens import Doc

from worker.nlp.encoder.encoding import attribution_of
from worker.nlp.encoder.text import token_bounds

_EVIDENCE = "attribution_evidence"
_UNKNOWN = 0.5
"""The answer for every span without an encoder, so that the rules alone decide."""


@dataclass(frozen=True, slots=True)
class TokenScores:
    """The places of the tokens, and how probably each is content, cue and source."""

    starts: Sequence[int]
    ends: Sequence[int]
    content: Sequence[float]
    cue: Sequence[float]
    source: Sequence[float]

    def between(self, start: int, end: int) -> tuple[int, int]:
        """The tokens that begin within a span: first, one past the last."""
        return bisect_left(self.starts, start), bisect_left(self.starts, end)


class AttributionEvidence:
    """Probabilities over character spans, from the attribution columns of `doc._.encoding`."""

    def __init__(self, doc: Doc) -> None:
        encoding = attribution_of(doc)
        self.is_available = encoding is not None
        self._starts: list[int] = []
        if encoding is not None:
            starts, self._ends = token_bounds(doc)
            self._starts = starts.tolist()
            # Lists are faster than arrays for a word or two, and an article may ask a million times.
            self._source: list[float] = (encoding.roles[:, 1] + encoding.roles[:, 2]).tolist()
            self._cue: list[float] = (encoding.roles[:, 3] + encoding.roles[:, 4]).tolist()
            self._content = 1 - encoding.contents[:, 0]

    def source(self, start: int, end: int) -> float:
        """The probability that the span is a source: that of its most probable token."""
        first, last = self._tokens(start, end)
        return max(self._source[first:last]) if last > first else _UNKNOWN

    def cue(self, start: int, end: int) -> float:
        """The probability that the span is a cue: that of its most probable token."""
        first, last = self._tokens(start, end)
        return max(self._cue[first:last]) if last > first else _UNKNOWN

    def content(self, start: int, end: int) -> float:
        """The probability that the span is content of a quote: the mean of its tokens."""
        first, last = self._tokens(start, end)
        return float(self._content[first:last].mean()) if last > first else _UNKNOWN

    def sources(self, at_least: float = 0.5) -> list[tuple[int, int]]:
        """The spans of text made of consecutive tokens that are sources."""
        if not self.is_available:
            return []
        is_source = np.concatenate(([False], np.array(self._source, dtype=np.float32) >= at_least, [False]))
        edges = np.flatnonzero(is_source[1:] != is_source[:-1])
        return [
            (self._starts[first], int(self._ends[last - 1]))
            for first, last in zip(edges[::2], edges[1::2], strict=True)
        ]

    def in_one_source(self, start: int, end: int, at_least: float = 0.35) -> bool:
        """Whether every token of the span is part of a source."""
        first, last = self._tokens(start, end)
        return last > first and min(self._source[first:last]) >= at_least

    def scores(self) -> "TokenScores":
        """What the encoder says of each token, for whoever reads them all."""
        ends = [int(end) for end in self._ends]
        content = [float(score) for score in self._content]
        return TokenScores(self._starts, ends, content, self._cue, self._source)

    def _tokens(self, start: int, end: int) -> tuple[int, int]:
        if not self.is_available:
            return 0, 0
        first = bisect_left(self._starts, start)
        return first, bisect_left(self._starts, end, first)


def attribution_evidence_of(doc: Doc) -> AttributionEvidence:
    """The evidence in a doc, made once: quotes and speakers of a table both ask for it."""
    found: AttributionEvidence | None = doc.user_data.get(_EVIDENCE)
    if found is None:
        found = doc.user_data[_EVIDENCE] = AttributionEvidence(doc)
    return found
