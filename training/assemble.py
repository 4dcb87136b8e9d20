"""Assemble the pipeline: python -m training.assemble --encoder FOLDER --output worker/model

The folder `--encoder` holds `model.onnx`, which training.export writes, and `topics.npz` and `topics.json`,
which training.topics writes. The output is a folder that spacy.load reads, and its meta.json lists the hashes
of its files. A README.md or NOTICE that is already in it stays.
"""

from __future__ import annotations

import argparse
import json
import shutil
from pathlib import Path

from spacy.language import Language
from tokenizers import Tokenizer

import worker.nlp.pipeline  # noqa: F401  registers the factories
from training.blank import blank_pipeline
from training.data import REPORTED_SOURCES
from training.network import pretrained_folder
from worker.nlp.encoder.component import PIECES, Encoder
from worker.nlp.fingerprint import stamp
from worker.nlp.topics.component import TopicTagger

PIPELINE_VERSION = "1.1.0"
KEPT_FILES = ("README.md", "NOTICE")


def encoder_only(folder: Path) -> Language:
    """A pipeline of the tokenizer and the encoder whose `model.onnx` is in `folder`.

    A multilingual encoder's `tokenizer.json` and `pieces.model` are there too; the English one has the
    tokenizer of all-MiniLM-L6-v2.
    """
    own = folder / "tokenizer.json"
    tokenizer = Tokenizer.from_file(str(own if own.exists() else pretrained_folder() / "tokenizer.json"))
    nlp = blank_pipeline()
    encoder = nlp.add_pipe("dateline_encoder", "encoder")
    assert isinstance(encoder, Encoder)  # what the factory of that name makes
    pieces = (folder / PIECES).read_bytes() if (folder / PIECES).exists() else b""
    encoder.start((folder / "model.onnx").read_bytes(), tokenizer.to_str(), pieces)
    return nlp


def build_pipeline(folder: Path, *, rules: bool = True) -> Language:
    """The components in the order in which they run. `rules=False` leaves out quotes and speakers."""
    nlp = encoder_only(folder)
    topics = json.loads((folder / "topics.json").read_text(encoding="utf-8"))
    nlp.add_pipe("dateline_entities", "entities")
    if rules:
        nlp.add_pipe("dateline_quotes", "quotes")
        nlp.add_pipe("dateline_speakers", "speakers")
    tagger = nlp.add_pipe("dateline_topics", "topics")
    assert isinstance(tagger, TopicTagger)  # what the factory of that name makes
    tagger.from_disk(folder)
    nlp.meta["name"] = "news"
    nlp.meta["version"] = PIPELINE_VERSION
    nlp.meta["spacy_version"] = ">=3.8.0,<3.9.0"
    nlp.meta["description"] = "English news: names, who said what, and IPTC Media Topics"
    nlp.meta["license"] = "see NOTICE"
    nlp.meta["topic_threshold"] = topics["threshold"]
    nlp.meta["topic_thresholds"] = topics["thresholds"]
    nlp.meta["held_out_sources"] = sorted(REPORTED_SOURCES)
    return nlp


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--encoder", type=Path, required=True)
    parser.add_argument("--output", type=Path, required=True)
    parser.add_argument("--scores", type=Path, help="JSON of the scoring step, to stand in meta.json")
    parser.add_argument("--trained-only", action="store_true", help="leave out quotes and speakers")
    options = parser.parse_args()
    nlp = build_pipeline(options.encoder, rules=not options.trained_only)
    nlp.meta["performance"] = json.loads(options.scores.read_text()) if options.scores else {}
    kept = {
        name: (options.output / name).read_bytes() for name in KEPT_FILES if (options.output / name).exists()
    }
    shutil.rmtree(options.output, ignore_errors=True)
    nlp.to_disk(options.output)
    for name, data in kept.items():
        (options.output / name).write_bytes(data)
    version = stamp(options.output)
    size = sum(file.stat().st_size for file in options.output.rglob("*") if file.is_file())
    print(options.output, version, round(size / 1e6, 1), "MB", nlp.pipe_names)


if __name__ == "__main__":
    main()
