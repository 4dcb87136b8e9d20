"""The records of the entities, quotes and search topics. schemas/ is generated from this module."""

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import Field

from worker.records.article import (
    EntityType,
    Mention,
    PipelineVersion,
    Record,
    Speaker,
    TextSpan,
    WrittenTime,
)

# These keep records of entities and quotes below their topics' 1 MiB: a longer headline is cut, a longer url
# left out.
_HEADLINE_CHARS = 2000
_URL_CHARS = 4000


class ArticleReference(Record):
    """Which article a record is about."""

    id: str
    url: str | None
    headline: str | None
    source: str | None
    language: str
    published_at: WrittenTime | None


def reference(article: Mapping[str, Any]) -> ArticleReference:
    """The reference to an article that records of its entities, quotes and alerts carry, from its fields."""
    url, headline, source = article["url"], article["headline"], article["source"]
    return ArticleReference(
        id=article["id"],
        url=url if url and len(url) <= _URL_CHARS else None,
        headline=headline[:_HEADLINE_CHARS] if headline else None,
        source=source[:_HEADLINE_CHARS] if source else None,
        language=article["language"],
        published_at=article["published_at"],
    )


class EntityRecord(Record):
    """One entity of one article."""

    id: str = Field(description="`<type>:<slug of name>`; the message's key")
    name: str
    romanized: str | None = Field(
        default=None,
        exclude_if=lambda romanized: romanized is None,
        description="the name in Latin letters, where it is in others and its language has a table for that",
    )
    type: EntityType
    salience: float = Field(ge=0, le=1)
    links: dict[str, str]
    mentions: tuple[Mention, ...] = Field(description="the first mentions, offsets into the article's text")
    mention_count: int = Field(ge=1, description="how many mentions there are, listed or not")
    article: ArticleReference
    pipeline: PipelineVersion


class QuoteRecord(TextSpan):
    """One quote of one article; `start` and `end` are offsets into the article's text."""

    kind: Literal["direct", "mixed", "indirect"]
    report: TextSpan | None = Field(
        default=None, description="the whole report that a mixed quote stands in, where it was found"
    )
    cue: TextSpan | None
    speaker: Speaker | None
    confidence: float = Field(ge=0, le=1)
    article: ArticleReference
    pipeline: PipelineVersion


class SearchQuote(Record):
    """A quote as a search document carries it."""

    text: str
    kind: Literal["direct", "mixed", "indirect"]
    speaker: str | None = Field(description="the speaker's name, else the words that name the speaker")
    speaker_id: str | None
    speaker_of: str | None = Field(
        default=None,
        description="id of the entity whose lawyer, office, relative or the like the speaker is called",
    )


class SearchDocument(Record):
    """An article for a search index: flat but for `quotes`."""

    id: str
    version: int = Field(description="the raw record's timestamp in ms, for external versioning")
    url: str | None
    headline: str | None
    text: str
    source: str | None
    language: str
    published_at: WrittenTime | None
    authors: tuple[str, ...]
    people: tuple[str, ...]
    organisations: tuple[str, ...]
    places: tuple[str, ...]
    countries: tuple[str, ...] = Field(description="ISO 3166-1 alpha-2 codes")
    other_names: tuple[str, ...]
    entity_ids: tuple[str, ...]
    topics: tuple[str, ...]
    topic_codes: tuple[str, ...] = Field(description="with all broader ones")
    speakers: tuple[str, ...] = Field(description="without phrases that name another: 'a lawyer for Ada Obi'")
    romanized: dict[str, tuple[str, ...]] = Field(
        default_factory=dict,
        exclude_if=lambda romanized: not romanized,
        description="the names of `people`, `organisations`, `places` and `other_names` in Latin letters, by "
        "field, where they are in others",
    )
    quotes: tuple[SearchQuote, ...]
