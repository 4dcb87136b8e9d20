"""Which dead letters were sent back before: `redrive` writes a receipt with the originals that it sends.

The committed offset of a consumer group could not tell. Redrives with different filters would skip or repeat
each other's letters, and brokers delete the offsets of an empty group long before the letters are gone.
"""

import math
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import accumulate

import orjson
from aiokafka import ConsumerRecord, TopicPartition
from pydantic import ValidationError

from worker.channels import Channel
from worker.commands.dead_letters.letter import Letter
from worker.commands.shell.cluster import admin_client, asking, consumer
from worker.commands.shell.output import say
from worker.commands.shell.reading import read_records, seek
from worker.commands.shell.since import BEGINNING
from worker.commands.topics.settings import find_topics
from worker.delivery.lanes.dead_letter import WORKER
from worker.records.codec import from_bytes
from worker.records.redriven import LetterRange, Receipt
from worker.settings import Settings

_Range = tuple[int, int, int]


@dataclass
class _PartitionRanges:
    """The receipts' ranges of one partition, as (first, last, latest), sorted when they are first asked.

    `max_last[i]` is the largest last offset among the first i + 1 ranges: where it is below an offset, no
    earlier range holds that offset.
    """

    ranges: list[_Range] = field(default_factory=list)
    max_last: list[int] = field(default_factory=list)

    def has(self, offset: int, timestamp_ms: int) -> bool:
        if len(self.max_last) < len(self.ranges):
            self.ranges.sort()
            self.max_last = list(accumulate((last for _, last, _ in self.ranges), max))
        at = bisect_right(self.ranges, offset, key=lambda each: each[0]) - 1
        while at >= 0 and self.max_last[at] >= offset:
            _, last, latest = self.ranges[at]
            if offset <= last and timestamp_ms <= latest:
                return True
            at -= 1
        return False


class Receipts:
    """Tells whether a letter's original was sent back. Memory grows with the ranges, not with the letters."""

    def __init__(self, receipts: Iterable[Receipt] = ()) -> None:
        self._ranges: dict[tuple[str, int], _PartitionRanges] = defaultdict(_PartitionRanges)
        for receipt in receipts:
            self.add(receipt)

    def add(self, receipt: Receipt) -> None:
        ranges = self._ranges[receipt.topic, receipt.partition].ranges
        ranges += [(each.first, each.last, each.latest) for each in receipt.letters]

    def has(self, letter: Letter) -> bool:
        """Whether a receipt covers the letter.

        A letter that is later than all that a range covers is another one, in a topic that was created anew.
        """
        record = letter.record
        ranges = self._ranges.get((record.topic, record.partition))
        return ranges is not None and ranges.has(record.offset, record.timestamp)


async def read_receipts(settings: Settings, topics: dict[str, int]) -> Receipts:
    """Reads all committed receipts. `topics` are the cluster's, with their numbers of partitions."""
    receipts = Receipts()
    topic = settings.topic(Channel.REDRIVEN)
    partitions = [TopicPartition(topic, number) for number in range(topics.get(topic, 0))]
    if not partitions:
        return receipts
    async with consumer(settings) as client:
        client.assign(partitions)
        await seek(client, partitions, BEGINNING)
        async for record in read_records(client, partitions, settings):
            if (receipt := read_receipt(record)) is not None:
                receipts.add(receipt)
    return receipts


@dataclass(frozen=True, slots=True)
class Retention:
    """For how long a cluster keeps letters and their receipts; None where that can't be read."""

    letters_ms: float | None
    receipts_ms: float | None


async def read_retention(settings: Settings) -> Retention:
    """The retention of both topics, infinite for one without."""
    names = [settings.topic(Channel.DEAD), settings.topic(Channel.REDRIVEN)]
    async with admin_client(settings) as admin, asking(settings):
        found = await find_topics(admin, names)
    kept = (found[name].config.get("retention.ms") if name in found else None for name in names)
    return Retention(*(None if ms is None else math.inf if ms == "-1" else float(ms) for ms in kept))


def retention_warning(settings: Settings, kept: Retention) -> str | None:
    """The warning if letters are retained for longer than receipts: then some could be sent back twice."""
    if kept.letters_ms is None or kept.receipts_ms is None or kept.letters_ms <= kept.receipts_ms:
        return None
    letters, receipts = settings.topic(Channel.DEAD), settings.topic(Channel.REDRIVEN)
    longer = "-1" if math.isinf(kept.letters_ms) else f"{kept.letters_ms:.0f}"
    return (
        f"{letters} keeps letters longer (retention.ms {longer}) than {receipts} keeps receipts "
        f"({kept.receipts_ms:.0f}): a letter whose receipt is gone would be sent back again"
    )


def receipt_of(letters: Sequence[Letter], *, at: str) -> Receipt:
    """The receipt for letters of one partition, in order of their offsets.

    Letters that were read right after each other form one range, whatever offsets lie between them.
    """
    ranges: list[LetterRange] = []
    previous = None
    for letter in letters:
        offset, latest = letter.record.offset, letter.record.timestamp
        first = offset
        if previous is not None and letter.number == previous + 1:
            extended = ranges.pop()
            first, latest = extended.first, max(extended.latest, latest)
        ranges.append(LetterRange(first=first, last=offset, latest=latest))
        previous = letter.number
    record = letters[0].record
    return Receipt(
        topic=record.topic,
        partition=record.partition,
        letters=tuple(ranges),
        count=len(letters),
        at=at,
        by=WORKER,
    )


def read_receipt(record: ConsumerRecord[bytes, bytes]) -> Receipt | None:
    """The receipt that a record holds; None if it holds none, which is said on standard error."""
    try:
        return from_bytes(Receipt, record.value or b"")
    except (ValidationError, orjson.JSONDecodeError):
        say(f"dateline: {record.topic}/{record.partition}/{record.offset} is no receipt, and is passed over")
        return None
