"""Finds the documents or quotes for which a condition holds, best first."""

import sqlite3
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

import orjson

from worker.query.words import Words, words_of
from worker.search.compiled import Compiled, compiled
from worker.search.conditions import ConfirmedBy, Every, InStory, SearchCondition, Some, TextStem, Without
from worker.search.document import Document
from worker.search.evaluate import DocumentTexts, document_matches
from worker.search.folding import Folded, fold_copies, unfolded
from worker.search.forms import with_forms
from worker.search.story_rows import DocumentStory, current_story, story_of

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
    """A document that matches. `score`: the higher the better; 0 if the query has no words.

    `story`: that of its article, if it was given one. `copies`: the ids of articles that match too and are
    folded under it.
    """

    document: Document
    score: float
    story: DocumentStory | None = None
    copies: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class QuoteHit:
    """A quote that matches, and its document. `copies`: the ids of folded articles that have it as well."""

    quote: Mapping[str, Any]
    document: Document
    copies: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class SearchResult:
    """The best of the documents that match. `count`: how many match; MAX_RANKED means this many or more.

    `folded`: how many of them are not shown, being copies of others.
    """

    hits: Sequence[Hit]
    count: int
    folded: int = 0


def articles(
    connection: sqlite3.Connection,
    condition: SearchCondition,
    *,
    limit: int,
    sort: Sort,
    fold: bool = True,
) -> SearchResult:
    """The documents that match. `fold`: copies of a document that matches too are not shown beside it."""
    condition = with_forms(connection, _with_current_stories(connection, condition))
    found = _ranked(connection, condition, sort, quotes=False)
    groups = fold_copies(connection, found) if fold else unfolded(found)
    hits = [_hit(connection, row, score, groups) for row, score in groups.shown[:limit]]
    return SearchResult(hits, len(found), len(found) - len(groups.shown))


def quotes(
    connection: sqlite3.Connection,
    condition: SearchCondition,
    *,
    limit: int,
    sort: Sort,
    fold: bool = True,
) -> list[QuoteHit]:
    """The quotes that match: words and speakers are looked for in the quote, all else in its document.

    `fold`: a quote is shown once for a document and its copies.
    """
    condition = with_forms(connection, _with_current_stories(connection, condition))
    found = _ranked(connection, condition, sort, quotes=True)
    groups = fold_copies(connection, found) if fold else unfolded(found)
    hits: list[QuoteHit] = []
    for row, _ in groups.shown:
        hits += _quotes_of_group(connection, condition, row, groups.copies.get(row, ()))
        if len(hits) >= limit:
            break
    return hits[:limit]


def _hit(connection: sqlite3.Connection, row: int, score: float, groups: Folded) -> Hit:
    document = _document(connection, row)
    copies = [_article(connection, copy) for copy in groups.copies.get(row, ())]
    return Hit(document, score, story_of(connection, document["id"]), copies)


def _with_current_stories(connection: sqlite3.Connection, condition: SearchCondition) -> SearchCondition:
    """Asks for the story that a story became a part of, as articles are found by that."""
    match condition:
        case InStory(story):
            return InStory(current_story(connection, story))
        case Without(part):
            return Without(_with_current_stories(connection, part))
        case Every(parts):
            return Every(tuple(_with_current_stories(connection, part) for part in parts))
        case Some(parts):
            return Some(tuple(_with_current_stories(connection, part) for part in parts))
        case _:
            return condition


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


def _article(connection: sqlite3.Connection, row: int) -> str:
    (article,) = connection.execute("SELECT article FROM documents WHERE id = ?", (row,)).fetchone()
    return str(article)


def _quotes_of_group(
    connection: sqlite3.Connection, condition: SearchCondition, row: int, copies: Sequence[int]
) -> list[QuoteHit]:
    """The quotes of a document, then those that only copies of it have; equal words are one quote."""
    hits = list(_quotes_of(connection, _document(connection, row), condition))
    places: dict[tuple[str, ...], int] = {}
    others: dict[int, list[str]] = {}
    if copies:
        for place, hit in enumerate(hits):
            places.setdefault(_words(hit), place)
    for copy in copies:
        for hit in _quotes_of(connection, _document(connection, copy), condition):
            place = places.setdefault(_words(hit), len(hits))
            if place == len(hits):
                hits.append(hit)
            elif hits[place].document["id"] != hit.document["id"]:
                others.setdefault(place, []).append(hit.document["id"])
    for place, articles_with_it in others.items():
        hits[place] = replace(hits[place], copies=list(dict.fromkeys(articles_with_it)))
    return hits


def _words(hit: QuoteHit) -> tuple[str, ...]:
    return tuple(words_of(hit.quote["text"]))


def _quotes_of(
    connection: sqlite3.Connection, document: Document, condition: SearchCondition
) -> Iterator[QuoteHit]:
    story = story_of(connection, document["id"]) if _is_about_stories(condition) else None
    facts = DocumentTexts(document, story)
    for quote in document["quotes"]:
        if document_matches(condition, facts, quote):
            yield QuoteHit(quote, document)


def _is_about_stories(condition: SearchCondition) -> bool:
    match condition:
        case InStory() | ConfirmedBy():
            return True
        case Without(part):
            return _is_about_stories(part)
        case Every(parts) | Some(parts):
            return any(map(_is_about_stories, parts))
        case _:
            return False


def holds_near(value: bytes, words: str, near: int) -> bool:
    """SQL function: whether the words (a JSON array) are near each other in a document's headline or text."""
    document = orjson.loads(zlib.decompress(value))
    wanted = orjson.loads(words)
    return any(any(Words(document[name] or "").near(wanted, near)) for name in ("headline", "text"))


def holds_stems(value: bytes, words: str, in_headline: int) -> bool:
    """SQL function: whether forms of the words (a JSON array) follow each other in a document."""
    wanted = TextStem(tuple(orjson.loads(words)), bool(in_headline))
    return document_matches(wanted, DocumentTexts(orjson.loads(zlib.decompress(value))))
