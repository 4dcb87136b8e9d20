"""Text to word pieces with offsets, and the two features that an uncased vocabulary loses: shape and spacing.

Training and the running pipeline share this module, so that the encoder meets the same pieces in both.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from tokenizers import Tokenizer

SHAPES = ("none", "lower", "title", "letter", "upper", "mixed", "digits", "alphanumeric", "uncased", "mark")
"""The shape of a piece's word; the index is the encoder's input. "none" is for [CLS] and padding."""

SPACINGS = ("none", "space", "line", "paragraph", "start")
"""What stands before a piece: nothing, a space, a line break, an empty line, or the beginning of the text."""

STOPS = (999, 1012, 1029, 1529)
"""The ids of "!", ".", "?" and "…"."""

CLOSERS = (1000, 1005, 1007, 1033, 1090, 1521, 1524)
"""The ids of the marks that close what a stop ended: quotes and brackets."""

SURROGATE = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True)
class WordPieces:
    """The pieces of one text, as parallel arrays of length n.

    `ids`, `shapes` and `spacings` are the encoder's inputs (int64); `starts` and `ends` are half-open
    offsets in code points of the text (int64).
    """

    ids: np.ndarray
    shapes: np.ndarray
    spacings: np.ndarray
    starts: np.ndarray
    ends: np.ndarray

    def __len__(self) -> int:
        return len(self.ids)

    def take(self, chosen: slice | np.ndarray) -> WordPieces:
        """Some of the pieces."""
        return WordPieces(
            self.ids[chosen],
            self.shapes[chosen],
            self.spacings[chosen],
            self.starts[chosen],
            self.ends[chosen],
        )


def join(headline: WordPieces, text: WordPieces) -> WordPieces:
    """A headline's pieces, then the text's. The offsets stay those of the two texts."""
    names = ("ids", "shapes", "spacings", "starts", "ends")
    return WordPieces(*(np.concatenate((getattr(headline, n), getattr(text, n))) for n in names))


def split(tokenizer: Tokenizer, text: str) -> WordPieces:
    """The word pieces of `text`, without [CLS] and [SEP]. Takes any string, lone surrogates and NUL too."""
    encoding = tokenizer.encode(SURROGATE.sub("\ufffd", text), add_special_tokens=False)
    size = len(encoding.ids)
    offsets = np.array(encoding.offsets, dtype=np.int64).reshape(size, 2)
    starts, ends = offsets[:, 0].copy(), offsets[:, 1].copy()
    first = np.flatnonzero(np.diff(np.array(encoding.word_ids, dtype=np.int64), prepend=-1))
    past = np.append(first[1:], size)[: len(first)]
    begins, finishes = starts[first].tolist(), ends[past - 1].tolist()
    word_shapes = [shape(text[begin:end]) for begin, end in zip(begins, finishes, strict=True)]
    spacings = np.zeros(size, dtype=np.int64)
    spacings[first] = [spacing(text[end:begin]) for end, begin in zip([0, *finishes], begins, strict=False)]
    spacings[:1] = SPACINGS.index("start")
    return WordPieces(
        np.array(encoding.ids, dtype=np.int64),
        np.repeat(np.array(word_shapes, dtype=np.int64), past - first),
        spacings,
        starts,
        ends,
    )


@lru_cache(maxsize=16_384)
def shape(word: str) -> int:
    """The index in SHAPES of a word's shape: `shape("McLeod")` is that of "mixed"."""
    if len(word) > 100:  # no word: the tokenizer makes it [UNK]
        return SHAPES.index("mark")
    if word.isdigit():
        name = "digits"
    elif not word.isalnum():
        name = "mark"
    elif not word.isalpha():
        name = "alphanumeric"
    elif word.islower():
        name = "lower"
    elif len(word) == 1 and word.isupper():
        name = "letter"
    elif word.istitle():
        name = "title"
    elif word.isupper():
        name = "upper"
    else:
        name = "mixed" if word.lower() != word else "uncased"
    return SHAPES.index(name)


def spacing(gap: str) -> int:
    """The index in SPACINGS for the characters between two words."""
    if gap in ("", " "):
        return SPACINGS.index("space" if gap else "none")
    lines = gap[:100].count("\n")
    return SPACINGS.index("paragraph" if lines > 1 else "line" if lines else "space")


def pauses(pieces: WordPieces) -> np.ndarray:
    """How the text pauses before each piece, int64 [n]: 3 a new line, 2 a sentence, 1 a word, 0 not."""
    stops, closers = np.isin(pieces.ids, STOPS), np.isin(pieces.ids, CLOSERS)
    ended = stops.copy()
    ended[1:] |= closers[1:] & stops[:-1]
    spacings = pieces.spacings
    found = (spacings != SPACINGS.index("none")).astype(np.int64)
    found[1:] += found[1:] & ended[:-1]
    found[spacings >= SPACINGS.index("line")] = 3
    return found


def heads(pieces: WordPieces, starts: Sequence[int], ends: Sequence[int]) -> np.ndarray:
    """The piece that speaks for each token, -1 where there is none.

    `starts` and `ends` are the tokens' character offsets, ascending. A token's head is the first piece that
    overlaps it: for "US$5m" cut into "US$", "5" and "m", the last two share the piece "5" if the vocabulary
    has it so, else "5m".
    """
    starts = np.asarray(starts, dtype=np.int64)
    ends = np.asarray(ends, dtype=np.int64)
    if not len(pieces):
        return np.full(len(starts), -1, dtype=np.int64)
    found = np.searchsorted(pieces.ends, starts, side="right")
    inside = np.minimum(found, len(pieces) - 1)
    covered = (found < len(pieces)) & (pieces.starts[inside] < ends)
    return np.where(covered, inside, -1)
