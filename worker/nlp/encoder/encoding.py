"""What the encoder leaves of an article at `doc._.encoding`, for every component after it."""

from dataclasses import dataclass

import numpy as np
from spacy.tokens import Doc

from worker.nlp.encoder.tags import CONTENT_TAGS, ROLE_TAGS

ATTRIBUTION_TAGS = ROLE_TAGS + CONTENT_TAGS
"""The columns of `Encoding.attribution`: who says it and the cue; what is said. Each has its own "O"."""

if not Doc.has_extension("encoding"):
    Doc.set_extension("encoding", default=None)


@dataclass(frozen=True, eq=False)
class Encoding:
    """What the encoder makes of one article of n tokens. All arrays are read-only.

    `entities`: float32 [n, len(ENTITY_TAGS)], scores before softmax.
    `attribution`: float32 [n, len(ATTRIBUTION_TAGS)], probabilities: columns 0:5 (ROLE_TAGS) sum to 1, and
    so do columns 5:12 (CONTENT_TAGS). BIO: "B-" at a span's first token tells neighbours apart. No columns
    where the model was not trained for it; `attribution_of` tells.
    `vector`: float32 [384], of length 1: what the article is about. Near in angle means alike.
    `pieces`: int64 [m], ids of the word pieces that were read, the headline's first.
    `heads`: int64 [n], which word piece speaks for the token. Tokens that share a piece have the same
    scores but for "B-", which only the first keeps. -1 for white space and for what is beyond the encoder's
    limit: those are "O".
    """

    entities: np.ndarray
    attribution: np.ndarray
    vector: np.ndarray
    pieces: np.ndarray
    heads: np.ndarray

    @property
    def roles(self) -> np.ndarray:
        """float32 [n, 5]: probabilities of ROLE_TAGS ("O", source and cue)."""
        return self.attribution[:, : len(ROLE_TAGS)]

    @property
    def contents(self) -> np.ndarray:
        """float32 [n, 7]: probabilities of CONTENT_TAGS ("O", direct, mixed and indirect content)."""
        return self.attribution[:, len(ROLE_TAGS) :]


def attribution_of(doc: Doc) -> Encoding | None:
    """What the encoder saw of who says what. None without an encoder, or with one not trained for it."""
    encoding: Encoding | None = doc._.encoding
    return encoding if encoding is not None and encoding.contents.shape[1] else None
