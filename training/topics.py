"""Fit topics on top of a trained encoder: python -m training.topics --data FOLDER --encoder FOLDER

Two linear models a topic, on the encoder's vector and on TF-IDF of word pieces. How they are weighed,
calibrated and cut is chosen by cross-validation over newspapers. Writes `topics.npz` and `topics.json`
beside the encoder's model.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold
from spacy.language import Language

from training.assemble import encoder_only
from training.data import Article, read, read_weak_topics
from worker.nlp.topic_tags import TopicTagger, weigh
from worker.nlp.topics import CODES

STRENGTHS = {"vector": 3.0, "pieces": 3.0}
"""Inverse regularization of the two models; flat between 1 and 10 in cross-validation."""

OPEN_SOURCES = ("huffpost_2018", "iptc")
"""Where examples with open licences come from; a definition then counts as much as an article."""

DEFINITIONS = 0.05
"""The weight of an IPTC term's definition as an example of its topic, where an article has 1."""


@dataclass(frozen=True)
class Features:
    """`vectors`: float32 [articles, 384]; `pieces`: ids of each article; `topics`: bool [articles, 17]."""

    vectors: np.ndarray
    pieces: list[np.ndarray]
    topics: np.ndarray


def features(nlp: Language, articles: list[Article]) -> Features:
    docs = [nlp.make_doc(article.text) for article in articles]
    for doc, article in zip(docs, articles, strict=True):
        doc.user_data["headline"] = article.headline
    encodings = [doc._.encoding for doc in nlp.pipe(docs)]
    return Features(
        vectors=np.stack([encoding.vector for encoding in encodings]),
        pieces=[encoding.pieces for encoding in encodings],
        topics=np.array([[code in (article.topics or ()) for code in CODES] for article in articles]),
    )


def rarities(texts: list[np.ndarray], size: int) -> np.ndarray:
    """Inverse document frequency of each piece, float32 [size]; 0 for what is in one text or in most."""
    counts = np.zeros(size)
    for pieces in texts:
        counts[np.unique(pieces)] += 1
    rarity = np.log((1 + len(texts)) / (1 + counts))
    rarity[(counts < 2) | (counts > 0.4 * len(texts))] = 0
    return rarity.astype(np.float32)


def bags(texts: list[np.ndarray], rarity: np.ndarray) -> csr_matrix:
    weighed = [weigh(pieces, rarity) for pieces in texts]
    starts = np.cumsum([0, *(len(found) for found, _ in weighed)])
    columns = np.concatenate([found for found, _ in weighed])
    return csr_matrix((np.concatenate([w for _, w in weighed]), columns, starts), (len(texts), len(rarity)))


def linear(inputs, topics: np.ndarray, strength: float, weights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """A logistic regression a topic, the rare ones made to count as much: coefficients and biases."""
    models = [
        LogisticRegression(C=strength, max_iter=500, class_weight="balanced").fit(inputs, column, weights)
        for column in topics.T
    ]
    return np.stack([m.coef_[0] for m in models]), np.array([m.intercept_[0] for m in models])


def fit(train: Features, definitions: Features, rarity: np.ndarray) -> TopicTagger:
    """A tagger without calibration."""
    weights = np.repeat([1, DEFINITIONS], [len(train.topics), len(definitions.topics)])
    topics = np.concatenate((train.topics, definitions.topics))
    by_vector, first = linear(
        np.concatenate((train.vectors, definitions.vectors)), topics, STRENGTHS["vector"], weights
    )
    by_piece, second = linear(
        bags(train.pieces, rarity), train.topics, STRENGTHS["pieces"], np.ones(len(train.topics))
    )
    scale = np.abs(by_piece).max(axis=1) / 127
    tagger = TopicTagger(scale=1.0, shift=0.0)
    tagger.arrays = {
        "by_vector": by_vector.astype(np.float32),
        "bias": (first + second).astype(np.float32),
        "by_piece": np.round(by_piece.T / scale).astype(np.int8),
        "piece_scale": scale.astype(np.float32),
        "rarity": rarity,
    }
    return tagger


def choose(data: Features, rows: np.ndarray) -> Features:
    return Features(data.vectors[rows], [data.pieces[i] for i in rows], data.topics[rows])


def scores(tagger: TopicTagger, data: Features) -> np.ndarray:
    return np.stack([tagger.score(v, p) for v, p in zip(data.vectors, data.pieces, strict=True)])


def f1(confidence: np.ndarray, topics: np.ndarray, threshold: float) -> float:
    """Micro F1 in percent of what would be published."""
    said = confidence >= threshold
    return round(float(200 * (said & topics).sum() / (said.sum() + topics.sum())), 1)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--encoder", type=Path, required=True)
    parser.add_argument("--open", action="store_true", help="fit only on data with open licences")
    options = parser.parse_args()
    corpus = read(options.data, everything=True, open_only=options.open)
    nlp = encoder_only(options.encoder)
    articles = [
        a for a in corpus.train if a.topics and (a.source in OPEN_SOURCES if options.open else not a.weak)
    ]
    train, dev = features(nlp, articles), features(nlp, corpus.dev)
    terms = [a for a in read_weak_topics(options.data / "topics") if a.source == "iptc"]
    definitions = features(nlp, terms)
    size = nlp.get_pipe("encoder").tokenizer.get_vocab_size()
    rarity = rarities(train.pieces, size)

    unseen = np.zeros(train.topics.shape)
    folds = GroupKFold(6).split(articles, groups=[a.id if options.open else a.source for a in articles])
    for inside, outside in folds:
        unseen[outside] = scores(fit(choose(train, inside), definitions, rarity), choose(train, outside))
    platt = LogisticRegression(C=1e6).fit(unseen.reshape(-1, 1), train.topics.ravel())
    scale, shift = float(platt.coef_[0, 0]), float(platt.intercept_[0])

    def confidence(score: np.ndarray) -> np.ndarray:
        return 1 / (1 + np.exp(-(scale * score + shift)))

    by_threshold = {t: f1(confidence(unseen), train.topics, t) for t in np.arange(0.15, 0.61, 0.05).round(2)}
    # The lowest of those that are as good: the encoder has seen these articles and is surer than of new ones.
    threshold = min(t for t, value in by_threshold.items() if value >= max(by_threshold.values()) - 0.5)
    tagger = fit(train, definitions, rarity)
    found = confidence(scores(tagger, dev))
    report = {
        "scale": round(scale, 4),
        "shift": round(shift, 4),
        "threshold": float(threshold),
        "cross_validated_f1": by_threshold[threshold],
        "dev_f1": f1(found, dev.topics, threshold),
        "dev_first_is_right": round(
            100 * float(dev.topics[np.arange(len(found)), found.argmax(1)].mean()), 1
        ),
    }
    (options.encoder / "topics.npz").write_bytes(tagger.to_bytes())
    (options.encoder / "topics.json").write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")
    print(json.dumps(report), {float(t): value for t, value in by_threshold.items()})


if __name__ == "__main__":
    main()
