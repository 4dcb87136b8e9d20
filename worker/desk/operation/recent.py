"""Looks at the group over the last hour, in bounded memory, and what changed from one to the next."""

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from worker.channels import HOUR_MS
from worker.desk.source import PageFields

SAMPLE_SECONDS = 30.0
"""How often the desk looks at the group."""
MOST_LOOKS = int(HOUR_MS / 1000 / SAMPLE_SECONDS) + 1
MOST_GROUP_EVENTS = 200
MOST_STAGES = 20
_EVENT_CHARS = 300


@dataclass(frozen=True, slots=True)
class StageSample:
    """A stage at one moment: records that wait, seconds that the oldest waits, records delivered a second."""

    waiting: int
    oldest: float | None
    rate: float | None


@dataclass(frozen=True, slots=True)
class LookSample:
    """All stages at one moment, in milliseconds since the epoch."""

    at_ms: int
    stages: Mapping[str, StageSample]


@dataclass(frozen=True, slots=True)
class GroupEvent:
    """What changed between two looks. `kind`: a word for it; `is_bad`: whether somebody should look."""

    at_ms: int
    kind: str
    text: str
    is_bad: bool = False


class RecentLooks:
    """The looks of the last hour, oldest first, and what changed, newest first."""

    def __init__(self) -> None:
        self._samples: deque[LookSample] = deque(maxlen=MOST_LOOKS)
        self._events: deque[GroupEvent] = deque(maxlen=MOST_GROUP_EVENTS)
        self._last: PageFields | None = None
        self._away = ""
        self.letters: Sequence[Mapping[str, object]] = ()
        """Dead letters by minute and reason, of the last look."""

    @property
    def samples(self) -> Sequence[LookSample]:
        return tuple(self._samples)

    @property
    def events(self) -> Sequence[GroupEvent]:
        return tuple(self._events)

    def take(self, look: PageFields) -> None:
        """Notes a look of `dateline status`. One that was noted already, by its time, is passed over."""
        at_ms = _ms(look["time"])
        if self._samples and at_ms <= self._samples[-1].at_ms:
            return
        stages = {stage["stage"]: _sample(stage) for stage in look["stages"][:MOST_STAGES]}
        self._samples.append(LookSample(at_ms, stages))
        self.letters = look["dead_letters"].get("minutes", ())
        if self._away:
            self._note(at_ms, "seen again", "the group")
            self._away = ""
        if self._last is not None:
            self._compare(at_ms, self._last, look)
        self._last = look

    def miss(self, at_ms: int, why: str) -> None:
        """Notes that the group could not be looked at, once for each reason."""
        if why != self._away:
            self._note(at_ms, "not seen", why, is_bad=True)
        self._away = why

    def _compare(self, at_ms: int, before: PageFields, now: PageFields) -> None:
        had, has = _workers(before), _workers(now)
        for name in sorted(has.keys() - had.keys()):
            self._note(at_ms, "worker came", f"{name}, {has[name]}")
        for name in sorted(had.keys() - has.keys()):
            self._note(at_ms, "worker left", name, is_bad=True)
        for name in sorted(had.keys() & has.keys()):
            if had[name] != has[name]:
                self._note(at_ms, "worker changed", f"{name}: {had[name]}, now {has[name]}")
        if _assigned(before) != _assigned(now) and had.keys() == has.keys():
            self._note(at_ms, "rebalance", "partitions moved between the same workers")
        if before["state"] != now["state"]:
            self._note(at_ms, "group", f"{before['state']}, now {now['state']}")
        had_troubles, has_troubles = _troubles(before), _troubles(now)
        for kind in sorted(has_troubles.keys() - had_troubles.keys()):
            self._note(at_ms, kind, has_troubles[kind], is_bad=True)
        for kind in sorted(had_troubles.keys() - has_troubles.keys()):
            self._note(at_ms, kind, "is over")

    def _note(self, at_ms: int, kind: str, text: str, *, is_bad: bool = False) -> None:
        self._events.appendleft(GroupEvent(at_ms, kind, text[:_EVENT_CHARS], is_bad))


def _sample(stage: Mapping[str, object]) -> StageSample:
    rate, oldest = stage["per_second"], stage["oldest_seconds"]
    return StageSample(
        waiting=int(str(stage["lag"])),
        oldest=oldest if isinstance(oldest, float | int) else None,
        rate=rate if isinstance(rate, float | int) else None,
    )


def _workers(look: PageFields) -> dict[str, str]:
    """Of each worker its version and pipeline, by its name."""
    return {
        (f"{worker['host']}/{worker['process']}" if worker["host"] else worker["client_id"]): ", ".join(
            filter(None, (worker["version"], worker["pipeline"]))
        )
        or "of an unknown version"
        for worker in look["workers"]
    }


def _assigned(look: PageFields) -> dict[str, object]:
    return {f"{worker['client_id']} {worker['address']}": worker["partitions"] for worker in look["workers"]}


def _troubles(look: PageFields) -> dict[str, str]:
    """What needs a person, by its kind: the numbers in the texts change from look to look."""
    return {trouble["kind"]: trouble["text"] for trouble in reversed(look["troubles"])}


def _ms(time: str) -> int:
    return int(datetime.fromisoformat(time).timestamp() * 1000)
