"""Which matches of a rule become alerts, and which its cooldown keeps back."""

from collections.abc import Iterable, Mapping, Sequence

from worker.records.alerts import Alert, AlertMatch, Silence

Key = tuple[str, str | None]
"""A rule's id, and an entity's where the cooldown is per entity."""

LATE_MS = 24 * 3600 * 1000
"""Articles that come so much later than others still find the silence that concerns them."""


class Cooldowns:
    """The silences of the rules of one partition, by the articles' own times.

    An article is kept back where less than the cooldown lies between it and the last alert, whichever came
    first; one that is older and is not leaves the last alert the last.
    """

    def __init__(self, silences: Iterable[Silence] = ()) -> None:
        self._last: dict[Key, Silence] = {(s.rule, s.entity): s for s in silences}

    def __len__(self) -> int:
        return len(self._last)

    def decide(self, match: AlertMatch) -> tuple[Alert | None, Mapping[Key, Silence]]:
        """The alert, if it is to go out, and the silences that begin with it.

        The same match decided again has the same answer: what an alert that never went out has left behind
        does not keep it back.
        """
        alert, cooldown = match.alert, match.cooldown
        if cooldown is None:
            return alert, {}
        per_entity = cooldown.per == "entity" and alert.entities
        about: Sequence[str | None] = alert.entities if per_entity else (None,)
        fresh = [entity for entity in about if not self._is_kept_back(match, entity)]
        if not fresh:
            return None, {}
        begun: dict[Key, Silence] = {}
        for entity in fresh:
            key = (alert.rule.id, entity)
            before = self._last.get(key)
            if before is None or before.time_ms <= match.time_ms:
                begun[key] = Silence(
                    rule=alert.rule.id, entity=entity, alert=alert.id, time_ms=match.time_ms,
                    until_ms=match.time_ms + cooldown.seconds * 1000,
                )  # fmt: skip
        self._last |= begun
        if per_entity:
            alert = alert.model_copy(update={"entities": tuple(entity for entity in fresh if entity)})
        return alert, begun

    def over(self, now_ms: int) -> list[Key]:
        """Silences that keep back nothing any more, by the latest article's time; they are forgotten.

        Articles that say they come later than `now_ms` do not count: their publisher's clock is wrong.
        """
        times = (silence.time_ms for silence in self._last.values())
        latest = max((time_ms for time_ms in times if time_ms <= now_ms), default=0)
        gone = [key for key, silence in self._last.items() if silence.until_ms + LATE_MS < latest]
        for key in gone:
            del self._last[key]
        return gone

    def _is_kept_back(self, match: AlertMatch, entity: str | None) -> bool:
        last = self._last.get((match.alert.rule.id, entity))
        if last is None or (last.alert, last.time_ms) == (match.alert.id, match.time_ms):
            return False
        assert match.cooldown is not None
        return abs(match.time_ms - last.time_ms) < match.cooldown.seconds * 1000
