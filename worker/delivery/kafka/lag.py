"""How far behind a worker is: what is delivered of each partition against its last stable offset."""

import asyncio
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.consumer.fetcher import READ_COMMITTED, OffsetResetStrategy
from aiokafka.errors import KafkaError
from aiokafka.protocol.api import Response
from aiokafka.protocol.offset import OffsetRequest

NO_ERROR = 0
ANY_REPLICA = -1


@dataclass(frozen=True, slots=True)
class Lag:
    """All before `position` is delivered, or nothing to deliver; what may be read ends at `last_stable`.

    Transaction markers take offsets; those behind the last record are no part of the lag.
    """

    position: int
    last_stable: int

    @property
    def waiting(self) -> int:
        """Offsets between the two."""
        return max(0, self.last_stable - self.position)


@dataclass(frozen=True, slots=True)
class ReadPosition:
    """How things stood with a partition when the cluster was asked."""

    read_to: int
    """Everything before it was handed to the lane."""
    position: int
    """Where the reader stands: past `read_to` there were only transaction markers and aborted records."""
    last_stable: int


async def last_stable_offsets(
    consumer: AIOKafkaConsumer, partitions: Iterable[TopicPartition], seconds: float
) -> dict[TopicPartition, int] | None:
    """Each partition's last stable offset, as far as its leader says so in time; None if no broker answers.

    One request to each leader. Partitions nobody leads are left out.
    """
    client = consumer._client
    wanted: dict[int, dict[str, list[tuple[int, int]]]] = defaultdict(lambda: defaultdict(list))
    for tp in partitions:
        leader = client.cluster.leader_for_partition(tp)
        if leader is not None and leader != -1:
            wanted[leader][tp.topic].append((tp.partition, OffsetResetStrategy.LATEST))

    async def ask(leader: int) -> Response | None:
        request = OffsetRequest(ANY_REPLICA, READ_COMMITTED, list(wanted[leader].items()))
        try:
            async with asyncio.timeout(seconds):
                return await client.send(leader, request)
        except (KafkaError, TimeoutError):
            return None

    answers = [answer for answer in await asyncio.gather(*map(ask, wanted)) if answer is not None]
    offsets = {
        TopicPartition(topic, partition): rest[1]
        for answer in answers
        for topic, parts in answer.topics
        for partition, error_code, *rest in parts
        if error_code == NO_ERROR
    }
    if not answers and not await _answers(consumer, seconds):
        return None
    return offsets


async def _answers(consumer: AIOKafkaConsumer, seconds: float) -> bool:
    try:
        async with asyncio.timeout(seconds):
            return bool(await consumer._client.force_metadata_update())
    except TimeoutError:
        return False
