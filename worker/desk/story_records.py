"""The latest records of stories, in bounded memory: rules about stories are tried on them."""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass

MOST_STORY_RECORDS = 4_000
MOST_STORY_RECORD_BYTES = 16 << 20


@dataclass(frozen=True, slots=True)
class StoryRecord:
    """A record of the topic of stories. `time_ms`: of the article that it follows from."""

    partition: int
    offset: int
    time_ms: int
    value: bytes


class StoryRecords:
    """Keeps the latest MOST_STORY_RECORDS records, MOST_STORY_RECORD_BYTES of them at most."""

    def __init__(self) -> None:
        self._records: deque[StoryRecord] = deque()
        self._bytes = 0

    def __len__(self) -> int:
        return len(self._records)

    def add(self, record: StoryRecord) -> None:
        self._records.append(record)
        self._bytes += len(record.value)
        while len(self._records) > MOST_STORY_RECORDS or self._bytes > MOST_STORY_RECORD_BYTES:
            self._bytes -= len(self._records.popleft().value)

    def in_order(self) -> Iterator[StoryRecord]:
        """As they came, over a copy, so that others may come meanwhile."""
        return iter(list(self._records))
