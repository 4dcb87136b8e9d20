"""Why a record of the worker's own was rejected by a later stage: it is none, or it triggered a bug."""

import logging

import orjson
from pydantic import ValidationError

from worker.delivery.lanes.dead_letter import dead_letter
from worker.log import log_event
from worker.records.article import Record
from worker.records.codec import from_bytes
from worker.records.messages import FailedStep, OutMessage, RawMessage, Reason, Rejected

log = logging.getLogger(__name__)


def rejected_record(
    message: RawMessage, error: Exception, record: type[Record], *, called: str, doing: str
) -> Rejected:
    """The rejection of a message that `error` came of. `called`: what the record is; `doing`: what failed."""
    try:
        from_bytes(record, message.value or b"")
    except (ValidationError, orjson.JSONDecodeError) as problem:
        said = " ".join(str(problem).split())
        return Rejected(Reason.UNDECODABLE, f"no {called}: {said}", FailedStep.ALERT)
    said = f"{type(error).__name__}: {error}"
    log_event(log, logging.ERROR, f"{doing} failed", origin=message.origin, error=said)
    return Rejected(Reason.ENRICHMENT_FAILED, said, FailedStep.ALERT)


def letter_of(message: RawMessage, reason: Reason, error: str, step: FailedStep) -> OutMessage:
    """The dead letter of a record that a later stage can't work on. `error`: why, put on one line."""
    return dead_letter(message, Rejected(reason, " ".join(error.split()), step))
