"""Counts the committed records of stretches of partitions, in bounded time and memory.

Offsets are no count of records: transaction markers, aborted and compacted records take some too. So what
waits is read; where too much waits for that, it is reckoned from what was read of it.
"""

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from aiokafka.errors import KafkaError

from worker.commands.shell.cluster import asking, explain
from worker.commands.shell.terminal import Problem
from worker.settings import Settings

STRETCH_SECONDS = 10.0
_POLL_MS = 200
_AT_ONCE = 500

FoundRecord = ConsumerRecord[bytes, bytes]


@dataclass(slots=True)
class Stretch:
    """From `start` to before `end`, of which everything before `position` was read."""

    start: int
    end: int
    position: int
    read: int = 0
    """Records that were read."""
    first_ms: int | None = None
    """Kafka's time of the first of them."""

    @property
    def is_whole(self) -> bool:
        return self.position >= self.end

    @property
    def records(self) -> int:
        """How many records there are; as far as they were not read, reckoned from those that were."""
        unread, done = self.end - self.position, self.position - self.start
        return self.read + (0 if self.is_whole else unread * self.read // done if done else unread)

    def take(self, record: FoundRecord) -> None:
        self.read += 1
        if self.first_ms is None:
            self.first_ms = record.timestamp


def _nothing_else(_record: FoundRecord) -> None:
    pass


async def read_stretches(
    client: AIOKafkaConsumer,
    settings: Settings,
    spans: Mapping[TopicPartition, tuple[int, int]],
    *,
    most: int,
    take: Callable[[FoundRecord], None] = _nothing_else,
) -> dict[TopicPartition, Stretch]:
    """Reads each span, or the first `most` records of it, or what can be read in STRETCH_SECONDS.

    `take` gets each record. Raises Problem if a topic can't be read.
    """
    stretches = {tp: Stretch(start, end, start) for tp, (start, end) in spans.items()}
    unfinished = [tp for tp, stretch in stretches.items() if not stretch.is_whole]
    if not unfinished:
        return stretches
    client.assign(unfinished)
    for tp in unfinished:
        client.seek(tp, stretches[tp].start)
    deadline = time.monotonic() + STRETCH_SECONDS
    while unfinished and time.monotonic() < deadline:
        try:
            fetched = await client.getmany(*unfinished, timeout_ms=_POLL_MS, max_records=_AT_ONCE)
        except KafkaError as error:
            topics = ", ".join(sorted({tp.topic for tp in unfinished}))
            raise Problem(f"{topics} can't be read: {explain(error)}") from None
        for tp, records in fetched.items():
            _take_all(stretches[tp], records, take)
        async with asking(settings):
            for tp in unfinished:
                stretches[tp].position = max(stretches[tp].position, await client.position(tp))
        finished = [tp for tp in unfinished if stretches[tp].is_whole or stretches[tp].read >= most]
        client.pause(*finished)
        unfinished = [tp for tp in unfinished if tp not in finished]
    return stretches


def _take_all(stretch: Stretch, records: Iterable[FoundRecord], take: Callable[[FoundRecord], None]) -> None:
    for record in records:
        if stretch.start <= record.offset < stretch.end:
            stretch.take(record)
            take(record)
