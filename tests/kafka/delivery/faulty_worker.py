"""A worker in which something breaks when it reads an article that says so.

    faust -A tests.kafka.delivery.faulty_worker worker

`rotten`: for some seconds, the batch that it is in fails its checksum. `lost`: the reader drops it the first
time it reads it. `deaf`: from then on the reader is told of no further records. `blocked`: the event loop
stands still. `never`: the work on it never ends. `slow2`: the work on it takes so many seconds.
Every article that gets through is published as it is, on the enriched topic alone.
"""

import asyncio
import time
from typing import Any

from tests.faults.inline_pool import InlinePool, output_record
from tests.faults.sabotage import patch
from worker.assembly import build_app
from worker.channels import Channel
from worker.delivery.faust.reader import ReaderThread
from worker.delivery.kafka import wire
from worker.delivery.lanes.inbox import Arrival
from worker.delivery.lanes.lanes import Lanes
from worker.records.messages import Outcome, RawMessage
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
        patch(ReaderThread, "_fetched", hear_nothing)
    put(lanes, arrival)


async def hear_nothing(*_: object) -> dict[Any, Any]:
    await asyncio.sleep(0.1)
    return {}


# `__getattr__` passes it on to the batch below until it is here.
wire._Batch.validate_crc = validate_crc  # type: ignore[attr-defined]
patch(Lanes, "put", put_or_lose)


class FaultyPool(InlinePool):
    """Enriches every article but those that never end, and takes its time over slow ones."""

    async def submit(self, message: RawMessage) -> Outcome:
        value = message.value or b""
        if value == NEVER:
            await asyncio.Event().wait()
        if value.startswith(SLOW):
            await asyncio.sleep(float(value.removeprefix(SLOW)))
        self.count_done()
        return (output_record(Channel.ENRICHED, message, value),)


app = build_app(Settings.from_env(), make_pool=FaultyPool)
