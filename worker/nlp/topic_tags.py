"""The component that says what an article is about. Factory name: "dateline_topics"."""

from __future__ import annotations

import io
from collections.abc import Iterable
from pathlib import Path

import numpy as np
from spacy.language import Language
from spacy.tokens import Doc

from worker.nlp.topics import CODES

NAMES = ("by_vector", "bias", "by_piece", "piece_scale", "rarity")


class TopicTagger:
    """Sets `doc.cats`: all 17 top-level IPTC Media Topics with a confidence of 0 to 1, rounded to 4 places.

    Two linear models, one on the encoder's vector of the article and one on its word pieces (TF-IDF), are
    averaged. `scale` and `shift` calibrate: confidence = sigmoid(scale * score + shift), fitted on
    newspapers that the scores had not seen. The headline counts where `doc.user_data["headline"]` had it
    when the encoder ran.

    Arrays: `by_vector` float32 [17, 384], `bias` float32 [17], `by_piece` int8 [vocabulary, 17] in units of
    `piece_scale` float32 [17], `rarity` float32 [vocabulary]: the inverse document frequencies.
    """

    def __init__(self, *, scale: float, shift: float) -> None:
        self.scale = scale
        self.shift = shift
        self.arrays: dict[str, np.ndarray] = {}

    @property
    def labels(self) -> tuple[str, ...]:
        return CODES

    def __call__(self, doc: Doc) -> Doc:
        scores = self.score(doc._.encoding.vector, doc._.encoding.pieces)
        with np.errstate(over="ignore"):
            confidence = 1 / (1 + np.exp(-(self.scale * scores + self.shift)))
        doc.cats = {code: round(float(c), 4) for code, c in zip(CODES, confidence, strict=True)}
        return doc

    def score(self, vector: np.ndarray, pieces: np.ndarray) -> np.ndarray:
        """float64 [17], before calibration. Raises RuntimeError where nothing was fitted or loaded."""
        if not self.arrays:
            raise RuntimeError(
                "the topics component has no model yet: load one with worker.nlp.pipeline.load"
            )
        named = self.arrays
        found, weights = weigh(pieces, named["rarity"])
        by_piece = (weights @ named["by_piece"][found].astype(np.float64)) * named["piece_scale"]
        return (named["by_vector"].astype(np.float64) @ vector + by_piece + named["bias"]) / 2

    def to_bytes(self, *, exclude: Iterable[str] = ()) -> bytes:
        stream = io.BytesIO()
        np.savez_compressed(stream, **self.arrays)
        return stream.getvalue()

    def from_bytes(self, data: bytes, *, exclude: Iterable[str] = ()) -> TopicTagger:
        with np.load(io.BytesIO(data), allow_pickle=False) as stored:
            self.arrays = {name: stored[name] for name in NAMES}
        return self

    def to_disk(self, path: str | Path, *, exclude: Iterable[str] = ()) -> None:
        Path(path).mkdir(parents=True, exist_ok=True)
        (Path(path) / "topics.npz").write_bytes(self.to_bytes())

    def from_disk(self, path: str | Path, *, exclude: Iterable[str] = ()) -> TopicTagger:
        return self.from_bytes((Path(path) / "topics.npz").read_bytes())


def weigh(pieces: np.ndarray, rarity: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The distinct pieces of an article and their TF-IDF: (1 + log count) * rarity, of length 1 together."""
    found, counts = np.unique(pieces, return_counts=True)
    weights = (1 + np.log(counts)) * rarity[found]
    length = np.sqrt((weights**2).sum())
    return found, weights / length if length else weights


def chosen(cats: dict[str, float], *, threshold: float) -> list[tuple[str, float]]:
    """The topics to publish, most confident first: at or above `threshold`; ties in the codes' order."""
    return sorted(
        ((code, confidence) for code, confidence in cats.items() if confidence >= threshold),
        key=lambda topic: (-topic[1], topic[0]),
    )


@Language.factory(
    "dateline_topics",
    requires=["doc._.encoding"],
    assigns=["doc.cats"],
    default_config={"scale": 1.0, "shift": 0.0},
)
def make_topics(nlp: Language, name: str, scale: float, shift: float) -> TopicTagger:
    """The component without its arrays: `from_disk` or `from_bytes` bring them."""
    return TopicTagger(scale=scale, shift=shift)
