"""How much of a stage's work is begun, by which its lanes tell whether a batch need wait to fill."""

from collections.abc import Callable


class Workload:
    """The records of a stage that are begun and not finished, over all its lanes.

    `hands`: how many of them can be worked on at a time, such as one for each process. `on_free_hand` is
    called whenever a record is finished and a hand is free then.
    """

    def __init__(self, hands: int, on_free_hand: Callable[[], None] = lambda: None) -> None:
        self.begun = 0
        self._hands, self._on_free_hand = hands, on_free_hand

    @property
    def has_free_hand(self) -> bool:
        """Whether a record that is begun now is worked on at once."""
        return self.begun < self._hands

    def begin(self, records: int) -> None:
        self.begun += records

    def finish(self, records: int) -> None:
        self.begun -= records
        if records and self.has_free_hand:
            self._on_free_hand()


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
