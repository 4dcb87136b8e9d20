"""What exported encoders say: python -m training.teach --data FOLDER --teachers FOLDER ... --output FILE

Their mean probabilities are soft targets for `training.train --taught FILE`. A teacher may read other pieces
than the network that it teaches: what it says of a token goes to the token's head piece.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from spacy.language import Language

from training.batches import TASKS
from training.blank import blank_pipeline
from training.data import AnnotatedArticle, read_corpus, read_unlabelled
from training.examples import Example, is_short, make_example
from training.network import pretrained_reader
from worker.nlp.encoder.component import Encoder, columns

WINDOW = 190
"""Pieces of a teacher's window, as in the running pipeline."""


def taught_articles(data: Path, *, unlabelled: int) -> Iterator[AnnotatedArticle]:
    """All articles of training, and so many without labels."""
    yield from read_corpus(data, everything=True).train
    yield from read_unlabelled(data, unlabelled)


def softened(scores: np.ndarray) -> np.ndarray:
    """The probabilities of all tasks' tags, [tokens, tags]. `scores`: what the tags had before softmax."""
    parts = np.split(scores, np.cumsum([len(tags) for tags in TASKS.values()])[:-1], axis=1)
    odds = [np.exp(part - part.max(1, keepdims=True)) for part in parts]
    return np.concatenate([odd / odd.sum(1, keepdims=True) for odd in odds], axis=1)


def taught_by(encoder: Encoder, article: AnnotatedArticle, nlp: Language) -> np.ndarray:
    """An encoder's probabilities for each token of an article; 0 for tokens that it has no piece for."""
    assert encoder.reader is not None  # from_disk gave it one
    read = make_example(article, nlp, encoder.reader)
    probabilities = softened(encoder.read(read.pieces)[0])
    return np.where((read.heads >= 0)[:, None], probabilities[read.heads], 0)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--teachers", type=Path, nargs="+", required=True, help="folders with a model.onnx")
    parser.add_argument("--unlabelled", type=int, default=3000, help="articles without labels to read too")
    parser.add_argument("--output", type=Path, required=True)
    options = parser.parse_args()
    nlp, reader = blank_pipeline(), pretrained_reader()
    encoders = [Encoder(window=WINDOW, max_pieces=0).from_disk(path) for path in options.teachers]
    for encoder in encoders:
        if encoder.width() != len(columns()):
            raise SystemExit("--teachers: an encoder without heads for attribution can't teach them")
    ids, targets = [], []
    for article in taught_articles(options.data, unlabelled=options.unlabelled):
        example = make_example(article, nlp, reader)
        if is_short(example):
            continue
        by_token = np.mean([taught_by(encoder, article, nlp) for encoder in encoders], axis=0)
        soft = np.zeros((len(example.pieces), by_token.shape[1]), dtype=np.float16)
        # Tokens may share a head piece, which then has the tags of the first one.
        where, first = np.unique(example.heads, return_index=True)
        soft[where[where >= 0]] = by_token[first[where >= 0]]
        ids.append(article.id)
        targets.append(soft)
        if len(ids) % 500 == 0:
            print(len(ids), "articles", flush=True)
    np.savez(
        options.output, ids=ids, ends=np.cumsum([len(soft) for soft in targets]), soft=np.concatenate(targets)
    )
    print(options.output, len(ids), "articles", sum(len(soft) for soft in targets), "pieces")


def add_soft_targets(examples: list[Example], path: Path) -> None:
    """Give each example what teachers said of it, if they read it. `path`: what this command wrote.

    Raises ValueError where an article has other pieces than it had for its teachers, and where an article
    without labels is not there.
    """
    with np.load(path) as taught:
        parts = np.split(taught["soft"], taught["ends"][:-1])
        by_id = dict(zip(taught["ids"].tolist(), parts, strict=True))
    ends = np.cumsum([len(tags) for tags in TASKS.values()])[:-1]
    for example in examples:
        soft = by_id.get(example.article.id)
        if soft is None:
            if example.topics is None and example.entities is None and example.roles is None:
                raise ValueError(f"{path}: nothing on {example.article.id}, which has no labels either")
            continue
        if len(soft) != len(example.pieces):
            raise ValueError(
                f"{path}: {example.article.id} had {len(soft)} pieces, and has {len(example.pieces)}"
            )
        for task, part in zip(TASKS, np.split(soft, ends, axis=1), strict=True):
            setattr(example, f"soft_{task}", part)


if __name__ == "__main__":
    main()
