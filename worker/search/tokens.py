"""The tokens of a document: the columns of its row of the FTS5 table, whose tokenizer is `ascii`.

That tokenizer splits at ASCII signs only and folds A to Z only. It is given the folded words of
`worker.query.words`, so a search and an alert rule agree on what a word is. Names, quotes and codes are
tokens too. Each kind has a prefix of its own from Unicode's private use area, with which no word begins; so
one MATCH expression can ask for words and tags alike.
"""

import re
import unicodedata
from collections.abc import Iterable
from enum import StrEnum
from functools import lru_cache
from typing import NamedTuple

from worker.languages import codes_of
from worker.query.normal_forms import normalized, without_invisible
from worker.query.words import MARKED_OR_UNSPACED, case_folded, folded, words_of
from worker.search.document import Document, values_of

UNICODE = unicodedata.unidata_version
"""It decides what a letter is. A row can only be deleted with the same tokens it was inserted with."""

NAME_SEPARATOR = "\ue000"
"""Stands between two names or quotes, so that no phrase matches across them."""


class TokenKind(StrEnum):
    """What a token stands for, as its first character."""

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
    """The columns of a row of the FTS5 table."""

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
# The most common signs beyond ASCII: without them, most English text is ASCII.
_TYPOGRAPHIC = "“”‘’–—…\u00a0"
_NOT_ASCII = re.compile(r"[^\x00-\x7f]")
_FEW = 30
_NO_WORD = re.compile(r"[^\w\x00-\x7f]+")
# Names recur, so their tokens are cached; longer names are not, so that the cache stays below 100 MiB.
_SHORT = 60
# What the tokenizer does to bytes: signs part words, A to Z are folded.
_FOLDED = bytes(
    code if code > 127 else ord(chr(code).lower()) if chr(code).isalnum() else 32 for code in range(256)
)
# ASCII signs would split a token; they are mapped to the private use area.
_SIGNS = {code: 0xE100 + code for code in range(128) if not chr(code).isalnum()}


def row_of(document: Document) -> IndexRow:
    """The row of a document. The same document gives the same row, as long as UNICODE is the same."""
    quotes = document["quotes"]
    tags = [EVERY_DOCUMENT, HAS_QUOTES] if quotes else [EVERY_DOCUMENT]
    for kind, field in _NAMES.items():
        tags += _joined(name_tokens(kind, name) for name in values_of(document, field))
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
    """The text, prepared so that the tokenizer finds the words of `words_of`; ten times as fast as that."""
    if text.isascii():
        return text
    text = without_invisible(text)
    for sign in _TYPOGRAPHIC:
        text = text.replace(sign, " ")
    if text.isascii():
        return text
    others = set(_NOT_ASCII.findall(text))
    if any(map(MARKED_OR_UNSPACED.match, others)):
        return " ".join(words_of(text))
    if len(others) > _FEW:
        text = _NO_WORD.sub(" ", text)
    else:
        for other in others:
            if not other.isalnum():
                text = text.replace(other, " ")
    return case_folded(normalized("NFC", text))


def words_in(text: str) -> list[str]:
    """The same words as `words_of`, but faster."""
    text = searchable(text)
    # ASCII text is not folded yet. Other text is, and `lower` would change folded letters (Cherokee's).
    return _ASCII_WORD.findall(text.lower() if text.isascii() else text)


def words_of_row(row: IndexRow) -> set[bytes]:
    """The different words of headline, text and quotes, in UTF-8: strings take three times as long."""
    quoted = row.quoted.replace(TokenKind.QUOTED, "").replace(NAME_SEPARATOR, " ")
    return set(f"{row.headline} {row.text} {quoted}".encode().translate(_FOLDED).split())


# What the tokenizer takes for one token.
_ASCII_WORD = re.compile(r"[^\x00-\x2f\x3a-\x40\x5b-\x60\x7b-\x7f]+")


def name_tokens(kind: TokenKind, name: str) -> str:
    """The tokens of a name's words."""
    return _named(kind, name) if len(name) <= _SHORT else tag_words(kind, words_of(name))


@lru_cache(maxsize=1 << 16)
def _named(kind: TokenKind, name: str) -> str:
    return tag_words(kind, words_of(name))


def tag_words(kind: TokenKind, words: Iterable[str]) -> str:
    """The words as tokens of a kind, in sequence."""
    return " ".join([kind + word for word in words])


def code_token(kind: TokenKind, value: str) -> str:
    """The single token of a code, an id or a source; the same in any letter case."""
    return kind + folded(value).translate(_SIGNS)


def languages(language: str) -> list[str]:
    """The tokens of a language: `en-GB` is found as itself and as `en`, `nb` as `no` too."""
    return [code_token(TokenKind.LANGUAGE, code) for code in codes_of(language)]


def _joined(phrases: Iterable[str]) -> list[str]:
    return [part for phrase in phrases if phrase for part in (phrase, NAME_SEPARATOR)]
