"""An administration client of a cluster, for tests of deliveries."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

from aiokafka.admin import AIOKafkaAdminClient, NewPartitions, NewTopic

from worker.channels import SPECS, Channel, topic_name


@asynccontextmanager
async def administration(brokers: str, **client: Any) -> AsyncIterator[AIOKafkaAdminClient]:
    """`async with administration(brokers) as admin`: connected, and closed at the end."""
    admin = AIOKafkaAdminClient(bootstrap_servers=brokers, **client)
    await admin.start()
    try:
        yield admin
    finally:
        await admin.close()


async def until_known(
    admin: AIOKafkaAdminClient, topic: str, partitions: int, *, seconds: float = 30
) -> None:
    """Waits until the broker that is asked knows so many partitions of a topic, and their leaders."""
    async with asyncio.timeout(seconds):
        while True:
            (found,) = await admin.describe_topics([topic])
            errors = [found["error_code"], *(one["error_code"] for one in found["partitions"])]
            if not any(errors) and len(found["partitions"]) == partitions:
                return
            await asyncio.sleep(0.1)


async def create_topic(
    admin: AIOKafkaAdminClient, topic: str, partitions: int = 1, config: Mapping[str, str] | None = None
) -> None:
    """A topic that the broker knows when this returns, as what is produced to it at once needs."""
    await admin.create_topics([NewTopic(topic, partitions, 1, topic_configs=dict(config or {}))])
    await until_known(admin, topic, partitions)


async def delete_topic(admin: AIOKafkaAdminClient, topic: str) -> None:
    """A topic that is gone when this returns: what is produced after it reaches no old one."""
    await admin.delete_topics([topic])
    async with asyncio.timeout(30):
        while topic in await admin.list_topics():  # noqa: ASYNC110 (a broker is asked)
            await asyncio.sleep(0.1)


async def add_partitions(admin: AIOKafkaAdminClient, topic: str, total: int) -> None:
    """Partitions that the broker knows when this returns."""
    await admin.create_partitions({topic: NewPartitions(total)})
    await until_known(admin, topic, total)


async def make_anew(brokers: str, prefix: str, channel: Channel) -> None:
    """As if a topic of the contract had been lost, and `dateline topics create` had been run."""
    topic = topic_name(channel, prefix)
    async with administration(brokers) as admin:
        await delete_topic(admin, topic)
        await create_topic(admin, topic, config=SPECS[channel].config)
