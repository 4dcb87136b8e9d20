"""Follows the topics of articles and stories for the desk, and goes on when the brokers come back."""

import asyncio
import contextlib
import time
from collections.abc import Awaitable
from dataclasses import dataclass, field

from aiokafka import AIOKafkaConsumer, TopicPartition
from pydantic import ValidationError

from worker.alerts.story_cards import story_time_ms
from worker.channels import Channel
from worker.commands.shell.cluster import asking, consumer
from worker.commands.shell.last import LastRecords, read_last
from worker.commands.shell.part_reader import TopicRecord
from worker.commands.shell.reading import all_topics, ends_of, read_records, seek, why_missing
from worker.commands.shell.terminal import Problem
from worker.delivery.kafka.records import raw_message
from worker.desk.alert_record import PlacedAlert
from worker.desk.alerting.feed import AlertFeed
from worker.desk.live import Live
from worker.desk.ring import PlacedArticle
from worker.desk.story_records import StoryRecord, StoryRecords
from worker.records.codec import from_bytes
from worker.records.stories import StoryAssignment, StoryCard
from worker.settings import Settings

FIRST_ARTICLES, FIRST_ALERTS = 500, 200
"""How many of the articles and alerts that there are the desk begins with."""
PRESENCE_SECONDS, ANSWER_SECONDS = 3.0, 5.0
"""How often the brokers are asked whether they are there, and for how long an answer is waited for."""
_TOPICS_SECONDS = 30.0
_AGAIN_SECONDS = 3.0
_FIRST_STORIES_MS = 24 * 3600 * 1000
_READ = (Channel.ENRICHED, Channel.STORY_ARTICLES, Channel.STORIES, Channel.ALERTS)


class _TopicsChanged(Exception):
    """There are other topics or partitions than before."""


@dataclass
class Follower:
    """Reads what comes into `live`, for ever. `again_seconds`: the pause after brokers did not answer.

    `alerts` and `records` take alerts and the records of stories, as `live` takes all else.
    """

    settings: Settings
    live: Live
    again_seconds: float = _AGAIN_SECONDS
    alerts: AlertFeed | None = None
    records: StoryRecords | None = None
    _positions: dict[TopicPartition, int] = field(default_factory=dict)
    _caught_up: bool = False

    async def run(self) -> None:
        """Until it is cancelled. Whatever can't be read is said to the viewers, and tried again."""
        while True:
            try:
                await self._follow()
            except _TopicsChanged:
                continue
            except Problem as problem:
                self._say_away(problem)
            await asyncio.sleep(self.again_seconds)

    async def _follow(self) -> None:
        topics = await all_topics(self.settings)
        enriched = self.settings.topic(Channel.ENRICHED)
        if enriched not in topics:
            raise Problem(await why_missing(self.settings, enriched, topics))
        there = _partitions(self.settings, topics)
        self._caught_up = False
        async with consumer(self.settings) as client:
            await self._begin(client, there)
            await first_to_end(
                self._read(client, there), self._ask(client, there), self._look_for_topics(there)
            )

    async def _begin(self, client: AIOKafkaConsumer, partitions: list[TopicPartition]) -> None:
        """Moves to where the desk was, or at first behind the latest articles and alerts, which it takes."""
        new = [tp for tp in partitions if tp not in self._positions]
        # Articles first: alerts are shown in their text.
        for channel, most in ((Channel.ENRICHED, FIRST_ARTICLES), (Channel.ALERTS, FIRST_ALERTS)):
            of_channel = [tp for tp in new if tp.topic == self.settings.topic(channel)]
            if of_channel:
                await self._take_last(client, of_channel, most)
        client.assign(partitions)
        stories = [tp for tp in new if tp not in self._positions]
        if stories:
            since = time.time_ns() // 1_000_000 - _FIRST_STORIES_MS
            async with asking(self.settings):
                await seek(client, stories, since)
        for partition in partitions:
            if partition in self._positions:
                client.seek(partition, self._positions[partition])

    async def _take_last(self, client: AIOKafkaConsumer, partitions: list[TopicPartition], most: int) -> None:
        ends = await ends_of(client, partitions, self.settings)
        last = LastRecords(most)
        await read_last(client, ends, self.settings, last, lambda record: record.value is not None)
        for record in last.in_order():
            self._take(record)
        self._positions |= ends

    async def _read(self, client: AIOKafkaConsumer, partitions: list[TopicPartition]) -> None:
        async for record in read_records(
            client, partitions, self.settings, follow=True, on_wait=self._say_reading
        ):
            self._take(record)
            self._positions[TopicPartition(record.topic, record.partition)] = record.offset + 1

    async def _ask(self, client: AIOKafkaConsumer, partitions: list[TopicPartition]) -> None:
        """Asks the brokers whether they are there: a client that waits for records does not tell."""
        while True:
            await asyncio.sleep(PRESENCE_SECONDS)
            try:
                async with asking(self.settings, seconds=ANSWER_SECONDS):
                    await client.end_offsets(partitions)
            except Problem as problem:
                self._say_away(problem)
            else:
                if self._caught_up:
                    self.live.set_reads(True)

    async def _look_for_topics(self, partitions: list[TopicPartition]) -> None:
        while True:
            await asyncio.sleep(_TOPICS_SECONDS)
            with contextlib.suppress(Problem):
                if _partitions(self.settings, await all_topics(self.settings)) != partitions:
                    raise _TopicsChanged

    def _say_reading(self) -> None:
        self._caught_up = True
        self.live.set_reads(True)

    def _say_away(self, problem: Problem) -> None:
        self.live.set_reads(False, f"Nothing new comes in for now: {problem.message}.")

    def _take(self, record: TopicRecord) -> None:
        """Notes one record. One that is none of its topic's is passed over: anybody may have written it."""
        key = (record.key or b"").decode(errors="replace")
        if record.topic == self.settings.topic(Channel.ENRICHED):
            self._take_article(record, key)
        elif record.topic == self.settings.topic(Channel.STORY_ARTICLES):
            if record.value is None:
                self.live.take_assignment(key, None)
                return
            with contextlib.suppress(ValidationError, ValueError):
                assignment = from_bytes(StoryAssignment, record.value)
                self.live.take_assignment(assignment.id, assignment.story)
        elif record.value is not None:
            self._take_alert_or_story(record, record.value)

    def _take_alert_or_story(self, record: TopicRecord, value: bytes) -> None:
        if record.topic == self.settings.topic(Channel.ALERTS):
            if self.alerts is not None:
                self.alerts.take(placed_alert(record, value))
            return
        with contextlib.suppress(ValidationError, ValueError):
            card = from_bytes(StoryCard, value)
            self.live.take_story(card.id, card.headline, card.counts.articles, card.into)
            if self.records is not None:
                time_ms = story_time_ms(tuple(record.headers), record.timestamp)
                self.records.add(StoryRecord(record.partition, record.offset, time_ms, value))

    def _take_article(self, record: TopicRecord, key: str) -> None:
        if record.value is None:
            self.live.take_back(key)
        else:
            self.live.take_article(placed_article(record, record.value))


def placed_article(record: TopicRecord, value: bytes) -> PlacedArticle:
    """A record of the enriched topic, with this value, as the desk keeps it."""
    origin = (raw_message(record).header("origin") or b"").decode(errors="replace")
    return PlacedArticle(record.partition, record.offset, record.timestamp, value, origin)


def placed_alert(record: TopicRecord, value: bytes) -> PlacedAlert:
    """A record of the topic of alerts, with this value, as the desk keeps it."""
    return PlacedAlert(record.partition, record.offset, record.timestamp, value)


def _partitions(settings: Settings, topics: dict[str, int]) -> list[TopicPartition]:
    """The partitions of the topics that the desk follows. Those of stories and alerts need not be there."""
    names = [settings.topic(channel) for channel in _READ]
    return [TopicPartition(name, number) for name in names for number in range(topics.get(name, 0))]


async def first_to_end(*works: Awaitable[None]) -> None:
    """Does all of these until one ends with its error, which is raised; the others are cancelled."""
    tasks = [asyncio.ensure_future(work) for work in works]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
