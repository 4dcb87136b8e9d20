"""Fit topics on a trained encoder: python -m training.topics --data FOLDER --encoder FOLDER

Each topic has two linear models, one on the encoder's vector and one on TF-IDF of word pieces. Topics are the
17 at the top level and the narrower ones of `second_level.jsonl`. They are calibrated, and thresholds
are chosen, by cross-validation over newspapers; narrower topics that are not precise enough there are left
out. Writes `topics.npz` and `topics.json` to the encoder's folder.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
from sklearn.model_selection import GroupKFold
from spacy.language import Language

from training.assemble import encoder_only
from training.data import (
    DEV_SOURCES,
    AnnotatedArticle,
    read_corpus,
    read_lines,
    read_weak_topics,
    read_worldwide,
)
from training.topics.calibration import calibrate_levels, fold, threshold
from training.topics.models import (
    Features,
    fit_tagger,
    inverse_document_frequencies,
    restricted_to,
    tagger_scores,
)
from training.topics.report import second_level, top_level
from worker.nlp.encoder.component import Encoder
from worker.nlp.topics.labels import CODES
from worker.records.media_topics import broader

OPEN_SOURCES = ("huffpost_2018", "iptc")
"""The sources of examples with open licences. With `--open`, a definition counts as much as an article."""

SECOND_LEVEL = Path(__file__).parent / "second_level.jsonl"
"""The narrower topics of the articles of topics/worldwide_topics.jsonl, a line `{id, topics}` each."""

MIN_EXAMPLES = 10
"""A narrower topic needs this many articles to be fitted, and this many tags for a threshold."""

MIN_PRECISION = 0.9
"""What a narrower topic must reach in cross-validation, so that it reaches 0.8 on unseen articles."""

TOP_LEVEL_THRESHOLD = 0.4
"""The confidence from which top-level topics are published. For calibrated probabilities, the threshold with
the best F1 is half of that F1."""

FOLDS = 6


def article_features(nlp: Language, articles: list[AnnotatedArticle], codes: tuple[str, ...]) -> Features:
    """Run the encoder on articles. `codes`: the topics that are the columns of the labels."""
    docs = [nlp.make_doc(article.text) for article in articles]
    for doc, article in zip(docs, articles, strict=True):
        doc.user_data["headline"] = article.headline
    encodings = [doc._.encoding for doc in nlp.pipe(docs)]
    return Features(
        vectors=np.array([encoding.vector for encoding in encodings]),
        pieces=[encoding.pieces for encoding in encodings],
        topics=np.array(
            [code in (article.topics or ()) for article in articles for code in codes], dtype=bool
        ).reshape(len(articles), len(codes)),
    )


def read_articles(
    folder: Path, *, open_only: bool
) -> tuple[list[AnnotatedArticle], list[AnnotatedArticle], list[AnnotatedArticle]]:
    """The articles to fit on, to calibrate on and to report on.

    Neither encoder nor tagger is trained on the last two. With `open_only` there are none to calibrate on.
    """
    corpus = read_corpus(folder, everything=True, open_only=open_only)
    if open_only:
        return [a for a in corpus.train if a.topics and a.source in OPEN_SOURCES], [], corpus.dev
    quoted = {row["id"] for row in read_lines(folder / "quotes/worldwide_dev.jsonl")}
    unseen = [a for a in read_worldwide(folder) if a.id in quoted and a.source not in DEV_SOURCES]
    train = [a for a in corpus.train if a.topics and not a.weak]
    known = {row["id"]: tuple(row["topics"]) for row in read_lines(SECOND_LEVEL)}
    train, unseen, dev = (
        [replace(a, topics=(*(a.topics or ()), *known.get(a.id, ()))) for a in part]
        for part in (train, unseen, corpus.dev)
    )
    return train, unseen, dev


def read_definitions(folder: Path) -> list[AnnotatedArticle]:
    """The definitions of IPTC's terms as examples of the term and of all broader ones."""
    terms = (a for a in read_weak_topics(folder / "topics", names=()) if a.source == "iptc")
    return [replace(a, topics=(a.id, *broader(a.id))) for a in terms]


def frequent_topics(articles: list[AnnotatedArticle]) -> tuple[str, ...]:
    """The narrower topics with MIN_EXAMPLES articles or more, in the order of their codes."""
    counts = Counter(code for a in articles for code in a.topics or () if code not in CODES)
    return tuple(sorted(code for code, count in counts.items() if count >= MIN_EXAMPLES))


def cross_validated_scores(
    codes: tuple[str, ...],
    train: Features,
    unseen: Features,
    definitions: Features,
    rarity: np.ndarray,
    groups: list[str],
) -> tuple[np.ndarray, np.ndarray]:
    """The scores of `train` and of `unseen`, each by a tagger fitted on articles of other groups.

    `groups`: the group of each article of `train`, then of `unseen`. Only articles of `train` are fitted on.
    """
    size = len(train.topics)
    found = np.zeros((len(groups), len(codes)))
    for inside, outside in GroupKFold(FOLDS).split(groups, groups=groups):
        tagger = fit_tagger(codes, train[inside[inside < size]], definitions, rarity)
        for part, rows in ((train, outside[outside < size]), (unseen, outside[outside >= size] - size)):
            if len(rows):
                found[rows + (size if part is unseen else 0)] = tagger_scores(tagger, part[rows])
    return found[:size], found[size:]


def capped_by_top_level(confidence: np.ndarray, codes: tuple[str, ...]) -> np.ndarray:
    """Confidence no higher than that of the top-level topic above, as the topics component limits it."""
    tops = [codes.index((code, *broader(code))[-1]) for code in codes]
    capped: np.ndarray = np.minimum(confidence, confidence[:, tops])
    return capped


def narrower_thresholds(
    codes: tuple[str, ...], confidence: np.ndarray, topics: np.ndarray
) -> dict[str, float]:
    """The thresholds of the narrower topics that are precise enough. None is below TOP_LEVEL_THRESHOLD."""
    found = {
        code: threshold(
            confidence[:, i],
            topics[:, i],
            lowest=TOP_LEVEL_THRESHOLD,
            precision=MIN_PRECISION,
            tags=MIN_EXAMPLES,
        )
        for i, code in enumerate(codes)
        if code not in CODES
    }
    return {code: least for code, least in found.items() if least is not None}


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--encoder", type=Path, required=True)
    parser.add_argument("--open", action="store_true", help="fit only on data with open licences")
    options = parser.parse_args()
    articles, calibrating, judged = read_articles(options.data, open_only=options.open)
    codes = (*CODES, *frequent_topics(articles))
    nlp = encoder_only(options.encoder)
    train, unseen, dev, definitions = (
        article_features(nlp, part, codes)
        for part in (articles, calibrating, judged, read_definitions(options.data))
    )
    encoder = nlp.get_pipe("encoder")
    assert isinstance(encoder, Encoder)
    assert encoder.reader is not None  # encoder_only has given it a tokenizer
    rarity = inverse_document_frequencies(train.pieces, encoder.reader.tokenizer.get_vocab_size())
    groups = [a.id if options.open else a.source for a in (*articles, *calibrating)]
    scored, scored_unseen = cross_validated_scores(codes, train, unseen, definitions, rarity, groups)
    calibration = calibrate_levels(scored, train.topics, scored_unseen, unseen.topics)
    tagger = fit_tagger(codes, train, definitions, rarity)

    by_train, by_unseen, by_dev = (
        capped_by_top_level(calibration(part), codes)
        for part in (scored, scored_unseen, tagger_scores(tagger, dev))
    )
    thresholds = narrower_thresholds(codes, by_train, train.topics)
    report = {
        "threshold": TOP_LEVEL_THRESHOLD,
        "thresholds": thresholds,
        "cross_validated": top_level(by_train, train.topics, TOP_LEVEL_THRESHOLD),
        "dev": top_level(by_dev, dev.topics, TOP_LEVEL_THRESHOLD),
        "narrower": second_level(codes, thresholds, by_train, train.topics),
        "narrower_unseen": second_level(
            codes,
            thresholds,
            np.concatenate((by_unseen, by_dev)),
            np.concatenate((unseen.topics, dev.topics)),
        ),
    }
    published = restricted_to(fold(tagger, calibration), (*CODES, *thresholds))
    (options.encoder / "topics.npz").write_bytes(published.to_bytes())
    (options.encoder / "topics.json").write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")
    print(json.dumps(report, indent=1))


if __name__ == "__main__":
    main()
