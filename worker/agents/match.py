"""The match stage: an enriched article becomes one match for each rule in force that it meets."""

import asyncio
import logging
from collections.abc import Callable

import orjson
from pydantic import ValidationError

from worker import metrics
from worker.alerts.book import RuleBook
from worker.alerts.matching import matches
from worker.delivery.lanes.dead_letter import dead_letter
from worker.delivery.lanes.stage import Outputs, Work
from worker.log import log_event
from worker.records.alert_messages import match_message
from worker.records.article import EnrichedArticle
from worker.records.cloudevents import event_time_ms
from worker.records.codec import from_bytes
from worker.records.messages import FailedStep, RawMessage, Reason, Rejected

log = logging.getLogger(__name__)


def matching(*, book: Callable[[], RuleBook], event_source: str) -> Work:
    """Makes the work of a match lane. `book()` gives the rules in force at the moment.

    A tombstone matches nothing, and alerts of the retracted article stay.
    """

    async def work(message: RawMessage) -> Outputs:
        # Matching one article blocks the event loop for a moment, so others get their turn between articles.
        await asyncio.sleep(0)
        index = book().index
        if message.value is None or not len(index):
            return ()
        try:
            with metrics.MATCH_SECONDS.time():
                time_ms = event_time_ms(message.headers, message.timestamp_ms)
                found = matches(index, orjson.loads(message.value), time_ms=time_ms)
        except Exception as error:
            return (dead_letter(message, _rejected(message, error)),)
        return tuple(match_message(message, match, event_source=event_source) for match in found)

    return work


def _rejected(message: RawMessage, error: Exception) -> Rejected:
    """Finds out whether the record is no enriched article, or an article that triggered a bug."""
    try:
        from_bytes(EnrichedArticle, message.value or b"")
    except (ValidationError, orjson.JSONDecodeError) as problem:
        said = " ".join(str(problem).split())
        return Rejected(Reason.UNDECODABLE, f"no enriched article: {said}", FailedStep.ALERT)
    said = f"{type(error).__name__}: {error}"
    log_event(log, logging.ERROR, "matching failed", origin=message.origin, error=said)
    return Rejected(Reason.ENRICHMENT_FAILED, said, FailedStep.ALERT)
