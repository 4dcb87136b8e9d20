"""What of a document is indexed: the tokens of a row of the FTS5 table, whose tokenizer is `ascii`.

That tokenizer parts at every ASCII sign and nowhere else, so what it is given has words of ours alone: those
of `worker.query.words`, so that a search and an alert rule agree on what a word is. Names, quotes and codes
are tokens too, each kind behind a character of its own from Unicode's private use area: nobody's word begins
so, and one expression asks for words and tags alike.
"""

import re
import unicodedata
from collections.abc import Iterable
from enum import StrEnum
from functools import lru_cache
from typing import NamedTuple

from worker.query.words import folded, words_of
from worker.search.document import Document

UNICODE = unicodedata.unidata_version
"""What counts as a letter depends on it; tokens must be taken out as they were put in."""

NAME_SEPARATOR = "\ue000"
"""Between two names or quotes: no phrase reaches across."""


class TokenKind(StrEnum):
    """What a token is of: its first character."""

    EVERY = "\ue001"
    QUOTED = "\ue002"
    PERSON = "\ue003"
    ORGANISATION = "\ue004"
    PLACE = "\ue005"
    OTHER_NAME = "\ue006"
    SPEAKER = "\ue007"
    AUTHOR = "\ue008"
    ENTITY_ID = "\ue009"
    ENTITY_TYPE = "\ue00a"
    SPEAKER_ID = "\ue00b"
    COUNTRY = "\ue00c"
    TOPIC = "\ue00d"
    SOURCE = "\ue00e"
    LANGUAGE = "\ue00f"


class IndexRow(NamedTuple):
    """A row of the FTS5 table, column by column."""

    headline: str
    text: str
    quoted: str
    tags: str


EVERY_DOCUMENT = TokenKind.EVERY + "article"
"""A token of every document."""
HAS_QUOTES = TokenKind.EVERY + "quotes"
"""A token of documents that have quotes."""

_NAMES = {
    TokenKind.PERSON: "people",
    TokenKind.ORGANISATION: "organisations",
    TokenKind.PLACE: "places",
    TokenKind.OTHER_NAME: "other_names",
    TokenKind.SPEAKER: "speakers",
    TokenKind.AUTHOR: "authors",
}
_CODES = {TokenKind.ENTITY_ID: "entity_ids", TokenKind.COUNTRY: "countries", TokenKind.TOPIC: "topic_codes"}
# The signs that most texts have: without them most of English is ASCII.
_TYPOGRAPHIC = "“”‘’–—…\u00a0"
_NOT_ASCII = re.compile(r"[^\x00-\x7f]")
_FEW = 30
_MARK = re.compile("[\u0300-\u036f]")
_NO_WORD = re.compile(r"[^\w\x00-\x7f]+")
# Names come again and again; none that is remembered is long.
_SHORT = 200
# ASCII signs would part a token: they stand in the private use area instead.
_SIGNS = {code: 0xE100 + code for code in range(128) if not chr(code).isalnum()}


def row_of(document: Document) -> IndexRow:
    """The same document gives the same row, as long as UNICODE is the same."""
    quotes = document["quotes"]
    tags = [EVERY_DOCUMENT, HAS_QUOTES] if quotes else [EVERY_DOCUMENT]
    for kind, field in _NAMES.items():
        tags += _joined(name_tokens(kind, name) for name in document[field])
    for kind, field in _CODES.items():
        tags += [code_token(kind, code) for code in document[field]]
    types = dict.fromkeys(entity.partition(":")[0] for entity in document["entity_ids"])
    speakers = dict.fromkeys(quote["speaker_id"] for quote in quotes if quote["speaker_id"])
    tags += [code_token(TokenKind.ENTITY_TYPE, name) for name in types]
    tags += [code_token(TokenKind.SPEAKER_ID, speaker) for speaker in speakers]
    if document["source"]:
        tags.append(code_token(TokenKind.SOURCE, document["source"]))
    tags += languages(document["language"])
    return IndexRow(
        headline=searchable(document["headline"] or ""),
        text=searchable(document["text"]),
        quoted=" ".join(_joined(tag_words(TokenKind.QUOTED, words_in(quote["text"])) for quote in quotes)),
        tags=" ".join(tags),
    )


def searchable(text: str) -> str:
    """The text's words as the tokenizer will find them; the same as `words_of`, and ten times as fast."""
    if text.isascii():
        return text
    for sign in _TYPOGRAPHIC:
        text = text.replace(sign, " ")
    if text.isascii():
        return text
    others = set(_NOT_ASCII.findall(text))
    if any(map(_MARK.match, others)):
        return " ".join(words_of(text))
    if len(others) > _FEW:
        text = _NO_WORD.sub(" ", text)
    else:
        for other in others:
            if not other.isalnum():
                text = text.replace(other, " ")
    return unicodedata.normalize("NFC", text).casefold()


def words_in(text: str) -> list[str]:
    """`words_of`, the fast way: what is left to fold is ASCII, as for the tokenizer."""
    text = searchable(text)
    # Not `lower` for other texts: they are folded, and some folded letters (Cherokee's) are upper case.
    return _ASCII_WORD.findall(text.lower() if text.isascii() else text)


# What the tokenizer takes for a token.
_ASCII_WORD = re.compile(r"[^\x00-\x2f\x3a-\x40\x5b-\x60\x7b-\x7f]+")


def name_tokens(kind: TokenKind, name: str) -> str:
    """The words of a name."""
    return _named(kind, name) if len(name) <= _SHORT else tag_words(kind, words_of(name))


@lru_cache(maxsize=1 << 16)
def _named(kind: TokenKind, name: str) -> str:
    return tag_words(kind, words_of(name))


def tag_words(kind: TokenKind, words: Iterable[str]) -> str:
    """Words of one kind, as a phrase has them."""
    return " ".join([kind + word for word in words])


def code_token(kind: TokenKind, value: str) -> str:
    """The one token of a code, an id or a source, in any letter case."""
    return kind + folded(value).translate(_SIGNS)


def languages(language: str) -> list[str]:
    """`en-GB` is found as itself and as `en`."""
    whole = language.lower()
    return [
        code_token(TokenKind.LANGUAGE, code)
        for code in dict.fromkeys((whole, whole.partition("-")[0]))
        if code
    ]


def _joined(phrases: Iterable[str]) -> list[str]:
    return [part for phrase in phrases if phrase for part in (phrase, NAME_SEPARATOR)]
