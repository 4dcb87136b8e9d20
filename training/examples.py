"""Articles as arrays for training: word pieces, with each spaCy token's tag at the token's head piece."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from spacy.language import Language
from spacy.tokens import Doc

from training.data import AnnotatedArticle
from worker.nlp.encoder.reader import PieceReader
from worker.nlp.encoder.tags import CONTENT_TAGS, ENTITY_TAGS, ROLE_TAGS, LabelledTokens, encode_spans
from worker.nlp.encoder.windows import window_end
from worker.nlp.encoder.wordpieces import WordPieces, heads, join
from worker.nlp.entities.group import LabelledSpan
from worker.nlp.topics.labels import CODES

IGNORED = -100
"""The target of pieces without a label; the loss skips them. PyTorch's default for cross entropy."""

MAX_SHORT_PIECES = 100
"""Headlines and definitions have no more pieces than this."""


@dataclass
class Example:
    """An article ready for the network.

    `heads`: int64 [tokens], the piece that stands for each token, or -1. `breaks`: int64 [pieces], how the
    text pauses before each piece, as `PieceReader.pauses` gives it. `entities`, `roles`, `contents`:
    int64 [pieces], a tag index at each token's head piece and IGNORED elsewhere; None if the article is not
    annotated. `soft_...`: float16 [pieces, tags], what teachers said, if they read it.
    `topics`: float32 [17] of 0 or 1.
    """

    article: AnnotatedArticle
    pieces: WordPieces
    heads: np.ndarray
    breaks: np.ndarray
    entities: np.ndarray | None = None
    roles: np.ndarray | None = None
    contents: np.ndarray | None = None
    soft_entities: np.ndarray | None = None
    soft_roles: np.ndarray | None = None
    soft_contents: np.ndarray | None = None
    topics: np.ndarray | None = None


def make_example(article: AnnotatedArticle, nlp: Language, reader: PieceReader) -> Example:
    """The example of an article. A headline is put before the text, as in the running pipeline."""
    doc = nlp.make_doc(article.text)
    starts, ends = token_offsets(doc)
    pieces = reader.split(article.text)
    head_pieces = heads(pieces, starts, ends)
    headline = reader.split(article.headline) if article.headline else None
    if headline is not None:
        pieces = join(headline, pieces)
        head_pieces = np.where(head_pieces >= 0, head_pieces + len(headline), -1)
    example = Example(article, pieces, head_pieces, reader.pauses(pieces))
    has_head = head_pieces >= 0
    # Tokens may share a head piece, which then has the tag of the first one.
    where, first = np.unique(head_pieces[has_head], return_index=True)

    def target(annotated: tuple[LabelledSpan, ...] | None, tags: tuple[str, ...]) -> np.ndarray | None:
        if annotated is None:
            return None
        encoded = np.full(len(pieces), IGNORED, dtype=np.int64)
        encoded[where] = encode_spans(token_spans(annotated, starts, ends), len(doc), tags)[has_head][first]
        return encoded

    example.entities = target(article.entities, ENTITY_TAGS)
    example.roles = target(article.roles, ROLE_TAGS)
    example.contents = target(article.contents, CONTENT_TAGS)
    if article.topics is not None:
        example.topics = np.array([code in article.topics for code in CODES], dtype=np.float32)
    return example


def is_short(example: Example) -> bool:
    """Whether it is a headline or a definition rather than an article; these teach only topics."""
    return len(example.pieces) <= MAX_SHORT_PIECES


def token_offsets(doc: Doc) -> tuple[np.ndarray, np.ndarray]:
    """The starts and ends of the tokens in characters, each int64 [tokens]."""
    starts = np.array([token.idx for token in doc], dtype=np.int64)
    return starts, starts + np.array([len(token) for token in doc], dtype=np.int64)


def token_spans(
    spans: tuple[LabelledSpan, ...], starts: np.ndarray, ends: np.ndarray
) -> list[LabelledTokens]:
    """Character spans as token spans. Of spans that overlap, the longest is kept."""
    taken = np.zeros(len(starts), dtype=bool)
    placed: list[LabelledTokens] = []
    for start, end, label in sorted(spans, key=lambda span: (span[0] - span[1], span[0])):
        first = int(np.searchsorted(ends, start, side="right"))
        last = int(np.searchsorted(starts, end, side="left"))
        if first < last and not taken[first:last].any():
            taken[first:last] = True
            placed.append((first, last, label))
    return placed


Window = tuple[Example, int, int]
"""An example, and the half-open range of its pieces that the network reads."""


def windows(example: Example, *, size: int, chance: random.Random) -> Iterator[Window]:
    """Random windows of up to `size` pieces that cover the article; only the first if just its topics teach.

    Three quarters end where the text pauses, as in the running pipeline, the others anywhere.
    """
    length = len(example.pieces)
    if example.article.weak and example.soft_entities is None:
        yield example, 0, min(length, size)
        return
    start = 0
    while start < length:
        limit = chance.randint(size // 2, size)
        anywhere = chance.random() < 0.25
        end = min(length, start + limit) if anywhere else window_end(example.breaks, start, size=limit)
        yield example, start, end
        start = end
