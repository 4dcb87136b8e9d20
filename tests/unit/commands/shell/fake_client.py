"""A consumer whose topic is a list of records, with gaps between their offsets where markers would stand."""

from collections.abc import Iterable, Mapping

from aiokafka import ConsumerRecord, TopicPartition

TOPIC = "news.quotes.v1"


def record(
    partition: int, offset: int, timestamp: int, *, key: bytes = b"k", value: bytes | None = b"1"
) -> ConsumerRecord[bytes, bytes]:
    return ConsumerRecord(TOPIC, partition, offset, timestamp, 0, key, value, None, 0, 0, ())


class FakeClient:
    """`read`: how many records were handed out, to see how far a reader goes back."""

    def __init__(
        self,
        records: Iterable[ConsumerRecord[bytes, bytes]],
        *,
        begins: Mapping[int, int],
        ends: Mapping[int, int],
    ) -> None:
        self._records = sorted(records, key=lambda each: each.offset)
        self._begins = {TopicPartition(TOPIC, number): offset for number, offset in begins.items()}
        self._ends = {TopicPartition(TOPIC, number): offset for number, offset in ends.items()}
        self._positions: dict[TopicPartition, int] = {}
        self.read = 0

    @property
    def partitions(self) -> list[TopicPartition]:
        return list(self._ends)

    def assign(self, partitions: list[TopicPartition]) -> None:
        self._positions = {each: self._positions.get(each, self._begins[each]) for each in partitions}

    def seek(self, partition: TopicPartition, offset: int) -> None:
        assert partition in self._positions
        self._positions[partition] = offset

    async def seek_to_end(self, *partitions: TopicPartition) -> None:
        self._positions |= {each: self._ends[each] for each in partitions}

    async def seek_to_beginning(self, *partitions: TopicPartition) -> None:
        self._positions |= {each: self._begins[each] for each in partitions}

    async def beginning_offsets(self, partitions: list[TopicPartition]) -> dict[TopicPartition, int]:
        return {each: self._begins[each] for each in partitions}

    async def end_offsets(self, partitions: list[TopicPartition]) -> dict[TopicPartition, int]:
        return {each: self._ends[each] for each in partitions}

    async def position(self, partition: TopicPartition) -> int:
        return self._positions[partition]

    async def getmany(
        self, timeout_ms: int, max_records: int
    ) -> dict[TopicPartition, list[ConsumerRecord[bytes, bytes]]]:
        fetched: dict[TopicPartition, list[ConsumerRecord[bytes, bytes]]] = {}
        for partition, position in self._positions.items():
            there = [
                each
                for each in self._records
                if each.partition == partition.partition and each.offset >= position
            ][:max_records]
            if there:
                fetched[partition] = there
            self._positions[partition] = there[-1].offset + 1 if there else self._ends[partition]
        self.read += sum(map(len, fetched.values()))
        return fetched
