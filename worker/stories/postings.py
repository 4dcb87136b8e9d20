"""Finds the few open stories that share rare words or names with an article."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Iterable
from operator import itemgetter

MAX_POSTINGS = 500
MAX_CANDIDATES = 6
_rarest_first = itemgetter(0, 1)


class Postings:
    """For each word or name, the numbers of the stories that it stands for, in order."""

    def __init__(self) -> None:
        # Most words stand for one story: its number alone takes a fourth of what a list of one takes.
        self._stories: dict[int, int | array[int]] = {}

    def __len__(self) -> int:
        return len(self._stories)

    def add(self, story: int, keys: Iterable[int]) -> None:
        """Posts a story under keys under which it is not posted yet."""
        stories = self._stories
        for key in keys:
            there = stories.get(key)
            if there is None:
                stories[key] = story
            elif isinstance(there, int):
                stories[key] = array("I", (min(there, story), max(there, story)))
            else:
                there.insert(bisect_left(there, story), story)

    def remove(self, story: int, keys: Iterable[int]) -> None:
        """Takes a story from the keys under which it is posted."""
        stories = self._stories
        for key in keys:
            there = stories[key]
            if isinstance(there, int):
                del stories[key]
                continue
            del there[bisect_left(there, story)]
            if len(there) == 1:
                stories[key] = there[0]

    def candidates(self, weighted: Iterable[tuple[int, int]], *, most: int = MAX_CANDIDATES) -> list[int]:
        """The stories that share most with an article: its keys with their weights.

        The keys of the fewest stories come first, until MAX_POSTINGS are looked at. What a key counts falls
        with the number of stories it stands for.
        """
        found = []
        for key, weight in weighted:
            there = self._stories.get(key)
            if there is not None:
                found.append((1 if isinstance(there, int) else len(there), key, weight, there))
        found.sort(key=_rarest_first)
        shared: dict[int, int] = {}
        room = MAX_POSTINGS
        for size, _, weight, there in found:
            room -= size
            if room < 0:
                break
            worth = weight * 64 // (8 + size.bit_length())
            for story in (there,) if isinstance(there, int) else there:
                shared[story] = shared.get(story, 0) + worth
        if len(shared) > most:
            # Of hundreds a few are left to be sorted.
            least = sorted(shared.values(), reverse=True)[most - 1]
            shared = {story: worth for story, worth in shared.items() if worth >= least}
        return sorted(shared, key=lambda story: (-shared[story], story))[:most]
