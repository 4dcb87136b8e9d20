"""Evaluates a condition on a document, or on one of its quotes, without the index."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from worker.languages import codes_of, language_of
from worker.query.stems import stemmed, stems_of
from worker.query.words import Words, folded, words_of
from worker.search.conditions import (
    Code,
    ConfirmedBy,
    Every,
    InStory,
    Name,
    SearchCondition,
    Some,
    TextPhrase,
    TextStem,
    Time,
    Without,
)
from worker.search.document import Document, seconds_of, values_of
from worker.search.story_rows import DocumentStory
from worker.search.tokens import TokenKind

_FIELDS = {
    TokenKind.PERSON: "people",
    TokenKind.ORGANISATION: "organisations",
    TokenKind.PLACE: "places",
    TokenKind.OTHER_NAME: "other_names",
    TokenKind.SPEAKER: "speakers",
    TokenKind.AUTHOR: "authors",
    TokenKind.ENTITY_ID: "entity_ids",
    TokenKind.COUNTRY: "countries",
    TokenKind.TOPIC: "topic_codes",
}


class DocumentTexts:
    """A document with the story that it is in, and the words of its fields once they were computed."""

    def __init__(self, document: Document, story: DocumentStory | None = None) -> None:
        self.document = document
        self.story = story
        self._texts: dict[str, Words] = {}
        self._stems: dict[str, Words] = {}

    def text(self, name: str) -> Words:
        """The words of a field."""
        if name not in self._texts:
            self._texts[name] = Words(self.document[name] or "")
        return self._texts[name]

    def stems(self, name: str) -> Words:
        """The words of a field, each as its stem in the document's language."""
        if name not in self._stems:
            self._stems[name] = stemmed(self.text(name), self.document["language"])
        return self._stems[name]


def document_matches(
    condition: SearchCondition, facts: DocumentTexts, quote: Mapping[str, Any] | None = None
) -> bool:
    """Whether the condition holds. With a quote, words and speakers are looked for in the quote alone."""
    match condition:
        case Every(parts):
            return all(document_matches(part, facts, quote) for part in parts)
        case Some(parts):
            return any(document_matches(part, facts, quote) for part in parts)
        case Without(part):
            return not document_matches(part, facts, quote)
        case Time(since, until):
            return since <= seconds_of(facts.document) < until
        case InStory(story):
            return facts.story is not None and facts.story.id == story
        case ConfirmedBy(sources):
            return facts.story is not None and facts.story.sources >= sources
        case TextPhrase() | TextStem():
            return _stands_in(condition, facts, quote)
        case Name(kinds, words):
            names = (name for kind in kinds for name in _values(kind, facts.document, quote))
            return any(_is_part(words, words_of(name)) for name in names)
        case Code(kind, value):
            return folded(value) in map(folded, _values(kind, facts.document, quote))


def _stands_in(
    condition: TextPhrase | TextStem, facts: DocumentTexts, quote: Mapping[str, Any] | None
) -> bool:
    """Whether the words stand in headline or text, or in the quote."""
    if isinstance(condition, TextStem):
        stems = stems_of(condition.words, language_of(facts.document["language"]))
        return any(any(text.phrase(stems)) for text in _stemmed_texts(condition, facts, quote))
    words, near = list(condition.words), condition.near
    texts = _texts(condition, facts, quote)
    return any(any(text.phrase(words) if near is None else text.near(words, near)) for text in texts)


def _texts(condition: TextPhrase, facts: DocumentTexts, quote: Mapping[str, Any] | None) -> Iterator[Words]:
    if quote is not None and not condition.in_headline:
        yield Words(quote["text"])
        return
    yield facts.text("headline")
    if not condition.in_headline:
        yield facts.text("text")


def _stemmed_texts(
    condition: TextStem, facts: DocumentTexts, quote: Mapping[str, Any] | None
) -> Iterator[Words]:
    if quote is not None and not condition.in_headline:
        yield stemmed(Words(quote["text"]), facts.document["language"])
        return
    yield facts.stems("headline")
    if not condition.in_headline:
        yield facts.stems("text")


def _values(kind: TokenKind, document: Document, quote: Mapping[str, Any] | None) -> Sequence[str]:
    match kind:
        case TokenKind.SPEAKER if quote is not None:
            is_named = bool(quote["speaker_id"] or not quote.get("speaker_of"))
            return [quote["speaker"]] if quote["speaker"] and is_named else []
        case TokenKind.SPEAKER_ID:
            quotes = document["quotes"] if quote is None else [quote]
            return [each["speaker_id"] for each in quotes if each["speaker_id"]]
        case TokenKind.SOURCE:
            return [document["source"]] if document["source"] else []
        case TokenKind.LANGUAGE:
            return codes_of(document["language"])
        case TokenKind.ENTITY_TYPE:
            return [entity.partition(":")[0] for entity in document["entity_ids"]]
        case _:
            return values_of(document, _FIELDS[kind])


def _is_part(words: Sequence[str], name: Sequence[str]) -> bool:
    starts = range(len(name) - len(words) + 1)
    return any(list(name[start : start + len(words)]) == list(words) for start in starts)
