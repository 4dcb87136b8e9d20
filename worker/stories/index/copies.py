"""Finds the articles that share text with another, by their fingerprints.

A hundred thousand articles have six million fingerprints, which as a dict of Python would take half a
gigabyte. They are kept as sorted runs of packed pairs, of which small ones become a large one now and then.
What is found does not depend on how the runs are divided.
"""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import chain, islice
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from worker.stories.index.pairs import Integers, SortedPairs, UnsortedPairs, distinct, is_joined

MAX_OWNERS = 8
"""A fingerprint that more articles have is a template, such as a disclaimer, and says nothing."""
MAX_SOURCES = 6
LEAST_SHARED = 3
_RECENT = 1 << 14
_LONGEST_RUN = 1 << 20
_READ_AT_ONCE = MAX_OWNERS + 1
_EACH = np.arange(_READ_AT_ONCE)
_LOW = np.uint64(0xFFFFFFFF)
_NONE = np.zeros(0, np.int64)


class _Found(NamedTuple):
    """The stored articles with each of some fingerprints, some of which may not count any more.

    `places`: of those that any have. `articles`, `ends`: those of one place behind those of another, since a
    list for each would keep the garbage collector busy. `cut`: the fingerprints that more articles have.
    """

    wanted: frozenset[int]
    places: dict[int, int]
    articles: list[int]
    ends: list[int]
    cut: set[int]

    def articles_at(self, place: int) -> list[int]:
        return self.articles[self.ends[place] : self.ends[place + 1]]


class _Run:
    """Fingerprints and articles, and the greatest of the articles' numbers."""

    __slots__ = ("newest", "pairs")

    def __init__(self, pairs: NDArray[np.uint64], newest: int) -> None:
        self.pairs, self.newest = SortedPairs(pairs), newest

    def first_owners(self, keys: Integers, since: int) -> tuple[Integers, Integers, Integers]:
        """Which of these fingerprints articles from `since` on have here, how many, and these articles.

        Of each fingerprint no more than _READ_AT_ONCE articles are read.
        """
        begins, counts = self.pairs.find(keys, since=since)
        hits = counts.nonzero()[0]
        counts = counts[hits].clip(max=_READ_AT_ONCE)
        wide = begins[hits][:, None] + _EACH
        return hits, counts, self.pairs.owners(wide[counts[:, None] > _EACH]).astype(np.int64)


class Copies:
    """Which article, by its number, has which fingerprints. Numbers only ever increase."""

    def __init__(self) -> None:
        self._recent: dict[int, tuple[int, ...]] = {}
        self._unsorted = UnsortedPairs()
        self._newest = 0
        self._runs: list[_Run] = []
        self._dropped: set[int] = set()
        # None if the runs have changed since.
        self._foreseen: _Found | None = None

    def add(self, article: int, fingerprints: array[int]) -> None:
        """Notes the fingerprints of an article, whose number is greater than all before it."""
        recent = self._recent
        for fingerprint in recent.keys() & fingerprints:
            recent[fingerprint] = (*recent[fingerprint], article)
        # One tuple for all that are new: a list for each would take longer than all that is done with them.
        recent.update(dict.fromkeys(set(fingerprints).difference(recent), (article,)))
        self._note(article, fingerprints)
        if len(self._unsorted) >= _RECENT:
            self._store()
            self._join()

    def restore(self, article: int, fingerprints: array[int]) -> None:
        """Notes an article whose state is read back. `restored` has to follow before anything is asked."""
        self._note(article, fingerprints)
        if len(self._unsorted) >= _LONGEST_RUN:
            self._store()

    def restored(self) -> None:
        """All articles whose state was read back are noted."""
        self._store()

    def drop(self, article: int) -> None:
        """The article does not count any more."""
        self._dropped.add(article)

    def forget(self, before: int) -> None:
        """Drops what only articles with lower numbers have."""
        if self._runs and self._runs[0].newest < before:
            self._foreseen = None
            self._runs = [run for run in self._runs if run.newest >= before]
            self._dropped = {article for article in self._dropped if article >= before}

    def sharing(self, fingerprints: array[int], *, since: int) -> list[int]:
        """The articles with at least three of these fingerprints, those with most of them first.

        `since`: the lowest number that counts.
        """
        if len(fingerprints) < LEAST_SHARED:
            return []
        owners = self._owners(fingerprints, since).values()
        shared = Counter(chain.from_iterable(some for some in owners if len(some) <= MAX_OWNERS))
        enough = [article for article, count in shared.items() if count >= LEAST_SHARED]
        return sorted(enough, key=lambda article: (-shared[article], article))[:MAX_SOURCES]

    def foresee(self, fingerprints: Iterable[array[int]], *, since: int) -> None:
        """Looks up the fingerprints of articles that come next, which takes less time for all at once."""
        self._foreseen = self._look_up(np.frombuffer(b"".join(fingerprints), np.uint32), since)

    def _owners(self, fingerprints: array[int], since: int) -> dict[int, list[int]]:
        """The articles with each fingerprint; of those that too many have only so many as show that."""
        found = self._foreseen
        if found is None or not found.wanted.issuperset(fingerprints):
            found = self._look_up(np.frombuffer(fingerprints, np.uint32), since)
        owners: dict[int, list[int]] = {}
        dropped = self._dropped
        for fingerprint in found.places.keys() & fingerprints:
            there = found.articles_at(found.places[fingerprint])
            if dropped or there[0] < since:
                there = [each for each in there if each >= since and each not in dropped]
            if fingerprint in found.cut and len(there) <= MAX_OWNERS:
                there = [*islice(self._stored(fingerprint, since), MAX_OWNERS + 1)]
            owners[fingerprint] = there
        for fingerprint in self._recent.keys() & fingerprints:
            recent = self._recent[fingerprint]
            alive = (each for each in recent if each >= since and each not in dropped)
            owners[fingerprint] = [*owners.get(fingerprint, ()), *islice(alive, MAX_OWNERS + 1)]
        return owners

    def _look_up(self, fingerprints: NDArray[np.uint32], since: int) -> _Found:
        wanted = distinct(fingerprints)
        keys = wanted.astype(np.int64)
        whose, articles, cut = [_NONE], [_NONE], set[int]()
        for run in self._runs:
            if run.newest >= since:
                hits, counts, owners = run.first_owners(keys, since)
                whose.append(hits.repeat(counts))
                articles.append(owners)
                cut.update(wanted[hits[counts == _READ_AT_ONCE]].tolist())
        each = np.concatenate(whose)
        ordered = np.concatenate(articles)[each.argsort(kind="stable")].tolist()
        counts = np.bincount(each, minlength=len(wanted))
        there = counts.nonzero()[0]
        places = dict(zip(wanted[there].tolist(), range(len(there)), strict=True))
        ends = counts[there].cumsum().tolist()
        return _Found(frozenset(wanted.tolist()), places, ordered, [0, *ends], cut)

    def _stored(self, fingerprint: int, since: int) -> Iterator[int]:
        """All articles with a fingerprint that are in runs."""
        key = np.array([fingerprint], np.int64)
        for run in self._runs:
            begins, counts = run.pairs.find(key, since=since)
            for place in range(int(begins[0]), int(begins[0] + counts[0])):
                article = int(run.pairs.owners(np.array([place]))[0])
                if article not in self._dropped:
                    yield article

    def _note(self, article: int, fingerprints: array[int]) -> None:
        self._unsorted.add(article, fingerprints)
        self._newest = max(self._newest, article)

    def _store(self) -> None:
        self._foreseen = None
        if len(self._unsorted):
            self._runs.append(_Run(self._unsorted.sorted(), self._newest))
        self._newest = 0
        self._recent.clear()

    def _join(self) -> None:
        """Makes one run of two neighbours, as long as they are of about one size and not too long."""
        runs, place = self._runs, len(self._runs) - 1
        while place > 0:
            before, run = runs[place - 1 : place + 1]
            if is_joined(len(before.pairs), len(run.pairs), most=_LONGEST_RUN):
                pairs = np.concatenate((before.pairs.unpacked(), run.pairs.unpacked()))
                pairs.sort(kind="stable")
                if self._dropped:
                    dropped = np.array(sorted(self._dropped), np.uint64)
                    pairs = pairs[~np.isin(pairs & _LOW, dropped)]
                runs[place - 1 : place + 1] = [_Run(pairs, run.newest)]
            place -= 1
