"""Articles as arrays: word pieces, and a target for each spaCy token at the piece that speaks for it."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from spacy.language import Language
from spacy.tokens import Doc
from tokenizers import Tokenizer

from training.data import AnnotatedArticle, LabelledSpan
from worker.nlp.encoder.tags import CONTENT_TAGS, ENTITY_TAGS, ROLE_TAGS, Bounds, encode
from worker.nlp.encoder.windows import window_end
from worker.nlp.encoder.wordpieces import WordPieces, heads, join, pauses, split
from worker.nlp.topics.labels import CODES

IGNORED = -100


@dataclass
class Example:
    """An article ready for the network.

    `entities`, `roles`, `contents`: int64 [pieces], a tag index where a token's head piece is, else
    IGNORED; None where the article is not annotated. `soft_...`: a teacher's probabilities, float16
    [pieces, tags], for what is not annotated. `topics`: float32 [17] of 0 or 1.
    """

    article: AnnotatedArticle
    pieces: WordPieces
    body: int
    """Pieces before this one are the headline's."""
    heads: np.ndarray
    entities: np.ndarray | None = None
    roles: np.ndarray | None = None
    contents: np.ndarray | None = None
    soft_entities: np.ndarray | None = None
    soft_roles: np.ndarray | None = None
    soft_contents: np.ndarray | None = None
    topics: np.ndarray | None = None


def make_example(article: AnnotatedArticle, nlp: Language, tokenizer: Tokenizer) -> Example:
    """One article as an example; a headline stands before the text as in the running pipeline."""
    doc = nlp.make_doc(article.text)
    starts, ends = token_offsets(doc)
    pieces = split(tokenizer, article.text)
    speakers = heads(pieces, starts, ends)
    before = split(tokenizer, article.headline) if article.headline else None
    if before is not None:
        pieces = join(before, pieces)
        speakers = np.where(speakers >= 0, speakers + len(before), -1)
    example = Example(article, pieces, len(before) if before is not None else 0, speakers)
    known = speakers >= 0
    # Two tokens may share a head; the first one's tag is the piece's.
    where, first = np.unique(speakers[known], return_index=True)

    def target(annotated: tuple[LabelledSpan, ...] | None, tags: tuple[str, ...]) -> np.ndarray | None:
        if annotated is None:
            return None
        encoded = np.full(len(pieces), IGNORED, dtype=np.int64)
        encoded[where] = encode(token_spans(annotated, starts, ends), len(doc), tags)[known][first]
        return encoded

    example.entities = target(article.entities, ENTITY_TAGS)
    example.roles = target(article.roles, ROLE_TAGS)
    example.contents = target(article.contents, CONTENT_TAGS)
    if article.topics is not None:
        example.topics = np.array([code in article.topics for code in CODES], dtype=np.float32)
    return example


def token_offsets(doc: Doc) -> tuple[np.ndarray, np.ndarray]:
    """The character offsets of every token: starts and ends, int64 [tokens]."""
    starts = np.array([token.idx for token in doc], dtype=np.int64)
    return starts, starts + np.array([len(token) for token in doc], dtype=np.int64)


def token_spans(spans: tuple[LabelledSpan, ...], starts: np.ndarray, ends: np.ndarray) -> list[Bounds]:
    """Character spans as token spans that don't overlap: the longest first, what is taken is skipped."""
    taken = np.zeros(len(starts), dtype=bool)
    placed: list[Bounds] = []
    for start, end, label in sorted(spans, key=lambda span: (span[0] - span[1], span[0])):
        first = int(np.searchsorted(ends, start, side="right"))
        last = int(np.searchsorted(starts, end, side="left"))
        if first < last and not taken[first:last].any():
            taken[first:last] = True
            placed.append((first, last, label))
    return placed


Window = tuple[Example, int, int]


def windows(example: Example, *, size: int, chance: random.Random) -> Iterator[Window]:
    """The pieces of an article cut into windows of up to `size`; weak topics need only the first.

    Most end where the text pauses, as in the running pipeline, a quarter anywhere.
    """
    length = len(example.pieces)
    if example.article.weak:
        yield example, 0, min(length, size)
        return
    where = pauses(example.pieces)
    start = 0
    while start < length:
        limit = chance.randint(size // 2, size)
        anywhere = chance.random() < 0.25
        end = min(length, start + limit) if anywhere else window_end(where, start, size=limit)
        yield example, start, end
        start = end
