"""The steps that a record goes through, with their times, told to whoever follows the record.

Whoever works on a record notes its steps; whoever wants to know follows them in the task that does the work.
Where nobody follows, a note costs next to nothing.
"""

from collections.abc import Mapping
from contextvars import ContextVar
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the work on a record. `began` and `ended`: seconds by the monotonic clock."""

    name: str
    began: float
    ended: float


_followed: ContextVar[list[Step] | None] = ContextVar("steps", default=None)


def follow_steps() -> list[Step]:
    """The list to which this task's notes go from now on."""
    steps: list[Step] = []
    _followed.set(steps)
    return steps


def note_steps(seconds: Mapping[str, float], began: float, ended: float) -> None:
    """Notes steps that followed each other, by what each took: the first began at `began`.

    What they took may come from a process that read anything, so none of them reaches beyond `ended`.
    """
    steps = _followed.get()
    if steps is None:
        return
    for name, spent in seconds.items():
        until = min(began + spent, ended) if spent > 0 else began  # not so of a number that is none
        steps.append(Step(name, began, until))
        began = until
