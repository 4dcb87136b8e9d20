"""What a rule would have matched of what the desk holds, within bounded work and beside everything else.

One trial goes on at a time, in slices between which others get their turn, and ends after `TRIAL_SECONDS` of
work. A trial whose page has gone, because more was typed, ends at once.
"""

import asyncio
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from pydantic import ValidationError

from worker.alerts.cooldown import CooldownLimits, Cooldowns
from worker.alerts.index import RuleIndex
from worker.alerts.matching import match_by_turns
from worker.alerts.story_watch import StoryWatch
from worker.desk.alert_record import alert_fields
from worker.desk.live import Live
from worker.desk.story_records import StoryRecord, StoryRecords
from worker.records.alerts import AlertMatch, RuleOverrun
from worker.records.cloudevents import rfc3339
from worker.records.codec import from_bytes
from worker.records.rules import Rule, asks_about_stories
from worker.records.stories import StoryCard

TRIAL_SECONDS = 2.0
"""Of work of this process. A query that takes more has looked at the newest articles alone."""
TRIAL_SLICE_SECONDS = 0.02
MOST_WAITING_TRIALS = 8
SHOWN_MATCHES = 10
# In a worker the rules are spread over partitions, so that only the limit of the rule is known here.
_LIMITS = CooldownLimits(partition=sys.maxsize, times=sys.maxsize)
_Found = AlertMatch | RuleOverrun | None


class TooManyTrials(Exception):
    """As many queries are tried as the desk takes at a time."""


@dataclass
class TrialResult:
    """`looked` of `kept` articles, or records of stories, from `since` on, `matched` of them.

    `alerts`: what the cooldown lets through of these. `overruns`: on how many the query took more than a
    rule's budget, and so would not match. `is_cut`: the work was over before all were looked at.
    """

    about: str
    kept: int
    looked: int = 0
    since: str = ""
    matched: int = 0
    alerts: int = 0
    overruns: int = 0
    is_cut: bool = False
    shown: list[dict[str, Any]] = field(default_factory=list)


class RuleTrials:
    """Tries rules on the articles of `live` and on `stories`."""

    def __init__(self, live: Live, stories: StoryRecords, *, seconds: float = TRIAL_SECONDS) -> None:
        self._live, self._stories, self._seconds = live, stories, seconds
        self._turn = asyncio.Lock()
        self._waiting = 0

    async def run(self, read: Callable[[], Rule | None], is_gone: Callable[[], bool]) -> TrialResult | None:
        """None if there is no rule. Raises TooManyTrials.

        `read` reads the rule from its text, and is called in a thread, since a long text takes long to parse.
        `is_gone`: whether nobody waits for the result any more.
        """
        if self._waiting >= MOST_WAITING_TRIALS:
            raise TooManyTrials
        self._waiting += 1
        try:
            async with self._turn:
                rule = await asyncio.to_thread(read)
                if rule is None:
                    return None
                trial = self._begin(replace(rule, expires_at=None))
                await self._work(trial, is_gone)
                return trial.result
        finally:
            self._waiting -= 1

    def _begin(self, rule: Rule) -> "_ArticleTrial | _StoryTrial":
        if asks_about_stories(rule.when):
            return _StoryTrial(rule, self._stories)
        return _ArticleTrial(rule, self._live)

    async def _work(self, trial: "_ArticleTrial | _StoryTrial", is_gone: Callable[[], bool]) -> None:
        begun = sliced = time.thread_time()
        other = 0.0
        for _ in trial.steps():
            if (now := time.thread_time()) - sliced < TRIAL_SLICE_SECONDS:
                continue
            await asyncio.sleep(0)
            sliced = time.thread_time()
            # What others did meanwhile is not this trial's work.
            other += sliced - now
            if is_gone() or sliced - begun - other > self._seconds:
                trial.result.is_cut = True
                break
        trial.conclude()


class _Trial:
    """Counts the matches of a rule, and keeps what the cooldown needs of them."""

    def __init__(self, rule: Rule, about: str, kept: int) -> None:
        self.index = RuleIndex([rule])
        self.result = TrialResult(about, kept)
        self._matches: list[AlertMatch] = []

    def note(self, found: _Found, fields: dict[str, Any] | None, place: str | None) -> None:
        if isinstance(found, RuleOverrun):
            self.result.overruns += 1
        if not isinstance(found, AlertMatch):
            return
        self.result.matched += 1
        if place is not None:
            self.result.shown.append({**alert_fields(found.alert, "", fields), "article_place": place})
            del self.result.shown[:-SHOWN_MATCHES]
        bare = found.alert.model_copy(update={"why": ()})
        self._matches.append(found.model_copy(update={"alert": bare}))

    def looked_at(self, time_ms: int) -> None:
        self.result.looked += 1
        at = rfc3339(time_ms)
        self.result.since = min(self.result.since or at, at)

    def conclude(self) -> None:
        """Decides in order of time what the cooldown lets through."""
        cooldowns = Cooldowns(limits=_LIMITS)
        now_ms = time.time_ns() // 1_000_000
        for match in sorted(self._matches, key=lambda each: each.time_ms):
            self.result.alerts += cooldowns.decide(match, now_ms=now_ms).alert is not None


class _ArticleTrial(_Trial):
    def __init__(self, rule: Rule, live: Live) -> None:
        super().__init__(rule, "articles", len(live.ring))
        self._live = live

    def steps(self) -> Iterator[None]:
        """Looks at the articles, newest first. At each step others may have their turn."""
        for kept in self._live.ring.newest_first():
            article = kept.article
            fields = article.fields()
            for found in match_by_turns(self.index, fields, time_ms=max(0, article.at_ms)):
                is_shown = len(self.result.shown) < SHOWN_MATCHES
                self.note(found, fields, article.place if is_shown else None)
                yield
            self.looked_at(article.at_ms)
            yield


class _StoryTrial(_Trial):
    def __init__(self, rule: Rule, stories: StoryRecords) -> None:
        super().__init__(rule, "records of stories", len(stories))
        self._stories = stories
        self._watches: dict[int, StoryWatch] = defaultdict(StoryWatch)

    def steps(self) -> Iterator[None]:
        """Looks at the records as they came: a rule raises an alert when it begins to hold."""
        for record in self._stories.in_order():
            yield from self._look_at(record)

    def conclude(self) -> None:
        super().conclude()
        self.result.shown.reverse()

    def _look_at(self, record: StoryRecord) -> Iterator[None]:
        try:
            card = from_bytes(StoryCard, record.value).model_dump()
        except (ValidationError, ValueError):
            return
        watch = self._watches[record.partition]
        watched = yield from watch.take(self.index, card, offset=record.offset, time_ms=record.time_ms)
        for found in watched.found:
            self.note(found, None, "")
            yield
        self.looked_at(record.time_ms)
        yield
