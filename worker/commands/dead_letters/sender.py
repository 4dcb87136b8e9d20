"""Sends originals back to their topics, each batch in one transaction with its receipt.

Two redrives can't both send: they share the transactional id that belongs to the dead letters' topic, so the
later one fences the earlier. With at-least-once delivery nothing is fenced, and a batch that was in flight
when a redrive died is sent again.
"""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

from aiokafka import AIOKafkaProducer, TopicPartition
from aiokafka.errors import KafkaError, ProducerFenced
from aiokafka.partitioner import DefaultPartitioner
from aiokafka.producer.message_accumulator import BatchBuilder

from worker.channels import SPECS, Channel
from worker.commands.shell.cluster import explain, producer
from worker.commands.shell.terminal import Problem
from worker.delivery.kafka import wire
from worker.delivery.kafka.connection import without_making_topics
from worker.records.codec import to_bytes
from worker.records.messages import RawMessage
from worker.records.redriven import Receipt
from worker.settings import Delivery, Settings

_BATCH_BYTES = 256 << 10
RESUME_HINT = "what was sent is noted; the same command goes on from there"


@dataclass(frozen=True)
class Sender:
    """Sends batches, one at a time. `topics` says how many partitions each topic has."""

    client: AIOKafkaProducer
    settings: Settings
    topics: dict[str, int]
    is_transactional: bool

    async def send(self, originals: Sequence[RawMessage], receipt: Receipt) -> None:
        """Sends the originals and their receipt, all or nothing if it is a transaction. Raises Problem."""
        try:
            async with asyncio.timeout(self.settings.deliver_seconds):
                if self.is_transactional:
                    await self.client.begin_transaction()
                await self._send_originals(originals)
                key = f"{receipt.topic}/{receipt.partition}".encode()
                topic = self.settings.topic(Channel.REDRIVEN)
                await self.client.send_and_wait(topic, to_bytes(receipt), key=key)
                if self.is_transactional:
                    await self.client.commit_transaction()
        except TimeoutError:
            seconds = self.settings.deliver_seconds
            raise Problem(
                f"no acknowledgement within {seconds:g} s (DATELINE_DELIVER_SECONDS); {RESUME_HINT}"
            ) from None
        except ProducerFenced:
            raise Problem(
                f"another redrive of {receipt.topic} has taken over, or the brokers were silent for too "
                f"long; {RESUME_HINT}"
            ) from None
        except KafkaError as error:
            first = originals[0].origin
            raise Problem(f"{first} and what follows: not sent: {explain(error)}; {RESUME_HINT}") from None

    async def _send_originals(self, originals: Sequence[RawMessage]) -> None:
        by_partition: dict[TopicPartition, list[RawMessage]] = defaultdict(list)
        for original in originals:
            by_partition[self._target(original)].append(original)
        waiting = [
            await self.client.send_batch(batch, tp.topic, partition=tp.partition)
            for tp, messages in by_partition.items()
            for batch in self._packed(messages)
        ]
        await asyncio.gather(*waiting)

    def _target(self, original: RawMessage) -> TopicPartition:
        """The partition that the original came from, or if that is gone, the one its key chooses."""
        count = self.topics[original.topic]
        if original.partition < count:
            return TopicPartition(original.topic, original.partition)
        choices = list(range(count))
        return TopicPartition(original.topic, DefaultPartitioner()(original.key, choices, choices))

    def _packed(self, messages: Sequence[RawMessage]) -> Iterator[BatchBuilder]:
        headers = [message.headers for message in messages]
        batch = wire.new_batch(self.client, headers)
        for message in messages:
            if not _append(batch, message):
                yield batch
                batch = wire.new_batch(self.client, headers)
                _append(batch, message)
        yield batch


def _append(batch: BatchBuilder, message: RawMessage) -> bool:
    """Whether the batch had room for the message."""
    added = batch.append(timestamp=None, key=message.key, value=message.value, headers=list(message.headers))
    return added is not None


@asynccontextmanager
async def letter_sender(settings: Settings, topics: dict[str, int]) -> AsyncIterator[Sender]:
    """A connected sender. With transactions, earlier senders are fenced and their open ones aborted."""
    is_transactional = settings.delivery is Delivery.EXACTLY_ONCE
    options = {
        "acks": "all",
        "enable_idempotence": True,
        "compression_type": None if settings.compression == "none" else settings.compression,
        "max_batch_size": _BATCH_BYTES,
        "max_request_size": max(spec.max_message_bytes for spec in SPECS.values()),
        "request_timeout_ms": int(settings.deliver_seconds * 1000),
    }
    if is_transactional:
        options["transactional_id"] = f"{settings.topic(Channel.DEAD)}/redrive"
        options["transaction_timeout_ms"] = int(settings.transaction_timeout_seconds * 1000)
    async with producer(settings, **options) as client:
        without_making_topics(client.client)
        yield Sender(client, settings, topics, is_transactional)
