"""How far behind a worker is: what it has delivered of a partition, against the last stable offset."""

import asyncio
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.consumer.fetcher import READ_COMMITTED, OffsetResetStrategy
from aiokafka.errors import KafkaError
from aiokafka.protocol.offset import OffsetRequest

from worker.delivery.kafka.internals import TopicsAnswer

NO_ERROR = 0
ANY_REPLICA = -1


@dataclass(frozen=True, slots=True)
class Lag:
    """Everything before `position` is done, and readers of committed records can read up to `last_stable`.

    Transaction markers take offsets too. Those behind the last record do not count as lag.
    """

    position: int
    last_stable: int

    @property
    def waiting(self) -> int:
        """How many offsets lie between the two."""
        return max(0, self.last_stable - self.position)


@dataclass(frozen=True, slots=True)
class ReadPosition:
    """How far a partition had been read when its leader was last asked."""

    read_to: int
    """Everything before this offset was handed to the lane."""
    position: int
    """Where the reader stands. From `read_to` to here there were only markers and aborted records."""
    last_stable: int


async def last_stable_offsets(
    consumer: AIOKafkaConsumer, partitions: Iterable[TopicPartition], seconds: float
) -> dict[TopicPartition, int] | None:
    """The last stable offset of each partition whose leader answers in time; None if no broker answers.

    Sends one request to each leader. Partitions without a leader are left out.
    """
    client = consumer._client
    wanted: dict[int, dict[str, list[tuple[int, int]]]] = defaultdict(lambda: defaultdict(list))
    for tp in partitions:
        leader = client.cluster.leader_for_partition(tp)
        if leader is not None and leader != -1:
            wanted[leader][tp.topic].append((tp.partition, OffsetResetStrategy.LATEST))

    async def ask(leader: int) -> TopicsAnswer | None:
        request = OffsetRequest(ANY_REPLICA, READ_COMMITTED, list(wanted[leader].items()))
        try:
            async with asyncio.timeout(seconds):
                answer: TopicsAnswer = await client.send(leader, request)
                return answer
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
    if not answers and not await _any_answer(consumer, seconds):
        return None
    return offsets


async def _any_answer(consumer: AIOKafkaConsumer, seconds: float) -> bool:
    try:
        async with asyncio.timeout(seconds):
            return bool(await consumer._client.force_metadata_update())
    except TimeoutError:
        return False
