"""How much of a stage's work is begun, by which its lanes tell whether a batch need wait to fill."""

from collections.abc import Callable


class Workload:
    """The records of a stage that are begun and not finished, over all its lanes.

    `hands`: how many of them can be worked on at a time, such as one for each process. `many`: as many as
    are handed over at a time; the others wait for that, as in a backlog. `on_relief` is called whenever a
    record is finished after which a hand is free, or after which none waits to be handed over.
    """

    def __init__(self, hands: int, many: int, on_relief: Callable[[], None] = lambda: None) -> None:
        self.begun = 0
        self._hands, self._many, self._on_relief = hands, many, on_relief

    @property
    def has_free_hand(self) -> bool:
        """Whether a record that is begun now is worked on at once."""
        return self.begun < self._hands

    @property
    def is_behind(self) -> bool:
        """Whether records that are begun wait even to be handed over."""
        return self.begun > self._many

    def begin(self, records: int) -> None:
        self.begun += records

    def finish(self, records: int) -> None:
        was_behind, self.begun = self.is_behind, self.begun - records
        if (records and self.has_free_hand) or was_behind > self.is_behind:
            self._on_relief()


class BegunRecords:
    """What one lane has begun of its stage's work since it was opened.

    A lane that starts over drops all of it, whatever becomes of the tasks that still work on it.
    """

    def __init__(self, workload: Workload) -> None:
        self._workload, self._begun = workload, 0

    def begin(self, records: int) -> None:
        self._begun += records
        self._workload.begin(records)

    def finish_one(self) -> None:
        """One of them is finished. Has no effect once they are dropped."""
        if self._begun:
            self._begun -= 1
            self._workload.finish(1)

    def drop(self) -> None:
        dropped, self._begun = self._begun, 0
        self._workload.finish(dropped)


__all__ = ["BegunRecords", "Workload"]
