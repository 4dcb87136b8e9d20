"""A worker without a pool of processes, whose articles say what it does with them.

    faust -A tests.faults.trivial worker

`{"do": ...}` with one of the verbs below; anything else is published as it is. TRIVIAL_SECONDS: mean time an
article takes, exponentially distributed, so that work ends out of order.
"""

import asyncio
import os
import random
from typing import Any

import orjson

from tests.faults.inline_pool import OUTPUTS_PER_ARTICLE, InlinePool, output_record
from worker.assembly import build_app
from worker.channels import Channel
from worker.records.messages import FailedStep, Outcome, OutMessage, RawMessage, Reason, Rejected
from worker.settings import Settings

_MEAN_SECONDS = float(os.environ.get("TRIVIAL_SECONDS", "0.01"))


class TrivialPool(InlinePool):
    """Does what the article says, or publishes it as it is."""

    async def submit(self, message: RawMessage) -> Outcome:
        await asyncio.sleep(random.expovariate(1 / _MEAN_SECONDS) if _MEAN_SECONDS else 0)
        self.count_done()
        order = _order(message.value)
        match order.get("do"):
            case "reject":
                return Rejected(Reason.INVALID, order["why"], FailedStep.DECODE)
            case "wait":
                await asyncio.sleep(order["seconds"])
            case "bloat":
                size = order["bytes"]
                return (
                    output_record(Channel.ENRICHED, message, random.randbytes(size)),
                    *_records(message)[1:],
                )
            case "fail":
                raise RuntimeError("told to fail")
        return tuple(record for record in _records(message) if record.channel in self.channels)


def _records(message: RawMessage) -> tuple[OutMessage, ...]:
    """What an article becomes: the same each time, each record with its origin."""
    value = b"" if message.value is None else message.value
    return (
        output_record(Channel.ENRICHED, message, value),
        output_record(Channel.SEARCH, message, value),
        *(
            output_record(Channel.ENTITIES, message, b"entity %d" % number)
            for number in range(OUTPUTS_PER_ARTICLE[Channel.ENTITIES])
        ),
    )


def _order(value: bytes | None) -> dict[str, Any]:
    try:
        order = orjson.loads(value or b"{}")
    except orjson.JSONDecodeError:
        return {}
    return order if isinstance(order, dict) else {}


app = build_app(Settings.from_env(), make_pool=TrivialPool)
