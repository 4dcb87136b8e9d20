"""Reads the topics of stories: cards as they stand, and the articles that were assigned to them."""

from collections.abc import AsyncGenerator, AsyncIterator, Collection
from contextlib import asynccontextmanager
from typing import Any

from pydantic import ValidationError

from worker.channels import Channel
from worker.commands.shell.cluster import consumer
from worker.commands.shell.part_reader import WHOLE, PartReader, TimeWindow, TopicRecord, value_of
from worker.commands.shell.reading import all_topics, why_missing
from worker.commands.shell.terminal import Problem, progress
from worker.records.article import Record
from worker.records.stories import StoryAssignment, StoryCard
from worker.settings import Settings

StoryJson = dict[str, Any]
"""A record's value: a card of `stories.v1`, or an assignment of `story-articles.v1`."""


class NoSuchStory(Problem):
    """The topics have no story of this id, and no article of a story."""


class StoryTopics:
    """What the topics of stories hold now. `settings`: where they are.

    Records that are none of stories are passed over.
    """

    def __init__(self, settings: Settings, reader: PartReader) -> None:
        self.settings = settings
        self._reader = reader

    async def cards(self, window: TimeWindow) -> AsyncGenerator[StoryJson, None]:
        """Each version of a story that was written within the window; those of one story in their order."""
        async for record in self._records(Channel.STORIES, window, "stories"):
            if (card := value_of(record)) and _is_a(StoryCard, card):
                yield card

    async def assignments(
        self, window: TimeWindow, stories: Collection[str] | None = None
    ) -> AsyncGenerator[tuple[TopicRecord, StoryJson | None], None]:
        """The assignments that were written within the window; None for an article that was taken back.

        `stories`: of these alone, with all that is taken back.
        """
        named = None if stories is None else [story.encode() for story in stories]
        async for record in self._records(Channel.STORY_ARTICLES, window, "articles of stories"):
            if record.value is None:
                yield record, None
            # Most are of other stories: looking for the id is quicker than parsing.
            elif named is None or any(story in record.value for story in named):
                value = value_of(record)
                if value and _is_a(StoryAssignment, value) and (stories is None or value["story"] in stories):
                    yield record, value

    async def find(self, asked: str) -> StoryJson:
        """The story of this id, or of the article of this id; the one that it became a part of, if it did.

        Raises NoSuchStory if there is none.
        """
        card = await self._latest(Channel.STORIES, asked)
        if card is None:
            assignment = await self._latest(Channel.STORY_ARTICLES, asked)
            if assignment is None:
                raise NoSuchStory(
                    f"no story and no article of a story has the id {asked!r}; `dateline stories list` shows "
                    "stories, and topics keep them for 30 days"
                )
            card = await self._latest(Channel.STORIES, assignment["story"])
            if card is None:
                raise NoSuchStory(f"{asked!r} is in the story {assignment['story']}, which has no card")
        seen = set()
        while card["status"] == "merged" and card["id"] not in seen:
            seen.add(card["id"])
            into = await self._latest(Channel.STORIES, card["into"])
            if into is None:
                break
            card = into
        return card

    async def _latest(self, channel: Channel, key: str) -> StoryJson | None:
        """The value of the key's latest record; None if it has none, or a null value."""
        topic, wanted = self._topic(channel), key.encode(errors="surrogateescape")
        latest: TopicRecord | None = None
        partition = self._reader.partition_of(topic, wanted)
        async for record in self._reader.scan(topic, [partition], WHOLE, key):
            if record.key == wanted:
                latest = record
        if latest is None or not (value := value_of(latest)):
            return None
        return value if _is_a(_KINDS[channel], value) else None

    def _records(self, channel: Channel, window: TimeWindow, what: str) -> AsyncGenerator[TopicRecord, None]:
        topic = self._topic(channel)
        return self._reader.scan(topic, self._reader.all_of(topic), window, what)

    def _topic(self, channel: Channel) -> str:
        return self.settings.topic(channel)


_KINDS: dict[Channel, type[Record]] = {
    Channel.STORIES: StoryCard,
    Channel.STORY_ARTICLES: StoryAssignment,
}


def _is_a(kind: type[Record], value: StoryJson) -> bool:
    """Whether it is such a record: anybody with the right to write puts into a topic what they like."""
    try:
        # A later version of the worker may have added fields.
        kind.model_validate(value, extra="ignore")
    except ValidationError:
        return False
    return True


@asynccontextmanager
async def open_story_topics(settings: Settings) -> AsyncIterator[StoryTopics]:
    """Raises Problem if the cluster does not show the topics of stories."""
    topics = await all_topics(settings)
    for channel in (Channel.STORIES, Channel.STORY_ARTICLES):
        if settings.topic(channel) not in topics:
            raise Problem(await why_missing(settings, settings.topic(channel), topics))
    async with consumer(settings) as client:
        with progress(None, results_on_stdout=True) as bar:
            yield StoryTopics(settings, PartReader(settings, client, topics, bar))
