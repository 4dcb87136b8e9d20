"""What flows where, in one place: it reads like the picture in docs/architecture.md, without a branch."""

from collections.abc import Callable, Iterable
from functools import partial

from mode import CrashingSupervisor

from worker.agents.alert import alerting
from worker.agents.enrich import enrichment
from worker.agents.intake import take_in
from worker.agents.match import matching
from worker.agents.rules import Rules
from worker.channels import Channel
from worker.delivery.faust.application import Application
from worker.delivery.kafka.compacted import read_partition
from worker.delivery.lanes.lanes import Lanes
from worker.delivery.lanes.stage import HANDS_PER_PROCESS, Stage, at_any_time
from worker.enrichment import EnrichmentConfig, make_enricher
from worker.pool.article_pool import article_pool
from worker.pool.pool import Pool
from worker.records.messages import OutMessage, RawMessage, Rejected
from worker.settings import Delivery, Settings
from worker.web.health import health_page

COLLECT_SECONDS = 5.0

EnrichmentPool = Pool[RawMessage, tuple[OutMessage, ...] | Rejected]


def enrichment_pool(settings: Settings) -> EnrichmentPool:
    """Processes with a pipeline each, which turn raw messages into records."""
    return article_pool(partial(make_enricher, EnrichmentConfig.from_settings(settings)), settings)


def stages(settings: Settings, pool: EnrichmentPool, rules: Rules) -> Iterable[Stage]:
    """What the group reads, and what becomes of it."""
    source = settings.event_source
    state = partial(read_partition, settings, settings.topic(Channel.STATE))
    yield Stage(
        Channel.RAW,
        "enrich",
        at_any_time(enrichment(submit=pool.submit)),
        hands=HANDS_PER_PROCESS * settings.processes,
        share=6,
    )
    yield Stage(
        Channel.ENRICHED,
        "match",
        at_any_time(matching(book=lambda: rules.book, event_source=source)),
        hands=1,
        # Rules that match nearly everything make much of little.
        batch_share=1 / 2,
        collect_seconds=COLLECT_SECONDS,
    )
    fenced = settings.delivery is Delivery.EXACTLY_ONCE
    yield Stage(
        Channel.MATCHES,
        "alert",
        alerting(read_state=state, event_source=source, transactions=fenced),
        hands=1,
        collect_seconds=COLLECT_SECONDS,
    )


def build_app(
    settings: Settings, *, make_pool: Callable[[Settings], EnrichmentPool] = enrichment_pool
) -> Application:
    """Each stage: its topic -> agent -> lane -> one transaction a batch."""
    pool = make_pool(settings)
    rules = Rules(settings)
    lanes = Lanes(settings, stages(settings, pool, rules))
    app = Application(settings, lanes=lanes, workforce=pool, rules=rules)
    for stage in lanes.stages:
        topic = app.source(settings.topic(stage.channel))
        app.agent(topic, name=stage.name, supervisor_strategy=CrashingSupervisor)(take_in(put=lanes.put))
    app.before_start(health_page(settings.web_host, settings.web_port, app.status, app.measure))
    return app
