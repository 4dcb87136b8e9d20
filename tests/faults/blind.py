"""Times at which a worker may lack rules: which enriched records need not be held against all of them."""

from collections.abc import Mapping
from dataclasses import dataclass

from aiokafka import TopicPartition


@dataclass
class Blind:
    """From what was committed when it began, up to where the topic ended when it was over."""

    since: Mapping[TopicPartition, int]
    until: Mapping[TopicPartition, int] | None = None
    """None: it is not over."""

    def covers(self, tp: TopicPartition, offset: int) -> bool:
        """Whether a record of the enriched topic may have been looked at in this time."""
        return self.since.get(tp, 0) <= offset and (self.until is None or offset < self.until.get(tp, 0))
