"""Decides which matches of a rule become alerts, and which its cooldown suppresses.

What a partition holds of it is bounded: a rule has so many entities in cooldown, a partition so many
silences. Beyond that a rule raises no alert that would begin another silence, since an alert without its
silence would be the first of a storm. What is decided follows from the silences that were written and the
match alone, so that every worker decides alike.
"""

from array import array
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from heapq import heappop, heappush, heapreplace
from typing import Literal, NamedTuple

from worker.records.alerts import Alert, AlertMatch, Silence
from worker.records.rules import Rule

SilenceKey = tuple[str, str | None]
"""A rule's id, and an entity's id where the cooldown is per entity, or `story:` and a story's."""
_End = tuple[int, str] | tuple[int, str, str]
_Limit = Literal["entities", "partition"]

LATE_MS = 24 * 3600 * 1000
"""How long a silence is kept after its end, for articles that arrive out of order."""
# Alert times kept for a rule, or for a rule about one entity; older ones are dropped.
MAX_TIMES = 256
MAX_ENTITY_SECONDS = 7 * 24 * 3600
"""How long a cooldown for each entity, or for each story, lasts at most in a rule that is put."""
# So many silences that are over one match removes, besides as many as it begins: the state shrinks faster
# than it grows, and no match has much to write.
_MAX_ENDED = 100
# So many silences one match looks at that were extended since they were to end. A day without matches can
# leave that of all of them, and whoever looks at all of them at once holds up the worker.
_MAX_EXTENDED = 1_000


@dataclass(frozen=True, slots=True)
class CooldownLimits:
    """What is held at most."""

    entities: int = 10_000
    """Entities in cooldown, of one rule."""
    partition: int = 100_000
    """Silences of one partition. The last quarter is for silences of whole rules, of which each has one."""
    times: int = 2_000_000
    """Alert times of one partition. Beyond it a silence that gets another forgets its earliest."""

    def of(self, limit: _Limit) -> int:
        return self.entities if limit == "entities" else self.partition


LIMITS = CooldownLimits()


class Decision(NamedTuple):
    """What a match becomes, and what changes of the state.

    `over`: which limit kept back the match, or some of its entities.
    """

    alert: Alert | None
    begun: Mapping[SilenceKey, Silence]
    ended: Sequence[SilenceKey]
    over: _Limit | None = None


class Cooldowns:
    """The silences of the rules of one partition, measured in the articles' own times.

    A match is suppressed if any alert of its rule is less than the cooldown away from it, before or after it.
    So no two alerts are closer than the cooldown, in whatever order the articles arrive.
    """

    def __init__(self, silences: Iterable[Silence] = (), *, limits: CooldownLimits = LIMITS) -> None:
        self._limits = limits
        self._held: dict[str, dict[str | None, _Held]] = {}
        self._count = self._times = 0
        # A heap with one entry for each silence: its end, or an earlier one if it was extended since.
        self._ends: list[_End] = []
        for silence in silences:
            self.restore(silence)

    def __len__(self) -> int:
        return self._count

    def entities_of(self, rule: str) -> int:
        """How many entities the rule has in cooldown, those included whose end is not yet a day ago."""
        held = self._held.get(rule, ())
        return len(held) - (None in held)

    def restore(self, silence: Silence) -> bool:
        """Takes a silence that was written, once for each key, in any order.

        False if it is beyond the limits, which no worker with these limits writes. It is not held then, and
        raises no alert as long as they are reached.
        """
        is_full = silence.entity is not None and self.entities_of(silence.rule) >= self._limits.entities
        if is_full or self._count >= self._limits.partition:
            return False
        self._hold((silence.rule, silence.entity), silence.until_ms, silence.times_ms)
        return True

    def decide(self, match: AlertMatch, *, now_ms: int) -> Decision:
        """The alert, unless it is suppressed, with the silences that begin or go on, and those that end.

        `now_ms`: when the match was written. An article with a later time is counted as of `now_ms`, because
        its publisher's clock must be ahead.
        """
        alert, cooldown = match.alert, match.cooldown
        time_ms = min(match.time_ms, max(now_ms, 0))
        ended = list(self._end(time_ms, most=_MAX_ENDED + len(alert.entities)))
        if cooldown is None:
            return Decision(alert, {}, ended)
        cooldown_ms = cooldown.seconds * 1000
        per_entity = cooldown.per == "entity" and alert.entities
        about: Sequence[str | None] = alert.entities if per_entity else (_story_of(match),)
        begun: dict[SilenceKey, Silence] = {}
        over: _Limit | None = None
        for entity in about:
            key = alert.rule.id, entity
            if self._is_suppressed(key, time_ms, cooldown_ms):
                continue
            limit = self._limit_for(key)
            if limit is None:
                begun[key] = self._begin(key, time_ms, cooldown_ms)
            over = over or limit
        ended = [key for key in ended if key not in begun]
        if not begun:
            return Decision(None, begun, ended, over)
        if per_entity:
            alert = alert.model_copy(update={"entities": tuple(entity for _, entity in begun if entity)})
        return Decision(alert, begun, ended, over)

    def _limit_for(self, key: SilenceKey) -> _Limit | None:
        """The limit that keeps a silence from beginning; None if it may begin, or is held already."""
        rule, entity = key
        if self._get(key):
            return None
        if entity is not None and self.entities_of(rule) >= self._limits.entities:
            return "entities"
        room = self._limits.partition if entity is None else self._limits.partition * 3 // 4
        return "partition" if self._count >= room else None

    def _end(self, time_ms: int, *, most: int) -> Iterator[SilenceKey]:
        """Drops at most so many silences that ended LATE_MS before this time, the first first."""
        extended = 0
        while most and extended < _MAX_EXTENDED and self._ends and self._ends[0][0] + LATE_MS < time_ms:
            until_ms, rule, *about = self._ends[0]
            key = rule, about[0] if about else None
            held = self._held[rule][key[1]]
            if held.until_ms > until_ms:
                heapreplace(self._ends, _end_of(key, held.until_ms))
                extended += 1
                continue
            heappop(self._ends)
            self._drop(key)
            most -= 1
            yield key

    def _is_suppressed(self, key: SilenceKey, time_ms: int, cooldown_ms: int) -> bool:
        held = self._get(key)
        times = held.times_ms if held else ()
        place = bisect_left(times, time_ms)
        return any(abs(time_ms - near) < cooldown_ms for near in times[max(0, place - 1) : place + 1])

    def _begin(self, key: SilenceKey, time_ms: int, cooldown_ms: int) -> Silence:
        before = self._get(key)
        times = sorted((*(before.times_ms if before else ()), time_ms))
        most = len(before.times_ms) if before and self._times >= self._limits.times else MAX_TIMES
        remembered = [t for t in times if t + cooldown_ms + LATE_MS >= times[-1]][-most:]
        until_ms = max(times[-1] + cooldown_ms, before.until_ms if before else 0)
        self._hold(key, until_ms, remembered)
        rule, entity = key
        return Silence(rule=rule, entity=entity, times_ms=tuple(remembered), until_ms=until_ms)

    def _get(self, key: SilenceKey) -> "_Held | None":
        held = self._held.get(key[0])
        return held.get(key[1]) if held else None

    def _hold(self, key: SilenceKey, until_ms: int, times_ms: Sequence[int]) -> None:
        rule, entity = key
        held = self._get(key)
        if held is None:
            held = self._held.setdefault(rule, {})[entity] = _Held()
            self._count += 1
            heappush(self._ends, _end_of(key, until_ms))
        self._times += len(times_ms) - len(held.times_ms)
        held.until_ms, held.times_ms = until_ms, array("q", times_ms)

    def _drop(self, key: SilenceKey) -> None:
        rule, entity = key
        held = self._held[rule].pop(entity)
        self._count -= 1
        self._times -= len(held.times_ms)
        if not self._held[rule]:
            del self._held[rule]


def _end_of(key: SilenceKey, until_ms: int) -> _End:
    """An entry of the heap, without None, which has no order among strings."""
    rule, entity = key
    return (until_ms, rule) if entity is None else (until_ms, rule, entity)


def _story_of(match: AlertMatch) -> str | None:
    """What the silence of a cooldown per story is about, in the place of an entity; None: the whole rule."""
    story, cooldown = match.alert.story, match.cooldown
    return (
        f"story:{story.id}"
        if story is not None and cooldown is not None and cooldown.per == "story"
        else None
    )


class _Held:
    """A silence in half of the memory that its record takes."""

    __slots__ = ("times_ms", "until_ms")

    def __init__(self) -> None:
        self.until_ms, self.times_ms = 0, array("q")


def too_long(rule: Rule) -> str | None:
    """Why a rule should not be put: its cooldown keeps entities for too long. None if it may be."""
    cooldown = rule.cooldown
    if cooldown is None or cooldown.per == "rule" or cooldown.seconds <= MAX_ENTITY_SECONDS:
        return None
    return (
        f"cooldown takes {MAX_ENTITY_SECONDS:,} seconds (7d) at most with per {cooldown.per}, got "
        f"{cooldown.seconds:,}: each {cooldown.per} is kept so long, and a rule keeps {LIMITS.entities:,}"
    )
