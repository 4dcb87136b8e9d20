"""The enrichment agent: every raw message to its partition's lane, and from the lane to the pool."""

from collections.abc import Awaitable, Callable
from typing import Any

from worker.delivery.dead_letter import dead_letter
from worker.delivery.inbox import Arrival
from worker.delivery.lane import Outputs, Work
from worker.delivery.refusals import Hopeless
from worker.pool import Killed, PoolBrokenError
from worker.records.messages import RawMessage, Reason, Rejected, Stage

Submit = Callable[[RawMessage], Awaitable[Outputs | Rejected | Killed]]


def enrich_articles(*, put: Callable[[Arrival], None]) -> Callable[[Any], Awaitable[None]]:
    """The agent. What a lane takes, it works on in batches and delivers in order, with its offset."""

    async def enrich(stream: Any) -> None:
        async for event in stream.events():
            put(event.message.arrival)

    return enrich


def enrichment(*, submit: Submit) -> Work:
    """What a lane does with one message: it comes back as outputs or as a dead letter, never as nothing."""

    async def work(message: RawMessage) -> Outputs:
        try:
            result = await submit(message)
        except PoolBrokenError as error:
            raise Hopeless(str(error)) from error
        match result:
            case Killed(error, attempts):
                killed = Rejected(Reason.ENRICHMENT_KILLED, error, Stage.ENRICH, attempts)
                return (dead_letter(message, killed),)
            case Rejected() as rejected:
                return (dead_letter(message, rejected),)
            case outputs:
                return outputs

    return work
