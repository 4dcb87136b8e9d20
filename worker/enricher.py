"""The function that a child process of the pool works with.

The worker's own process imports this module, and the child alone `worker.enrichment`, which does the work.
"""

from collections.abc import Callable

from worker.enrichment_config import EnrichmentConfig
from worker.records.messages import Outcome, RawMessage


def make_enricher(config: EnrichmentConfig) -> Callable[[RawMessage], Outcome]:
    """The function, which loads the pipeline once."""
    # Imported in the child, so that the worker's own process loads neither readers of HTML nor a model.
    from worker.enrichment import Enricher

    return Enricher(config)
