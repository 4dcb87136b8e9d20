"""A worker with little patience, whose articles say what goes wrong with them.

    faust -A tests.kafka.delivery.impatient_worker worker

`slow 2.5`: takes so many seconds. `raise`: the work on it fails. `stumble`: the agent's body fails when it
reads it. Every article is published as it is, on the enriched topic alone.

TRIVIAL_SEEK_SECONDS: how long Faust's seek takes before it reads, where it may take one second.
TRIVIAL_FREEZES: stops itself (SIGSTOP) while it opens its first lane.
"""

import asyncio
import os
import signal

from tests.faults.inline_pool import InlinePool, output_record
from tests.faults.sabotage import patch
from worker.assembly import build_app
from worker.channels import Channel
from worker.delivery.faust import reader
from worker.delivery.faust.consumer import Consumer
from worker.delivery.lanes import retry_policy
from worker.delivery.lanes.inbox import Arrival
from worker.delivery.lanes.lane import Lane
from worker.delivery.lanes.lanes import Lanes
from worker.records.messages import Outcome, RawMessage
from worker.settings import Settings

IDLE_SECONDS = 3.0
SEEK_SECONDS = float(os.environ.get("TRIVIAL_SEEK_SECONDS", "0"))
retry_policy.BACKOFF_SECONDS = 0.05
if not SEEK_SECONDS:  # it would leave the group before anybody noticed that it does not read, and begin anew
    reader.IDLE_SECONDS = IDLE_SECONDS

put, open_lane, perform_seek = Lanes.put, Lane.open, Consumer.perform_seek


def put_or_stumble(lanes: Lanes, arrival: Arrival) -> None:
    if arrival.message.value == b"stumble":
        raise RuntimeError("told to stumble")
    put(lanes, arrival)


async def perform_seek_late(consumer: Consumer) -> None:
    await asyncio.sleep(SEEK_SECONDS)
    await perform_seek(consumer)


async def freeze_and_open(lane: Lane) -> None:
    patch(Lane, "open", open_lane)
    os.kill(os.getpid(), signal.SIGSTOP)
    await open_lane(lane)


if "TRIVIAL_FREEZES" in os.environ:
    patch(Lane, "open", freeze_and_open)
patch(Consumer, "perform_seek", perform_seek_late)
patch(Lanes, "put", put_or_stumble)


class ImpatientPool(InlinePool):
    """Enriches every article but those that say that the work on them fails."""

    async def submit(self, message: RawMessage) -> Outcome:
        verb, _, seconds = (message.value or b"").partition(b" ")
        if verb == b"raise":
            raise RuntimeError("told to fail")
        if verb == b"slow":
            await asyncio.sleep(float(seconds))
        self.count_done()
        return (output_record(Channel.ENRICHED, message, message.value),)


app = build_app(Settings.from_env(), make_pool=ImpatientPool)
if SEEK_SECONDS:
    app.conf.broker_request_timeout = 1.0
