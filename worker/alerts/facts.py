"""What rules can ask about an article, computed once for all rules."""

from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from functools import cached_property
from itertools import chain
from typing import Any, Literal

from worker.alerts.story_facts import StoryFacts
from worker.languages import codes_of
from worker.query.stems import stemmed_language, stems_by_word
from worker.query.words import Words, at_once, folded
from worker.records.raw import MAX_HEADLINE_CHARS

Where = Literal["headline", "text"]
Place = tuple[Where, int, int]
"""The field, and a half-open span of its code points."""

# How much of a text rules look at, and by how many names an entity is known to them.
_TEXT_CHARS = 1_000_000
_MAX_NAMES = 200
# Articles with more text than this are looked at piece by piece.
_LONG_CHARS = 16_384
# Names that are noted before others get their turn, and the characters that take about as long as a name.
_NAMES_AT_ONCE = 2_000
_CHARS_A_NAME = 32


class Facts:
    """An enriched article (the parsed JSON of the enriched topic) as rules see it.

    `story`: what story rules ask besides, where `article` has what the record of a story says.
    """

    def __init__(self, article: Mapping[str, Any], story: StoryFacts | None = None) -> None:
        self.article, self.story = article, story
        self._texts: dict[Where, str] = {
            "headline": (article["headline"] or "")[:MAX_HEADLINE_CHARS],
            "text": article["text"][:_TEXT_CHARS],
        }
        self.is_long = sum(map(len, self._texts.values())) > _LONG_CHARS
        """Whether the article is looked at piece by piece."""
        self.entities: list[Mapping[str, Any]] = [e for e in article["entities"] if e["id"] is not None]
        self.source = folded(article["source"] or "")
        self.languages = frozenset(codes_of(article["language"]))
        """`en-gb` and `en`; `nb` and `no`."""
        self.topics: dict[str, float] = {}
        """Confidence by code. A broader topic has the confidence of its most confident narrower one."""
        for tag in article["topics"]:
            for code in (tag["code"], *tag.get("broader", ())):
                self.topics[code] = max(self.topics.get(code, 0.0), tag["confidence"])

    def prepare(self, *, stems: bool = False) -> Iterator[None]:
        """Computes everything about a long article, `stems` if rules ask for any.

        Others may have their turn at each `yield`. About a short article nothing is computed before a rule
        asks for it.
        """
        if self.is_long:
            headline, text = self._texts.values()
            self.__dict__["names"] = yield from self._name_entities()
            self.__dict__["speakers"] = yield from self._name_speakers()
            self.__dict__["words"] = {
                "headline": (yield from Words.in_pieces(headline)),
                "text": (yield from Words.in_pieces(text)),
            }
            if stems:
                self.__dict__["_stem_of_word"] = yield from self._stem_words()
                self.__dict__["stems"] = yield from self._replace_words()

    @cached_property
    def names(self) -> dict[str, list[Mapping[str, Any]]]:
        """The entities by each of their names."""
        return at_once(self._name_entities())

    @cached_property
    def speakers(self) -> dict[str, list[Mapping[str, Any]]]:
        """The quotes by each name of their speaker."""
        return at_once(self._name_speakers())

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
        return {where: Words(text) for where, text in self._texts.items()}

    @cached_property
    def stems(self) -> Mapping[Where, Words]:
        """The words of headline and text, each as its stem in the article's language."""
        return at_once(self._replace_words())

    def all_stems(self) -> Iterable[str]:
        """The stems of the words of headline and text."""
        if self._stem_of_word is None:
            return chain.from_iterable(words.distinct for words in self.words.values())
        return self._stem_of_word.values()

    @cached_property
    def _stem_of_word(self) -> Mapping[str, str] | None:
        """The stem of each word; None where the language has no stemmer and words are their own."""
        return at_once(self._stem_words())

    def quote_of(self, place: Place) -> str:
        """The words at a place."""
        where, start, end = place
        text: str = self.article[where]
        return text[start:end]

    def _name_entities(self) -> Generator[None, None, dict[str, list[Mapping[str, Any]]]]:
        found: dict[str, list[Mapping[str, Any]]] = {}
        noted = 0
        for entity in self.entities:
            names = names_of(entity)
            for name in names:
                found.setdefault(name, []).append(entity)
            noted += 1 + len(entity["mentions"]) + sum(map(len, names)) // _CHARS_A_NAME
            if noted > _NAMES_AT_ONCE:
                noted = 0
                yield
        return found

    def _name_speakers(self) -> Generator[None, None, dict[str, list[Mapping[str, Any]]]]:
        of_entity = {entity["id"]: entity for entity in self.entities}
        names_by_id: dict[str, set[str]] = {}
        found: dict[str, list[Mapping[str, Any]]] = {}
        noted = 0
        for quote in self._attributed():
            speaker = quote["speaker"]
            names = {folded(speaker["text"]), folded(speaker["name"] or "")}
            if entity := of_entity.get(speaker["entity"]):
                names |= names_by_id.get(entity["id"]) or names_by_id.setdefault(
                    entity["id"], names_of(entity)
                )
            for name in names - {""}:
                found.setdefault(name, []).append(quote)
            noted += len(names) + sum(map(len, names)) // _CHARS_A_NAME
            if noted > _NAMES_AT_ONCE:
                noted = 0
                yield
        return found

    def _stem_words(self) -> Generator[None, None, Mapping[str, str] | None]:
        if stemmed_language(self.article["language"]) is None:
            return None
        distinct = set[str].union(*(words.distinct for words in self.words.values()))
        return (yield from stems_by_word(distinct, self.article["language"]))

    def _replace_words(self) -> Generator[None, None, Mapping[Where, Words]]:
        if self._stem_of_word is None:
            return self.words
        found: dict[Where, Words] = {}
        for where, words in self.words.items():
            found[where] = yield from words.replaced(self._stem_of_word)
        return found

    def _attributed(self) -> Iterable[Mapping[str, Any]]:
        return (quote for quote in self.article["quotes"] if quote["speaker"])


KEYS: Mapping[str, Callable[[Facts], Iterable[str]]] = {
    "id": lambda facts: {entity["id"] for entity in facts.entities},
    "name": lambda facts: facts.names.keys(),
    "speaker": lambda facts: facts.speakers.keys(),
    "speaker id": lambda facts: facts.speaker_ids.keys(),
    "words": lambda facts: chain.from_iterable(words.pairs for words in facts.words.values()),
    "word": lambda facts: chain.from_iterable(words.distinct for words in facts.words.values()),
    "stem": Facts.all_stems,
    "link": lambda facts: {f"{s}:{value}" for e in facts.entities for s, value in e["links"].items()},
    "source": lambda facts: {facts.source},
    "headline": lambda facts: facts.words["headline"].distinct,
    "story": lambda facts: {"new"} if facts.story is not None and facts.story.is_new else (),
    "topic": lambda facts: facts.topics.keys(),
    "type": lambda facts: {entity["type"] for entity in facts.entities},
    "language": lambda facts: facts.languages,
    "any": lambda facts: {""},
}
"""The keys of an article, by kind, with which the rule index looks for rules. Every article has `any`."""


def names_of(entity: Mapping[str, Any]) -> set[str]:
    """Every name an entity has in its article, or the first 200 of them, and its romanized name."""
    mentions = entity["mentions"]
    names = {folded(entity["name"])}
    if entity.get("romanized"):
        names.add(folded(entity["romanized"]))
    if len(mentions) < _MAX_NAMES:
        return names | {folded(mention["text"]) for mention in mentions}
    for mention in mentions:
        names.add(folded(mention["text"]))
        if len(names) >= _MAX_NAMES:
            break
    return names
