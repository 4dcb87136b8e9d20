"""An administration client of a cluster, for tests of deliveries."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiokafka.admin import AIOKafkaAdminClient


@asynccontextmanager
async def administration(brokers: str) -> AsyncIterator[AIOKafkaAdminClient]:
    """`async with administration(brokers) as admin`: connected, and closed at the end."""
    admin = AIOKafkaAdminClient(bootstrap_servers=brokers)
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
