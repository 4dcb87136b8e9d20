"""What the encoder reads: a tokenizer's pieces, the two that begin and end a window, and where text pauses.

There are two kinds of tokenizers: word pieces of an uncased English vocabulary, and a Unigram vocabulary of
many languages.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
from tokenizers import Tokenizer
from tokenizers.models import Unigram

from worker.nlp.encoder.sentencepieces import SentencePieces
from worker.nlp.encoder.unigram import CLOSING_PIECE, SPACE_MARK, STOP_PIECE, split_unigram
from worker.nlp.encoder.wordpieces import CLOSERS, STOPS, WordPieces, pauses, split

CLS_ID, SEP_ID = 101, 102
"""The ids of [CLS] and [SEP], which begin and end a window of word pieces."""


class PieceReader:
    """Reads text as pieces of a tokenizer's vocabulary.

    `begin` and `end` are the ids of the pieces that stand around each window, `mask` that of the piece that
    training hides others behind.
    """

    def __init__(self, tokenizer: Tokenizer, pieces: bytes = b"") -> None:
        """`pieces`: a model of sentencepiece with the vocabulary, where the tokenizer has none of its own."""
        tokenizer.no_truncation()
        tokenizer.no_padding()
        self.tokenizer = tokenizer
        self.sentencepieces = SentencePieces(tokenizer, pieces) if pieces else None
        self.is_unigram = isinstance(tokenizer.model, Unigram)
        self.begin, self.end, self.mask = CLS_ID, SEP_ID, 103
        stops: Sequence[int] = STOPS
        closers: Sequence[int] = CLOSERS
        vocabulary = self._vocabulary()
        if self.is_unigram:
            self.begin, self.end, self.mask = (vocabulary[piece] for piece in ("<s>", "</s>", "<mask>"))
            stops = ids_that_match(STOP_PIECE, vocabulary)
            closers = ids_that_match(CLOSING_PIECE, vocabulary)
        size = 1 + max(*vocabulary.values(), *stops, *closers)
        self._is_stop, self._is_closer = np.zeros(size, dtype=bool), np.zeros(size, dtype=bool)
        """By the id of a piece."""
        self._is_stop[list(stops)] = True
        self._is_closer[list(closers)] = True

    def split(self, text: str) -> WordPieces:
        """The pieces of `text`, without those around a window. Takes any string."""
        if not self.is_unigram:
            return split(self.tokenizer, text)
        return split_unigram(self.sentencepieces or self.tokenizer, text)

    def _vocabulary(self) -> dict[str, int]:
        if self.sentencepieces is None:
            return self.tokenizer.get_vocab(with_added_tokens=True)
        return dict(self.sentencepieces.vocabulary())

    def pauses(self, pieces: WordPieces) -> np.ndarray:
        """The break before each piece: 3 for a new line, 2 a sentence, 1 a word, 0 for none."""
        return pauses(pieces, is_stop=self._is_stop[pieces.ids], is_closer=self._is_closer[pieces.ids])


def ids_that_match(pattern: re.Pattern[str], vocabulary: dict[str, int]) -> tuple[int, ...]:
    """The ids of the pieces that match as a whole, the space before them aside."""
    return tuple(
        sorted(
            index for piece, index in vocabulary.items() if pattern.fullmatch(piece.removeprefix(SPACE_MARK))
        )
    )
