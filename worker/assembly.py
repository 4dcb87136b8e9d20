"""Puts a worker together: each stage becomes topic -> agent -> lane -> one transaction a batch."""

from collections.abc import Callable
from functools import partial
from typing import Protocol

from mode import CrashingSupervisor

from worker.agents.rules import Rules
from worker.agents.take_in import take_in
from worker.delivery.faust.application import Application, Workforce
from worker.delivery.lanes.stage import topics_of
from worker.enricher import make_enricher
from worker.enrichment_config import EnrichmentConfig
from worker.outputs import settle_outputs
from worker.pool.article_pool import article_pool
from worker.pool.pool import Killed
from worker.records.messages import Outcome, RawMessage
from worker.settings import Settings
from worker.topology import Parts, runnable, stages_in_force
from worker.tracing.start import start_traces
from worker.web.health import health_page


class EnrichmentPool(Workforce, Protocol):
    """What enriches articles one by one: the pool of processes, or what stands in for it in tests."""

    async def submit(self, item: RawMessage, /) -> Outcome | Killed: ...


def enrichment_pool(settings: Settings) -> EnrichmentPool:
    """Processes, each with a pipeline of its own, that turn raw messages into records."""
    return article_pool(partial(make_enricher, EnrichmentConfig.from_settings(settings)), settings)


def build_app(
    settings: Settings, *, make_pool: Callable[[Settings], EnrichmentPool] = enrichment_pool
) -> Application:
    """The worker's app, ready to run. Asks the brokers first if a new output is on by default.

    Raises FatalError, in one line, if they do not answer.
    """
    outputs = settle_outputs(settings)
    settings = outputs.settings
    pool, rules = make_pool(settings), Rules(settings)
    parts = Parts(settings, pool.submit, lambda: rules.book)
    tracing = start_traces(settings)
    in_force = stages_in_force(settings)
    stages = [runnable(stage, parts) for stage in in_force]
    app = Application(
        settings,
        stages=stages,
        topic_use=topics_of(in_force),
        workforce=pool,
        rules=rules,
        outputs_off=outputs.off,
        traces=tracing.traces,
    )
    for stage in stages:
        topic = app.source(settings.topic(stage.reads))
        app.agent(topic, name=stage.name, supervisor_strategy=CrashingSupervisor)(take_in(put=app.lanes.put))
    app.before_start(tracing.announce)
    app.before_start(health_page(settings.web_host, settings.web_port, app.status, app.measure))
    return app
