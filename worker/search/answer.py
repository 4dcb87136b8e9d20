"""Finds the documents or quotes for which a condition holds, best first."""

import sqlite3
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import orjson

from worker.query.words import Words
from worker.search.compiled import Compiled, compiled
from worker.search.conditions import SearchCondition
from worker.search.document import Document
from worker.search.evaluate import DocumentTexts, document_matches

MAX_RANKED = 2_000
"""Only so many of the newest matches are ranked; older ones are left out. If a query with a phrase has so
many matches, none is ranked: the newest come first."""

# A word of the headline tells more about what an article is about than a word of its text.
_ARTICLE_RANK = "bm25(words, 4.0, 1.0, 0.0, 0.0)"
_QUOTE_RANK = "bm25(words, 0.0, 0.0, 1.0, 0.0)"


class Sort(StrEnum):
    """The order of the results."""

    RELEVANCE = "relevance"
    NEWEST = "newest"


@dataclass(frozen=True, slots=True)
class Hit:
    """A document that matches. `score`: the higher the better; 0 if the query has no words."""

    document: Document
    score: float


@dataclass(frozen=True, slots=True)
class QuoteHit:
    """A quote that matches, and its document."""

    quote: Mapping[str, Any]
    document: Document


@dataclass(frozen=True, slots=True)
class SearchResult:
    """The best of the documents that match. `count`: how many match; MAX_RANKED means this many or more."""

    hits: Sequence[Hit]
    count: int


def articles(
    connection: sqlite3.Connection, condition: SearchCondition, *, limit: int, sort: Sort
) -> SearchResult:
    """The documents that match."""
    found = _ranked(connection, condition, sort, quotes=False)
    hits = [Hit(_document(connection, row), score) for row, score in found[:limit]]
    return SearchResult(hits, len(found))


def quotes(
    connection: sqlite3.Connection, condition: SearchCondition, *, limit: int, sort: Sort
) -> list[QuoteHit]:
    """The quotes that match: words and speakers are looked for in the quote, all else in its document."""
    hits: list[QuoteHit] = []
    for row, _ in _ranked(connection, condition, sort, quotes=True):
        for hit in _quotes_of(_document(connection, row), condition):
            hits.append(hit)
            if len(hits) == limit:
                return hits
    return hits


def _ranked(
    connection: sqlite3.Connection, condition: SearchCondition, sort: Sort, *, quotes: bool
) -> list[tuple[int, float]]:
    """Row ids and scores, best first; of equal scores the newest first."""
    plan = compiled(condition, quotes=quotes)
    is_ranked = plan.is_ranked and sort is Sort.RELEVANCE
    # To rank by a phrase, FTS5 finds all its occurrences: too slow for one that is in MAX_RANKED articles.
    if not is_ranked or plan.has_phrases:
        newest = _newest(connection, plan, "0.0")
        if not is_ranked or len(newest) == MAX_RANKED:
            return newest
    ranked = _newest(connection, plan, _QUOTE_RANK if quotes else _ARTICLE_RANK)
    return sorted(ranked, key=lambda row: -row[1])


def _newest(connection: sqlite3.Connection, plan: Compiled, rank: str) -> list[tuple[int, float]]:
    return connection.execute(
        f"SELECT rowid, -{rank} FROM words WHERE {plan.where} ORDER BY rowid DESC LIMIT {MAX_RANKED}",
        plan.values,
    ).fetchall()


def _document(connection: sqlite3.Connection, row: int) -> Document:
    (value,) = connection.execute("SELECT value FROM documents WHERE id = ?", (row,)).fetchone()
    document: Document = orjson.loads(zlib.decompress(value))
    return document


def _quotes_of(document: Document, condition: SearchCondition) -> Iterator[QuoteHit]:
    facts = DocumentTexts(document)
    for quote in document["quotes"]:
        if document_matches(condition, facts, quote):
            yield QuoteHit(quote, document)


def holds_near(value: bytes, words: str, near: int) -> bool:
    """SQL function: whether the words (a JSON array) are near each other in a document's headline or text."""
    document = orjson.loads(zlib.decompress(value))
    wanted = orjson.loads(words)
    return any(any(Words(document[name] or "").near(wanted, near)) for name in ("headline", "text"))
