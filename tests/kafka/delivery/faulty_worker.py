"""A worker in which something breaks when it reads an article that says so.

    faust -A tests.kafka.delivery.faulty_worker worker


Every other article is published as it is, on the enriched topic alone.
"""

import asyncio
import time
from typing import Any

from worker.assembly import build_app
from worker.channels import Channel
from worker.delivery.faust.reader import ReaderThread
from worker.delivery.kafka import wire
from worker.delivery.lanes.inbox import Arrival
from worker.delivery.lanes.lanes import Lanes
from worker.pool.pool import PoolCounts
from worker.records.messages import OutMessage, RawMessage
from worker.settings import Settings

ROTTEN, LOST, DEAF, BLOCKED, NEVER, SLOW = b"rotten", b"lost", b"deaf", b"blocked", b"never", b"slow"
ROTTEN_SECONDS = 4.0
lost: set[bytes] = set()


def validate_crc(batch: Any) -> bool:
    """A batch with `rotten` in it is so for a while: read from a bad disk, then from another replica."""
    is_rotten = ROTTEN in bytes(batch._data) and time.monotonic() < rotten_until()
    return not is_rotten and bool(batch._batch.validate_crc())


def rotten_until() -> float:
    global began_rotting
    began_rotting = began_rotting or time.monotonic()
    return began_rotting + ROTTEN_SECONDS


began_rotting = 0.0
put = Lanes.put


def put_or_lose(lanes: Lanes, arrival: Arrival) -> None:
    value = arrival.message.value or b""
    if value == LOST and value not in lost:
        lost.add(value)
        return
    if value == BLOCKED:
        time.sleep(3600)
    if value == DEAF:
        ReaderThread._fetched = hear_nothing  # type: ignore[method-assign]
    put(lanes, arrival)


async def hear_nothing(*_: object) -> dict[Any, Any]:
    await asyncio.sleep(0.1)
    return {}


wire._Batch.validate_crc = validate_crc  # type: ignore[attr-defined]
Lanes.put = put_or_lose  # type: ignore[method-assign]


class Enricher:
    """In place of the pool of processes."""

    ready = True

    def __init__(self, _: Settings) -> None:
        self.counts = PoolCounts()

    async def start(self) -> None:
        """Nothing to start."""

    async def submit(self, message: RawMessage) -> tuple[OutMessage, ...]:
        value = message.value or b""
        if value == NEVER:
            await asyncio.Event().wait()
        if value.startswith(SLOW):
            await asyncio.sleep(float(value.removeprefix(SLOW)))
        self.counts = PoolCounts(done=self.counts.done + 1)
        origin = message.origin.encode()
        return (OutMessage(Channel.ENRICHED, message.key or origin, value, (("origin", origin),)),)


app = build_app(Settings.from_env(), make_pool=Enricher)
