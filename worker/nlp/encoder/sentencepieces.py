"""Cuts text by a vocabulary that sentencepiece holds: tokenizers' own takes three times the memory for it.

What tokenizers does before, normalizing and cutting words, and how it traces pieces back to the text, stays.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from tokenizers import Encoding, PreTokenizedString, Token, Tokenizer

_WORDS_KEPT, _LONGEST_KEPT = 4096, 40


class SentencePieces:
    """A tokenizer's rules with the vocabulary of a model of sentencepiece.

    `rules`: their own vocabulary is not used. `model`: the bytes of the model, which must leave words as they
    are: without normalization, and without a space before them. Its control pieces, such as "<s>", are never
    found in a text.
    """

    def __init__(self, rules: Tokenizer, model: bytes) -> None:
        # Not before: a process that reads English alone is spared its 7 MiB.
        from sentencepiece import SentencePieceProcessor

        self._rules = rules
        self._processor = SentencePieceProcessor(model_proto=model)

        @lru_cache(_WORDS_KEPT)
        def remembered(word: str) -> tuple[Token, ...]:
            return self._cut(word)

        self._remembered = remembered

    def encode(self, text: str) -> Encoding:
        """The ids and offsets of the text's pieces."""
        words = PreTokenizedString(text)
        words.normalize(self._rules.normalizer.normalize)
        self._rules.pre_tokenizer.pre_tokenize(words)
        words.tokenize(lambda word: list(self._pieces_of(word)))
        return words.to_encoding()

    def token_to_id(self, piece: str) -> int | None:
        """A piece's id; None where the vocabulary lacks it."""
        index: int = self._processor.piece_to_id(piece)
        return None if index == self._processor.unk_id() else index

    def vocabulary(self) -> Iterator[tuple[str, int]]:
        """Each piece, and its id."""
        return ((self._processor.id_to_piece(i), i) for i in range(self._processor.vocab_size()))

    def model(self) -> bytes:
        """The model's bytes."""
        content: bytes = self._processor.serialized_model_proto()
        return content

    def _pieces_of(self, word: str) -> tuple[Token, ...]:
        return self._remembered(word) if len(word) <= _LONGEST_KEPT else self._cut(word)

    def _cut(self, word: str) -> tuple[Token, ...]:
        found = self._processor.encode(word, return_type="offset_mapping")
        tokens, end = [], 0
        for index, piece in zip(found["ids"], found["pieces"], strict=True):
            # tokenizers counts bytes here.
            start, end = end, end + len(piece.encode())
            tokens.append(Token(index, piece, (start, end)))
        return tuple(tokens)
