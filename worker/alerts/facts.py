"""What rules can ask about an article, looked up once for all of them."""

from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from typing import Any, Literal

from worker.alerts.words import Words, folded

Where = Literal["headline", "text"]
Place = tuple[Where, int, int]
"""Which of the two, and a half-open span in its code points."""


class Facts:
    """An enriched article (the JSON of the enriched topic, parsed) as rules see it."""

    def __init__(self, article: Mapping[str, Any]) -> None:
        self.article = article
        self.entities: list[Mapping[str, Any]] = [e for e in article["entities"] if e["id"] is not None]
        self.source = folded(article["source"] or "")
        self.language = article["language"].lower()
        self.topics: dict[str, float] = {}
        """Confidence by code; a broader topic is as sure as the surest narrower one."""
        for tag in article["topics"]:
            for code in (tag["code"], *tag.get("broader", ())):
                self.topics[code] = max(self.topics.get(code, 0.0), tag["confidence"])

    @cached_property
    def names(self) -> dict[str, list[Mapping[str, Any]]]:
        """The entities by each of their names."""
        found: dict[str, list[Mapping[str, Any]]] = {}
        for entity in self.entities:
            for name in names_of(entity):
                found.setdefault(name, []).append(entity)
        return found

    @cached_property
    def speakers(self) -> dict[str, list[Mapping[str, Any]]]:
        """The quotes by each name of their speaker."""
        of_entity = {entity["id"]: names_of(entity) for entity in self.entities}
        found: dict[str, list[Mapping[str, Any]]] = {}
        for quote in self._attributed():
            speaker = quote["speaker"]
            names = {
                folded(speaker["text"]),
                folded(speaker["name"] or ""),
                *of_entity.get(speaker["entity"], ()),
            }
            for name in names - {""}:
                found.setdefault(name, []).append(quote)
        return found

    @cached_property
    def speaker_ids(self) -> dict[str, list[Mapping[str, Any]]]:
        """The quotes by the entity that speaks."""
        found: dict[str, list[Mapping[str, Any]]] = {}
        for quote in self._attributed():
            if quote["speaker"]["entity"]:
                found.setdefault(quote["speaker"]["entity"], []).append(quote)
        return found

    @cached_property
    def words(self) -> dict[Where, Words]:
        return {"headline": Words(self.article["headline"] or ""), "text": Words(self.article["text"])}

    def quote_of(self, place: Place) -> str:
        """The words at a place."""
        where, start, end = place
        return self.article[where][start:end]

    def _attributed(self) -> Iterable[Mapping[str, Any]]:
        return (quote for quote in self.article["quotes"] if quote["speaker"])

    def anchors(self) -> Iterator[tuple[str, ...]]:
        """All that an index of rules may be asked about this article, as `index.anchors` writes it."""
        yield ("language", self.language)
        yield ("language", self.language.partition("-")[0])
        yield ("source", self.source)
        for code in self.topics:
            yield ("topic", code)
        for name in self.names:
            yield ("name", name)
        for name in self.speakers:
            yield ("speaker", name)
        for speaker_id in self.speaker_ids:
            yield ("speaker id", speaker_id)
        for entity in self.entities:
            yield ("id", entity["id"])
            yield ("type", entity["type"])
            for scheme, value in entity["links"].items():
                yield ("link", scheme, value)
        for words in self.words.values():
            for word in words.distinct:
                yield ("word", word)
            for pair in words.pairs:
                yield ("words", *pair)


def names_of(entity: Mapping[str, Any]) -> set[str]:
    """Every name an entity has in its article."""
    return {folded(entity["name"]), *(folded(mention["text"]) for mention in entity["mentions"])}
