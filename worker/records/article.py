"""An article before and after enrichment, as subscribers read it. schemas/ is generated from this module.

Spans are half-open, in Unicode code points of `text`: `text[start:end]` always equals the span's `text`.
"""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field


class Record(BaseModel):
    """What all records share: frozen, all fields written in the order of their declaration.

    None is made with an unknown field. Readers of records ignore what they do not know: see `from_bytes`.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", json_schema_serialization_defaults_required=True)


WrittenTime = Annotated[str, Field(json_schema_extra={"format": "date-time"})]
"""A time as it is written: ISO 8601 in UTC, with `Z`."""


class Article(Record):
    """A decoded raw article: valid, its id settled, its text what will be published."""

    id: str
    url: str | None = None
    headline: str | None = None
    text: str
    source: str | None = None
    language: str
    published_at: WrittenTime | None = None
    authors: tuple[str, ...] = ()
    extra: dict[str, Any] = Field(default_factory=dict)


EntityType = Literal[
    "PERSON", "ORG", "GPE", "LOC", "FAC", "NORP", "PRODUCT", "EVENT", "WORK_OF_ART", "LAW", "MISC",
    "DATE", "TIME", "MONEY", "PERCENT", "QUANTITY",
]  # fmt: skip
VALUE_TYPES: frozenset[str] = frozenset({"DATE", "TIME", "MONEY", "PERCENT", "QUANTITY"})


class TextSpan(Record):
    """A piece of the article's text."""

    start: int = Field(ge=0, description="first code point of the span in `text`")
    end: int = Field(ge=0, description="one past the last code point")
    text: str = Field(description="`text[start:end]` of the article")


class Mention(TextSpan):
    """A span of the text that names an entity."""


class Entity(Record):
    """An entity of one article, and its mentions there."""

    id: str | None = Field(description="`<type>:<slug of name>`; null for values (dates, money)")
    name: str = Field(
        description="the fullest form in the article, in its base form where the article has it"
    )
    romanized: str | None = Field(
        default=None,
        exclude_if=lambda romanized: romanized is None,
        description="the name in Latin letters, where it is in others and its language has a table for that",
    )
    type: EntityType
    salience: float = Field(
        ge=0, le=1, description="share of the article's attention; sums to 1 over an article"
    )
    links: dict[str, str] = Field(default_factory=dict, description="stable ids: iso3166, geonames, wikidata")
    mentions: tuple[Mention, ...] = Field(min_length=1)


class Speaker(TextSpan):
    """Who a quote is attributed to: the mention in the text, and the entity behind it if it can be told."""

    entity: str | None = Field(description="id of the entity; null if the text names a role only")
    name: str | None = Field(description="the entity's name; null with `entity`")
    of: str | None = Field(
        default=None,
        description="id of the entity whose lawyer, office, relative or the like the text calls the speaker",
    )


class Quote(TextSpan):
    """Words attributed to somebody. The span is the content between its marks."""

    kind: Literal["direct", "mixed", "indirect"]
    report: TextSpan | None = Field(
        default=None, description="the whole report that a mixed quote stands in, where it was found"
    )
    cue: TextSpan | None
    speaker: Speaker | None
    confidence: float = Field(ge=0, le=1)


class TopicTag(Record):
    """An IPTC Media Topic."""

    code: str = Field(pattern=r"^medtop:\d{8}$")
    name: str
    confidence: float = Field(ge=0, le=1)
    broader: tuple[str, ...] = Field(default=(), description="codes of topics above it, the nearest first")


class PipelineIdentity(Record):
    """Which pipeline, down to its files."""

    name: str
    version: str = Field(
        description="the pipeline's version, `+`, and six hexadecimal digits of a hash over its files"
    )


class PipelineVersion(PipelineIdentity):
    """Which pipeline found the tags."""

    completed_by: PipelineIdentity | None = Field(
        default=None,
        exclude_if=lambda pipeline: pipeline is None,
        description="the shipped pipeline, where components of it run behind another team's pipeline",
    )

    @property
    def identity(self) -> str:
        """`en_news/1.1.0+3fa9c1`; after a space, likewise, the pipeline that completes it, if any."""
        both = (self, self.completed_by) if self.completed_by else (self,)
        return " ".join(f"{pipeline.name}/{pipeline.version}" for pipeline in both)


class EnrichedArticle(Article):
    """An article with its tags."""

    entities: tuple[Entity, ...]
    quotes: tuple[Quote, ...]
    topics: tuple[TopicTag, ...]
    pipeline: PipelineVersion
