"""A worker with a real pool of processes, whose enrichment costs next to nothing.

faust -A tests.faults.pooled worker

TRIVIAL_SECONDS: the mean time an article takes. TRIVIAL_VERSION: the version of the pipeline.
"""

import os
from functools import partial

from tests.faults.enricher import make_trivial_enricher
from tests.faults.sabotage import SABOTAGE
from worker.assembly import EnrichmentPool, build_app
from worker.pool.article_pool import article_pool
from worker.settings import Settings


def trivial_pool(settings: Settings) -> EnrichmentPool:
    """Processes that do what an article says, in place of a pipeline."""
    mean, version = float(os.environ.get("TRIVIAL_SECONDS", "0")), os.environ.get("TRIVIAL_VERSION", "1")
    return article_pool(partial(make_trivial_enricher, mean, version, settings.channels), settings)


for broken in filter(None, os.environ.get("TRIVIAL_SABOTAGE", "").split(",")):
    SABOTAGE[broken]()
app = build_app(Settings.from_env(), make_pool=trivial_pool)
