"""What a matching rule produces: first a match, then an alert (see schemas/), then a silence."""

from hashlib import sha256
from typing import Literal

from pydantic import Field

from worker.records.article import Record, WrittenTime
from worker.records.cloudevents import MAX_TIME_MS
from worker.records.published import ArticleReference
from worker.records.rules import Cooldown


class AlertSpan(Record):
    """A place in the article."""

    field: Literal["headline", "text"]
    start: int = Field(ge=0, description="first code point of the span in that field")
    end: int = Field(ge=0, description="one past the last code point")
    text: str


class Why(Record):
    """A condition of the rule that the article meets."""

    condition: str = Field(description="as a person would type it")
    found: str = Field(description="what meets it: an entity's id, a topic's code, the words, the source")
    spans: tuple[AlertSpan, ...] = Field(description="the first places in the article")


class AlertRule(Record):
    """Which rule, as it stood when it matched."""

    id: str
    version: str = Field(description="a hash of what the rule says")
    name: str
    owner: str


class AlertStory(Record):
    """Which story, as it stood when it matched."""

    id: str
    version: int = Field(ge=1, description="of its record")
    headline: str | None
    articles: int = Field(ge=0)
    sources: int = Field(ge=0, description="independent sources: copies do not count")
    reprints: int = Field(ge=0)


class Alert(Record):
    """An article, or a story, that matched a rule."""

    id: str = Field(
        description="the same for the same rule, rule version and article, or story and its version: repeats "
        "can be told by it"
    )
    rule: AlertRule
    article: ArticleReference = Field(
        description="of a story: the article that founded it, and the story's headline and language"
    )
    why: tuple[Why, ...]
    entities: tuple[str, ...] = Field(
        description="ids of the entities it matched by; with a cooldown per entity, those not in cooldown"
    )
    at: WrittenTime = Field(
        description="when the article came in (its raw record's time); of a story the latest one"
    )
    story: AlertStory | None = Field(
        default=None,
        exclude_if=lambda story: story is None,
        description="the story, if a story rule matched it",
    )


class AlertMatch(Record):
    """An alert before its rule's cooldown is applied. `time_ms`: `at` in milliseconds since the epoch."""

    alert: Alert
    time_ms: int = Field(ge=0, le=MAX_TIME_MS)
    cooldown: Cooldown | None


class Silence(Record):
    """When a rule, or a rule about one entity, had its last alerts, and until when they suppress others."""

    rule: str
    entity: str | None = Field(description="the entity's id, or `story:` and the story's")
    times_ms: tuple[int, ...] = Field(
        min_length=1, description="of the articles of its last alerts, ascending, in ms since the epoch"
    )
    until_ms: int


class RuleOverrun(Record):
    """An article that a rule raised no alert about, or not of every entity, because it was at a limit."""

    rule: str
    version: str
    article: str = Field(description="the article's id")
    at: WrittenTime = Field(description="when the article came in")
    limit: Literal["steps", "entities", "partition", "story"] = Field(
        description="work on the article, entities in cooldown of the rule, silences of its partition, or "
        "rules that hold for one story"
    )
    most: int = Field(description="what the limit allows")


def alert_id(rule_id: str, version: str, article_id: str) -> str:
    """An alert's id: 32 hexadecimal digits, the same for the same rule, rule version and article.

    For a story `article_id` is its id and version, as `story_version_id` joins them.
    """
    named = "\x00".join((rule_id, version, article_id)).encode(errors="surrogatepass")
    return sha256(named).hexdigest()[:32]


def story_version_id(story: AlertStory) -> str:
    """What an alert's id names of a story, in the place of an article's id."""
    return f"story/{story.id}/{story.version}"
