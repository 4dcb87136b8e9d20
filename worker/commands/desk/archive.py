"""Answers the desk's pages over all articles from the search index: in threads, and in bounded time."""

import asyncio
import sqlite3
import time
import zlib
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

import orjson

from worker.commands.desk.text_marks import names_by_group, remarked
from worker.commands.search.moments import seconds_meant
from worker.desk.archive.source import PERIODS, ArchiveState
from worker.desk.source import PageFields, SourceError
from worker.query.words import folded, words_of
from worker.records.cloudevents import rfc3339
from worker.search.answer import MAX_RANKED, Hit, QuoteHit, SearchResult, Sort, articles, quotes
from worker.search.conditions import Code, Every, SearchCondition, TextPhrase, read_query
from worker.search.document import Document, seconds_of
from worker.search.file import IndexProblem, opened_for_search
from worker.search.naming import EntityCount, entity_hours, most_named, named_in
from worker.search.snippet import Snippet, SoughtWords, snippet, sought
from worker.search.tokens import TokenKind

QUERY_SECONDS = 3.0
"""How long SQLite may work for one page."""
QUERY_THREADS, MOST_QUERIES = 2, 64
"""Answered at a time, and also those that wait for their turn."""
NAMED_SECONDS, FAILED_SECONDS = 20.0, 3.0
"""A list of names is counted once in so long, however many look, and tried once where it failed."""
LISTED_NAMES, LISTED_HITS, LISTED_QUOTES, LISTED_ABOUT, LISTED_DAYS = 200, 50, 150, 50, 30
_MOST_LISTS = 64
_STEPS_BETWEEN_LOOKS = 1_000
_HEADLINE_CHARS, _LEAD_CHARS, _NAME_CHARS, _QUOTE_CHARS = 300, 100, 200, 1_000
_DAY = 24 * 3600
R = TypeVar("R")
_Named = tuple[list[EntityCount], str]


class IndexArchive:
    """Reads an index that `ArchiveKeeper`, or another process, writes meanwhile.

    `query_seconds`: how long SQLite may work for one page; 0: not at all.
    """

    def __init__(self, path: Path, *, query_seconds: float = QUERY_SECONDS) -> None:
        self._path, self._query_seconds = path, query_seconds
        self._threads = ThreadPoolExecutor(QUERY_THREADS, thread_name_prefix="desk-search")
        self._waiting = 0
        self._lists: dict[tuple[str, str, str, bool], tuple[float, asyncio.Future[_Named]]] = {}
        self._state = ArchiveState()

    @property
    def state(self) -> ArchiveState:
        return self._state

    def tell(self, **changes: Any) -> None:
        """Notes how far the index is."""
        self._state = replace(self._state, **changes)

    def close(self) -> None:
        """Ends the threads, without waiting for a query under way."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def count(self) -> int:
        """How many articles there are. Raises SourceError."""
        return await self._ask(_count_all)

    async def named(self, kind: str, *, period: str, part: str, by_quotes: bool) -> PageFields:
        found, counted = await self._listed((kind, period, folded(part), by_quotes))
        twice = {name for name, times in Counter(folded(each.name) for each in found).items() if times > 1}
        entities = [
            {
                "id": each.id,
                "name": each.name[:_NAME_CHARS],
                "articles": each.articles,
                "quotes": each.quotes,
                "is_namesake": folded(each.name) in twice,
            }
            for each in found
        ]
        return {"entities": entities, "period": counted, "is_cut": len(found) == LISTED_NAMES}

    async def entity(self, entity_id: str) -> PageFields | None:
        return await self._ask(lambda connection: _entity(connection, entity_id))

    async def search(self, query: str, *, quotes: bool, newest: bool) -> PageFields:
        condition = read_query(query, seconds_meant)
        sort = Sort.NEWEST if newest else Sort.RELEVANCE
        search = _quotes_found if quotes else _articles_found
        return await self._ask(lambda connection: search(connection, condition, sort))

    async def article(self, article_id: str) -> PageFields | None:
        return await self._ask(lambda connection: _article(connection, article_id))

    async def _listed(self, asked: tuple[str, str, str, bool]) -> _Named:
        """A list, or the one that somebody else asked for a moment ago or is waiting for."""
        now = time.monotonic()
        asked_at, reading = self._lists.get(asked, (0.0, None))
        if reading is None or now >= asked_at + _kept_seconds(reading):
            reading = asyncio.ensure_future(self._ask(lambda connection: _named(connection, *asked)))
            # Whoever asked may have gone by then.
            reading.add_done_callback(lambda done: done.cancelled() or done.exception())
            if len(self._lists) >= _MOST_LISTS:
                self._lists.pop(next(iter(self._lists)))
            self._lists[asked] = now, reading
        return await asyncio.shield(reading)

    async def _ask(self, answer: Callable[[sqlite3.Connection], R]) -> R:
        """What `answer` returns, from a thread."""
        if self._waiting >= MOST_QUERIES:
            raise SourceError("Too many are searching at the moment.")
        self._waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, self._answer, answer)
        finally:
            self._waiting -= 1

    def _answer(self, answer: Callable[[sqlite3.Connection], R]) -> R:
        deadline = time.monotonic() + self._query_seconds
        try:
            with opened_for_search(self._path) as connection, _ended_by(connection, deadline):
                return answer(connection)
        except IndexProblem as problem:
            if time.monotonic() >= deadline:
                raise SourceError(
                    f"This takes more than {self._query_seconds:g} seconds. Ask for less: a shorter time, or "
                    "rarer words.",
                    is_lasting=True,
                ) from None
            raise SourceError(self._why(problem)) from None

    def _why(self, problem: IndexProblem) -> str:
        if self._path.exists():
            return f"The desk's index can't be read: {problem}."
        return f"The desk has no index yet. {self._state.why}".strip()


def _kept_seconds(reading: asyncio.Future[_Named]) -> float:
    failed = reading.done() and (reading.cancelled() or reading.exception() is not None)
    return FAILED_SECONDS if failed else NAMED_SECONDS


@contextmanager
def _ended_by(connection: sqlite3.Connection, deadline: float) -> Iterator[None]:
    """Interrupts statements that run beyond the deadline."""
    connection.set_progress_handler(lambda: time.monotonic() >= deadline, _STEPS_BETWEEN_LOOKS)
    try:
        yield
    finally:
        connection.set_progress_handler(None, 0)


def _named(connection: sqlite3.Connection, kind: str, period: str, part: str, by_quotes: bool) -> _Named:
    """Who is named in the period, or else in the shortest longer one in which anybody is."""
    now = int(time.time())
    found: list[EntityCount] = []
    longer = list(PERIODS)[list(PERIODS).index(period) :]
    for each in longer:
        days = PERIODS[each]
        since, until = (0, 1 << 40) if days is None else (now - days * _DAY, now)
        found = most_named(
            connection,
            since=since,
            until=until,
            kind=kind,
            part=part,
            by_quotes=by_quotes,
            limit=LISTED_NAMES,
        )
        if found:
            return found, each
    return found, period


def _entity(connection: sqlite3.Connection, entity_id: str) -> PageFields | None:
    of_it = Code(TokenKind.ENTITY_ID, folded(entity_id))
    of_its_quotes = Code(TokenKind.SPEAKER_ID, folded(entity_id))
    found = articles(connection, of_it, limit=LISTED_HITS, sort=Sort.NEWEST)
    said = quotes(connection, of_its_quotes, limit=LISTED_QUOTES, sort=Sort.NEWEST)
    newest = [*(hit.document for hit in found.hits), *(hit.document for hit in said)]
    if not newest:
        return None
    name = _name_of(entity_id, newest)
    words = tuple(words_of(name))
    about: list[QuoteHit] = []
    if words:
        others = quotes(connection, Every((of_it, TextPhrase(words))), limit=LISTED_ABOUT, sort=Sort.NEWEST)
        about = [hit for hit in others if hit.quote["speaker_id"] != entity_id]
    topics = Counter(topic for hit in said for topic in hit.document["topics"][:3])
    return {
        "name": name[:_NAME_CHARS],
        "count": _count(found),
        "articles": [_listed(hit.document, len(hit.copies)) for hit in found.hits],
        "said": _by_article(said, []),
        "said_is_cut": len(said) == LISTED_QUOTES,
        "about": _by_article(about, []),
        "days": _days(connection, entity_id, max(map(seconds_of, newest))),
        "topics": topics.most_common(8),
    }


def _name_of(entity_id: str, documents: list[Document]) -> str:
    """The name that most of these documents call it by."""
    names = Counter(
        each.name for document in documents for each in named_in(document) if each.id == entity_id
    )
    if names:
        return names.most_common(1)[0][0]
    return entity_id.partition(":")[2].replace("-", " ")


def _days(connection: sqlite3.Connection, entity_id: str, newest: int) -> list[dict[str, Any]]:
    """In how many articles it was named on each of the last days, and how many quotes there are.

    Days are those of UTC, the last one with an article first.
    """
    last = newest // _DAY
    counts: dict[int, list[int]] = {}
    since = (last - LISTED_DAYS + 1) * _DAY
    for hour, in_articles, said in entity_hours(connection, entity_id, since=since, until=newest):
        day = counts.setdefault(hour * 3600 // _DAY, [0, 0])
        day[0] += in_articles
        day[1] += said
    return [
        {"day": rfc3339(day * _DAY * 1000)[:10], "articles": in_articles, "quotes": said}
        for day, (in_articles, said) in sorted(counts.items(), reverse=True)
    ]


def _articles_found(connection: sqlite3.Connection, condition: SearchCondition, sort: Sort) -> PageFields:
    found = articles(connection, condition, limit=LISTED_HITS, sort=sort)
    words = sought(condition)
    return {
        "hits": [_article_hit(hit, words) for hit in found.hits],
        "count": f"{_count(found)} {'article' if found.count - found.folded == 1 else 'articles'}",
        "folded": found.folded,
    }


def _quotes_found(connection: sqlite3.Connection, condition: SearchCondition, sort: Sort) -> PageFields:
    hits = quotes(connection, condition, limit=LISTED_HITS, sort=sort)
    first = "the first " if len(hits) == LISTED_HITS else ""
    said = f"{first}{len(hits)} {'quote' if len(hits) == 1 else 'quotes'}"
    return {"hits": _by_article(hits, sought(condition)), "count": said, "folded": 0}


def _article_hit(hit: Hit, words: Sequence[SoughtWords]) -> dict[str, Any]:
    document = hit.document
    language = document["language"]
    headline = snippet(words, document["headline"] or "", language, headline=True, most=_HEADLINE_CHARS)
    return {
        **_listed(document, len(hit.copies)),
        "headline_pieces": _pieces(headline),
        "highlighted": _pieces(snippet(words, document["text"], language)),
        "story": hit.story.id if hit.story is not None and hit.story.sources > 1 else None,
        "sources": hit.story.sources if hit.story is not None else 0,
    }


def _listed(document: Document, copies: int) -> dict[str, Any]:
    """What a list shows of an article."""
    headline = document["headline"] or _shortened(document["text"].strip().split("\n")[0])
    return {
        "id": document["id"],
        "headline": headline[:_HEADLINE_CHARS],
        "source": (document["source"] or "")[:_NAME_CHARS],
        "language": document["language"][:_NAME_CHARS],
        "topics": [topic[:_NAME_CHARS] for topic in document["topics"][:3]],
        "at": rfc3339(seconds_of(document) * 1000),
        "copies": copies,
    }


def _shortened(line: str) -> str:
    """The beginning of a text that has no headline."""
    if len(line) <= _LEAD_CHARS:
        return line
    whole_words, space, _ = line[:_LEAD_CHARS].rpartition(" ")
    return f"{whole_words if space else line[:_LEAD_CHARS]} …"


def _by_article(hits: Sequence[QuoteHit], words: Sequence[SoughtWords]) -> list[dict[str, Any]]:
    """The quotes, those of one article together, with what is sought in them as pieces of their own."""
    found: dict[str, dict[str, Any]] = {}
    for hit in hits:
        article = _listed(hit.document, len(hit.copies))
        # By the day the page groups them, until its script does so in the reader's zone.
        group = found.setdefault(
            hit.document["id"], {"article": article, "day": article["at"][:10], "quotes": []}
        )
        quote = hit.quote
        group["quotes"].append(
            {
                "pieces": _pieces(snippet(words, quote["text"], hit.document["language"], most=_QUOTE_CHARS)),
                "kind": quote["kind"],
                "speaker": (quote["speaker"] or "")[:_NAME_CHARS],
                "speaker_id": quote["speaker_id"],
            }
        )
    return list(found.values())


def _pieces(found: Snippet) -> list[tuple[str, bool]]:
    """A passage cut at the borders of its highlights; whether each piece is one."""
    pieces: list[tuple[str, bool]] = [("… ", False)] if found.start else []
    end = 0
    for start, stop in found.highlights:
        pieces += [(found.text[end:start], False), (found.text[start:stop], True)]
        end = stop
    pieces.append((found.text[end:] + ("" if found.ends_text else " …"), False))
    return [piece for piece in pieces if piece[0]]


def _article(connection: sqlite3.Connection, article_id: str) -> PageFields | None:
    row = connection.execute(
        "SELECT value FROM documents WHERE article = ? AND value IS NOT NULL", (article_id,)
    ).fetchone()
    if row is None:
        return None
    document: Document = orjson.loads(zlib.decompress(row[0]))
    return {"document": document, "marks": remarked(document), "names": names_by_group(document)}


def _count_all(connection: sqlite3.Connection) -> int:
    (count,) = connection.execute("SELECT count(*) FROM words_docsize").fetchone()
    return int(count)


def _count(found: SearchResult) -> str:
    """How many articles, without copies of others among them."""
    return f"{found.count - found.folded:,}{' or more' if found.count >= MAX_RANKED else ''}"
