"""An encoder that guesses names, sources, cues and reports, so that the rules behind it meet all they can."""

import numpy as np

from worker.nlp.encoder.component import Encoder, columns
from worker.nlp.encoder.wordpieces import WordPieces

SHARPNESS = 4.0
VECTOR = 384
# How often a piece is plainly nothing: from hardly ever to nearly always.
QUIET_SHARES = (0.1, 0.5, 0.8, 0.95)


def read(self: Encoder, pieces: WordPieces) -> tuple[np.ndarray, np.ndarray]:
    """In the place of `Encoder.read`: the same pieces get the same scores, by chance."""
    chance = np.random.default_rng([len(pieces), *pieces.ids[:64].tolist(), int(pieces.ids.sum())])
    scores = chance.normal(0, SHARPNESS, (len(pieces), len(columns()))).astype(np.float32)
    quiet = chance.random(len(pieces)) < chance.choice(QUIET_SHARES)
    for nothing in (i for i, tag in enumerate(columns()) if tag == "O"):
        scores[quiet, nothing] += 4 * SHARPNESS
    vector = chance.normal(size=VECTOR).astype(np.float32)
    return scores, vector / np.linalg.norm(vector)
