"""The records of the topics of stories. schemas/ is generated from this module."""

from collections.abc import Mapping
from typing import Literal

from pydantic import Field

from worker.records.article import Record, WrittenTime


class StoryAssignment(Record):
    """Which story an article belongs to, and whether its text is another's."""

    id: str = Field(description="the article; the message's key")
    story: str = Field(
        description="id of the story, as it was then; its record says whether it became a part of another"
    )
    relation: Literal["original", "reprint", "excerpt", "extends", "quotes"] = Field(
        description="how its text stands to that of the article `of`: of a `reprint` most is in the other, "
        "an `excerpt` is a part of it, `extends` has it as a part, `quotes` shares a passage; `original` "
        "shares nothing that counts"
    )
    of: str | None = Field(description="the earlier article whose text it shares; null for an original")
    score: float = Field(ge=0, le=1, description="how sure the story is; 1 where it is certain")
    share: float = Field(ge=0, le=1, description="the part of its text that is in the other")
    of_share: float = Field(ge=0, le=1, description="the part of the other's text that is in it")
    wire: str | None = Field(description="the news agency that the article credits, such as `AP`")
    record_source: str | None = Field(description="the agency that it credits, else who published it")
    language: str = Field(description="the story's language, ISO 639-1")
    published_at: WrittenTime | None = Field(
        default=None,
        description="as the article says; null if it says nothing, or was assigned before this was kept",
    )


class StoryFirst(Record):
    """The article that founded a story."""

    id: str
    source: str | None
    url: str | None
    wire: str | None


class StoryCounts(Record):
    """How many articles a story has, without those that were taken back."""

    articles: int = Field(ge=0)
    unique: int = Field(ge=0, description="articles that are no copies")
    reprints: int = Field(ge=0, description="copies: reprints, excerpts, and articles that extend another")
    sources: int = Field(ge=0, le=64, description="publishers; no more than 64 are counted")
    independent_sources: int | None = Field(
        default=None,
        ge=0,
        le=64,
        description="agencies and publishers of articles that are no copies: each counts for the agency that "
        "it credits, and titles under one domain name count once; null if it was not counted",
    )
    retracted: int = Field(ge=0)


def independent_sources(counts: Mapping[str, int]) -> int:
    """The independent sources that a story's `counts` give; without that number as many as there can be."""
    counted = counts.get("independent_sources")
    return min(counts["sources"], counts["unique"]) if counted is None else counted


class StoryMember(Record):
    """An article of a story."""

    id: str
    relation: Literal["original", "reprint", "excerpt", "extends", "quotes"]


class StoryName(Record):
    """A person or a place of a story."""

    id: str = Field(description="the entity's id")
    name: str
    articles: int = Field(ge=1, description="how many articles name it")


class StoryCode(Record):
    """A country or a topic of a story."""

    code: str = Field(description="ISO 3166-1 alpha-2, or an IPTC Media Topic such as `medtop:09000000`")
    articles: int = Field(ge=1, description="how many articles have it")


class StorySpeaker(Record):
    """Somebody whom articles of the story quote."""

    id: str | None = Field(description="the entity's id, if it is known which")
    name: str
    articles: int = Field(ge=1, description="how many articles quote them")


class StoryQuote(Record):
    """A quote that an article of the story has."""

    text: str
    speaker: str | None
    speaker_id: str | None
    article: str


class QuoteEdit(Record):
    """Where the words of a variant differ from those of the variant that it is compared with.

    Spans are half-open, in code points, and slice back: `was` and `now` are what stands there.
    """

    kind: Literal["left_out", "added", "number", "replaced"] = Field(
        description="`number`: replaced, with digits on both sides"
    )
    was: str = Field(description="the words of the other variant; empty where words were added")
    now: str = Field(description="the words of this variant; empty where words were left out")
    start: int = Field(ge=0, description="in this variant's text")
    end: int = Field(ge=0)
    of_start: int = Field(ge=0, description="in the text of the variant `of`")
    of_end: int = Field(ge=0)


class QuoteFinding(Record):
    """An article that has a variant of a quote."""

    id: str
    record_source: str | None = Field(description="the agency that it credits, else who published it")
    speaker: str | None = Field(description="who it says is quoted, as far as that is known")
    speaker_id: str | None
    seen_at: WrittenTime | None = Field(
        description="when it came, by the brokers' time; null if it came before that was kept"
    )
    published_at: WrittenTime | None = Field(description="as it says")


class QuoteVariant(Record):
    """A quote in the words in which some articles have it; punctuation and letter case make no variant."""

    text: str
    wording: Literal["first", "cut", "extended", "altered"] = Field(
        description="what its words are to those of the variant `of`: `cut` lacks some, `extended` has more, "
        "`altered` has others, or lacks some and has more; the one that came `first` is compared with none"
    )
    of: int | None = Field(
        ge=0, description="the place in `variants` of the earlier variant that it is closest to"
    )
    edits: tuple[QuoteEdit, ...] = Field(description="in the order of the text, 12 at most")
    articles: int = Field(ge=1, le=64, description="how many articles have it; no more than 64 are counted")
    found_in: tuple[QuoteFinding, ...] = Field(description="the first three of them, the first one first")


class QuoteLineage(Record):
    """An utterance that several articles of a story quote, by its words alone: who had it, and how."""

    speaker: str | None = Field(description="of the first article that names one")
    speaker_id: str | None
    articles: int = Field(ge=2, le=64, description="how many articles have it; no more than 64 are counted")
    unlisted: int = Field(ge=0, le=64, description="how many of them have variants that are not listed")
    variants: tuple[QuoteVariant, ...] = Field(
        description="the first five, in the order in which they came; a part that only a later one joins to "
        "the others stands behind that one"
    )


class StoryCard(Record):
    """A story as it stands: what its latest record says counts."""

    id: str = Field(description="the message's key")
    status: Literal["open", "closed", "merged"] = Field(
        description="`closed`: no article joins it any more; `merged`: it is a part of `into`"
    )
    into: str | None = Field(description="the story that it became a part of")
    version: int = Field(ge=1, description="ascending; not every change of a large story is written")
    language: str
    headline: str | None = Field(description="that of its first article that has one")
    first: StoryFirst
    counts: StoryCounts
    members: tuple[StoryMember, ...] = Field(description="the latest 50 articles, the latest last")
    people: tuple[StoryName, ...] = Field(description="those in most articles first, 12 at most")
    places: tuple[StoryName, ...] = Field(description="likewise")
    organisations: tuple[StoryName, ...] = Field(default=(), description="likewise, 8 at most")
    countries: tuple[StoryCode, ...] = Field(default=(), description="likewise, 6 at most")
    topics: tuple[StoryCode, ...] = Field(
        default=(), description="likewise, 6 at most; the topics above them are not listed"
    )
    speakers: tuple[StorySpeaker, ...] = Field(default=(), description="likewise, 8 at most")
    quotes: tuple[StoryQuote, ...] = Field(description="3 at most")
    quote_lineage: tuple[QuoteLineage, ...] = Field(
        default=(),
        description="quotes that two articles or more have, those of most articles first, 3 at most",
    )
    first_published_at: WrittenTime | None = Field(description="the earliest that its articles say")
    last_published_at: WrittenTime | None
    first_seen_at: WrittenTime = Field(description="when its first article came, by the brokers' time")
    last_seen_at: WrittenTime
    merged_from: tuple[str, ...] = Field(description="stories that became a part of it, the latest 20")
