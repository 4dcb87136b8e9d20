"""The trends stage: an article's note becomes new counts of its subjects, and changed state.

All notes are in one partition, so one lane counts them, in their order. What it remembers of each article is
written in the transaction of the counts, and is read back whenever the lane opens; all counts follow from it.
"""

import asyncio
import logging
from collections.abc import Callable, Iterator

from aiokafka import TopicPartition

from worker import metrics
from worker.agents.rejection import letter_of
from worker.agents.state_records import ReadState, StateRecord, is_any_record
from worker.delivery.lanes.stage import Outputs, Work, WorkFactory
from worker.log import log_event
from worker.records.messages import FailedStep, OutMessage, RawMessage, Reason
from worker.stories.packing import StateError
from worker.trends.messages import NOTE_OFFSET, trend_messages
from worker.trends.trends import Taken, Trends

log = logging.getLogger(__name__)


def counting_trends(*, read_state: ReadState, event_source: str, transactions: bool = True) -> WorkFactory:
    """Makes the work of the trends' lane, which reads its state whenever it opens.

    Without `transactions` the state may be ahead of the committed offset. What follows from notes that will
    be taken again is then ignored, so that these give what they gave before.
    """

    async def opened(partition: TopicPartition, offset: int) -> Work:
        records = await read_state(partition.partition, is_any_record if transactions else _before(offset))
        trends = Trends()
        readable = {key: value for key, value in records.items() if key is not None}
        # A week of articles takes seconds; other lanes go on meanwhile.
        unread = await asyncio.to_thread(trends.restore, readable)
        if unread:
            log_event(
                log,
                logging.ERROR,
                "what trends remember can't be read in part, and is passed over",
                topic=partition.topic,
                records=len(unread),
                error=str(unread[0]),
            )
        return _TrendStage(trends, event_source).count

    return opened


def _before(offset: int) -> Callable[[StateRecord], bool]:
    """Whether a state record follows from a note before this one, asked of each in its order.

    One that follows from an earlier note than another of its key before it counts for nothing: a worker that
    was frozen may write late what another has written since.
    """
    newest: dict[bytes | None, int] = {}

    def is_relevant(record: StateRecord) -> bool:
        said = next((value for name, value in record.headers if name == NOTE_OFFSET), None) or b""
        follows = int(said) if said.isdigit() else -1
        if follows >= offset or follows < newest.get(record.key, -1):
            return False
        newest[record.key] = follows
        return True

    return is_relevant


class _TrendStage:
    """Counts articles, in the order of their notes."""

    def __init__(self, trends: Trends, event_source: str) -> None:
        self._trends, self._event_source = trends, event_source
        self._last_offset = -1
        self._tell()

    async def count(self, message: RawMessage) -> Outputs:
        assert message.offset > self._last_offset, f"{message.origin} comes behind {self._last_offset}"
        self._last_offset = message.offset
        # As of articles: others get their turn between notes.
        await asyncio.sleep(0)
        try:
            article = _article_of(message)
        except StateError as error:
            return (letter_of(message, Reason.UNDECODABLE, f"no note: {error}", FailedStep.TRENDS),)
        before = self._trends.remembered(article)
        try:
            taken = self._trends.take(article, message.value, max(message.timestamp_ms, 0))
        except StateError as error:
            return (letter_of(message, Reason.UNDECODABLE, f"no note: {error}", FailedStep.TRENDS),)
        except Exception as error:
            said = f"{type(error).__name__}: {error}"
            log_event(log, logging.ERROR, "counting an article failed", origin=message.origin, error=said)
            # Something of it may be counted already, and must not stay so. All is counted anew, in seconds.
            self._trends = await asyncio.to_thread(self._trends.recounted, article, before)
            return (letter_of(message, Reason.ENRICHMENT_FAILED, said, FailedStep.TRENDS),)
        self._tell(taken)
        return tuple(self._messages(message, taken))

    def _messages(self, message: RawMessage, taken: Taken) -> Iterator[OutMessage]:
        return trend_messages(message, taken, event_source=self._event_source)

    def _tell(self, taken: Taken | None = None) -> None:
        metrics.TREND_ARTICLES.set(self._trends.articles)
        metrics.TREND_COUNTS.set(self._trends.counts)
        if taken is not None and taken.uncounted is not None:
            metrics.TREND_UNCOUNTED.labels(taken.uncounted.value).inc()
        if taken is not None and taken.days_dropped:
            metrics.TREND_DAYS_DROPPED.inc(taken.days_dropped)


def _article_of(message: RawMessage) -> str:
    try:
        article = (message.key or b"").decode()
    except UnicodeDecodeError:
        article = ""
    if not article:
        raise StateError("a key that is no article's id")
    return article
