"""Finds partitions where the reader is not where the lane wants it, so that neither can go on."""

from collections.abc import Mapping
from typing import TypeVar

T = TypeVar("T")

# A record on its way from the reader to the lane arrives within fewer looks.
LOOKS = 3


class PositionMismatches:
    """Compares the positions of lanes and reader at every look, and finds those that do not come together."""

    def __init__(self) -> None:
        self._apart: dict[object, tuple[object, int]] = {}

    def look(self, wanted: Mapping[T, int], read_to: Mapping[T, int | None]) -> dict[T, int]:
        """The offsets to read again from, of lanes that stayed apart from their reader for LOOKS looks.

        A position that does not settle within LOOKS looks counts as a mismatch.
        """
        apart = {tp: (offset, read_to.get(tp)) for tp, offset in wanted.items() if read_to.get(tp) != offset}
        self._apart = {tp: (now, self._looks_before(tp, now) + 1) for tp, now in apart.items()}
        return {tp: wanted[tp] for tp in apart if self._apart[tp][1] % LOOKS == 0}

    def _looks_before(self, tp: object, positions: object) -> int:
        before, looks = self._apart.get(tp, (None, 0))
        return looks if before == positions else 0
