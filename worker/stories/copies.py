"""Finds the articles that share text with another, by their fingerprints.

A hundred thousand articles have six million fingerprints, which as a dict of Python would take half a
gigabyte. They are kept as sorted runs of numbers, of which many small ones become a large one now and then.
What is found does not depend on how the runs are divided.
"""

from __future__ import annotations

from array import array
from collections import Counter
from itertools import chain, islice

import numpy as np
from numpy.typing import NDArray

from worker.stories.postings import KeyFilter, Unsorted, is_joined

MAX_OWNERS = 8
"""A fingerprint that more articles have is a template, such as a disclaimer, and says nothing."""
MAX_SOURCES = 6
LEAST_SHARED = 3
_RECENT = 1 << 14
_LONGEST_RUN = 1 << 20
_READ_AT_ONCE = MAX_OWNERS + 1
_SHIFT = np.uint64(32)
_LOW = np.uint64(0xFFFFFFFF)


class _Run:
    """Fingerprints and articles, a pair a number, sorted; and the greatest of the articles' numbers."""

    __slots__ = ("filter", "newest", "pairs")

    def __init__(self, pairs: NDArray[np.uint64], newest: int) -> None:
        self.pairs, self.newest = pairs, newest
        self.filter = KeyFilter(pairs)


class Copies:
    """Which article, by its number, has which fingerprints. Numbers only ever increase."""

    def __init__(self) -> None:
        self._recent: dict[int, tuple[int, ...]] = {}
        self._unsorted = Unsorted()
        self._newest = 0
        self._runs: list[_Run] = []
        self._dropped: set[int] = set()

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

    def _owners(self, fingerprints: array[int], since: int) -> dict[int, list[int]]:
        """The articles with each fingerprint; of those that too many have only so many as show that."""
        owners: dict[int, list[int]] = {}
        wanted = np.frombuffer(fingerprints, np.uint32).astype(np.uint64)
        least = wanted << _SHIFT | np.uint64(since)
        for run in self._runs:
            if run.newest < since:
                continue
            pairs, some = run.pairs, run.filter.places(wanted)
            keys, places = wanted[some], pairs.searchsorted(least[some])
            # Behind the last pair there is nothing to read: that it is compared again does not matter.
            hits = (pairs.take(places, mode="clip") >> _SHIFT == keys).nonzero()[0]
            for fingerprint, place in zip(keys[hits].tolist(), places[hits].tolist(), strict=True):
                self._read_run(pairs, place, fingerprint, owners.setdefault(fingerprint, []))
        for fingerprint in self._recent.keys() & fingerprints:
            there = owners.setdefault(fingerprint, [])
            recent = self._recent[fingerprint]
            alive = (each for each in recent if each >= since and each not in self._dropped)
            there.extend(islice(alive, MAX_OWNERS + 1))
        return owners

    def _read_run(self, pairs: NDArray[np.uint64], place: int, fingerprint: int, into: list[int]) -> None:
        """Adds the articles with a fingerprint, whose pairs begin at `place`."""
        while some := pairs[place : place + _READ_AT_ONCE].tolist():
            for pair in some:
                if pair >> 32 != fingerprint or len(into) > MAX_OWNERS:
                    return
                article = pair & 0xFFFFFFFF
                if article not in self._dropped:
                    into.append(article)
            place += _READ_AT_ONCE

    def _note(self, article: int, fingerprints: array[int]) -> None:
        self._unsorted.add(article, fingerprints)
        self._newest = max(self._newest, article)

    def _store(self) -> None:
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
                pairs = np.concatenate((before.pairs, run.pairs))
                pairs.sort(kind="stable")
                if self._dropped:
                    dropped = np.array(sorted(self._dropped), np.uint64)
                    pairs = pairs[~np.isin(pairs & _LOW, dropped)]
                runs[place - 1 : place + 1] = [_Run(pairs, run.newest)]
            place -= 1
