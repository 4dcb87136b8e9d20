"""The encoder's result for one article, kept at `doc._.encoding` for the components that run after it."""

from dataclasses import dataclass

import numpy as np
from spacy.tokens import Doc

from worker.nlp.encoder.tags import CONTENT_TAGS, ROLE_TAGS

ATTRIBUTION_TAGS = ROLE_TAGS + CONTENT_TAGS
"""The columns of `Encoding.attribution`: source and cue first, then the content that is said.

The two halves are tag schemes of their own, each with an "O".
"""

if not Doc.has_extension("encoding"):
    Doc.set_extension("encoding", default=None)


@dataclass(frozen=True, eq=False)
class Encoding:
    """The encoder's scores for one article of n tokens. All arrays are read-only.

    `entities`: float32 [n, len(ENTITY_TAGS)], scores before softmax.
    `attribution`: float32 [n, len(ATTRIBUTION_TAGS)], probabilities: columns 0:5 (ROLE_TAGS) sum to 1, and
    so do columns 5:12 (CONTENT_TAGS). The tags are BIO: a "B-" separates a span from the one before it. The
    array has no columns where the model was not trained for attribution; `attribution_of` checks that.
    `vector`: float32 [384], of length 1, represents the article's subject: similar articles have a small
    angle between their vectors.
    `pieces`: int64 [m], ids of the word pieces that were read, the headline's first.
    `heads`: int64 [n], index of the word piece that gives each token its scores. Tokens that share a piece
    have the same scores, except that only the first keeps its "B-". -1 for white space and for tokens beyond
    the encoder's limit: those are "O".
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
    """The doc's encoding, if it has attribution scores. None without an encoder that was trained for them."""
    encoding: Encoding | None = doc._.encoding
    return encoding if encoding is not None and encoding.contents.shape[1] else None
