"""Partitions whose reader and lane have lost each other: what is read is not what the lane wants next."""

from collections.abc import Mapping
from typing import TypeVar

T = TypeVar("T")

# What is under way between the two arrives sooner.
LOOKS = 3


class PositionMismatches:
    """Looks at where the lanes and the reader stand, again and again."""

    def __init__(self) -> None:
        self._apart: dict[object, tuple[object, int]] = {}

    def look(self, wanted: Mapping[T, int], read_to: Mapping[T, int | None]) -> dict[T, int]:
        """The offsets to read again from: where a lane stood still, apart from its reader, for some looks."""
        apart = {tp: (offset, read_to.get(tp)) for tp, offset in wanted.items() if read_to.get(tp) != offset}
        self._apart = {tp: (stand, self._looks_before(tp, stand) + 1) for tp, stand in apart.items()}
        return {tp: wanted[tp] for tp in apart if self._apart[tp][1] % LOOKS == 0}

    def _looks_before(self, tp: object, stand: object) -> int:
        before, looks = self._apart.get(tp, (None, 0))
        return looks if before == stand else 0
