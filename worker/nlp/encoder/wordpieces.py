"""Splits text into word pieces with offsets, and keeps what an uncased vocabulary loses: shape and spacing.

Training and the running pipeline share this module, so that the encoder gets the same pieces in both.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from tokenizers import Tokenizer

WORD_SHAPES = (
    "none", "lower", "title", "letter", "upper", "mixed", "digits", "alphanumeric", "uncased", "mark"
)  # fmt: skip
"""The shape of a piece's word; the index is the encoder's input. "none" is for [CLS] and padding."""

_MARK = WORD_SHAPES.index("mark")

SPACINGS = ("none", "space", "line", "paragraph", "start")
"""What stands before a piece: nothing, a space, a line break, an empty line, or the beginning of the text."""

STOPS = (999, 1012, 1029, 1529)
"""The ids of "!", ".", "?" and "…"."""

CLOSERS = (1000, 1005, 1007, 1033, 1090, 1521, 1524)
"""The ids of the quotation marks and brackets that may close behind a stop."""

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
        """The pieces at these indices."""
        return WordPieces(
            self.ids[chosen],
            self.shapes[chosen],
            self.spacings[chosen],
            self.starts[chosen],
            self.ends[chosen],
        )


def join(headline: WordPieces, text: WordPieces) -> WordPieces:
    """A headline's pieces followed by the text's. Offsets still count from the start of either text."""
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


def shape(word: str) -> int:
    """The index in WORD_SHAPES of a word's shape: `shape("McLeod")` is that of "mixed"."""
    # A longer one is no word: the tokenizer makes it [UNK]. Nor is it remembered.
    return _shape(word) if len(word) <= 100 else _MARK


@lru_cache(maxsize=16_384)
def _shape(word: str) -> int:
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
    return WORD_SHAPES.index(name)


def spacing(gap: str) -> int:
    """The index in SPACINGS of the characters between two words."""
    if gap in ("", " "):
        return SPACINGS.index("space" if gap else "none")
    lines = gap[:100].count("\n")
    return SPACINGS.index("paragraph" if lines > 1 else "line" if lines else "space")


def pauses(pieces: WordPieces, *, is_stop: np.ndarray, is_closer: np.ndarray) -> np.ndarray:
    """The break before each piece, int64 [n]: 3 for a new line, 2 a sentence, 1 a word, 0 for none.

    bool [n]: `is_stop` of the pieces that end a sentence, `is_closer` of those that may close behind them.
    """
    ended = is_stop.copy()
    ended[1:] |= is_closer[1:] & is_stop[:-1]
    spacings = pieces.spacings
    found: np.ndarray = (spacings != SPACINGS.index("none")).astype(np.int64)
    found[1:] += found[1:] & ended[:-1]
    found[spacings >= SPACINGS.index("line")] = 3
    return found


def heads(
    pieces: WordPieces, starts: Sequence[int] | np.ndarray, ends: Sequence[int] | np.ndarray
) -> np.ndarray:
    """The index of the first piece that overlaps each token, -1 where none does.

    `starts` and `ends` are the tokens' character offsets, ascending. Tokens may share a piece: of "US$5m" the
    tokens "5" and "m" do if the vocabulary has the piece "5m".
    """
    first = np.asarray(starts, dtype=np.int64)
    if not len(pieces):
        return np.full(len(first), -1, dtype=np.int64)
    found = np.searchsorted(pieces.ends, first, side="right")
    inside = np.minimum(found, len(pieces) - 1)
    covered = (found < len(pieces)) & (pieces.starts[inside] < np.asarray(ends, dtype=np.int64))
    return np.where(covered, inside, -1)
