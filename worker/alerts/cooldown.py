"""Decides which matches of a rule become alerts, and which its cooldown suppresses."""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from heapq import heapify, heappop, heappush
from itertools import islice

from worker.records.alerts import Alert, AlertMatch, Silence

SilenceKey = tuple[str, str | None]
"""A rule's id, and an entity's id where the cooldown is per entity."""

LATE_MS = 24 * 3600 * 1000
"""How long a silence is kept after its end, for articles that arrive out of order."""
# Alert times kept for a rule, or for a rule about one entity; older ones are dropped.
MAX_TIMES = 256


class Cooldowns:
    """The silences of the rules of one partition, measured in the articles' own times.

    A match is suppressed if any alert of its rule is less than the cooldown away from it, before or after it.
    So no two alerts are closer than the cooldown, in whatever order the articles arrive.
    """

    def __init__(self, silences: Iterable[Silence] = ()) -> None:
        self._silences: dict[SilenceKey, Silence] = {(s.rule, s.entity): s for s in silences}
        # A heap of the silences' ends. An extended silence has several entries, of which the latest counts.
        self._ends = [(silence.until_ms, *_sortable(key)) for key, silence in self._silences.items()]
        heapify(self._ends)
        self._latest = max((s.times_ms[-1] for s in self._silences.values()), default=0)

    def __len__(self) -> int:
        return len(self._silences)

    def decide(self, match: AlertMatch, *, now_ms: int) -> tuple[Alert | None, Mapping[SilenceKey, Silence]]:
        """The alert, or None if it is suppressed, and the silences that it begins or extends.

        `now_ms`: when the match was written. An article with a later time is counted as of `now_ms`, because
        its publisher's clock must be ahead.
        """
        alert, cooldown = match.alert, match.cooldown
        if cooldown is None:
            return alert, {}
        time_ms, cooldown_ms = min(match.time_ms, max(now_ms, 0)), cooldown.seconds * 1000
        per_entity = cooldown.per == "entity" and alert.entities
        about: Sequence[str | None] = alert.entities if per_entity else (None,)
        fresh = [e for e in about if not self._is_suppressed((alert.rule.id, e), time_ms, cooldown_ms)]
        if not fresh:
            return None, {}
        begun = {(alert.rule.id, e): self._begin((alert.rule.id, e), time_ms, cooldown_ms) for e in fresh}
        if per_entity:
            alert = alert.model_copy(update={"entities": tuple(entity for entity in fresh if entity)})
        return alert, begun

    def expire(self, *, most: int) -> list[SilenceKey]:
        """Drops at most so many silences that ended LATE_MS before the latest article; returns their keys."""
        return list(islice(self._expired(), most))

    def _expired(self) -> Iterator[SilenceKey]:
        while self._ends and self._ends[0][0] + LATE_MS < self._latest:
            until_ms, rule, entity = heappop(self._ends)
            key = rule, entity or None
            # A silence that was extended has a later entry, and another end than this one.
            if key in self._silences and self._silences[key].until_ms == until_ms:
                del self._silences[key]
                yield key

    def _is_suppressed(self, key: SilenceKey, time_ms: int, cooldown_ms: int) -> bool:
        times = self._silences[key].times_ms if key in self._silences else ()
        place = bisect_left(times, time_ms)
        return any(abs(time_ms - near) < cooldown_ms for near in times[max(0, place - 1) : place + 1])

    def _begin(self, key: SilenceKey, time_ms: int, cooldown_ms: int) -> Silence:
        before = self._silences.get(key)
        times = sorted((*(before.times_ms if before else ()), time_ms))
        remembered = [t for t in times if t + cooldown_ms + LATE_MS >= times[-1]][-MAX_TIMES:]
        until_ms = max(times[-1] + cooldown_ms, before.until_ms if before else 0)
        rule, entity = key
        silence = Silence(rule=rule, entity=entity, times_ms=tuple(remembered), until_ms=until_ms)
        if before is None or until_ms != before.until_ms:
            heappush(self._ends, (until_ms, *_sortable(key)))
        self._silences[key] = silence
        self._latest = max(self._latest, time_ms)
        return silence


def _sortable(key: SilenceKey) -> tuple[str, str]:
    """The key without None, which has no order among strings."""
    return key[0], key[1] or ""
