"""Enriched articles to test rules on, each with its time: from files, or from the enriched topic."""

import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, NamedTuple

import orjson
from pydantic import ValidationError

from worker.alerts.story_cards import story_time_ms
from worker.channels import SPECS, Channel
from worker.commands.articles.documents import InputDocument, InputDocuments
from worker.commands.articles.enrich import enrich_all
from worker.commands.articles.enriched import NotEnrichedError, enriched_article
from worker.commands.shell.cluster import asking, consumer
from worker.commands.shell.part_reader import TopicRecord
from worker.commands.shell.reading import partitions_of, read_records, seek
from worker.commands.shell.terminal import counted, progress
from worker.records.cloudevents import event_time_ms
from worker.records.codec import from_bytes
from worker.records.stories import StoryCard
from worker.settings import Settings


class StoryPlace(NamedTuple):
    """Where a record of a story stands in its topic."""

    partition: int
    offset: int


class NoRecordError(ValueError):
    """The value is no record of the topic. The message says why."""


OnArticle = Callable[[dict[str, Any], int], None]
"""Called with each article (the parsed JSON of the enriched topic) and its time in ms since the epoch."""

OnStory = Callable[[dict[str, Any], StoryPlace, int], None]
"""Called with each record of a story, its place, and the time of the article that it follows from."""


def documents_to_test(settings: Settings, paths: tuple[str, ...], *, follow_links: bool) -> InputDocuments:
    """The articles of files, raw or enriched."""
    most = max(settings.max_record_bytes, SPECS[Channel.ENRICHED].max_message_bytes)
    return InputDocuments(paths, max_bytes=most, follow_links=follow_links)


async def articles_of_files(settings: Settings, documents: InputDocuments, take: OnArticle) -> int:
    """Reads files of articles that `dateline enrich` takes or has written. Returns how many articles failed.

    An article's time is when it was published, or now if it does not say.
    """
    return await enrich_all(settings, documents, _ArticleSink(take), on_stdout=True, takes_enriched=True)


async def articles_of_topic(settings: Settings, since: int | str, take: OnArticle) -> int:
    """Reads the enriched topic from then on, outside any group. Returns how many values were no article."""

    def taken(record: TopicRecord) -> None:
        article = enriched_article(record.value or b"")
        take(article, event_time_ms(tuple(record.headers), record.timestamp))

    return await _read_topic(settings, Channel.ENRICHED, since, taken, ("article", "looked at"))


async def stories_of_topic(settings: Settings, since: int | str, take: OnStory) -> int:
    """Reads the topic of stories from then on, outside any group. Returns how many values were no story."""

    def taken(record: TopicRecord) -> None:
        try:
            card = from_bytes(StoryCard, record.value or b"").model_dump()
        except (ValidationError, orjson.JSONDecodeError) as error:
            raise NoRecordError(f"no story: {' '.join(str(error).split())}") from error
        time_ms = story_time_ms(tuple(record.headers), record.timestamp)
        take(card, StoryPlace(record.partition, record.offset), time_ms)

    return await _read_topic(settings, Channel.STORIES, since, taken, ("record", "of stories looked at"))


async def _read_topic(
    settings: Settings,
    channel: Channel,
    since: int | str,
    take: Callable[[TopicRecord], None],
    said: tuple[str, str],
) -> int:
    """Gives the topic's records to `take`, and counts those that it refuses. `said`: as the bar has them."""
    partitions = await partitions_of(settings, settings.topic(channel))
    noun, done = said
    taken = refused = 0
    async with consumer(settings) as client:
        client.assign(partitions)
        async with asking(settings):
            await seek(client, partitions, since)
        with progress(None, results_on_stdout=True) as bar:
            async for record in read_records(client, partitions, settings):
                if record.value is None or (isinstance(since, int) and record.timestamp < since):
                    continue
                try:
                    take(record)
                except (NotEnrichedError, NoRecordError) as error:
                    refused += 1
                    bar.say(f"dateline: {record.topic}/{record.partition}/{record.offset}: {error}")
                    continue
                taken += 1
                bar.update(0, f"{counted(taken, noun)} {done}")
    return refused


class _ArticleSink:
    """Passes on what `enrich_all` writes, with each article's time."""

    def __init__(self, take: OnArticle) -> None:
        self._take = take
        self._now = int(time.time() * 1000)

    def write(self, record: bytes, document: InputDocument) -> None:
        article = orjson.loads(record)
        moment = _milliseconds(article["published_at"] or "")
        self._take(article, self._now if moment is None else moment)


def _milliseconds(text: str) -> int | None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return max(0, int(moment.replace(tzinfo=moment.tzinfo or UTC).timestamp() * 1000))
