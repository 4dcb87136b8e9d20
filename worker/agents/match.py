"""The match stage: an enriched article becomes one match for each rule in force that it meets.

A rule that takes more work than its budget does not match the article. Its overrun is logged, counted, and
written beside the cooldowns' state, where `dateline rules list` finds it.
"""

import asyncio
import logging
import time
from collections.abc import Callable, Iterator

import orjson

from worker import metrics
from worker.agents.rejection import rejected_record
from worker.alerts.book import RuleBook
from worker.alerts.index import RuleIndex
from worker.alerts.matching import match_by_turns
from worker.delivery.lanes.dead_letter import dead_letter
from worker.delivery.lanes.stage import Outputs, Work
from worker.log import log_event
from worker.records.alert_messages import match_message, overrun_message
from worker.records.alerts import AlertMatch, RuleOverrun
from worker.records.article import EnrichedArticle
from worker.records.cloudevents import event_time_ms
from worker.records.messages import OutMessage, RawMessage

log = logging.getLogger(__name__)

# How much of an article's id stands in the log.
_LOGGED_CHARS = 200


def matching(*, book: Callable[[], RuleBook], event_source: str) -> Work:
    """Makes the work of a match lane. `book()` gives the rules in force at the moment.

    A tombstone matches nothing, and alerts of the retracted article stay.
    """

    async def work(message: RawMessage) -> Outputs:
        # Matching blocks the event loop for a moment, so others get their turn between articles, and within
        # one that takes long.
        await asyncio.sleep(0)
        index = book().index
        if message.value is None or not len(index):
            return ()
        outputs: list[OutMessage] = []
        try:
            for output in _timed(_outputs(index, message, event_source)):
                if output is not None:
                    outputs.append(output)
                await asyncio.sleep(0)
        except Exception as error:
            rejected = rejected_record(
                message, error, EnrichedArticle, called="enriched article", doing="matching"
            )
            return (dead_letter(message, rejected),)
        return tuple(outputs)

    return work


def _outputs(index: RuleIndex, message: RawMessage, event_source: str) -> Iterator[OutMessage | None]:
    """The messages for one article. At each None others may have their turn."""
    time_ms = event_time_ms(message.headers, message.timestamp_ms)
    for found in match_by_turns(index, orjson.loads(message.value or b""), time_ms=time_ms):
        if isinstance(found, AlertMatch):
            yield match_message(message, found, event_source=event_source)
        elif isinstance(found, RuleOverrun):
            metrics.RULE_OVERRUNS.inc()
            log_event(
                log,
                logging.WARNING,
                "rule over its budget; it does not match the article",
                rule=found.rule,
                version=found.version,
                article=found.article[:_LOGGED_CHARS],
                origin=message.origin,
                steps=found.most,
            )
            yield overrun_message(message, found)
        else:
            yield None


def _timed(turns: Iterator[OutMessage | None]) -> Iterator[OutMessage | None]:
    """The same; what they take together, without the time in which others had their turn, is measured."""
    spent = 0.0
    try:
        while True:
            began = time.perf_counter()
            try:
                output = next(turns)
            except StopIteration:
                return
            finally:
                spent += time.perf_counter() - began
            yield output
    finally:
        metrics.MATCH_SECONDS.observe(spent)
