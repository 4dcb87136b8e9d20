"""Splits text into the pieces of a Unigram vocabulary, which many languages share and which keeps case.

Training and the running pipeline share this module, so that the encoder gets the same pieces in both.
"""

from __future__ import annotations

import re
import unicodedata

import numpy as np
from tokenizers import Tokenizer

from worker.nlp.encoder.sentencepieces import SentencePieces
from worker.nlp.encoder.wordpieces import SPACINGS, SURROGATE, WORD_SHAPES, WordPieces, shape, spacing
from worker.query.normal_forms import normalized

SPACE_MARK = "▁"
"""Stands at the beginning of a piece for the space before it."""

LETTERS_AND_DIGITS = re.compile(r"[^\W_]+(?:[\u0300-\u036f]+[^\W_]*)*")
"""Letters and digits in a row, with accents that are characters of their own."""

STOP_CHARACTERS = ".!?…。！？؟।"
CLOSING_CHARACTERS = "\"'”’“‘»«›‹)]}」』"
STOP_PIECE = re.compile(rf"[{STOP_CHARACTERS}]+[{re.escape(CLOSING_CHARACTERS)}]*")
"""A piece that ends a sentence."""

CLOSING_PIECE = re.compile(rf"[{re.escape(CLOSING_CHARACTERS)}]+")
"""A piece of quotation marks and brackets that may close behind a stop."""

_SPACE = ord(" ")
_MARK, _NONE = WORD_SHAPES.index("mark"), SPACINGS.index("none")


def split_unigram(tokenizer: Tokenizer | SentencePieces, text: str) -> WordPieces:
    """The pieces of `text`, without <s> and </s>. Takes any string, lone surrogates and NUL too.

    A piece begins behind the space that it stands for, and a piece of nothing but a space is empty. Accents
    that are characters of their own belong to the piece of their letter.
    """
    text = SURROGATE.sub("\ufffd", text)
    if isinstance(tokenizer, Tokenizer):
        encoding = tokenizer.encode(text, add_special_tokens=False)
    else:
        encoding = tokenizer.encode(text)
    offsets = np.array(encoding.offsets, dtype=np.int64).reshape(-1, 2)
    starts, ends = offsets[:, 0].copy(), offsets[:, 1].copy()
    ids = np.array(encoding.ids, dtype=np.int64)
    is_space = ids == tokenizer.token_to_id(SPACE_MARK)
    ends[is_space] = starts[is_space]
    # Normalization may move an offset back by an accent; `heads` needs pieces that never step back.
    np.maximum.accumulate(starts, out=starts)
    np.maximum.accumulate(np.maximum(ends, starts), out=ends)
    following = np.append(starts[1:], len(text))
    characters = np.frombuffer(text.encode("utf-32-le"), dtype="<u4")
    apart = np.flatnonzero((following > ends) & (ends > starts))
    for i in apart[characters[ends[apart]] != _SPACE].tolist():
        ends[i] = past_accents(text, int(ends[i]), int(following[i]))
    return WordPieces(
        ids,
        shapes(text, starts),
        spacings(text, characters, starts, ends),
        starts,
        ends,
    )


def past_accents(text: str, start: int, end: int) -> int:
    """The index behind the combining marks that begin at `start`, `end` at most."""
    while start < end and unicodedata.category(text[start])[0] == "M":
        start += 1
    return start


def shapes(text: str, starts: np.ndarray) -> np.ndarray:
    """The index in WORD_SHAPES for each piece: the shape of the letters and digits that it stands among."""
    found = list(LETTERS_AND_DIGITS.finditer(text))
    if not found:
        return np.full(len(starts), _MARK, dtype=np.int64)
    begins, finishes = np.array([word.start() for word in found]), np.array([word.end() for word in found])
    kinds = np.array([word_shape(word.group()) for word in found])
    last = np.searchsorted(begins, starts, side="right") - 1
    inside = (last >= 0) & (starts < finishes[last])
    return np.where(inside, kinds[last], _MARK)


def word_shape(word: str) -> int:
    """The index in WORD_SHAPES of a word's shape, the same whether its accents are composed or not."""
    return shape(word if len(word) > 100 or word.isalnum() else normalized("NFC", word))


def spacings(text: str, characters: np.ndarray, starts: np.ndarray, ends: np.ndarray) -> np.ndarray:
    """The index in SPACINGS of what stands before each piece. `characters`: the text's code points."""
    found = np.full(len(starts), _NONE, dtype=np.int64)
    before = np.concatenate(([0], ends[:-1]))
    apart = np.flatnonzero(starts > before)
    is_one_space = (starts[apart] - before[apart] == 1) & (characters[before[apart]] == _SPACE)
    found[apart[is_one_space]] = spacing(" ")
    for i in apart[~is_one_space].tolist():
        found[i] = spacing(text[before[i] : starts[i]])
    found[:1] = SPACINGS.index("start")
    return found
