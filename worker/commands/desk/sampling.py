"""Looks at the group again and again, so that the desk can show its last hour."""

import asyncio
import time

from worker.desk.operation.recent import SAMPLE_SECONDS, RecentLooks
from worker.desk.source import DeskSource, SourceError


async def sample_group(source: DeskSource, recent: RecentLooks, *, seconds: float = SAMPLE_SECONDS) -> None:
    """Looks every so many seconds, until it is cancelled."""
    while True:
        try:
            recent.take(await source.operation())
        except SourceError as error:
            recent.miss(time.time_ns() // 1_000_000, str(error))
        await asyncio.sleep(seconds)
