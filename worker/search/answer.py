"""The documents and quotes that a condition finds, best first."""

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
"""The newest so many that match are ranked; with more, older ones are not looked at. A phrase that is in so
many articles ranks none of them."""

# A word of the headline says more of what an article is about than one of its text.
_ARTICLE_RANK = "bm25(words, 4.0, 1.0, 0.0, 0.0)"
_QUOTE_RANK = "bm25(words, 0.0, 0.0, 1.0, 0.0)"


class Sort(StrEnum):
    """Which come first."""

    RELEVANCE = "relevance"
    NEWEST = "newest"


@dataclass(frozen=True, slots=True)
class Hit:
    """A document that matches. `score`: the higher the better, 0 where no words were asked for."""

    document: Document
    score: float


@dataclass(frozen=True, slots=True)
class QuoteHit:
    """A quote that matches, of this document."""

    quote: Mapping[str, Any]
    document: Document


@dataclass(frozen=True, slots=True)
class SearchResult:
    """The best of the documents that match. `count`: how many do; MAX_RANKED stands for as many or more."""

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
    """The quotes that match: they have the words and the speaker, their article has all else."""
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
    """Row ids and scores, best first; of equals the newest."""
    plan = compiled(condition, quotes=quotes)
    is_ranked = plan.is_ranked and sort is Sort.RELEVANCE
    # How rare a phrase is FTS5 tells by finding it everywhere: too slow for one that is in so many articles.
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
    """For SQL: whether the words of a JSON array stand in the document's headline or text, some twice."""
    document = orjson.loads(zlib.decompress(value))
    wanted = orjson.loads(words)
    return any(any(Words(document[name] or "").near(wanted, near)) for name in ("headline", "text"))
