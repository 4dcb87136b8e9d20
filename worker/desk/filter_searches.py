"""Which of the articles at hand filters want: found for all who ask at once, beside everything else.

To read an article takes a hundred times as long as to ask one filter about it, so all searches that stand at
the same article look at it together. The work is done in slices between which others get their turn.
"""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from worker.alerts.facts import Facts
from worker.desk.article_filter import ArticleFilter
from worker.desk.ring import MOST_ARTICLES, ArticleRing, KeptArticle

MOST_FILTERS = 64
"""Filters that are remembered, and what each of them decided."""
SEARCH_SLICE_SECONDS = 0.005
"""Of work before others get their turn. A request takes some five turns until it is answered."""
FILTER_SECONDS = 1.0
"""Of work of one filter alone. A filter that takes more has looked at the newest articles alone."""


@dataclass(frozen=True, slots=True)
class FoundArticles:
    """The newest articles that are wanted, newest first, of so many that were looked at.

    `is_cut`: the filter took too much work to look at all.
    """

    articles: list[KeptArticle]
    looked: int
    is_cut: bool = False


@dataclass(eq=False, slots=True)
class _Search:
    """One page's search through `articles`, newest first. `known`: what its filter decided, by number.

    `seconds`: what the filter may still take.
    """

    wanted: ArticleFilter
    most: int
    articles: list[KeptArticle]
    known: dict[int, bool]
    seconds: float
    done: asyncio.Future[FoundArticles]
    looked: int = 0
    found: list[KeptArticle] = field(default_factory=list)

    @property
    def next(self) -> KeptArticle:
        return self.articles[self.looked]

    @property
    def is_undecided(self) -> bool:
        return self.next.number not in self.known

    def decide(self, facts: Facts) -> None:
        """Asks the filter about the next article."""
        began = time.thread_time()
        self.known[self.next.number] = self.wanted.wants(facts)
        self.seconds -= time.thread_time() - began

    def go_on(self) -> None:
        """Passes the next article, of which it is known whether the filter wants it."""
        if self.known[self.next.number]:
            self.found.append(self.next)
        self.looked += 1
        self.end_if_over()

    def end_if_over(self) -> None:
        is_whole = self.looked == len(self.articles) or len(self.found) >= self.most
        if (is_whole or self.seconds <= 0) and not self.done.done():
            self.done.set_result(FoundArticles(self.found, self.looked, is_cut=not is_whole))

    def fail(self, error: Exception) -> None:
        if not self.done.done():
            self.done.set_exception(error)


class FilterSearches:
    """Searches the articles of `ring` for those who look with a filter."""

    def __init__(self, ring: ArticleRing, *, seconds: float = FILTER_SECONDS) -> None:
        self._ring, self._seconds = ring, seconds
        # In the order in which they were asked.
        self._searches: list[_Search] = []
        self._work: asyncio.Task[None] | None = None
        self._reading = asyncio.Lock()
        self._filters: OrderedDict[str, ArticleFilter] = OrderedDict()
        self._decided: OrderedDict[str, dict[int, bool]] = OrderedDict()

    async def filter_of(self, query: str) -> ArticleFilter:
        """The filter of a query. Raises QueryError.

        A long query takes fifty milliseconds to read: queries are read in a thread, one at a time.
        """
        if query not in self._filters:
            async with self._reading:
                if query not in self._filters:
                    read = await asyncio.to_thread(ArticleFilter, query)
                    _remember(self._filters, query, read)
        self._filters.move_to_end(query)
        return self._filters[query]

    async def newest(self, wanted: ArticleFilter, *, most: int, after: int = 0) -> FoundArticles:
        """The newest articles that the filter wants. `after`: only those with a higher number."""
        articles = [kept for kept in self._ring.newest_first() if kept.number > after]
        done: asyncio.Future[FoundArticles] = asyncio.get_running_loop().create_future()
        search = _Search(wanted, most, articles, self._known(wanted.text), self._seconds, done)
        search.end_if_over()
        self._searches.append(search)
        if self._work is None or self._work.done():
            self._work = asyncio.create_task(self._go_on())
        try:
            return await done
        finally:
            self._searches.remove(search)

    def note(self, query: str, number: int, is_wanted: bool) -> None:
        """Remembers what a filter decided about an article that came, if somebody has searched with it."""
        if query in self._decided:
            self._known(query)[number] = is_wanted

    def _known(self, query: str) -> dict[int, bool]:
        """What a filter decided about the articles at hand."""
        known = self._decided.get(query, {})
        _remember(self._decided, query, known)
        if len(known) > 2 * MOST_ARTICLES:
            for number in known.keys() - {kept.number for kept in self._ring.newest_first()}:
                del known[number]
        return known

    async def _go_on(self) -> None:
        """Works on all searches until there are none under way."""
        until = time.perf_counter() + SEARCH_SLICE_SECONDS
        try:
            for has_ended in self._steps():
                # The page of a search that ends is made before others end.
                if has_ended or time.perf_counter() >= until:
                    await asyncio.sleep(0)
                    until = time.perf_counter() + SEARCH_SLICE_SECONDS
        except Exception as error:
            for search in self._searches:
                search.fail(error)

    def _steps(self) -> Iterator[bool]:
        """Others may have their turn at each step; true: a search has ended.

        By turns those go on that have waited longest, and those that are behind, until they walk together.
        """
        is_longest = False
        while under_way := [search for search in self._searches if not search.done.done()]:
            is_longest = not is_longest
            first = under_way[0] if is_longest else max(under_way, key=lambda search: search.next.number)
            yield from _look([search for search in under_way if search.next is first.next])


def _look(searches: list[_Search]) -> Iterator[bool]:
    """Searches for which the same article is next look at it together, and pass it."""
    undecided = [search for search in searches if search.is_undecided]
    if undecided:
        facts = Facts(undecided[0].next.article.fields())
        yield False
        for _ in facts.prepare(stems=any(search.wanted.asks_for_stems for search in undecided)):
            yield False
        for search in undecided:
            # Another with the same filter may have decided meanwhile.
            if search.is_undecided:
                search.decide(facts)
                yield False
    for search in searches:
        search.go_on()
        if search.done.done():
            yield True


def _remember(notes: OrderedDict[str, Any], key: str, value: Any) -> None:
    notes[key] = value
    notes.move_to_end(key)
    if len(notes) > MOST_FILTERS:
        notes.popitem(last=False)
