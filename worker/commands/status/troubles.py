"""What of a group needs a person. `dateline status` exits with 1 if anything does."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from worker.commands.status.look import Look, PartitionSeen
from worker.commands.status.times import how_long
from worker.records.messages import Reason

# Letters that tell of a bug, or of a machine that is short of something. The others are their publishers'.
TROUBLING = (Reason.ENRICHMENT_FAILED, Reason.ENRICHMENT_KILLED)


class TroubleKind(StrEnum):
    """What docs/operations.md says what to do about."""

    NO_WORKER = "no-worker"
    REBALANCING = "rebalancing"
    TOPIC_MISSING = "topic-missing"
    LAG_GROWS = "lag-grows"
    HELD_UP = "held-up"
    DEAD_LETTERS = "dead-letters"
    SETTINGS_DIFFER = "settings-differ"


@dataclass(frozen=True, slots=True)
class Trouble:
    """One thing that needs a person, in one line."""

    kind: TroubleKind
    text: str


def troubles(look: Look) -> list[Trouble]:
    """All of them, what is worst first."""
    return [Trouble(kind, text) for kind, find in _FINDERS.items() for text in find(look)]


def _missing(look: Look) -> Iterator[str]:
    for topic in look.missing:
        yield f"{topic} does not exist; `dateline topics create` makes it"


def _rebalancing(look: Look) -> Iterator[str]:
    if look.is_rebalancing:
        yield "the group gives its partitions out anew and has not ended; meanwhile nobody reads them"


def _without_worker(look: Look) -> Iterator[str]:
    if look.is_rebalancing:
        return
    for stage in look.stages:
        left = [one for one in stage.partitions if one.worker is None]
        if left and len(left) == len(stage.partitions):
            yield f"stage {stage.name}: no worker reads {stage.topic}"
        elif left:
            yield f"stage {stage.name}: no worker reads {_places(left)}"


def _growing(look: Look) -> Iterator[str]:
    for stage in look.stages:
        if stage.grows(look.at_ms) and stage.growth:
            then, now = stage.growth
            yield (
                f"stage {stage.name}: lag grows, from {then:,} offsets five minutes ago to {now:,}; the "
                f"oldest record has waited for {how_long(look.at_ms, stage.oldest_ms)}"
            )


def _held_up(look: Look) -> Iterator[str]:
    for stage in look.stages:
        for one in stage.partitions:
            if one.is_held_up(look.at_ms):
                yield (
                    f"stage {stage.name}: {_places([one])} is held up, its worker {one.worker} has delivered "
                    f"nothing for five minutes; its oldest record, at offset {one.position}, has waited for "
                    f"{how_long(look.at_ms, one.oldest_ms)}"
                )


def _letters(look: Look) -> Iterator[str]:
    for reason in TROUBLING:
        if number := look.letters.reasons.get(reason, 0):
            yield f"{number:,} {reason} in the last hour; `dateline dead-letters list --reason {reason}`"


def _differences(look: Look) -> Iterator[str]:
    for one in look.differences:
        yield f"{one.name} of {one.worker} is {one.here!r}, {one.group!r} in the group"


_FINDERS: dict[TroubleKind, Callable[[Look], Iterator[str]]] = {
    TroubleKind.TOPIC_MISSING: _missing,
    TroubleKind.REBALANCING: _rebalancing,
    TroubleKind.NO_WORKER: _without_worker,
    TroubleKind.HELD_UP: _held_up,
    TroubleKind.LAG_GROWS: _growing,
    TroubleKind.DEAD_LETTERS: _letters,
    TroubleKind.SETTINGS_DIFFER: _differences,
}


def _places(partitions: list[PartitionSeen]) -> str:
    topic = partitions[0].partition.topic
    return f"{topic}/" + ", /".join(str(one.partition.partition) for one in partitions)
