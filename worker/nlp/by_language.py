"""Which pipeline reads an article: one a language, around encoders that they share.

A pipeline for another language than English is made when its first article comes: from spaCy's rules for its
words, and the components for which it has word lists.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any

import spacy
from spacy.language import Language
from spacy.util import get_lang_class, load_config

from worker.languages import ANY_LANGUAGE, KnownLanguage, known_languages, language_of, languages_of_model
from worker.nlp.encoder.component import Encoder
from worker.nlp.patterns import OVERLONG
from worker.nlp.pipeline import SHIPPED, ModelError, finish, load, pipeline_version
from worker.nlp.topics.by_vector import TOPICS, VectorTopicTagger
from worker.nlp.topics.component import TOPIC_THRESHOLD
from worker.nlp.values.tables import value_table
from worker.records.article import PipelineVersion

QUOTING = "quoting.tsv"
"""The table by which a language shows that quotes and speakers can be found in it."""

TOKENIZER = "tokenizer"
"""spaCy's rules for a language's words as a file, where spaCy takes seconds to make them."""

_DATA = files("worker.nlp") / "data"


class Pipelines:
    """The pipelines of a process, one for each language that is allowed.

    The pipeline `model` (DATELINE_MODEL) reads its own language, every one if it is spaCy's `xx`, and the one
    that is allowed if there is one alone. The shipped one reads the others. What has to be read from disk is
    read at once, so that what is missing or damaged ends the process, and no article.

    Raises ModelError, also where nothing reads a language, or the model none that is allowed. `about`: the
    identities of all that were loaded.
    """

    def __init__(self, model: str | Path | None, languages: Sequence[str]) -> None:
        first = load(model)
        self._ready = dict.fromkeys(_read_by(first, languages, is_shipped=model is None), first)
        rest = [code for code in languages if code not in self._ready]
        if model is not None:
            self._check(str(model), first, languages, rest)
        self._shipped = first if model is None or not rest else load()
        self._ready |= {code: self._shipped for code in rest if _reads(self._shipped, code)}
        self._encoders: dict[str, Language] = {}
        """The pipelines that hold an encoder for others to share, and topics by it, by its folder."""
        for code in rest:
            if code not in self._ready:
                self._load_encoder(_encoder_of(code))
        both = f"{pipeline_version(first).identity} {pipeline_version(self._shipped).identity}"
        self.about = " ".join(dict.fromkeys(both.split()))

    def of(self, language: str) -> Language:
        """The pipeline that reads a language, which is one of those allowed."""
        if language not in self._ready:
            self._ready[language] = self._made(known_languages()[language])
        return self._ready[language]

    def _check(self, model: str, first: Language, languages: Sequence[str], rest: Sequence[str]) -> None:
        allowed = f"DATELINE_LANGUAGES={','.join(languages)}"
        if not self._ready:
            raise ModelError(f"DATELINE_MODEL={model} reads {_own_language(first)}, which {allowed} lacks")
        unread = [code for code in rest if code not in languages_of_model()]
        if unread:
            raise ModelError(
                f"{allowed} takes {', '.join(languages_of_model())} and {_own_language(first)}, which "
                f"DATELINE_MODEL={model} reads, and nothing here reads {', '.join(unread)}"
            )

    def _load_encoder(self, folder: str) -> None:
        if folder in self._encoders:
            return
        if folder in self._shipped.component_names:
            self._encoders[folder] = self._shipped
            return
        settings = load_config(SHIPPED / "config.cfg")["components"]
        options = dict(settings.get(folder, settings["encoder"]))
        holder = spacy.blank(ANY_LANGUAGE)
        encoder = holder.add_pipe(options.pop("factory"), folder, config=options)
        assert isinstance(encoder, Encoder), f"{folder} is no encoder"
        encoder.from_disk(SHIPPED / folder)
        if (SHIPPED / folder / TOPICS).is_file():
            tagger = holder.add_pipe("dateline_vector_topics", "topics")
            assert isinstance(tagger, VectorTopicTagger)  # what the factory of that name makes
            tagger.from_disk(SHIPPED / folder)
        self._encoders[folder] = holder

    def _made(self, known: KnownLanguage) -> Language:
        """The shipped pipeline for another language than its own: without what is made for that alone."""
        nlp = blank(known)
        folder = _encoder_of(known.code)
        nlp.add_pipe(folder, "encoder", source=self._encoders[folder])
        nlp.add_pipe("dateline_entities", "entities")
        if value_table(known.code) is not None:
            nlp.add_pipe("dateline_values", "values")
        if (_DATA / known.folder / QUOTING).is_file():
            nlp.add_pipe("dateline_quotes", "quotes")
            nlp.add_pipe("dateline_speakers", "speakers")
        if (holder := self._encoders[folder]) is not self._shipped and "topics" in holder.component_names:
            tagger = nlp.add_pipe("topics", source=holder)
            assert isinstance(tagger, VectorTopicTagger)  # _load_encoder has put it there
            english = self._shipped.meta[TOPIC_THRESHOLD]
            nlp.meta[TOPIC_THRESHOLD] = tagger.threshold(known.code, calibrated=english)
        shipped = pipeline_version(self._shipped)
        name = f"{known.code}_{self._shipped.meta['name']}"
        finish(nlp, PipelineVersion(name=name, version=shipped.version))
        return nlp


def pipelines_of(
    model: str | None, languages: Sequence[str]
) -> tuple[Sequence[str], Callable[[str], Language]]:
    """Those of the languages that `model` alone reads, or without it all, and which pipeline reads one.

    Raises ModelError where the model reads none of them.
    """
    if model is None:
        return languages, Pipelines(None, languages).of
    nlp = load(model)
    read = _read_by(nlp, languages, is_shipped=False)
    if not read:
        raise ModelError(
            f"the pipeline {model} reads {_own_language(nlp)}, and none of {', '.join(languages)}"
        )
    return read, lambda _: nlp


def blank(known: KnownLanguage) -> Language:
    """A pipeline that cuts the words of a language and has no components. Its `lang` is `known.folder`."""
    saved = _DATA / known.folder / TOKENIZER
    if known.spacy != ANY_LANGUAGE and not saved.is_file():
        nlp = spacy.blank(known.spacy)
    else:
        nlp = type(known.name, (get_lang_class(ANY_LANGUAGE),), {"lang": known.folder})()
    # spaCy's annotation says only that a tokenizer makes a Doc from a string, and its class is compiled.
    tokenizer: Any = nlp.tokenizer
    if saved.is_file():
        tokenizer.from_bytes(saved.read_bytes(), exclude=["vocab"])
    tokenizer.token_match = OVERLONG.match
    return nlp


def _own_language(nlp: Language) -> str:
    return language_of(nlp.lang or "")


def _read_by(nlp: Language, languages: Sequence[str], *, is_shipped: bool) -> list[str]:
    """Those that a pipeline reads: its own, or the one that is allowed if there is one alone.

    The shipped one leaves that to the encoder of the language, where the model has one.
    """
    is_told = len(languages) == 1 and not (is_shipped and languages[0] in languages_of_model())
    return [code for code in languages if is_told or _reads(nlp, code)]


def _reads(nlp: Language, language: str) -> bool:
    return nlp.lang == ANY_LANGUAGE or _own_language(nlp) == language


def _encoder_of(language: str) -> str:
    folder = known_languages()[language].encoder
    assert folder is not None, f"the shipped model does not read {language}"
    return folder
