"""A story's record as rules see it: its names, topics and words stand where an article has its own."""

from collections.abc import Iterator, Mapping
from typing import Any

from worker.alerts.facts import Facts
from worker.alerts.story_facts import StoryFacts
from worker.records.alerts import AlertStory
from worker.records.cloudevents import event_time_ms
from worker.records.media_topics import broader
from worker.records.messages import Headers
from worker.records.published import ArticleReference, reference
from worker.records.stories import independent_sources

_NAMES = ("people", "organisations", "places")


def story_time_ms(headers: Headers, timestamp_ms: int) -> int:
    """When the article came in that a story's record follows from, in ms since the epoch.

    A publisher's clock may be ahead; the time at which the record was written is the latest there can be.
    """
    return min(event_time_ms(headers, timestamp_ms), max(timestamp_ms, 0))


def facts_of_story(card: Mapping[str, Any], articles_before: Mapping[int, int]) -> Facts:
    """What rules can ask about a story. `card`: the parsed JSON of its record.

    `articles_before`: by a number of hours, the articles that it had so long before.
    """
    counts = card["counts"]
    story = StoryFacts(
        id=card["id"],
        version=card["version"],
        articles=counts["articles"],
        sources=independent_sources(counts),
        reprints=counts["reprints"],
        articles_before=articles_before,
    )
    article = {
        "headline": card["headline"],
        "text": "",
        "language": card["language"],
        "source": None,
        "entities": [*_entities(card), *_countries(card)],
        "quotes": list(_quotes(card)),
        "topics": [
            {"code": topic["code"], "confidence": 1.0, "broader": broader(topic["code"])}
            for topic in card.get("topics", ())
        ],
    }
    return Facts(article, story)


def reference_of_story(card: Mapping[str, Any]) -> ArticleReference:
    """The article that founded the story as an alert refers to it, with the story's headline and language."""
    first = card["first"]
    return reference(
        {
            "id": first["id"],
            "url": first["url"],
            "headline": card["headline"],
            "source": first["source"],
            "language": card["language"],
            "published_at": card["first_published_at"],
        }
    )


def alert_story(story: StoryFacts, card: Mapping[str, Any]) -> AlertStory:
    """What an alert says of the story."""
    return AlertStory(
        id=story.id,
        version=story.version,
        headline=card["headline"],
        articles=story.articles,
        sources=story.sources,
        reprints=story.reprints,
    )


def _entities(card: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for kind in _NAMES:
        for named in card.get(kind, ()):
            yield _entity(named["id"], named["id"].partition(":")[0].upper(), named["name"], {})


def _countries(card: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Countries have no id: a story keeps their codes apart from the names that they came with."""
    for country in card.get("countries", ()):
        yield _entity("", "", "", {"iso3166": country["code"]})


def _entity(id_: str, type_: str, name: str, links: dict[str, str]) -> dict[str, Any]:
    return {"id": id_, "type": type_, "name": name, "salience": 1.0, "links": links, "mentions": ()}


def _quotes(card: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for speaker in card.get("speakers", ()):
        name = speaker["name"]
        yield {"speaker": {"text": name, "name": name, "entity": speaker["id"]}}
