"""Which story rules hold for which stories: a rule raises an alert when it begins to hold, and not after.

Of each open story is kept which rules held for its latest record, and how many articles it had when. What a
record raises follows from that, from the record and from the rules in force alone, so that every worker
decides alike. Pure: no I/O, no clock.
"""

from __future__ import annotations

import struct
from array import array
from bisect import bisect_right
from collections.abc import Generator, Iterable, Mapping
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any, NamedTuple

from worker.alerts.index import ActiveRule, RuleIndex
from worker.alerts.matching import is_expired_at, match_or_overrun
from worker.alerts.story_cards import alert_story, facts_of_story, reference_of_story
from worker.alerts.work import Allowance
from worker.records.alerts import AlertMatch, RuleOverrun
from worker.records.cloudevents import rfc3339
from worker.records.rules import MAX_GROWTH_HOURS

WATCH_VERSION = 1
_HEAD = struct.Struct("<BBHHxxIqqQ")
_HOUR_SECONDS = 3600
# Of the records within such a time the last one's number of articles is kept.
_SLOT_SECONDS = 600
_MOST_MS = ((1 << 32) - 1) * 1000
# So many stories that have ended unnoticed one record removes: more than it begins.
_SWEPT = 4


class WatchError(ValueError):
    """Bytes that no worker of this version wrote as the state of a story."""


@dataclass(frozen=True, slots=True)
class WatchLimits:
    """What is held at most."""

    stories: int = 250_000
    """Stories of one partition. Beyond it that whose latest record is the oldest goes first."""
    rules: int = 1_000
    """Rules that hold for one story. Beyond it a rule that begins to hold raises no alert."""
    idle_ms: int = 96 * 3_600_000
    """A story that had no record for so long is forgotten: it has ended, and nobody said so."""


WATCH_LIMITS = WatchLimits()


class Watched(NamedTuple):
    """What follows from one record of a story.

    `found`: matches of the rules that began to hold, by rule id, and overruns. `changes`: the new state by
    story, None where it ends. `suspended`: how many rules a limit kept back. `forgotten`: how many stories
    went before their end.
    """

    found: tuple[AlertMatch | RuleOverrun, ...] = ()
    changes: Mapping[str, bytes | None] = {}
    suspended: int = 0
    forgotten: int = 0


NOTHING = Watched()


@dataclass(frozen=True, slots=True)
class StoryState:
    """What is kept of a story. `offset`: of its latest record, as `version` is; `time_ms`: its latest time.

    `is_whole`: its records were followed from the first. `seconds`, `articles`: how many articles it had at
    which times, ascending. `merged`: stands for the last story that became a part of it; 0: none did.
    `held`: stand for the rules that hold, ascending.
    """

    version: int
    time_ms: int
    offset: int
    is_whole: bool
    merged: int
    seconds: array[int]
    articles: array[int]
    held: array[int]

    def articles_before(self, hours: int) -> int:
        """How many articles the story had so many hours before its latest time.

        Where its records were not followed for so long: as many as it had at first.
        """
        at = bisect_right(self.seconds, self.time_ms // 1000 - hours * _HOUR_SECONDS)
        if at:
            return self.articles[at - 1]
        return 0 if self.is_whole else self.articles[0]

    def packed(self) -> bytes:
        """The value of the state's record."""
        head = _HEAD.pack(
            WATCH_VERSION,
            self.is_whole,
            len(self.seconds),
            len(self.held),
            self.version,
            self.time_ms,
            self.offset,
            self.merged,
        )
        return head + self.seconds.tobytes() + self.articles.tobytes() + self.held.tobytes()


def read_state(value: bytes) -> StoryState:
    """The state in a record. Raises WatchError if this version does not read it."""
    if len(value) < _HEAD.size or value[0] != WATCH_VERSION:
        raise WatchError(f"no state of a story of version {WATCH_VERSION}")
    _, is_whole, points, rules, version, time_ms, offset, merged = _HEAD.unpack_from(value)
    if not points or len(value) != _HEAD.size + 8 * points + 8 * rules:
        raise WatchError(
            f"a state of {len(value)} bytes, where {points} times and {rules} rules are announced"
        )
    at = _HEAD.size
    seconds, articles, held = array("I"), array("I"), array("Q")
    for numbers, count in ((seconds, points), (articles, points), (held, rules)):
        end = at + count * numbers.itemsize
        numbers.frombytes(value[at:end])
        at = end
    return StoryState(version, time_ms, offset, bool(is_whole), merged, seconds, articles, held)


class StoryWatch:
    """The stories of one partition, and which rules hold for them."""

    def __init__(self, *, limits: WatchLimits = WATCH_LIMITS) -> None:
        self._limits = limits
        # In the order of their latest records. Values are kept packed, in a quarter of the memory.
        self._states: dict[str, bytes] = {}
        self._now_ms = 0

    def __len__(self) -> int:
        return len(self._states)

    def restore(self, states: Iterable[tuple[str, bytes]]) -> None:
        """Takes all states that were written, in any order. Raises WatchError if one can't be read."""
        read = sorted((read_state(value).offset, story, value) for story, value in states)
        self._states = {story: value for _, story, value in read}
        self._now_ms = max((read_state(value).time_ms for value in self._states.values()), default=0)

    def take(
        self, index: RuleIndex, card: Mapping[str, Any], *, offset: int, time_ms: int
    ) -> Generator[None, None, Watched]:
        """Returns what follows from a record of a story. At each `yield` others may have their turn.

        `card`: the parsed JSON of the record, which stands at `offset`. `time_ms`: when the article came in
        that the record follows from. A record that was taken before changes nothing.
        """
        story, time_ms = card["id"], min(max(time_ms, 0), _MOST_MS)
        value = self._states.get(story)
        before = None if value is None else read_state(value)
        if card["status"] != "open" or not index.story_rules:
            return NOTHING if before is None else self._keep({story: None})
        if before is not None and card["version"] <= before.version:
            return NOTHING
        after = _followed(before, card, offset, time_ms)
        hours = range(1, MAX_GROWTH_HOURS + 1)
        facts = facts_of_story(card, {hour: after.articles_before(hour) for hour in hours})
        assert facts.story is not None
        holding = yield from index.find_matches(facts)
        holding = [one for one in holding if not is_expired_at(one[0], after.time_ms)]
        held = frozenset(after.held)
        stay, begin = _parted(holding, held)
        room = max(0, self._limits.rules - len(stay))
        about, said = reference_of_story(card), alert_story(facts.story, card)
        found = [
            match_or_overrun(active, facts, about, allowance, time_ms=after.time_ms, story=said)
            for active, allowance in begin[:room]
        ]
        if suspended := [active for active, _ in begin[room:]]:
            found.append(self._overrun(suspended[0], about.id, after.time_ms))
        began = [one.alert.rule.id for one in found if isinstance(one, AlertMatch)]
        holds = array("Q", sorted({*stay, *map(_number_of, began)}))
        changes: dict[str, bytes | None] = {story: _with(after, holds)}
        return self._keep(changes, found=tuple(found), suspended=len(suspended), time_ms=after.time_ms)

    def _overrun(self, active: ActiveRule, article: str, time_ms: int) -> RuleOverrun:
        return RuleOverrun(
            rule=active.rule.id,
            version=active.version,
            article=article,
            at=rfc3339(time_ms),
            limit="story",
            most=self._limits.rules,
        )

    def _keep(
        self,
        changes: dict[str, bytes | None],
        *,
        found: tuple[AlertMatch | RuleOverrun, ...] = (),
        suspended: int = 0,
        time_ms: int = 0,
    ) -> Watched:
        """Notes a change, and forgets stories that are due or too many."""
        self._now_ms = max(self._now_ms, time_ms)
        for story, value in changes.items():
            self._states.pop(story, None)
            if value is not None:
                self._states[story] = value
        forgotten = 0
        for _ in range(_SWEPT):
            oldest = next(iter(self._states), None)
            if oldest is None or oldest in changes:
                break
            is_idle = _time_of(self._states[oldest]) + self._limits.idle_ms < self._now_ms
            if not is_idle and len(self._states) <= self._limits.stories:
                break
            forgotten += not is_idle
            del self._states[oldest]
            changes[oldest] = None
        return Watched(found, changes, suspended, forgotten)


def _followed(before: StoryState | None, card: Mapping[str, Any], offset: int, time_ms: int) -> StoryState:
    """The state with the record's number of articles, and the rules that held before it."""
    version, articles = card["version"], card["counts"]["articles"]
    merged = _number_of(card["merged_from"][-1]) if card["merged_from"] else 0
    if before is None:
        now = array("I", [time_ms // 1000])
        return StoryState(
            version, time_ms, offset, version == 1, merged, now, array("I", [articles]), array("Q")
        )
    time_ms = max(time_ms, before.time_ms)
    seconds, counts = before.seconds[:], before.articles[:]
    if merged != before.merged:
        # The articles of a story that became a part of this one did not come now: this one had them before.
        added = max(0, articles - counts[-1] - 1)
        counts = array("I", [count + added for count in counts])
    now_seconds = time_ms // 1000
    if len(seconds) > 1 and seconds[-1] // _SLOT_SECONDS == now_seconds // _SLOT_SECONDS:
        del seconds[-1], counts[-1]
    seconds.append(now_seconds)
    counts.append(articles)
    # The latest of those that are too old says how many articles there were when the longest time began.
    old = max(0, bisect_right(seconds, now_seconds - MAX_GROWTH_HOURS * _HOUR_SECONDS) - 1)
    del seconds[:old], counts[:old]
    return StoryState(version, time_ms, offset, before.is_whole, merged, seconds, counts, before.held)


def _parted(
    holding: list[tuple[ActiveRule, Allowance]], held: frozenset[int]
) -> tuple[set[int], list[tuple[ActiveRule, Allowance]]]:
    """The rules that held before and still do, and those that begin to. Of one that is over its budget it is
    not known: it stays as it was.
    """
    stay: set[int] = set()
    begin: list[tuple[ActiveRule, Allowance]] = []
    for active, allowance in holding:
        number = _number_of(active.rule.id)
        if number in held:
            stay.add(number)
        else:
            begin.append((active, allowance))
    return stay, begin


def _with(state: StoryState, held: array[int]) -> bytes:
    return StoryState(
        state.version,
        state.time_ms,
        state.offset,
        state.is_whole,
        state.merged,
        state.seconds,
        state.articles,
        held,
    ).packed()


def _number_of(name: str) -> int:
    """What stands for a rule's id, or a story's: never 0."""
    return int.from_bytes(blake2b(name.encode(errors="surrogatepass"), digest_size=8).digest()) or 1


def _time_of(value: bytes) -> int:
    time_ms: int = _HEAD.unpack_from(value)[5]
    return time_ms
