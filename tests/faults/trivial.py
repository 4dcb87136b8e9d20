"""A worker whose enrichment costs nothing: what it does with an article stands in the article.

    faust -A tests.faults.trivial worker

`{"do": ...}` with one of the verbs below; anything else is published as it is. TRIVIAL_SECONDS: mean time an
article takes, exponentially distributed, so that work ends out of order.
"""

import asyncio
import os
import random

import orjson

from worker.assembly import build_app
from worker.channels import Channel
from worker.pool.pool import PoolCounts
from worker.records.messages import FailedStep, OutMessage, RawMessage, Reason, Rejected
from worker.settings import Settings

MEAN_SECONDS = float(os.environ.get("TRIVIAL_SECONDS", "0.01"))
MENTIONS = 5
OUTPUTS_PER_ARTICLE = {Channel.ENRICHED: 1, Channel.SEARCH: 1, Channel.ENTITIES: MENTIONS}


class TrivialPool:
    """In place of the pool of processes."""

    ready = True

    def __init__(self, _: Settings) -> None:
        self.counts = PoolCounts()

    async def start(self) -> None:
        """Nothing to start."""

    async def submit(self, message: RawMessage) -> tuple[OutMessage, ...] | Rejected:
        await asyncio.sleep(random.expovariate(1 / MEAN_SECONDS) if MEAN_SECONDS else 0)
        self.counts = PoolCounts(done=self.counts.done + 1)
        order = _order(message.value)
        match order.get("do"):
            case "reject":
                return Rejected(Reason.INVALID, order["why"], FailedStep.DECODE)
            case "wait":
                await asyncio.sleep(order["seconds"])
            case "bloat":
                size = order["bytes"]
                return (_out(Channel.ENRICHED, message, random.randbytes(size)), *_records(message)[1:])
            case "fail":
                raise RuntimeError("told to fail")
        return _records(message)


def _records(message: RawMessage) -> tuple[OutMessage, ...]:
    """What an article becomes: deterministic, all with its origin."""
    value = b"" if message.value is None else message.value
    return (
        _out(Channel.ENRICHED, message, value),
        _out(Channel.SEARCH, message, value),
        *(_out(Channel.ENTITIES, message, b"entity %d" % number) for number in range(MENTIONS)),
    )


def _out(channel: Channel, message: RawMessage, value: bytes) -> OutMessage:
    origin = message.origin.encode()
    return OutMessage(channel, message.key or origin, value, (("origin", origin),))


def _order(value: bytes | None) -> dict[str, object]:
    try:
        order = orjson.loads(value or b"{}")
    except orjson.JSONDecodeError:
        return {}
    return order if isinstance(order, dict) else {}


app = build_app(Settings.from_env(), make_pool=TrivialPool)
