"""What flows where, in one place: it reads like the picture in docs/architecture.md, without a branch."""

from collections.abc import Callable
from functools import partial

from mode import CrashingSupervisor

from worker.agents.enrich import enrich_articles, enrichment
from worker.channels import Channel
from worker.delivery.application import Application
from worker.delivery.lanes import Lanes
from worker.enrichment import EnrichmentConfig, make_enricher
from worker.pool import Pool
from worker.records.messages import OutMessage, RawMessage, Rejected
from worker.settings import Settings
from worker.web.health import health_page

EnrichmentPool = Pool[RawMessage, tuple[OutMessage, ...] | Rejected]


def enrichment_pool(settings: Settings) -> EnrichmentPool:
    """Processes with a pipeline each, which turn raw messages into records."""
    return Pool(
        partial(make_enricher, EnrichmentConfig.from_settings(settings)),
        processes=settings.processes,
        item_cpu_seconds=settings.article_cpu_seconds,
        item_wall_seconds=settings.article_wall_seconds,
        item_memory_bytes=settings.article_memory_bytes,
        attempts=settings.article_attempts,
    )


def build_app(
    settings: Settings, *, make_pool: Callable[[Settings], EnrichmentPool] = enrichment_pool
) -> Application:
    """raw topic -> agent -> lane, by way of the pool -> one transaction a batch."""
    pool = make_pool(settings)
    lanes = Lanes(settings, work=enrichment(submit=pool.submit))
    app = Application(settings, lanes=lanes, workforce=pool)
    raw = app.source(settings.topic(Channel.RAW))
    app.agent(raw, name="enrich", supervisor_strategy=CrashingSupervisor)(enrich_articles(put=lanes.put))
    app.before_start(health_page(settings.web_host, settings.web_port, app.status, app.measure))
    return app
