"""Fit topics on the multilingual encoder: python -m training.multilingual.topics --data FOLDER PIPELINE

A logistic regression for each of IPTC's 17 top-level topics, on the vector that the encoder gives an article.
English articles teach them, and so do articles of BBC in languages that Dateline does not read; an article's
first window is read. Confidence is calibrated by cross-validation over English newspapers. French and Swahili
are calibrated once more, on every second article of their sets in topics/multi; `dateline score` scores the
others. Prints what that gives, and writes `topics.npz` to the encoder's folder, with the hashes of its files.
"""

from __future__ import annotations

import argparse
import lzma
import random
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import islice
from pathlib import Path

import numpy as np
import orjson
import spacy
from scipy.optimize import minimize
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold

from training.data import (
    DEV_SOURCES,
    REPORTED_SOURCES,
    AnnotatedArticle,
    read_lines,
    read_weak_topics,
    read_worldwide,
)
from training.multilingual.corpus import NAME_SETS, read_names
from training.multilingual.ship import FOLDER
from training.topics.calibration import Calibration, calibrate
from training.topics.report import rates, top_level
from worker.languages import ANY_LANGUAGE
from worker.nlp.encoder.component import Encoder
from worker.nlp.fingerprint import stamp
from worker.nlp.reading import read_line, reading_of
from worker.nlp.topics.by_vector import UNCALIBRATED_THRESHOLD, VectorTopicTagger
from worker.nlp.topics.labels import CODES
from worker.scoring.gold import CALIBRATED_ON, CATEGORY_TOPICS

CALIBRATED = ("fr", "sw")
"""The languages that Dateline reads and that have articles with categories."""

TEACHING = ("ha", "so", "yo")
"""Languages with articles of that kind that Dateline does not read, in the script of most that it does."""

ENCODER_WINDOW, MAX_PIECES = 190, 65_536
"""The encoder's, as worker/model/config.cfg has them."""
FIRST_WINDOW = 185
"""The pieces that are read of an article that teaches: with a headline of a few words, one window."""

CATEGORIES_OF = ("masakhanews", "huffpost_headlines")
"""The files of English articles with categories that teach; IPTC's definitions do too."""

MOST_HEADLINES = 3000
"""How many headlines are drawn, of 36,900."""

CATEGORY_WEIGHT, WEIGHTS = 0.5, {"huffpost_headlines": 0.1, "iptc": 0.1}
"""The weight of an article that has a category, also by its source; one of a newspaper has 1."""

DIRECTIONS = 8
"""Vectors tell the language too. So many directions in which languages differ are not looked at."""

DIRECTION_SETS = tuple(names for names in NAME_SETS if names.source != "wn" or names.language == "fr")
"""The texts that show how languages differ: news, since Wikipedia differs in its subjects too."""

STRETCHES, SENTENCES, FIRST_SENTENCES, GERMAN_CHARACTERS = 30, 3, 4000, 500
"""What is read of each set for that: stretches of so many sentences, among its first ones. Of German articles
so many characters are read."""

INVERSE_RIDGE = 100.0
"""scikit-learn's `C`."""

SHIFT_RIDGE = 1.0
"""Ridge penalty on what a topic's log odds get in a calibrated language, in articles."""

NEWSPAPER_FOLDS = 6

CALIBRATED_THRESHOLD = 0.4
"""The confidence from which topics are published in English, and in a language that is calibrated."""


@dataclass(frozen=True, eq=False)
class ReadArticles:
    """Articles with the encoder's vectors, float32 [articles, 384], and topics, bool [articles, 17]."""

    articles: list[AnnotatedArticle]
    vectors: np.ndarray
    topics: np.ndarray

    def __getitem__(self, rows: np.ndarray | slice) -> ReadArticles:
        numbers = np.arange(len(self.articles))[rows]
        return ReadArticles([self.articles[i] for i in numbers], self.vectors[rows], self.topics[rows])


def read_categories(data: Path, language: str) -> list[AnnotatedArticle]:
    """The articles of a language's set in topics/multi."""
    path = data / f"topics/multi/masakhanews_{language}_dev.jsonl.xz"
    with lzma.open(path, "rt", encoding="utf-8") as lines:
        rows = [orjson.loads(line) for line in lines]
    return [
        AnnotatedArticle(
            row["id"], f"masakhanews_{language}", row["text"], row["headline"],
            topics=(CATEGORY_TOPICS[row["label"]],), weak=True, language=language,
        )
        for row in rows
    ]  # fmt: skip


def teaching_articles(data: Path) -> tuple[list[AnnotatedArticle], list[AnnotatedArticle]]:
    """The newspaper articles that topics are fitted on, and weaker examples, whose topics are categories."""
    newspapers = [a for a in _newspapers(data) if a.source not in DEV_SOURCES and a.id not in _quoted(data)]
    weak = list(read_weak_topics(data / "topics", names=CATEGORIES_OF))
    headlines = [article for article in weak if article.source == "huffpost_headlines"]
    drawn = {article.id for article in random.Random(1).sample(headlines, MOST_HEADLINES)}
    weak = [a for a in weak if a.source != "huffpost_headlines" or a.id in drawn]
    for language in TEACHING:
        weak += read_categories(data, language)
    return newspapers, weak


def english_articles_apart(data: Path) -> tuple[list[AnnotatedArticle], list[AnnotatedArticle]]:
    """The newspaper articles to calibrate on that taught nothing, and those to report on."""
    articles, quoted = _newspapers(data), _quoted(data)
    return (
        [a for a in articles if a.source not in DEV_SOURCES and a.id in quoted],
        [a for a in articles if a.source in REPORTED_SOURCES],
    )


@cache
def _newspapers(data: Path) -> tuple[AnnotatedArticle, ...]:
    return tuple(article for article in read_worldwide(data) if article.topics)


@cache
def _quoted(data: Path) -> frozenset[str]:
    return frozenset(row["id"] for row in read_lines(data / "quotes/worldwide_dev.jsonl"))


def loaded_encoder(folder: Path, *, max_pieces: int) -> Encoder:
    """The shipped encoder. It reads no more pieces of a text than that."""
    encoder = Encoder(window=ENCODER_WINDOW, max_pieces=max_pieces)
    return encoder.from_disk(folder)


def with_vectors(encoder: Encoder, articles: list[AnnotatedArticle]) -> ReadArticles:
    """The encoder's vectors of articles, which are read as the pipeline reads them."""
    nlp = spacy.blank(ANY_LANGUAGE)
    vectors = []
    for article in articles:
        doc = nlp.make_doc(reading_of(article.text).text)
        doc.user_data["headline"] = read_line(article.headline)
        vectors.append(encoder.encode(doc).vector)
    topics = [[code in (article.topics or ()) for code in CODES] for article in articles]
    return ReadArticles(articles, np.array(vectors), np.array(topics, dtype=bool))


def language_samples(data: Path) -> Iterator[list[AnnotatedArticle]]:
    """Some text in each language that Dateline reads, set by set: what teaches names, and German quotes."""
    german = [row["text"][:GERMAN_CHARACTERS] for row in read_lines(data / "quotes/german_train.jsonl")]
    yield [AnnotatedArticle("german", "german", text) for text in random.Random(3).sample(german, STRETCHES)]
    for names in DIRECTION_SETS:
        sentences = [each.text for each in islice(read_names(names.path(data, "train")), FIRST_SENTENCES)]
        draw = random.Random(3)
        starts = [draw.randrange(0, len(sentences) - SENTENCES) for _ in range(STRETCHES)]
        yield [
            AnnotatedArticle(
                f"{names.name}_{start}", names.name, " ".join(sentences[start : start + SENTENCES])
            )
            for start in starts
        ]


def without_language(means: np.ndarray) -> np.ndarray:
    """The projection [384, 384] that leaves out the DIRECTIONS in which `means` [sets, 384] differ most."""
    _, _, directions = np.linalg.svd(means - means.mean(axis=0), full_matrices=False)
    found = directions[:DIRECTIONS]
    kept: np.ndarray = np.eye(means.shape[1]) - found.T @ found
    return kept


def fitted_topics(
    newspapers: ReadArticles, weak: ReadArticles, projection: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """A class-balanced logistic regression per topic: coefficients [17, 384] and biases [17].

    It looks at vectors after the projection; its coefficients are for vectors as they are.
    A category says nothing about topics that its publisher has no category for: such an article is no
    example of these.
    """
    sources = np.array([article.source for article in weak.articles])
    vectors = np.concatenate((newspapers.vectors, weak.vectors)).astype(np.float64) @ projection
    coefficients, biases = np.zeros((len(CODES), vectors.shape[1])), np.zeros(len(CODES))
    for column in range(len(CODES)):
        has = weak.topics[:, column]
        judged = np.isin(sources, np.unique(sources[has]))
        weights = np.concatenate((np.ones(len(newspapers.articles)), judged * _weights(sources)))
        right = np.concatenate((newspapers.topics[:, column], has))
        weights[right] *= weights[~right].sum() / weights[right].sum()
        model = LogisticRegression(C=INVERSE_RIDGE, max_iter=500)
        model.fit(vectors[weights > 0], right[weights > 0], weights[weights > 0])
        coefficients[column], biases[column] = model.coef_[0], model.intercept_[0]
    return coefficients @ projection, biases


def _weights(sources: np.ndarray) -> np.ndarray:
    return np.array([WEIGHTS.get(source, CATEGORY_WEIGHT) for source in sources])


def odds(model: tuple[np.ndarray, np.ndarray], vectors: np.ndarray) -> np.ndarray:
    """The scores of articles, float64 [articles, 17]."""
    coefficients, biases = model
    found: np.ndarray = vectors.astype(np.float64) @ coefficients.T + biases
    return found


def english_calibration(
    newspapers: ReadArticles, unseen: ReadArticles, weak: ReadArticles, projection: np.ndarray
) -> Calibration:
    """By scores of newspapers that were left out of the fit in turn; the encoder was taught `newspapers`."""
    both = ReadArticles(
        newspapers.articles + unseen.articles,
        np.concatenate((newspapers.vectors, unseen.vectors)),
        np.concatenate((newspapers.topics, unseen.topics)),
    )
    size, groups = len(newspapers.articles), [article.source for article in both.articles]
    scores = np.zeros(both.topics.shape)
    for inside, outside in GroupKFold(NEWSPAPER_FOLDS).split(groups, groups=groups):
        model = fitted_topics(newspapers[inside[inside < size]], weak, projection)
        scores[outside] = odds(model, both.vectors[outside])
    return calibrate(scores[:size], newspapers.topics, scores[size:], unseen.topics)


def language_calibration(scores: np.ndarray, topics: np.ndarray) -> Calibration:
    """One slope for a language's log odds, and a shift for each topic that its set has a category for."""
    known = topics.any(axis=0)
    found, right = scores[:, known], topics[:, known]

    def loss(values: np.ndarray) -> tuple[float, np.ndarray]:
        shift, slope = values[:-1], values[-1]
        logits = slope * found + shift
        missed = 1 / (1 + np.exp(-logits)) - right
        total = (np.logaddexp(0, logits) - right * logits).sum() + SHIFT_RIDGE * (shift**2).sum() / 2
        return float(total), np.append(missed.sum(axis=0) + SHIFT_RIDGE * shift, (missed * found).sum())

    values = minimize(loss, np.append(np.zeros(known.sum()), 1.0), jac=True).x
    shift = np.zeros(len(CODES))
    shift[known] = values[:-1]
    return Calibration(np.where(known, values[-1], 1.0), shift)


def first_right(scores: np.ndarray, topics: np.ndarray, *, least: float | None = None) -> float:
    """The share of articles whose strongest topic is right, in percent.

    `least`: and whose score of it is at least that.
    """
    first = scores.argmax(axis=1)
    rows = np.arange(len(scores))
    right = topics[rows, first] & (True if least is None else scores[rows, first] >= least)
    return round(100 * float(right.mean()), 1)


def tagger_of(
    model: tuple[np.ndarray, np.ndarray],
    english: Calibration,
    by_language: dict[str, Calibration],
) -> VectorTopicTagger:
    """The component, with the calibration of English in its weights."""
    coefficients, biases = model
    slope = np.array(english.slope)
    weights = coefficients * slope[:, None]
    scale = np.abs(weights).max(axis=1) / np.iinfo(np.int16).max
    return VectorTopicTagger().set(
        {
            "codes": np.array(CODES),
            "weights": np.rint(weights / scale[:, None]).astype(np.int16),
            "scale": scale,
            "bias": biases * slope + english.shift,
            "languages": np.array(list(by_language)),
            "slope": np.array([found.slope for found in by_language.values()]),
            "shift": np.array([found.shift for found in by_language.values()]),
        }
    )


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("pipeline", type=Path, help="the pipeline's folder")
    options = parser.parse_args()
    folder = options.pipeline / FOLDER
    encoder = loaded_encoder(folder, max_pieces=FIRST_WINDOW)
    teaching, categories = teaching_articles(options.data)
    newspapers, weak = with_vectors(encoder, teaching), with_vectors(encoder, categories)
    unseen, held_out = (with_vectors(encoder, part) for part in english_articles_apart(options.data))
    means = [with_vectors(encoder, texts).vectors.mean(axis=0) for texts in language_samples(options.data)]
    projection = without_language(np.array([*means, newspapers.vectors.mean(axis=0)]))
    model = fitted_topics(newspapers, weak, projection)
    english = english_calibration(newspapers, unseen, weak, projection)
    confidence = english(odds(model, held_out.vectors))
    print("English", top_level(confidence, held_out.topics, UNCALIBRATED_THRESHOLD), flush=True)

    calibrations = {}
    whole = loaded_encoder(folder, max_pieces=MAX_PIECES)
    for language in CALIBRATED:
        found = with_vectors(whole, read_categories(options.data, language))
        scores = english.slope * odds(model, found.vectors) + english.shift
        own = calibrations[language] = language_calibration(
            scores[CALIBRATED_ON], found.topics[CALIBRATED_ON]
        )
        print(language, report(own(scores), scores, found.topics), flush=True)
    tagger_of(model, english, calibrations).to_disk(folder)
    print(options.pipeline, stamp(options.pipeline))


def report(confidence: np.ndarray, before: np.ndarray, topics: np.ndarray) -> dict[str, float]:
    """Of the articles that are not calibrated on, and of the topics that gold can judge, in percent.

    `first`, and before the language's own calibration `uncalibrated`: the share of articles whose strongest
    topic is right. `published`, `of_tagged`: where that is published, of all articles and of those with a
    topic. `before`: the scores without the calibration.
    """
    known = topics.any(axis=0)
    scored = np.delete(np.arange(len(topics)), CALIBRATED_ON)
    confidence, before, topics = (part[np.ix_(scored, known)] for part in (confidence, before, topics))
    tagged = (confidence >= CALIBRATED_THRESHOLD).any(axis=1)
    return {
        "articles": len(scored),
        "uncalibrated": first_right(before, topics),
        "first": first_right(confidence, topics),
        "published": first_right(confidence, topics, least=CALIBRATED_THRESHOLD),
        "of_tagged": first_right(confidence[tagged], topics[tagged]),
        **rates(confidence >= CALIBRATED_THRESHOLD, topics),
    }


if __name__ == "__main__":
    main()
