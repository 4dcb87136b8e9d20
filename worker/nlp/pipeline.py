"""Loading the trained pipeline: the only place that calls spaCy's load."""

from __future__ import annotations

from pathlib import Path

import spacy
from spacy.language import Language

# Registers the factories where the package is on the path but not installed.
import worker.nlp.encoder
import worker.nlp.ner
import worker.nlp.quotes
import worker.nlp.speakers
import worker.nlp.topic_tags  # noqa: F401

__all__ = ["SHIPPED", "ModelError", "load"]

SHIPPED = Path(__file__).parent.parent / "model"
"""The pipeline that comes with the package."""

ATTRIBUTION = ("dateline_quotes", "dateline_speakers")
"""Components without weights, which every pipeline gets."""


class ModelError(Exception):
    """A pipeline cannot be loaded; the message says which and why."""


def load(model: str | Path | None = None) -> Language:
    """The pipeline at a folder or under a package's name; the shipped one for None. Raises ModelError."""
    try:
        nlp = spacy.load(model if model is not None else SHIPPED)
    except Exception as error:  # spaCy, onnxruntime and tokenizers raise bare Exceptions for broken files
        raise ModelError(f"cannot load the pipeline {str(model or SHIPPED)!r}: {error}") from error
    # Another team's pipeline brings entities; who said what comes from ours.
    used = {meta.factory for meta in map(nlp.get_pipe_meta, nlp.pipe_names)}
    for factory in ATTRIBUTION:
        if factory not in used:
            nlp.add_pipe(factory, name=factory.removeprefix("dateline_"))
    # spaCy's limit guards parsers that need memory by the square of the text; the contract's is elsewhere.
    nlp.max_length = 1_000_000_000
    return nlp
