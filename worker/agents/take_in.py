"""The agent of every stage: it gives records to their partition's lane, which works on them and delivers."""

from collections.abc import Awaitable, Callable
from typing import Any

from worker.delivery.lanes.inbox import Arrival


def take_in(*, put: Callable[[Arrival], None]) -> Callable[[Any], Awaitable[None]]:
    """Makes the agent, which calls `put` with every arrival."""

    async def take(stream: Any) -> None:
        async for arrived in stream.events():
            for arrival in arrived.message.arrivals:
                put(arrival)

    return take
