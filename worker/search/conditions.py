"""Turns a query into conditions on search documents, and checks its fields and values."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple, TypeVar

from worker.query.codes import entity_id, entity_type, language_code, link, link_value
from worker.query.language import AllOf, AnyOf, Not, Query, QueryError, Term, parse
from worker.query.words import folded, words_of
from worker.records.media_topics import topic_meant
from worker.search.document import LAST_INDEXABLE_SECOND
from worker.search.tokens import TokenKind

MAX_TERMS = 200
MAX_SEARCH_DEPTH = 20
"""How deep parentheses and NOTs may be nested; SQLite's parser has a limit too."""

When = Callable[[str], int]
"""Reads the value of `since:` or `until:` as seconds since the epoch. Raises ValueError."""


@dataclass(frozen=True, slots=True)
class TextPhrase:
    """Words of headline or text, in sequence; `near`: in any order, with at most so many others between."""

    words: tuple[str, ...]
    near: int | None = None
    in_headline: bool = False


class WordForms(NamedTuple):
    """For each word of a stem its other forms in a language, by the language's code."""

    language: str
    others: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class TextStem:
    """Words of headline or text, in sequence, each in any form that has its stem in the document's language.

    `forms`: those in the index that is searched, once they were looked up there.
    """

    words: tuple[str, ...]
    in_headline: bool = False
    forms: tuple[WordForms, ...] = ()


@dataclass(frozen=True, slots=True)
class Name:
    """Words, in sequence, of one name of any of these kinds."""

    kinds: tuple[TokenKind, ...]
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Code:
    """A code of this kind that the document has, in any letter case."""

    kind: TokenKind
    value: str


@dataclass(frozen=True, slots=True)
class Time:
    """A half-open span of time in seconds since the epoch."""

    since: int = 0
    until: int = LAST_INDEXABLE_SECOND + 1


@dataclass(frozen=True, slots=True)
class InStory:
    """The story, or what became a part of it."""

    story: str


@dataclass(frozen=True, slots=True)
class ConfirmedBy:
    """A story of so many sources or more."""

    sources: int


@dataclass(frozen=True, slots=True)
class Without:
    """A part that must not hold."""

    part: "SearchCondition"


@dataclass(frozen=True, slots=True)
class Every:
    """Parts that must all hold."""

    parts: tuple["SearchCondition", ...]


@dataclass(frozen=True, slots=True)
class Some:
    """Parts of which at least one must hold."""

    parts: tuple["SearchCondition", ...]


Leaf = TextPhrase | TextStem | Name | Code | Time | InStory | ConfirmedBy
SearchCondition = Leaf | Without | Every | Some


def read_query(text: str, when: When) -> SearchCondition:
    """The condition of a query. Raises QueryError with the position of the error."""
    # An argument of a command may have bytes that are no text; no document has them.
    text = text.encode(errors="replace").decode()
    return _Reading(text, when).condition(parse(text), 1)


class _Reading:
    def __init__(self, text: str, when: When) -> None:
        self._text = text
        self._when = when
        self._terms = 0

    def condition(self, query: Query, depth: int) -> SearchCondition:
        if depth > MAX_SEARCH_DEPTH:
            what = f"a search is nested {MAX_SEARCH_DEPTH} deep at most"
            raise QueryError(what, 0, self._text, end=len(self._text.rstrip()))
        match query:
            case Not(part):
                return Without(self.condition(part, depth + 1))
            case AllOf(parts):
                return Every(tuple(self.condition(part, depth + 1) for part in parts))
            case AnyOf(parts):
                return Some(tuple(self.condition(part, depth + 1) for part in parts))
            case Term():
                return self._leaf(query)

    def _leaf(self, term: Term) -> SearchCondition:
        self._terms += 1
        try:
            if self._terms > MAX_TERMS:
                raise ValueError(f"a search takes {MAX_TERMS} terms")
            read = _FIELDS.get(term.field)
            if term.field in _OF_STORY_RULES:
                raise ValueError(
                    f"only an alert rule about stories can ask for {term.field}; a search takes sources>=3 "
                    "and a story's id, as story:ID"
                )
            if read is None:
                fields = ", ".join(sorted(field for field in _FIELDS if field))
                what = f"no field is called {term.field!r}: there are {fields}"
                raise QueryError(what, term.position, end=term.position + len(term.field))
            if term.options and term.field != "stem":
                what = f"{term.field}: takes no options in a search, got {term.options[0][0]!r}"
                raise QueryError(what, term.option_positions[0], end=term.option_ends[0])
            return read(term, self._when)
        except QueryError as error:
            raise error.within(self._text) from None
        except ValueError as error:
            raise term.error(str(error), self._text) from None


_Reader = Callable[[Term, When], SearchCondition]
T = TypeVar("T")


def _words(term: Term) -> tuple[str, ...]:
    words = tuple(words_of(term.value))
    if not words:
        what = f"{term.field}:" if term.field else "a word or phrase"
        raise ValueError(f"{what} takes letters or digits, got {term.value!r}")
    return words


def _text(term: Term, _when: When) -> SearchCondition:
    return TextPhrase(_words(term), term.near)


def _headline(term: Term, _when: When) -> SearchCondition:
    return TextPhrase(_words(term), in_headline=True)


def _stem(term: Term, _when: When) -> SearchCondition:
    spans = zip(term.option_positions, term.option_ends, strict=True)
    for (option, sign, value), (position, end) in zip(term.options, spans, strict=True):
        if (option, sign, value.lower()) != ("field", "=", "headline") or len(term.options) > 1:
            what = f"stem: takes [field=headline] once and no other option, got {option}{sign}{value}"
            raise QueryError(what, position, end=end)
    return TextStem(_words(term), in_headline=bool(term.options))


def _name(*kinds: TokenKind) -> _Reader:
    return lambda term, _when: Name(kinds, _words(term))


def _code(kind: TokenKind, read: Callable[[str], str] = str) -> _Reader:
    return lambda term, _when: Code(kind, folded(_read(term, read)))


def _read(term: Term, read: Callable[[str], T]) -> T:
    try:
        return read(term.value)
    except ValueError as error:
        raise ValueError(f"{term.field}: {error}") from None


def _country(text: str) -> str:
    return link_value("iso3166", text)


def _link(term: Term, _when: When) -> SearchCondition:
    scheme, country = _read(term, link)
    if scheme != "iso3166":
        raise ValueError(f"link: takes a country in a search, such as link:iso3166:UA, got {term.value!r}")
    return Code(TokenKind.COUNTRY, folded(country))


def _topic(term: Term, _when: When) -> SearchCondition:
    return Code(TokenKind.TOPIC, _read(term, topic_meant).code)


def _story(term: Term, _when: When) -> SearchCondition:
    if term.value.lower() == "new":
        raise ValueError("story: takes a story's id in a search; only an alert rule can ask for new ones")
    return InStory(term.value)


def _sources(term: Term, _when: When) -> SearchCondition:
    if term.sign not in (":", ">="):
        raise ValueError(f"sources takes : or >= and a number, as in sources>=3, got {term.sign}{term.value}")
    if not re.fullmatch(r"[1-9][0-9]{0,8}", term.value):
        raise ValueError(f"sources: takes a number from 1 on, such as sources:3, got {term.value!r}")
    return ConfirmedBy(int(term.value))


def _bounded(seconds: int) -> int:
    return min(max(0, seconds), LAST_INDEXABLE_SECOND + 1)


_OF_STORY_RULES = frozenset(("growth", "reprints"))
_FIELDS: dict[str, _Reader] = {
    "": _text,
    "headline": _headline,
    "stem": _stem,
    "entity": _name(TokenKind.PERSON, TokenKind.ORGANISATION, TokenKind.PLACE, TokenKind.OTHER_NAME),
    "person": _name(TokenKind.PERSON),
    "organisation": _name(TokenKind.ORGANISATION),
    "place": _name(TokenKind.PLACE),
    "speaker": _name(TokenKind.SPEAKER),
    "author": _name(TokenKind.AUTHOR),
    "id": _code(TokenKind.ENTITY_ID, entity_id),
    "type": _code(TokenKind.ENTITY_TYPE, entity_type),
    "speaker_id": _code(TokenKind.SPEAKER_ID, entity_id),
    "country": _code(TokenKind.COUNTRY, _country),
    "link": _link,
    "topic": _topic,
    "source": _code(TokenKind.SOURCE),
    "language": _code(TokenKind.LANGUAGE, language_code),
    "lang": _code(TokenKind.LANGUAGE, language_code),
    "story": _story,
    "sources": _sources,
    "since": lambda term, when: Time(since=_bounded(when(term.value))),
    "until": lambda term, when: Time(until=_bounded(when(term.value))),
}
