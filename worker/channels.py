"""The Kafka topics as plain data: name, key, retention, readers and event type of each."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

MIB = 1 << 20
DAY_MS = 24 * 3600 * 1000
HOUR_MS = 3600 * 1000


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
    SKETCHES = "story-sketches.v1"
    STORY_ARTICLES = "story-articles.v1"
    STORIES = "stories.v1"
    STORY_STATE = "story-state.v1"
    STORY_RULE_STATE = "story-rule-state.v1"
    TREND_NOTES = "trend-notes.v1"
    TRENDS = "trends.v1"
    TREND_STATE = "trend-state.v1"
    DEAD = "articles.dead.v1"
    REDRIVEN = "articles.redriven.v1"
    PROGRESS = "progress.v1"
    CLOCK = "clock.v1"


def short_name(channel: Channel) -> str:
    """What a person calls the topic: `story-articles`."""
    return channel.name.lower().replace("_", "-")


def channel_called(name: str) -> Channel | None:
    """The channel of this short name, also with underscores for its dashes; None if there is none."""
    return next((channel for channel in Channel if short_name(channel) == name.replace("_", "-")), None)


@dataclass(frozen=True)
class TopicSpec:
    """How a channel's topic is created. `retention_ms` -1: limited by compaction alone.

    `partitions`: their number, unless it is a setting of the worker's. `sibling`: the channel to whose
    partitions its own belong, so that it takes at least as many. `more`: further settings of the topic.
    `default_since`: the version that added this output to the default of DATELINE_OUTPUTS, if one did: where
    its topics or rights are missing, workers that are not told to write it leave it off.
    """

    channel: Channel
    key: str
    cleanup_policy: str
    retention_ms: int
    max_message_bytes: int
    readers: str
    ce_type: str | None = None
    partitions: int | None = None
    sibling: Channel | None = None
    more: Mapping[str, int | float | str] = field(default_factory=dict)
    default_since: str | None = None

    @property
    def config(self) -> dict[str, str]:
        """The topic's settings as Kafka spells them."""
        return {
            "cleanup.policy": self.cleanup_policy,
            "retention.ms": str(self.retention_ms),
            "max.message.bytes": str(self.max_message_bytes),
            **{name: str(value) for name, value in self.more.items()},
        }


# Keeps old values for as long as readers may have to read them again.
KEPT_WHOLE = {"min.compaction.lag.ms": 7 * DAY_MS}
# Compacts often, because a lane reads its whole partition whenever it opens.
KEPT_SMALL = {"segment.ms": 600_000, "segment.bytes": 16 * MIB, "min.cleanable.dirty.ratio": 0.1}
# Records get the time of the broker that takes them, whatever the clock of their writer says.
BROKERS_TIME = {"message.timestamp.type": "LogAppendTime"}

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
            more=KEPT_WHOLE,
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
        # Kept whole: an invalid rule leaves its previous version in force. One partition: rules are always
        # read in the order in which they were written.
        TopicSpec(Channel.RULES, "rule id", "compact", -1, MIB, "the worker", partitions=1, more=KEPT_WHOLE),
        TopicSpec(
            Channel.ALERTS,
            "rule id",
            "delete",
            30 * DAY_MS,
            MIB,
            "pagers, chat, mail",
            "news.alert.raised.v1",
        ),
        # Kept as long as raw articles, so that matches without a decision are not lost sooner.
        TopicSpec(
            Channel.MATCHES,
            "rule id",
            "delete",
            7 * DAY_MS,
            MIB,
            "the worker alone",
            "news.alert.matched.v1",
            more=BROKERS_TIME,
        ),
        TopicSpec(
            Channel.STATE,
            "rule id, or rule id/entity id",
            "compact",
            -1,
            MIB,
            "the worker alone",
            sibling=Channel.MATCHES,
            more=KEPT_SMALL,
        ),
        # One partition: stories follow from the order of their sketches. They close by the brokers' time.
        # Kept as long as raw articles, so that sketches that wait are not lost sooner.
        TopicSpec(
            Channel.SKETCHES,
            "article id",
            "delete",
            7 * DAY_MS,
            MIB,
            "the worker alone",
            "news.article.sketched.v1",
            partitions=1,
            more=BROKERS_TIME,
        ),
        TopicSpec(
            Channel.STORY_ARTICLES,
            "article id",
            "compact,delete",
            30 * DAY_MS,
            MIB,
            "whoever hides copies, or follows events",
            "news.story.assigned.v1",
        ),
        TopicSpec(
            Channel.STORIES,
            "story id",
            "compact,delete",
            30 * DAY_MS,
            MIB,
            "front pages, desks",
            "news.story.changed.v1",
            # So that story rules see every version, where they are behind.
            more=KEPT_WHOLE,
            default_since="0.1.0",
        ),
        TopicSpec(
            Channel.STORY_STATE,
            "`clock`, a/article id, or s/number",
            "compact",
            -1,
            MIB,
            "the worker alone",
            partitions=1,
            more=KEPT_SMALL,
        ),
        TopicSpec(
            Channel.STORY_RULE_STATE,
            "story id",
            "compact",
            -1,
            MIB,
            "the worker alone",
            sibling=Channel.STORIES,
            more=KEPT_SMALL,
        ),
        # One partition: an article counts for many subjects. Windows go by the brokers' time.
        TopicSpec(
            Channel.TREND_NOTES,
            "article id",
            "delete",
            7 * DAY_MS,
            MIB,
            "the worker alone",
            "news.article.noted.v1",
            partitions=1,
            more=BROKERS_TIME,
        ),
        TopicSpec(
            Channel.TRENDS,
            "window/start/kind/subject",
            "compact,delete",
            30 * DAY_MS,
            MIB,
            "front pages, charts",
            "news.trend.changed.v1",
        ),
        # An article is remembered for eight days; its record goes with its segment.
        TopicSpec(
            Channel.TREND_STATE,
            "`clock`, or a/article id",
            "compact,delete",
            10 * DAY_MS,
            MIB,
            "the worker alone",
            partitions=1,
            more=KEPT_SMALL,
        ),
        TopicSpec(Channel.DEAD, "as it came", "delete", 30 * DAY_MS, 8 * MIB, "operators"),
        # Kept longer than any letter, because a letter without a receipt counts as never sent back.
        TopicSpec(Channel.REDRIVEN, "topic/partition", "delete", 90 * DAY_MS, MIB, "dead-letters"),
        # One partition, since it is read as a whole, and by few.
        TopicSpec(
            Channel.PROGRESS,
            "group/topic/partition, or `writer`",
            "compact",
            -1,
            MIB,
            "the worker alone",
            partitions=1,
            more=KEPT_SMALL,
        ),
        # What is written does not matter, only the time that the broker's answer tells.
        TopicSpec(
            Channel.CLOCK,
            "none",
            "delete",
            HOUR_MS,
            MIB,
            "nobody",
            partitions=1,
            more=BROKERS_TIME,
        ),
    )
}

# The channels written for an article, for alerts, for stories, for alerts about stories, and for trends.
OUTPUTS: tuple[Channel, ...] = (Channel.ENRICHED, Channel.ENTITIES, Channel.QUOTES, Channel.SEARCH)
ALERTING: tuple[Channel, ...] = (Channel.ALERTS, Channel.MATCHES, Channel.STATE)
STORYTELLING: tuple[Channel, ...] = (
    Channel.SKETCHES,
    Channel.STORY_ARTICLES,
    Channel.STORIES,
    Channel.STORY_STATE,
)
STORY_ALERTING: tuple[Channel, ...] = (Channel.STORY_RULE_STATE,)
TRENDING: tuple[Channel, ...] = (Channel.TREND_NOTES, Channel.TRENDS, Channel.TREND_STATE)
COMPACTED_OUTPUTS: tuple[Channel, ...] = (Channel.ENRICHED, Channel.SEARCH)
RETRACTING: tuple[Channel, ...] = (*COMPACTED_OUTPUTS, Channel.SKETCHES)
"""The channels to which enrichment writes a null when an article is taken back."""
RETRACTED_CE_TYPE = "news.article.retracted.v1"


@dataclass(frozen=True)
class TopicUse:
    """What a worker does with its topics; the rights it needs and the checks at its start follow from it."""

    reads: tuple[Channel, ...]
    """The group reads these, each record once."""
    follows: tuple[Channel, ...]
    """These are read outside the group, as a whole or a partition at a time."""
    writes: tuple[Channel, ...]

    @property
    def read(self) -> tuple[Channel, ...]:
        """The channels that are read, in the group or outside it."""
        return tuple(dict.fromkeys((*self.reads, *self.follows)))

    @property
    def needed(self) -> tuple[Channel, ...]:
        """The channels whose topics must exist before a worker can start."""
        return tuple(dict.fromkeys((*self.read, *self.writes)))

    def beyond(self, other: "TopicUse") -> "TopicUse":
        """What this does with its topics and the other does not."""
        return TopicUse(
            reads=tuple(channel for channel in self.reads if channel not in other.reads),
            follows=tuple(channel for channel in self.follows if channel not in other.follows),
            writes=tuple(channel for channel in self.writes if channel not in other.writes),
        )


def schema_uri(channel: Channel) -> str:
    """The `$id` of the schema of the channel's values, which records carry as `ce_dataschema`."""
    return f"urn:dateline:schema:{channel.value}"


def topic_name(channel: Channel, prefix: str) -> str:
    """The channel's topic on the cluster: `topic_name(Channel.RAW, "news.") == "news.articles.raw.v1"`."""
    return prefix + channel.value
