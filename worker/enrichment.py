"""Enrichment of one raw message in a child process: decode, enrich, derive, encode.

Imported in the child alone: the worker's own process loads neither readers of HTML nor spaCy nor a model.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager

import orjson

from worker.channels import Channel
from worker.enrichment_config import EnrichmentConfig
from worker.intake.decode import decode
from worker.intake.language import load_identifier
from worker.intake.retraction import Retraction
from worker.languages import language_of
from worker.nlp.by_language import Pipelines
from worker.nlp.enrich import enrich
from worker.nlp.frequent_words import FrequentWords
from worker.records.article import EnrichedArticle
from worker.records.codec import to_bytes
from worker.records.derive import derive, retract
from worker.records.messages import FailedStep, Outcome, OutMessage, RawMessage, Reason, Rejected
from worker.stories.messages import sketch_message


class Enricher:
    """Turns a raw message into its outcome. Deterministic: the same message always gives the same outcome.

    `about`: which pipelines were loaded, each as records' header `pipeline` has it. `seconds`: the time that
    each step of the last message took.
    """

    def __init__(self, config: EnrichmentConfig) -> None:
        # Now, since where it can't be loaded every article would be taken for one that can't be decoded.
        load_identifier()
        self._config = config
        self._pipelines = Pipelines(config.model or None, config.languages)
        self._frequent_words: dict[str, FrequentWords] = {}
        self.about = self._pipelines.about
        self.seconds: dict[str, float] = {}

    def __call__(self, message: RawMessage) -> Outcome:
        self.seconds = {}
        config = self._config
        try:
            with self._clocked("decode"):
                decoded = decode(
                    message,
                    limits=config.limits,
                    default_language=config.languages[0],
                    other_languages=config.languages[1:],
                    field_paths=config.field_paths,
                )
        except MemoryError:
            raise  # the process ends, and the article is retried on a fresh one
        # Libraries that read HTML or guess languages may fail in unforeseen ways; the article is kept.
        except Exception as error:
            return Rejected(Reason.UNDECODABLE, f"{type(error).__name__}: {error}", FailedStep.DECODE)
        match decoded:
            case Rejected():
                return decoded
            case Retraction(article_id):
                return retract(
                    message,
                    article_id,
                    channels=config.channels,
                    event_source=config.event_source,
                    pipeline=self.about,
                )
        language = language_of(decoded.language)
        if language not in config.languages:
            allowed = ", ".join(map(repr, config.languages))
            return Rejected(
                Reason.UNSUPPORTED_LANGUAGE,
                f"the article's language is {decoded.language!r}, the pipeline's {allowed}",
                FailedStep.DECODE,
            )
        try:
            with self._clocked("enrich"):
                nlp = self._pipelines.of(language)
                self._words_of(language).take(decoded.text)
                # The memory zone frees what this article added to the vocabulary.
                with nlp.memory_zone():
                    enriched = enrich(nlp, decoded)
            with self._clocked("derive"):
                outputs = derive(
                    message, enriched, channels=config.channels, event_source=config.event_source
                )
            if Channel.SKETCHES not in config.channels:
                return outputs
            with self._clocked("sketch"):
                return (*outputs, self._sketch(message, enriched, outputs))
        except MemoryError:
            raise
        except Exception as error:
            return Rejected(Reason.ENRICHMENT_FAILED, f"{type(error).__name__}: {error}", FailedStep.ENRICH)

    def _words_of(self, language: str) -> FrequentWords:
        if language not in self._frequent_words:
            self._frequent_words[language] = FrequentWords(self._pipelines.of(language))
        return self._frequent_words[language]

    def _sketch(
        self, message: RawMessage, enriched: EnrichedArticle, outputs: tuple[OutMessage, ...]
    ) -> OutMessage:
        """The article's sketch, made of the bytes that are written of it."""
        written = (output.value for output in outputs if output.channel is Channel.ENRICHED)
        value = next(written, None) or to_bytes(enriched)
        return sketch_message(
            message,
            orjson.loads(value),
            pipeline=enriched.pipeline.identity,
            event_source=self._config.event_source,
        )

    @contextmanager
    def _clocked(self, step: str) -> Iterator[None]:
        began = time.perf_counter()
        try:
            yield
        finally:
            self.seconds[step] = time.perf_counter() - began
