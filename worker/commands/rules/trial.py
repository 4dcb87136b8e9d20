"""The alerts that rules would have raised on past articles, in order of time and after cooldowns. Pure."""

import heapq
import pickle
import sys
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from worker.alerts.cooldown import CooldownLimits, Cooldowns
from worker.alerts.index import RuleIndex
from worker.alerts.matching import match_by_turns
from worker.alerts.story_watch import StoryWatch
from worker.commands.rules.articles import StoryPlace
from worker.commands.shown.alert_card import AlertCard, make_alert_card
from worker.query.words import at_once
from worker.records.alerts import Alert, AlertMatch, RuleOverrun
from worker.records.codec import from_bytes, to_bytes

WINDOW_BYTES = 16 << 20
"""Matches wait for earlier ones in this much memory. Beyond it the earliest is decided without waiting."""
# In a worker the rules are spread over partitions, so that only the limit of each rule is known here.
_LIMITS = CooldownLimits(partition=sys.maxsize, times=sys.maxsize)

RaisedAlert = tuple[Alert, AlertCard]
"""An alert, and what its card shows of the article."""
_Waiting = tuple[int, int, int, bytes]
"""Time, number of the article, number of the match; the match and what its card shows, pickled."""


@dataclass
class TrialCounts:
    """`matches` counts the alerts and the matches that a cooldown kept back.

    `entities` is the most entities that a rule had in cooldown, and `suspended` counts the matches that its
    limit of these kept back, as a whole or for some entities.
    `overruns` counts how often a rule was too much work for an article, and so did not match it.
    """

    articles: int = 0
    stories: int = 0
    """Records of stories."""
    matches: int = 0
    alerts: int = 0
    overruns: int = 0
    entities: int = 0
    suspended: int = 0

    @property
    def kept_back(self) -> int:
        return self.matches - self.alerts


class Trial:
    """Takes articles in any order, and yields alerts in the order of the articles' times."""

    def __init__(self, index: RuleIndex, *, now_ms: int, window_bytes: int = WINDOW_BYTES) -> None:
        self.counts = TrialCounts()
        self._index = index
        self._window_bytes = window_bytes
        self._now_ms = now_ms
        self._cooldowns = Cooldowns(limits=_LIMITS)
        self._waiting: list[_Waiting] = []
        self._bytes = 0
        self._watches: dict[int, StoryWatch] = defaultdict(StoryWatch)

    def add(self, article: Mapping[str, Any], *, time_ms: int) -> Iterator[RaisedAlert]:
        """Yields the alerts that need not wait for earlier articles; `flush` yields the others."""
        self.counts.articles += 1
        for number, match in enumerate(match_by_turns(self._index, article, time_ms=time_ms)):
            self.counts.overruns += isinstance(match, RuleOverrun)
            if not isinstance(match, AlertMatch):
                continue
            self._wait(match, article, number)
        while self._bytes > self._window_bytes:
            yield from self._decide()

    def add_story(self, card: Mapping[str, Any], place: StoryPlace, *, time_ms: int) -> Iterator[RaisedAlert]:
        """The same for a record of a story, which comes behind the others of its partition."""
        self.counts.stories += 1
        watch = self._watches[place.partition]
        watched = at_once(watch.take(self._index, card, offset=place.offset, time_ms=time_ms))
        for number, match in enumerate(watched.found):
            self.counts.overruns += isinstance(match, RuleOverrun)
            if isinstance(match, AlertMatch):
                self._wait(match, {"headline": card["headline"], "text": ""}, number)
        while self._bytes > self._window_bytes:
            yield from self._decide()

    def flush(self) -> Iterator[RaisedAlert]:
        """Yields the alerts of all matches that still wait."""
        while self._waiting:
            yield from self._decide()

    def _wait(self, match: AlertMatch, article: Mapping[str, Any], number: int) -> None:
        # Pickled into one block: many small objects that wait would fragment the memory.
        card = make_alert_card(match.alert, article)
        packed = pickle.dumps((to_bytes(match), card), pickle.HIGHEST_PROTOCOL)
        taken = self.counts.articles + self.counts.stories
        heapq.heappush(self._waiting, (match.time_ms, taken, number, packed))
        self._bytes += len(packed)

    def _decide(self) -> Iterator[RaisedAlert]:
        *_, packed = heapq.heappop(self._waiting)
        self._bytes -= len(packed)
        value, shown = pickle.loads(packed)
        match = from_bytes(AlertMatch, value)
        decision = self._cooldowns.decide(match, now_ms=self._now_ms)
        self.counts.matches += 1
        self.counts.entities = max(self.counts.entities, self._cooldowns.entities_of(match.alert.rule.id))
        self.counts.suspended += decision.over is not None
        if decision.alert is not None:
            self.counts.alerts += 1
            yield decision.alert, shown
