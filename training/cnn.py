"""Train spaCy's own CNN for names as a baseline: python -m training.cnn --data FOLDER --output FOLDER

The pipeline is that of `spacy init config --lang en --pipeline ner --optimize efficiency`. `spacy train`
trains it on the newspapers that the encoder learns names from. bench/tags.py compares the speed of both.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Iterable
from pathlib import Path

import spacy
from spacy.cli.init_config import init_config
from spacy.cli.train import train
from spacy.tokens import Doc, DocBin

from training.data import AnnotatedArticle, read_corpus


def gold_docs(articles: Iterable[AnnotatedArticle]) -> DocBin:
    """The annotated articles as spaCy's training data."""
    nlp = spacy.blank("en")
    return DocBin(docs=[with_names(nlp.make_doc(a.text), a) for a in articles if a.entities is not None])


def with_names(doc: Doc, article: AnnotatedArticle) -> Doc:
    """`doc` with the article's names as entities, except names that begin or end inside a token."""
    spans = (doc.char_span(start, end, label) for start, end, label in article.entities or ())
    doc.ents = [span for span in spans if span is not None]
    return doc


def train_cnn(data: Path, output: Path, *, steps: int) -> Path:
    """Train for `steps` steps. Returns the folder of the pipeline after the last step."""
    corpus = read_corpus(data, everything=False)
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        gold_docs(corpus.train).to_disk(folder / "train.spacy")
        gold_docs(corpus.tuning).to_disk(folder / "dev.spacy")
        init_config(lang="en", pipeline=["ner"], optimize="efficiency", silent=True).to_disk(folder / "cfg")
        overrides = {
            "paths.train": str(folder / "train.spacy"),
            "paths.dev": str(folder / "dev.spacy"),
            "training.max_steps": steps,
            "training.eval_frequency": min(steps, 200),
        }
        train(folder / "cfg", output, overrides=overrides)
    return output / "model-last"


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--output", type=Path, required=True)
    parser.add_argument("--steps", type=int, default=600)
    options = parser.parse_args()
    print(train_cnn(options.data, options.output, steps=options.steps))


if __name__ == "__main__":
    main()
