"""Export the encoder as int8: python -m training.multilingual.export --checkpoint FILE --start FOLDER ...

Like training.export; with `--strength`, activations are smoothed first. Writes `model.onnx`, `tokenizer.json`
and `pieces.model`, its vocabulary, to the output.
"""

from __future__ import annotations

import argparse
import itertools
from collections.abc import Iterator
from pathlib import Path

from torch import Tensor

from training.batches import collate, inputs_of
from training.data import read_corpus
from training.examples import make_example
from training.export import HEADS, OPEN_HEADS, write_model
from training.multilingual.corpus import NAME_SETS, blank_by_language, read_names
from training.multilingual.encoders import load_reader
from training.multilingual.pieces import sentencepiece_model, without_vocabulary
from training.multilingual.smoothing import smoothed_copy
from training.restore import network_from
from worker.nlp.encoder.component import PIECES
from worker.nlp.encoder.reader import PieceReader

VECTOR_LAYER = 6
"""The layer whose mean is an article's vector: above it, vectors of languages are less alike."""

TEXTS = 6
"""Texts of each set that the ranges of activations are measured on."""


def sample_windows(data: Path, reader: PieceReader, size: int) -> Iterator[tuple[Tensor, ...]]:
    """Windows of training texts in all languages, each as the network's inputs."""
    languages = blank_by_language(names.language for names in NAME_SETS)
    english = [a for a in read_corpus(data, everything=True).train if not a.weak]
    for articles in (
        english[:: len(english) // TEXTS + 1],
        *(itertools.islice(read_names(names.path(data, "train")), TEXTS) for names in NAME_SETS),
    ):
        for article in articles:
            example = make_example(article, languages[article.language], reader)
            batch = collate(
                [(example, 0, min(size, len(example.pieces)))], begin=reader.begin, end=reader.end
            )
            yield inputs_of(batch)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--checkpoint", type=Path, required=True)
    parser.add_argument("--start", type=Path, required=True, help="the folder of the pruned vocabulary")
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--output", type=Path, required=True)
    parser.add_argument("--window", type=int, default=190, help="pieces")
    parser.add_argument("--strength", type=float, default=0.0, help="of smoothing activations, 0.75 for one")
    parser.add_argument("--float", action="store_true", help="don't quantize, to see what that costs")
    parser.add_argument("--open", action="store_true", help="without attribution, which no open data trains")
    options = parser.parse_args()
    options.output.mkdir(parents=True, exist_ok=True)
    reader = load_reader(options.start)
    network = network_from(options.checkpoint)
    smoothed = None
    if options.strength:
        windows = sample_windows(options.data, reader, options.window)
        smoothed = smoothed_copy(network, windows, strength=options.strength)
    write_model(
        network,
        options.output / "model.onnx",
        OPEN_HEADS if options.open else HEADS,
        in_float=options.float,
        smoothed=smoothed,
        vector_layer=VECTOR_LAYER,
    )
    (options.output / "tokenizer.json").write_text(without_vocabulary(reader.tokenizer), encoding="utf-8")
    (options.output / PIECES).write_bytes(sentencepiece_model(reader.tokenizer))


if __name__ == "__main__":
    main()
