"""The component that tags an article with IPTC Media Topics. Factory name: "dateline_topics"."""

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

_ARRAY_NAMES = ("codes", "by_vector", "bias", "by_piece", "piece_scale", "rarity")

TOPIC_THRESHOLD = "topic_threshold"
"""The entry of a pipeline's meta.json with the confidence from which top-level topics are published."""

NO_THRESHOLDS: Mapping[str, float] = MappingProxyType({})


class TopicTagger:
    """Sets `doc.cats`: each IPTC Media Topic with a confidence of 0 to 1, rounded to 4 places.

    The topics are the 17 top-level ones and the narrower ones that were fitted. Confidence is a probability,
    calibrated on newspapers the model was not fitted on. A narrower topic never has a higher confidence than
    the one above it. A headline counts if the encoder read one.

    The score of a topic is the sum of two linear models, on the encoder's vector of the article and on its
    word pieces (TF-IDF). Arrays, for t topics: `codes` str [t], `by_vector` float32 [t, 384], `bias` float32
    [t], `by_piece` int8 [vocabulary, t] in units of `piece_scale` float32 [t], and `rarity` float32
    [vocabulary], the inverse document frequencies.
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
        """The log odds of each topic, float64 [t]. Raises RuntimeError if no arrays were fitted or loaded."""
        if not self.arrays:
            raise RuntimeError(
                "the topics component has no model yet: load one with worker.nlp.pipeline.load"
            )
        named = self.arrays
        found, weights = tf_idf(pieces, named["rarity"])
        by_piece = (weights @ named["by_piece"][found].astype(np.float64)) * named["piece_scale"]
        log_odds: np.ndarray = named["by_vector"].astype(np.float64) @ vector + by_piece + named["bias"]
        return log_odds

    def set(self, arrays: Mapping[str, np.ndarray]) -> TopicTagger:
        """This tagger, with the arrays of a model."""
        self.arrays = dict(arrays)
        self.labels = tuple(map(str, arrays["codes"]))
        self.tops = np.array([self.labels.index((code, *broader(code))[-1]) for code in self.labels])
        return self

    def to_bytes(self, *, exclude: Iterable[str] = ()) -> bytes:
        stream = io.BytesIO()
        # numpy's stubs take every keyword for the option `allow_pickle`.
        np.savez_compressed(stream, **self.arrays)  # type: ignore[arg-type]
        return stream.getvalue()

    def from_bytes(self, data: bytes, *, exclude: Iterable[str] = ()) -> TopicTagger:
        with np.load(io.BytesIO(data), allow_pickle=False) as stored:
            return self.set({name: stored[name] for name in _ARRAY_NAMES})

    def to_disk(self, path: str | Path, *, exclude: Iterable[str] = ()) -> None:
        Path(path).mkdir(parents=True, exist_ok=True)
        (Path(path) / "topics.npz").write_bytes(self.to_bytes())

    def from_disk(self, path: str | Path, *, exclude: Iterable[str] = ()) -> TopicTagger:
        return self.from_bytes((Path(path) / "topics.npz").read_bytes())


def tf_idf(pieces: np.ndarray, rarity: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """An article's distinct pieces and their weights (1 + log count) * rarity, scaled to length 1."""
    found, counts = np.unique(pieces, return_counts=True)
    weights = (1 + np.log(counts)) * rarity[found]
    length = np.sqrt((weights**2).sum())
    return found, weights / length if length else weights


def choose_topics(
    cats: Mapping[str, float], *, threshold: float, thresholds: Mapping[str, float] = NO_THRESHOLDS
) -> list[tuple[str, float]]:
    """The topics to publish, most confident first, ties in the order of their codes.

    These are the topics at or above their threshold in `thresholds`, or `threshold` if they have none there.
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
    """The component without its arrays: `from_disk`, `from_bytes` or `set` provides them."""
    return TopicTagger()
