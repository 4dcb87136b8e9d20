"""The Kafka topics as plain data: what each is called, keyed by, kept for and validated against."""

from dataclasses import dataclass
from enum import StrEnum

MIB = 1 << 20
DAY_MS = 24 * 3600 * 1000


class Channel(StrEnum):
    """A topic's role; its name on the cluster is `topic_name(channel, prefix)`."""

    RAW = "articles.raw.v1"
    ENRICHED = "articles.enriched.v1"
    ENTITIES = "entities.v1"
    QUOTES = "quotes.v1"
    SEARCH = "search.v1"
    RULES = "alert-rules.v1"
    ALERTS = "alerts.v1"
    MATCHES = "alert-matches.v1"
    STATE = "alert-state.v1"
    DEAD = "articles.dead.v1"
    REDRIVEN = "articles.redriven.v1"


@dataclass(frozen=True)
class TopicSpec:
    """How a channel's topic is made. `retention_ms` -1: by compaction alone.

    Compaction leaves alone what is younger than `min_compaction_lag_ms`.
    """

    channel: Channel
    key: str
    cleanup_policy: str
    retention_ms: int
    max_message_bytes: int
    readers: str
    ce_type: str | None = None
    min_compaction_lag_ms: int = 0

    @property
    def config(self) -> dict[str, str]:
        """The topic's settings as Kafka spells them."""
        settings = {
            "cleanup.policy": self.cleanup_policy,
            "retention.ms": str(self.retention_ms),
            "max.message.bytes": str(self.max_message_bytes),
        }
        if self.min_compaction_lag_ms:
            settings["min.compaction.lag.ms"] = str(self.min_compaction_lag_ms)
        return settings


SPECS: dict[Channel, TopicSpec] = {
    spec.channel: spec
    for spec in (
        TopicSpec(Channel.RAW, "publisher's choice", "delete", 7 * DAY_MS, MIB, "the worker"),
        TopicSpec(
            Channel.ENRICHED,
            "article id",
            "compact,delete",
            30 * DAY_MS,
            8 * MIB,
            "anyone who wants everything",
            "news.article.enriched.v1",
        ),
        TopicSpec(
            Channel.ENTITIES,
            "entity id",
            "delete",
            30 * DAY_MS,
            MIB,
            "profile pages, graphs",
            "news.entity.mentioned.v1",
        ),
        TopicSpec(
            Channel.QUOTES,
            "speaker's entity id, else article id",
            "delete",
            30 * DAY_MS,
            MIB,
            "who said what",
            "news.quote.attributed.v1",
        ),
        TopicSpec(
            Channel.SEARCH,
            "article id",
            "compact",
            -1,
            8 * MIB,
            "OpenSearch/Elasticsearch sink connector",
            "news.article.search.v1",
        ),
        # A rule that is none leaves the version before in force, for as long as that is kept.
        TopicSpec(
            Channel.RULES,
            "rule id",
            "compact",
            -1,
            MIB,
            "the worker",
            min_compaction_lag_ms=7 * DAY_MS,
        ),
        TopicSpec(
            Channel.ALERTS,
            "rule id",
            "delete",
            30 * DAY_MS,
            MIB,
            "pagers, chat, mail",
            "news.alert.raised.v1",
        ),
        TopicSpec(
            Channel.MATCHES,
            "rule id",
            "delete",
            DAY_MS,
            MIB,
            "the worker alone",
            "news.alert.matched.v1",
        ),
        TopicSpec(
            Channel.STATE,
            "rule id, or rule id/entity id",
            "compact",
            -1,
            MIB,
            "the worker alone",
            "news.alert.silenced.v1",
        ),
        TopicSpec(Channel.DEAD, "as it came", "delete", 30 * DAY_MS, 8 * MIB, "operators"),
        # Kept longer than any letter: a letter whose receipt is gone counts as never sent back.
        TopicSpec(Channel.REDRIVEN, "topic/partition", "delete", 90 * DAY_MS, MIB, "dead-letters"),
    )
}

# What is written of an article, and what of an alert.
OUTPUTS: tuple[Channel, ...] = (Channel.ENRICHED, Channel.ENTITIES, Channel.QUOTES, Channel.SEARCH)
ALERTING: tuple[Channel, ...] = (Channel.ALERTS, Channel.MATCHES, Channel.STATE)
COMPACTED_OUTPUTS: tuple[Channel, ...] = (Channel.ENRICHED, Channel.SEARCH)
RETRACTED_CE_TYPE = "news.article.retracted.v1"


def topic_name(channel: Channel, prefix: str) -> str:
    """The channel's topic on the cluster: `topic_name(Channel.RAW, "news.") == "news.articles.raw.v1"`."""
    return prefix + channel.value
