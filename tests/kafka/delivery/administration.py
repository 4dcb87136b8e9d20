"""An administration client of a cluster, for tests of deliveries."""

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
