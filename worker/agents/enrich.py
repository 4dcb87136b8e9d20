"""The enrich stage: the pool turns a raw message into outputs, or it becomes a dead letter."""

import logging
from collections.abc import Awaitable, Callable

from worker.delivery.kafka.errors import FatalError
from worker.delivery.kafka.wire import is_utf8
from worker.delivery.lanes.dead_letter import dead_letter
from worker.delivery.lanes.stage import Outputs, Work
from worker.log import log_event
from worker.pool.pool import Killed, PoolBrokenError, PoolError
from worker.records.messages import FailedStep, RawMessage, Reason, Rejected

log = logging.getLogger(__name__)

Submit = Callable[[RawMessage], Awaitable[Outputs | Rejected | Killed]]


def enrichment(*, submit: Submit) -> Work:
    """Makes the work of an enrich lane: every message becomes outputs or a dead letter, never nothing."""

    async def work(message: RawMessage) -> Outputs:
        if (unreadable := _unreadable(message)) is not None:
            return (dead_letter(message, unreadable),)
        try:
            result = await submit(message)
        except PoolBrokenError as error:
            raise FatalError(str(error)) from error
        except PoolError as error:
            # A bug that this article alone triggers, and that it would trigger in every worker that tries it.
            log_event(
                log,
                logging.ERROR,
                "enrichment failed",
                origin=message.origin,
                error=str(error),
                trace=getattr(error, "__notes__", []),
            )
            failed = Rejected(Reason.ENRICHMENT_FAILED, str(error), FailedStep.ENRICH)
            return (dead_letter(message, failed),)
        match result:
            case Killed(reason, attempts):
                killed = Rejected(Reason.ENRICHMENT_KILLED, reason, FailedStep.ENRICH, attempts)
                return (dead_letter(message, killed),)
            case Rejected() as rejected:
                return (dead_letter(message, rejected),)
            case outputs:
                return outputs

    return work


def _unreadable(message: RawMessage) -> Rejected | None:
    """Rejects a message with a header name that is not UTF-8, which only a dead letter can keep."""
    for name, _ in message.headers:
        if not is_utf8(name):
            error = f"the header name {name.encode('utf-8', 'surrogateescape')!r} is not UTF-8"
            return Rejected(Reason.INVALID, error, FailedStep.DECODE)
    return None
