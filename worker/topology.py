"""What flows where: each stage with the channel it reads and the channels it writes.

This is the picture in docs/architecture.md as data. The topics that a worker reads, writes, checks and asks
rights for all follow from it, and so do those that the Helm chart in deploy/ makes.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

from aiokafka import TopicPartition

from worker.agents.alert import alerting
from worker.agents.enrich import Submit, enrichment
from worker.agents.match import matching
from worker.agents.state_records import StateRecord
from worker.agents.stories import SketchLog, storytelling
from worker.agents.story_rules import matching_stories
from worker.agents.trends import counting_trends
from worker.alerts.book import RuleBook
from worker.channels import Channel, TopicUse
from worker.delivery.kafka.compacted import read_beside, read_partition
from worker.delivery.lanes.stage import (
    ARTICLES_PER_PROCESS,
    RunnableStage,
    Stage,
    StageTuning,
    WorkFactory,
    stateless,
    topics_of,
)
from worker.settings import Delivery, Settings

# The later stages then make about one transaction an article, with one process and twelve partitions.
COLLECT_SECONDS = 1.0


@dataclass(frozen=True)
class Parts:
    """What the stages' work is made from: the settings, the process pool, and the rules of the moment."""

    settings: Settings
    submit: Submit
    book: Callable[[], RuleBook]


@dataclass(frozen=True)
class Right:
    """What an ACL allows: an operation on the resource of this name, or on all whose names begin with it."""

    operation: str
    resource: str
    name: str
    pattern: str = "literal"


def _enrich(parts: Parts) -> WorkFactory:
    return stateless(enrichment(submit=parts.submit))


def _match(parts: Parts) -> WorkFactory:
    return stateless(matching(book=parts.book, event_source=parts.settings.event_source))


def _alert(parts: Parts) -> WorkFactory:
    settings = parts.settings
    return alerting(
        read_state=partial(read_partition, settings, settings.topic(Channel.STATE)),
        event_source=settings.event_source,
        transactions=settings.delivery is Delivery.EXACTLY_ONCE,
    )


def _tell(parts: Parts) -> WorkFactory:
    settings = parts.settings
    state, sketches = (
        TopicPartition(settings.topic(channel), 0) for channel in (Channel.STORY_STATE, Channel.SKETCHES)
    )

    async def read_state(take: Callable[[StateRecord], None]) -> SketchLog:
        return SketchLog(*await read_beside(settings, state, sketches, take))

    return storytelling(
        read_state=read_state,
        event_source=settings.event_source,
        transactions=settings.delivery is Delivery.EXACTLY_ONCE,
        notes=settings.is_written(Channel.TREND_NOTES),
    )


def _match_stories(parts: Parts) -> WorkFactory:
    settings = parts.settings
    return matching_stories(
        read_states=partial(read_partition, settings, settings.topic(Channel.STORY_RULE_STATE)),
        book=parts.book,
        event_source=settings.event_source,
        transactions=settings.delivery is Delivery.EXACTLY_ONCE,
    )


def _count_trends(parts: Parts) -> WorkFactory:
    settings = parts.settings
    return counting_trends(
        read_state=partial(read_partition, settings, settings.topic(Channel.TREND_STATE)),
        event_source=settings.event_source,
        transactions=settings.delivery is Delivery.EXACTLY_ONCE,
    )


STAGES = (
    Stage(
        "enrich",
        reads=Channel.RAW,
        writes=(
            Channel.ENRICHED,
            Channel.ENTITIES,
            Channel.QUOTES,
            Channel.SEARCH,
            Channel.SKETCHES,
            Channel.DEAD,
        ),
        run=_enrich,
    ),
    Stage(
        "match",
        reads=Channel.ENRICHED,
        follows=(Channel.RULES,),
        writes=(Channel.MATCHES, Channel.STATE, Channel.DEAD),
        run=_match,
    ),
    Stage(
        "alert",
        reads=Channel.MATCHES,
        follows=(Channel.STATE,),
        writes=(Channel.ALERTS, Channel.STATE, Channel.DEAD),
        run=_alert,
    ),
    Stage(
        "stories",
        reads=Channel.SKETCHES,
        follows=(Channel.STORY_STATE,),
        writes=(
            Channel.STORY_ARTICLES,
            Channel.STORIES,
            Channel.TREND_NOTES,
            Channel.STORY_STATE,
            Channel.DEAD,
        ),
        run=_tell,
    ),
    Stage(
        "story-rules",
        reads=Channel.STORIES,
        follows=(Channel.RULES, Channel.STORY_RULE_STATE),
        writes=(Channel.MATCHES, Channel.STORY_RULE_STATE, Channel.STATE, Channel.DEAD),
        run=_match_stories,
    ),
    Stage(
        "trends",
        reads=Channel.TREND_NOTES,
        follows=(Channel.TREND_STATE,),
        writes=(Channel.TRENDS, Channel.TREND_STATE, Channel.DEAD),
        run=_count_trends,
        latest_only=(Channel.TRENDS, Channel.TREND_STATE),
    ),
)


def tuning(settings: Settings) -> dict[str, StageTuning]:
    """How much of the worker each stage may take, by its name."""
    return {
        "enrich": StageTuning(
            max_concurrent=ARTICLES_PER_PROCESS * settings.processes,
            hands=settings.processes,
            memory_weight=6,
        ),
        "match": StageTuning(
            max_concurrent=1,
            # Broad rules can write far more than the stage reads, so batches are sized by expected output.
            results_fraction=1 / 2,
            collect_seconds=COLLECT_SECONDS,
        ),
        "alert": StageTuning(
            max_concurrent=1,
            collect_seconds=COLLECT_SECONDS,
        ),
        "stories": StageTuning(
            max_concurrent=1,
            collect_seconds=COLLECT_SECONDS,
        ),
        "story-rules": StageTuning(
            max_concurrent=1,
            results_fraction=1 / 2,
            collect_seconds=COLLECT_SECONDS,
        ),
        "trends": StageTuning(
            max_concurrent=1,
            collect_seconds=COLLECT_SECONDS,
        ),
    }


def stages_in_force(settings: Settings) -> list[Stage[Parts]]:
    """The stages and channels that DATELINE_OUTPUTS leaves.

    A stage is out that would write nothing, or not what it remembers.
    """
    stages = [replace(stage, writes=tuple(filter(settings.is_written, stage.writes))) for stage in STAGES]
    return [
        stage
        for stage, whole in zip(stages, STAGES, strict=True)
        if set(stage.writes) != {Channel.DEAD} and stage.keeps_state is whole.keeps_state
    ]


def topic_use(settings: Settings) -> TopicUse:
    """What a worker with these settings does with its topics."""
    return topics_of(stages_in_force(settings))


def rights(settings: Settings) -> tuple[Right, ...]:
    """What a cluster that grants nothing by itself has to grant a worker with these settings."""
    use = topic_use(settings)
    group = Right("Read", "Group", settings.group_id)
    # The transactional ids are `<group>/<topic>/<partition>`.
    ids = Right("Write", "TransactionalId", f"{settings.group_id}/", "prefixed")
    return (
        *(Right("Read", "Topic", settings.topic(channel)) for channel in use.read),
        *(Right("Write", "Topic", settings.topic(channel)) for channel in (*use.writes, Channel.CLOCK)),
        group,
        *([ids] if settings.delivery is Delivery.EXACTLY_ONCE else []),
    )


def runnable(stage: Stage[Parts], parts: Parts) -> RunnableStage:
    """The stage with its work and its tuning in this worker."""
    return RunnableStage(
        stage.name,
        stage.reads,
        frozenset(stage.writes),
        stage.run(parts),
        tuning(parts.settings)[stage.name],
        keeps_state=stage.keeps_state,
        latest_only=frozenset(stage.latest_only),
    )
