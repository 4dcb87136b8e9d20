"""The component that says what an article is about. Factory name: "dateline_topics"."""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import MappingProxyType

import numpy as np
from spacy.language import Language
from spacy.tokens import Doc

from worker.nlp.topics.labels import CODES
from worker.records.media_topics import broader

NAMES = ("codes", "by_vector", "bias", "by_piece", "piece_scale", "rarity")

NO_THRESHOLDS: Mapping[str, float] = MappingProxyType({})


class TopicTagger:
    """Sets `doc.cats`: IPTC Media Topics with a confidence of 0 to 1, rounded to 4 places.

    All 17 top-level ones and the narrower ones that were fitted. Confidence is a probability, calibrated on
    newspapers that the scores had not seen; a narrower topic never has more of it than the one above it. The
    headline counts where `doc.user_data["headline"]` had it when the encoder ran.

    Two linear models are added, one on the encoder's vector of the article and one on its word pieces
    (TF-IDF). Arrays, for t topics: `codes` str [t], `by_vector` float32 [t, 384], `bias` float32 [t],
    `by_piece` int8 [vocabulary, t] in units of `piece_scale` float32 [t], `rarity` float32 [vocabulary]: the
    inverse document frequencies.
    """

    def __init__(self) -> None:
        self.arrays: dict[str, np.ndarray] = {}
        self.labels: tuple[str, ...] = CODES
        self.tops = np.arange(len(CODES))

    def __call__(self, doc: Doc) -> Doc:
        scores = self.score(doc._.encoding.vector, doc._.encoding.pieces)
        with np.errstate(over="ignore"):
            confidence = 1 / (1 + np.exp(-scores))
        confidence = np.minimum(confidence, confidence[self.tops])
        doc.cats = {code: round(float(c), 4) for code, c in zip(self.labels, confidence, strict=True)}
        return doc

    def score(self, vector: np.ndarray, pieces: np.ndarray) -> np.ndarray:
        """The log odds of each topic, float64 [t]. Raises RuntimeError where nothing was fitted or loaded."""
        if not self.arrays:
            raise RuntimeError(
                "the topics component has no model yet: load one with worker.nlp.pipeline.load"
            )
        named = self.arrays
        found, weights = weigh(pieces, named["rarity"])
        by_piece = (weights @ named["by_piece"][found].astype(np.float64)) * named["piece_scale"]
        return named["by_vector"].astype(np.float64) @ vector + by_piece + named["bias"]

    def set(self, arrays: Mapping[str, np.ndarray]) -> TopicTagger:
        """The tagger with a model: the arrays that the class names."""
        self.arrays = dict(arrays)
        self.labels = tuple(map(str, arrays["codes"]))
        self.tops = np.array([self.labels.index((code, *broader(code))[-1]) for code in self.labels])
        return self

    def to_bytes(self, *, exclude: Iterable[str] = ()) -> bytes:
        stream = io.BytesIO()
        np.savez_compressed(stream, **self.arrays)
        return stream.getvalue()

    def from_bytes(self, data: bytes, *, exclude: Iterable[str] = ()) -> TopicTagger:
        with np.load(io.BytesIO(data), allow_pickle=False) as stored:
            return self.set({name: stored[name] for name in NAMES})

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


def chosen(
    cats: Mapping[str, float], *, threshold: float, thresholds: Mapping[str, float] = NO_THRESHOLDS
) -> list[tuple[str, float]]:
    """The topics to publish, most confident first; ties in the codes' order.

    Those at or above their own threshold in `thresholds`, and where they have none there, `threshold`.
    """
    return sorted(
        (
            (code, confidence)
            for code, confidence in cats.items()
            if confidence >= thresholds.get(code, threshold)
        ),
        key=lambda topic: (-topic[1], topic[0]),
    )


@Language.factory("dateline_topics", requires=["doc._.encoding"], assigns=["doc.cats"])
def make_topics(nlp: Language, name: str) -> TopicTagger:
    """The component without its arrays: `from_disk` or `from_bytes` bring them."""
    return TopicTagger()
