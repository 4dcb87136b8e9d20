"""Loads the language pipeline. Nothing else calls spaCy's `load`."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary

import spacy
from spacy.language import Language
from spacy.util import get_package_path, is_package, load_config, load_meta

# Importing these registers the factories, which entry points do only for an installed package.
import worker.nlp.entities.component
import worker.nlp.quotes.component
import worker.nlp.speakers.component
import worker.nlp.values.component  # noqa: F401
from worker.nlp.encoder.component import Encoder
from worker.nlp.fingerprint import HASHES, ModelError, fingerprint, identity_of
from worker.nlp.topics.component import TopicTagger
from worker.records.article import PipelineIdentity, PipelineVersion

__all__ = ["SHIPPED", "ModelError", "finish", "load", "pipeline_name", "pipeline_version"]

SHIPPED = Path(__file__).parent.parent / "model"
"""The pipeline that comes with the package."""

ADDED_COMPONENTS = ("encoder", "quotes", "speakers", "topics")
"""The components of the shipped pipeline that another team's pipeline gets. It brings its own entities."""

WEIGHTLESS_COMPONENTS = ADDED_COMPONENTS[1:3]
"""Those that need no model, for a pipeline in any language and with any encoder."""


# Kept beside the pipelines, not in their `meta`: that is saved with a pipeline, which may be changed by then.
_loaded: WeakKeyDictionary[Language, PipelineVersion] = WeakKeyDictionary()


def load(model: str | Path | None = None) -> Language:
    """The pipeline in a folder or a package, or the shipped one for None, with `complete` applied.

    Its files are held against the hashes that its meta.json lists, before any is loaded. Raises ModelError
    if one differs, or if the pipeline cannot be loaded.
    """
    try:
        folder = _folder(model)
        digits = fingerprint(folder) if folder else ""
        nlp = spacy.load(model if model is not None else SHIPPED)
        version = _identified(nlp.meta, digits)
        completed_by = _shipped_identity() if complete(nlp) else None
    except ModelError:
        raise
    except Exception as error:  # spaCy, onnxruntime and tokenizers raise bare Exceptions for broken files
        raise ModelError(f"cannot load the pipeline {str(model or SHIPPED)!r}: {error}") from error
    # Those of the files it came from would be wrong where it is saved anew.
    nlp.meta.pop(HASHES, None)
    finish(nlp, PipelineVersion(name=pipeline_name(nlp), version=version, completed_by=completed_by))
    return nlp


def finish(nlp: Language, version: PipelineVersion) -> None:
    """Makes a pipeline ready for articles of any length, which `pipeline_version` knows from now on."""
    _loaded[nlp] = version
    # spaCy limits texts for the sake of parsers, which need much memory. Articles are limited at intake.
    nlp.max_length = 1_000_000_000


def pipeline_name(nlp: Language) -> str:
    """The pipeline's language and name, as spaCy names packages: `en_news`."""
    return f"{nlp.lang}_{nlp.meta['name']}"


def pipeline_version(nlp: Language) -> PipelineVersion:
    """Which pipeline it is. One that `load` did not load has its plain version."""
    return _loaded.get(nlp) or PipelineVersion(name=pipeline_name(nlp), version=nlp.meta["version"])


def _folder(model: str | Path | None) -> Path | None:
    """Where the pipeline's files are, by spaCy's rules; None if there is none (`blank:en`, a wrong path)."""
    if model is None:
        return SHIPPED
    if isinstance(model, str) and is_package(model):
        return get_package_path(model)
    # A folder without one is no pipeline, and may hold far more than anybody wants to wait for.
    return Path(model) if Path(model, "config.cfg").is_file() else None


def _identified(meta: dict[str, Any], digits: str) -> str:
    return identity_of(meta["version"], digits) if digits else str(meta["version"])


def _shipped_identity() -> PipelineIdentity:
    """That of the pipeline that ships, whose files are held against its hashes here too."""
    meta = load_meta(SHIPPED / "meta.json")
    return PipelineIdentity(
        name=f"{meta['lang']}_{meta['name']}", version=_identified(meta, fingerprint(SHIPPED))
    )


def complete(nlp: Language) -> list[str]:
    """Add those of ADDED_COMPONENTS that the pipeline lacks; topics only if it sets none of its own.

    Returns the names of what was added.
    """
    config, meta = load_config(SHIPPED / "config.cfg"), load_meta(SHIPPED / "meta.json")
    metas = [nlp.get_pipe_meta(name) for name in nlp.pipe_names]
    used = {meta.factory for meta in metas}
    # The encoder knows only English, and the topics were fitted to its vectors.
    gets_encoder = "dateline_encoder" not in used and nlp.lang == config["nlp"]["lang"]
    has_topics = any("doc.cats" in meta.assigns for meta in metas)
    added = []
    for name in ADDED_COMPONENTS if gets_encoder else WEIGHTLESS_COMPONENTS:
        settings = dict(config["components"][name])
        factory = settings.pop("factory")
        if factory in used or (name == "topics" and has_topics):
            continue
        component = nlp.add_pipe(
            factory, name if name not in nlp.component_names else factory, config=settings
        )
        added.append(name)
        if (SHIPPED / name).is_dir():
            assert isinstance(component, Encoder | TopicTagger), f"{name} loads no model"
            component.from_disk(SHIPPED / name)
        if name == "topics":
            nlp.meta.update({key: value for key, value in meta.items() if key.startswith("topic_")})
    return added
