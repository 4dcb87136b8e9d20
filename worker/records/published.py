"""What subscribers of the entities, quotes and search topics read (schemas/ is generated from here)."""

from typing import Literal

from pydantic import Field

from worker.records.article import EntityType, Mention, PipelineVersion, Record, Speaker, TextSpan


class ArticleReference(Record):
    """Which article a record is about."""

    id: str
    url: str | None
    headline: str | None
    source: str | None
    language: str
    published_at: str | None


class EntityRecord(Record):
    """One entity of one article."""

    id: str = Field(description="`<type>:<slug of name>`; the message's key")
    name: str
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


class SearchDocument(Record):
    """An article for a search index: flat but for `quotes`."""

    id: str
    version: int = Field(description="the raw record's timestamp in ms, for external versioning")
    url: str | None
    headline: str | None
    text: str
    source: str | None
    language: str
    published_at: str | None
    authors: tuple[str, ...]
    people: tuple[str, ...]
    organisations: tuple[str, ...]
    places: tuple[str, ...]
    countries: tuple[str, ...] = Field(description="ISO 3166-1 alpha-2 codes")
    other_names: tuple[str, ...]
    entity_ids: tuple[str, ...]
    topics: tuple[str, ...]
    topic_codes: tuple[str, ...] = Field(description="with all broader ones")
    speakers: tuple[str, ...]
    quotes: tuple[SearchQuote, ...]
