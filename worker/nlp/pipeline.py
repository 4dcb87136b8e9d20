"""Loads the language pipeline. Nothing else calls spaCy's `load`."""

from __future__ import annotations

from pathlib import Path

import spacy
from spacy.language import Language
from spacy.util import load_config, load_meta

# Importing these registers the factories, which entry points do only for an installed package.
import worker.nlp.entities.component
import worker.nlp.quotes.component
import worker.nlp.speakers.component  # noqa: F401
from worker.nlp.encoder.component import Encoder
from worker.nlp.topics.component import TopicTagger

__all__ = ["SHIPPED", "ModelError", "load"]

SHIPPED = Path(__file__).parent.parent / "model"
"""The pipeline that comes with the package."""

ADDED_COMPONENTS = ("encoder", "quotes", "speakers", "topics")
"""The components of the shipped pipeline that another team's pipeline gets. It brings its own entities."""

WEIGHTLESS_COMPONENTS = ADDED_COMPONENTS[1:3]
"""Those that need no model, for a pipeline in any language and with any encoder."""


class ModelError(Exception):
    """A pipeline cannot be loaded; the message says which and why."""


def load(model: str | Path | None = None) -> Language:
    """The pipeline in a folder or a package, or the shipped one for None, with `complete` applied.

    Raises ModelError if it cannot be loaded.
    """
    try:
        nlp = spacy.load(model if model is not None else SHIPPED)
    except Exception as error:  # spaCy, onnxruntime and tokenizers raise bare Exceptions for broken files
        raise ModelError(f"cannot load the pipeline {str(model or SHIPPED)!r}: {error}") from error
    complete(nlp)
    # spaCy limits texts for the sake of parsers, which need much memory. Articles are limited at intake.
    nlp.max_length = 1_000_000_000
    return nlp


def complete(nlp: Language) -> None:
    """Add those of ADDED_COMPONENTS that the pipeline lacks; topics only if it sets none of its own."""
    config, meta = load_config(SHIPPED / "config.cfg"), load_meta(SHIPPED / "meta.json")
    metas = [nlp.get_pipe_meta(name) for name in nlp.pipe_names]
    used = {meta.factory for meta in metas}
    # The encoder knows only English, and the topics were fitted to its vectors.
    gets_encoder = "dateline_encoder" not in used and nlp.lang == config["nlp"]["lang"]
    has_topics = any("doc.cats" in meta.assigns for meta in metas)
    for name in ADDED_COMPONENTS if gets_encoder else WEIGHTLESS_COMPONENTS:
        settings = dict(config["components"][name])
        factory = settings.pop("factory")
        if factory in used or (name == "topics" and has_topics):
            continue
        component = nlp.add_pipe(
            factory, name if name not in nlp.component_names else factory, config=settings
        )
        if (SHIPPED / name).is_dir():
            assert isinstance(component, Encoder | TopicTagger), f"{name} loads no model"
            component.from_disk(SHIPPED / name)
        if name == "topics":
            nlp.meta.update({key: value for key, value in meta.items() if key.startswith("topic_")})
