"""A worker with a real pool of processes, whose enrichment costs next to nothing.

faust -A tests.faults.pooled worker
"""

import os

from tests.faults.enricher import make
from tests.faults.sabotage import SABOTAGE
from worker.assembly import EnrichmentPool, build_app
from worker.pool.pool import Pool
from worker.settings import Settings


def trivial_pool(settings: Settings) -> EnrichmentPool:
    return Pool(
        make,
        processes=settings.processes,
        item_cpu_seconds=settings.article_cpu_seconds,
        item_wall_seconds=settings.article_wall_seconds,
        item_memory_bytes=settings.article_memory_bytes,
        attempts=settings.article_attempts,
    )


for broken in filter(None, os.environ.get("TRIVIAL_SABOTAGE", "").split(",")):
    SABOTAGE[broken]()
app = build_app(Settings.from_env(), make_pool=trivial_pool)
