"""What rules can ask about an article, computed once for all rules."""

from collections.abc import Callable, Iterable, Mapping
from functools import cached_property
from typing import Any, Literal

from worker.query.words import Words, folded

Where = Literal["headline", "text"]
Place = tuple[Where, int, int]
"""The field, and a half-open span of its code points."""


class Facts:
    """An enriched article (the parsed JSON of the enriched topic) as rules see it."""

    def __init__(self, article: Mapping[str, Any]) -> None:
        self.article = article
        self.entities: list[Mapping[str, Any]] = [e for e in article["entities"] if e["id"] is not None]
        self.source = folded(article["source"] or "")
        language = article["language"].lower()
        self.languages = {language, language.partition("-")[0]}
        """`en-gb` and `en`."""
        self.topics: dict[str, float] = {}
        """Confidence by code. A broader topic has the confidence of its most confident narrower one."""
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
        """The quotes by the entity id of their speaker."""
        found: dict[str, list[Mapping[str, Any]]] = {}
        for quote in self._attributed():
            if quote["speaker"]["entity"]:
                found.setdefault(quote["speaker"]["entity"], []).append(quote)
        return found

    @cached_property
    def words(self) -> dict[Where, Words]:
        """The words of the headline and of the text."""
        return {"headline": Words(self.article["headline"] or ""), "text": Words(self.article["text"])}

    def quote_of(self, place: Place) -> str:
        """The words at a place."""
        where, start, end = place
        text: str = self.article[where]
        return text[start:end]

    def _attributed(self) -> Iterable[Mapping[str, Any]]:
        return (quote for quote in self.article["quotes"] if quote["speaker"])


KEYS: Mapping[str, Callable[[Facts], Iterable[str]]] = {
    "id": lambda facts: {entity["id"] for entity in facts.entities},
    "name": lambda facts: facts.names.keys(),
    "speaker": lambda facts: facts.speakers.keys(),
    "speaker id": lambda facts: facts.speaker_ids.keys(),
    "words": lambda facts: set().union(*(words.pairs for words in facts.words.values())),
    "word": lambda facts: set().union(*(words.distinct for words in facts.words.values())),
    "link": lambda facts: {f"{s}:{value}" for e in facts.entities for s, value in e["links"].items()},
    "source": lambda facts: {facts.source},
    "topic": lambda facts: facts.topics.keys(),
    "type": lambda facts: {entity["type"] for entity in facts.entities},
    "language": lambda facts: facts.languages,
    "any": lambda facts: {""},
}
"""The keys of an article, by kind, with which the rule index looks for rules. Every article has `any`."""


def names_of(entity: Mapping[str, Any]) -> set[str]:
    """Every name an entity has in its article."""
    return {folded(entity["name"]), *(folded(mention["text"]) for mention in entity["mentions"])}
