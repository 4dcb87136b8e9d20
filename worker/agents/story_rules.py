"""The story-rules stage: a story's record becomes a match for each story rule that begins to hold for it.

Which rules hold for a story is remembered, in the transaction of the matches, and read back whenever the lane
opens. All records of a story are in one partition, so one lane decides on them, in their order. The alert
stage then applies the rules' cooldowns, as it does with matches of articles.
"""

import asyncio
import logging
from collections.abc import Callable, Generator, Iterator, Mapping
from functools import partial

import orjson
from aiokafka import TopicPartition

from worker import metrics
from worker.agents.rejection import rejected_record
from worker.agents.state_records import ReadState, StateRecord, follows_from_before, is_any_record
from worker.alerts.book import RuleBook
from worker.alerts.story_cards import story_time_ms
from worker.alerts.story_watch import StoryWatch, Watched, WatchError, read_state
from worker.channels import Channel
from worker.delivery.lanes.dead_letter import dead_letter
from worker.delivery.lanes.stage import Outputs, Work, WorkFactory
from worker.log import log_event
from worker.records.alert_messages import match_message, overrun_message
from worker.records.alerts import AlertMatch, RuleOverrun
from worker.records.cloudevents import following_id
from worker.records.messages import OutMessage, RawMessage
from worker.records.stories import StoryCard

log = logging.getLogger(__name__)

RECORD_OFFSET = "story-offset"
"""A state record's header: the offset of the story's record that it follows from."""


def matching_stories(
    *,
    read_states: ReadState,
    book: Callable[[], RuleBook],
    event_source: str,
    transactions: bool = True,
) -> WorkFactory:
    """Makes the work of a story-rules lane. `book()` gives the rules in force at the moment.

    `read_states(partition, is_relevant)` reads what is remembered of stories. Without `transactions` that may
    be ahead of the committed offset; what follows from records that will be taken again is then ignored, so
    that they raise what they raised before.
    """

    async def opened(partition: TopicPartition, offset: int) -> Work:
        is_relevant = is_any_record if transactions else partial(_is_before, offset)
        watch = StoryWatch()
        watch.restore(_readable(await read_states(partition.partition, is_relevant), partition))
        return _StoryRulesStage(partition.partition, watch, book, event_source).decide

    return opened


class _StoryRulesStage:
    """Decides on the records of the stories of one partition, in their order."""

    def __init__(
        self, partition: int, watch: StoryWatch, book: Callable[[], RuleBook], event_source: str
    ) -> None:
        self._partition, self._watch = partition, watch
        self._book, self._event_source = book, event_source
        self._last_offset = -1

    async def decide(self, message: RawMessage) -> Outputs:
        assert message.offset > self._last_offset, f"{message.origin} comes behind {self._last_offset}"
        self._last_offset = message.offset
        # As of articles: others get their turn between stories, and within one that takes long.
        await asyncio.sleep(0)
        index = self._book().index
        if message.value is None or not (index.story_rules or len(self._watch)):
            return ()
        try:
            steps = self._take(message, orjson.loads(message.value))
            while True:
                try:
                    next(steps)
                except StopIteration as end:
                    return tuple(self._outputs(message, end.value))
                await asyncio.sleep(0)
        except Exception as error:
            rejected = rejected_record(
                message, error, StoryCard, called="record of a story", doing="matching a story"
            )
            return (dead_letter(message, rejected),)

    def _take(self, message: RawMessage, card: Mapping[str, object]) -> Generator[None, None, Watched]:
        time_ms = story_time_ms(message.headers, message.timestamp_ms)
        return self._watch.take(self._book().index, card, offset=message.offset, time_ms=time_ms)

    def _outputs(self, message: RawMessage, watched: Watched) -> Iterator[OutMessage]:
        for found in watched.found:
            if isinstance(found, AlertMatch):
                yield match_message(message, found, event_source=self._event_source)
            else:
                _log_overrun(message, found)
                yield overrun_message(message, found)
        if watched.suspended:
            metrics.STORY_RULE_LIMIT_HITS.labels("rules").inc(watched.suspended)
        if watched.forgotten:
            metrics.STORY_RULE_LIMIT_HITS.labels("stories").inc(watched.forgotten)
        for story, value in watched.changes.items():
            yield self._state(message, story, value)

    def _state(self, message: RawMessage, story: str, value: bytes | None) -> OutMessage:
        """A state record, sent to the partition of the lane's own number, where the lane reads it."""
        # Fewer headers than usual: there are many such records, and a lane reads all of its state at once.
        headers = (
            *following_id(message, f"story-rules/{story}"),
            (RECORD_OFFSET, b"%d" % message.offset),
        )
        return OutMessage(Channel.STORY_RULE_STATE, story.encode(), value, headers, self._partition)


def _log_overrun(message: RawMessage, overrun: RuleOverrun) -> None:
    if overrun.limit == "steps":
        metrics.RULE_OVERRUNS.inc()
    log_event(
        log,
        logging.WARNING,
        "rule at a limit; it raises no alert about the story",
        rule=overrun.rule,
        version=overrun.version,
        limit=overrun.limit,
        most=overrun.most,
        origin=message.origin,
    )


def _is_before(offset: int, record: StateRecord) -> bool:
    return follows_from_before(record, RECORD_OFFSET, offset)


def _readable(values: Mapping[bytes | None, bytes], partition: TopicPartition) -> Iterator[tuple[str, bytes]]:
    """The states by story, without what no worker wrote, which is logged."""
    for key, value in values.items():
        try:
            read_state(value)
            yield (key or b"").decode(), value
        except (WatchError, UnicodeDecodeError) as error:
            log_event(
                log,
                logging.ERROR,
                "what is remembered of a story can't be read, and is passed over",
                topic=partition.topic,
                partition=partition.partition,
                error=str(error),
            )
