"""Loading the trained pipeline: the only place that calls spaCy's load."""

from __future__ import annotations

from pathlib import Path

import spacy
from spacy.language import Language
from spacy.util import load_config, load_meta

# Registers the factories where the package is on the path but not installed.
import worker.nlp.encoder.component
import worker.nlp.entities.component
import worker.nlp.quotes.component
import worker.nlp.speakers.component
import worker.nlp.topics.component  # noqa: F401

__all__ = ["SHIPPED", "ModelError", "load"]

SHIPPED = Path(__file__).parent.parent / "model"
"""The pipeline that comes with the package."""

REST = ("encoder", "quotes", "speakers", "topics")
"""What a pipeline of another team gets of the shipped one's components. Entities are its own."""

ATTRIBUTION = REST[1:3]
"""Those without weights, for pipelines in any language and with any encoder."""


class ModelError(Exception):
    """A pipeline cannot be loaded; the message says which and why."""


def load(model: str | Path | None = None) -> Language:
    """The pipeline at a folder or under a package's name, completed; the shipped one for None.

    Raises ModelError.
    """
    try:
        nlp = spacy.load(model if model is not None else SHIPPED)
    except Exception as error:  # spaCy, onnxruntime and tokenizers raise bare Exceptions for broken files
        raise ModelError(f"cannot load the pipeline {str(model or SHIPPED)!r}: {error}") from error
    complete(nlp)
    # spaCy's limit guards parsers that need memory by the square of the text; the contract's is elsewhere.
    nlp.max_length = 1_000_000_000
    return nlp


def complete(nlp: Language) -> None:
    """Add what the pipeline lacks of REST. Its own topics stay: a component that assigns `doc.cats`."""
    config, meta = load_config(SHIPPED / "config.cfg"), load_meta(SHIPPED / "meta.json")
    metas = [nlp.get_pipe_meta(name) for name in nlp.pipe_names]
    used = {meta.factory for meta in metas}
    # The topics were fitted to the shipped encoder's vectors, and that one knows English.
    gets_encoder = "dateline_encoder" not in used and nlp.lang == config["nlp"]["lang"]
    has_topics = any("doc.cats" in meta.assigns for meta in metas)
    for name in REST if gets_encoder else ATTRIBUTION:
        settings = dict(config["components"][name])
        factory = settings.pop("factory")
        if factory in used or (name == "topics" and has_topics):
            continue
        component = nlp.add_pipe(
            factory, name if name not in nlp.component_names else factory, config=settings
        )
        if (SHIPPED / name).is_dir():
            component.from_disk(SHIPPED / name)
        if name == "topics":
            nlp.meta.update({key: value for key, value in meta.items() if key.startswith("topic_")})
