"""The two linear models of the topics component, before calibration."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression

from worker.nlp.topics.component import TopicTagger, tf_idf

INVERSE_REGULARIZATION = {"vector": 10.0, "pieces": 5.0}
"""scikit-learn's `C` for the two models. In cross-validation, scores hardly change between 3 and 20."""

VECTOR_WEIGHT = 0.5
"""The weight of the model on vectors; the model on pieces has 1. The encoder was trained on the topics of the
training newspapers, so cross-validation overrates its vectors. On unseen articles, scores hardly change
between 0.4 and 0.6."""

DEFINITION_WEIGHT = 0.1
"""The weight of an IPTC term's definition as an example of its topic; an article has 1."""


@dataclass(frozen=True)
class Features:
    """What the models see of articles.

    `vectors`: float32 [articles, 384], the encoder's. `pieces`: the word-piece ids of each article. `topics`:
    bool [articles, topics], the labels.
    """

    vectors: np.ndarray
    pieces: list[np.ndarray]
    topics: np.ndarray

    def __getitem__(self, rows: np.ndarray) -> Features:
        return Features(self.vectors[rows], [self.pieces[i] for i in rows], self.topics[rows])


def inverse_document_frequencies(texts: list[np.ndarray], size: int) -> np.ndarray:
    """The IDF of each piece, float32 [size]. 0 for pieces in fewer than 2 texts or in more than 40 %."""
    counts = np.zeros(size)
    for pieces in texts:
        counts[np.unique(pieces)] += 1
    rarity = np.log((1 + len(texts)) / (1 + counts))
    rarity[(counts < 2) | (counts > 0.4 * len(texts))] = 0
    return rarity.astype(np.float32)


def tfidf(texts: list[np.ndarray], rarity: np.ndarray) -> csr_matrix:
    """The TF-IDF vectors of texts, as rows of length 1."""
    weighed = [tf_idf(pieces, rarity) for pieces in texts]
    starts = np.cumsum([0, *(len(found) for found, _ in weighed)])
    columns = np.concatenate([found for found, _ in weighed])
    return csr_matrix((np.concatenate([w for _, w in weighed]), columns, starts), (len(texts), len(rarity)))


def logistic_regressions(
    inputs: np.ndarray | csr_matrix, topics: np.ndarray, strength: float, weights: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """A class-balanced logistic regression per topic: coefficients [topics, inputs], biases [topics]."""
    coefficients, biases = np.zeros((topics.shape[1], inputs.shape[1])), np.full(topics.shape[1], -6.0)
    for i, column in enumerate(topics.T):
        present, absent = (weights * column).sum(), (weights * ~column).sum()
        if present and absent:
            balanced = weights * np.where(column, absent / present, 1)
            model = LogisticRegression(C=strength, max_iter=500).fit(inputs, column, balanced)
            coefficients[i], biases[i] = model.coef_[0], model.intercept_[0]
    return coefficients, biases


def fit_tagger(
    codes: tuple[str, ...], train: Features, definitions: Features, rarity: np.ndarray
) -> TopicTagger:
    """Fit both models and add them up in a tagger, whose scores are not calibrated yet."""
    weights = np.repeat([1, DEFINITION_WEIGHT], [len(train.topics), len(definitions.topics)])
    topics = np.concatenate((train.topics, definitions.topics))
    by_vector, first = logistic_regressions(
        np.concatenate((train.vectors, definitions.vectors)),
        topics,
        INVERSE_REGULARIZATION["vector"],
        weights,
    )
    used = np.flatnonzero(rarity)  # the columns of all other pieces are 0
    by_piece = np.zeros((len(codes), len(rarity)))
    by_piece[:, used], second = logistic_regressions(
        tfidf([*train.pieces, *definitions.pieces], rarity)[:, used],
        topics,
        INVERSE_REGULARIZATION["pieces"],
        weights,
    )
    scale = np.maximum(np.abs(by_piece).max(axis=1), 1e-9) / 127
    return TopicTagger().set(
        {
            "codes": np.array(codes),
            "by_vector": (VECTOR_WEIGHT * by_vector).astype(np.float32),
            "bias": (VECTOR_WEIGHT * first + second).astype(np.float32),
            "by_piece": np.round(by_piece.T / scale).astype(np.int8),
            "piece_scale": scale.astype(np.float32),
            "rarity": rarity,
        }
    )


def tagger_scores(tagger: TopicTagger, data: Features) -> np.ndarray:
    """The tagger's scores of articles, float64 [articles, topics]."""
    return np.stack([tagger.score(v, p) for v, p in zip(data.vectors, data.pieces, strict=True)])


def restricted_to(tagger: TopicTagger, codes: tuple[str, ...]) -> TopicTagger:
    """The tagger with these topics only."""
    columns = [tagger.labels.index(code) for code in codes]
    arrays = tagger.arrays
    kept = {name: arrays[name][columns] for name in ("codes", "by_vector", "bias", "piece_scale")}
    return TopicTagger().set({**arrays, **kept, "by_piece": arrays["by_piece"][:, columns]})
