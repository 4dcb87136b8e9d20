"""The shipped pipelines, loaded once for all tests of a process.

Tests share them, and so leave them as they are. Tests of loading itself call what they test.
"""

from collections.abc import Callable
from functools import cache
from unittest.mock import patch

from spacy.language import Language

from worker.enricher import make_enricher
from worker.enrichment_config import EnrichmentConfig
from worker.nlp.by_language import Pipelines
from worker.nlp.pipeline import load
from worker.records.messages import Outcome, RawMessage
from worker.settings import Settings

DEFAULTS = EnrichmentConfig.from_settings(Settings())
_pipelines = cache(Pipelines)


@cache
def shipped_pipeline() -> Language:
    """The English pipeline."""
    return load()


def shared_enricher(config: EnrichmentConfig = DEFAULTS) -> Callable[[RawMessage], Outcome]:
    """What a process of the pool works with, around pipelines that others with the same languages share."""
    with patch("worker.enrichment.Pipelines", _pipelines):
        return make_enricher(config)
