"""Tags an article with topics by the encoder's vector alone. Factory name: "dateline_vector_topics".

For languages whose texts taught no topics: the shared encoder places articles on one subject near each other
whatever they are written in, so that what English articles taught holds for the others. Word pieces, which
the tagger of English counts too, are other ones in each language.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path

import numpy as np
from spacy.language import Language
from spacy.tokens import Doc

from worker.languages import language_of
from worker.nlp.wordlists import shared_rows

TOPICS = "topics.npz"
"""The file of the model, in the folder of the encoder whose vectors it takes."""

UNCALIBRATED_THRESHOLD = 0.7
"""The confidence from which topics are published in a language that was not calibrated by itself."""

VECTOR_UNIT = 1 / 2**14
"""Vectors are rounded to multiples of this: sums of whole numbers are the same on every processor."""

_ARRAY_NAMES = ("codes", "weights", "scale", "bias", "languages", "slope", "shift")


class VectorTopicTagger:
    """Sets `doc.cats`: top-level IPTC Media Topics with a confidence of 0 to 1, rounded to 4 places.

    Topics that do not hold in the article's language are left out: `data/topics.tsv` lists the others.
    Arrays, for t topics and l languages: `codes` str [t], `weights` int16 [t, 384] in units of `scale`
    float64 [t], `bias` float64 [t]; `languages` str [l] are those that were calibrated on their own articles,
    whose log odds are `slope` * odds + `shift`, both float64 [l, t].
    """

    def __init__(self) -> None:
        self.arrays: dict[str, np.ndarray] = {}
        self.labels: tuple[str, ...] = ()
        self._rows: dict[str, int] = {}

    def __call__(self, doc: Doc) -> Doc:
        language = language_of(doc.lang_)
        with np.errstate(over="ignore"):
            confidence = 1 / (1 + np.exp(-self.score(doc._.encoding.vector, language)))
        doc.cats = {
            code: round(float(sure), 4)
            for code, sure in zip(self.labels, confidence, strict=True)
            if (language, code) in trusted_topics()
        }
        return doc

    def score(self, vector: np.ndarray, language: str) -> np.ndarray:
        """The log odds of each topic, float64 [t]. Raises RuntimeError if no arrays were fitted or loaded."""
        if not self.arrays:
            raise RuntimeError(
                "the topics component has no model yet: load a pipeline with worker.nlp.by_language"
            )
        named = self.arrays
        whole = np.rint(vector.astype(np.float64) / VECTOR_UNIT).astype(np.int64)
        odds = (named["weights"].astype(np.int64) @ whole) * (named["scale"] * VECTOR_UNIT) + named["bias"]
        if language in self._rows:
            row = self._rows[language]
            odds = named["slope"][row] * odds + named["shift"][row]
        found: np.ndarray = odds
        return found

    def threshold(self, language: str, *, calibrated: float) -> float:
        """The confidence from which topics are published in a language."""
        return calibrated if language in self._rows else UNCALIBRATED_THRESHOLD

    def set(self, arrays: Mapping[str, np.ndarray]) -> VectorTopicTagger:
        """This tagger, with the arrays of a model."""
        self.arrays = dict(arrays)
        self.labels = tuple(map(str, arrays["codes"]))
        self._rows = {str(language): row for row, language in enumerate(arrays["languages"])}
        return self

    def to_bytes(self, *, exclude: Iterable[str] = ()) -> bytes:
        stream = io.BytesIO()
        # numpy's stubs take every keyword for the option `allow_pickle`.
        np.savez_compressed(stream, **self.arrays)  # type: ignore[arg-type]
        return stream.getvalue()

    def from_bytes(self, data: bytes, *, exclude: Iterable[str] = ()) -> VectorTopicTagger:
        with np.load(io.BytesIO(data), allow_pickle=False) as stored:
            return self.set({name: stored[name] for name in _ARRAY_NAMES})

    def to_disk(self, path: str | Path, *, exclude: Iterable[str] = ()) -> None:
        Path(path).mkdir(parents=True, exist_ok=True)
        (Path(path) / TOPICS).write_bytes(self.to_bytes())

    def from_disk(self, path: str | Path, *, exclude: Iterable[str] = ()) -> VectorTopicTagger:
        return self.from_bytes((Path(path) / TOPICS).read_bytes())


@cache
def trusted_topics() -> frozenset[tuple[str, str]]:
    """The language and code of each topic that comes out."""
    return frozenset((language, code) for language, code in shared_rows("topics.tsv"))


@Language.factory("dateline_vector_topics", requires=["doc._.encoding"], assigns=["doc.cats"])
def make_vector_topics(nlp: Language, name: str) -> VectorTopicTagger:
    """The component without its arrays: `from_disk`, `from_bytes` or `set` provides them."""
    return VectorTopicTagger()
