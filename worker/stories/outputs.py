"""What stories say about an article and of themselves, as plain values."""

from dataclasses import dataclass
from typing import Any

from worker.stories.lineage.shown import shown_lineages, shown_quotes
from worker.stories.relations import Relation
from worker.stories.story import NO_TIME, Story


@dataclass(frozen=True, slots=True)
class Assignment:
    """Where an article belongs. `of`: the article whose text it shares; both shares are in thousandths.

    `score`: how sure the story is, in thousandths. `record_source`: the agency that the article credits, else
    who published it. `published_ms`: when it was published, by its own account, in ms since 1970.
    """

    id: str
    story: str
    language: str
    relation: Relation
    of: str | None
    of_this: int
    of_that: int
    score: int
    wire: str | None
    record_source: str | None
    published_ms: int | None = None


@dataclass(frozen=True, slots=True)
class Card:
    """A story as it stands now: the value of its record, but for what only Kafka knows."""

    id: str
    fields: dict[str, Any]


def card_of(story: Story, into: str | None) -> Card:
    """The card of a story. `into`: the id of the story that it became a part of."""
    headline, first = story.headline, story.first
    return Card(
        story.id,
        {
            "id": story.id,
            "status": story.status.value,
            "into": into,
            "version": story.version,
            "language": story.language,
            "headline": headline[0] if headline else None,
            "first": {"id": first[0], "source": first[1], "url": first[2], "wire": first[3]},
            "counts": {
                "articles": story.articles,
                "unique": story.articles - story.reprints,
                "reprints": story.reprints,
                "sources": len(story.sources),
                "independent_sources": len(story.independent),
                "retracted": story.retracted,
            },
            "members": [{"id": article, "relation": relation} for article, relation in story.members],
            "people": [{"id": key, "name": name, "articles": count} for key, name, count in story.people],
            "places": [{"id": key, "name": name, "articles": count} for key, name, count in story.places],
            "organisations": [
                {"id": key, "name": name, "articles": count} for key, name, count in story.organisations
            ],
            "countries": [{"code": code, "articles": count} for code, count in story.countries],
            "topics": [{"code": code, "articles": count} for code, count in story.topics],
            "speakers": [
                {"id": key or None, "name": name, "articles": count} for key, name, count in story.speakers
            ],
            "quotes": shown_quotes(story.utterances),
            "quote_lineage": shown_lineages(story.utterances),
            "published": [
                None if time in (NO_TIME, -NO_TIME) else time for time in (story.earliest_ms, story.latest_ms)
            ],
            "seen": [story.founded_ms, story.last_ms],
            "merged_from": list(story.merged_from),
        },
    )
