"""Reads the topics of stories: cards as they stand, and the articles that were assigned to them."""

from collections.abc import AsyncGenerator, AsyncIterator, Collection, Sequence
from contextlib import asynccontextmanager
from typing import Any

from pydantic import ValidationError

from worker.channels import Channel
from worker.commands.shell.cluster import consumer
from worker.commands.shell.part_reader import WHOLE, PartReader, TimeWindow, TopicRecord, value_of
from worker.commands.shell.reading import all_topics, why_missing
from worker.commands.shell.terminal import Problem, progress
from worker.commands.shown.cards import printable
from worker.commands.shown.story_cards import story_title
from worker.records.article import Record
from worker.records.stories import StoryAssignment, StoryCard
from worker.settings import Settings

StoryJson = dict[str, Any]
"""A record's value: a card of `stories.v1`, or an assignment of `story-articles.v1`."""


class NoSuchStory(Problem):
    """The topics have no story of this id, and no article of a story."""


SHORTEST_ID = 8
"""A story's id may be shortened to so many characters where a person types it."""
_MOST_NAMED = 5


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

    async def find(self, asked: str, *, may_be_short: bool = False) -> StoryJson:
        """The story of this id, or of the article of this id; the one that it became a part of, if it did.

        `may_be_short`: a story's id may be shortened to its first 8 characters, for which the whole topic is
        read. Raises NoSuchStory if there is none, or if it could be several.
        """
        card = await self._latest(Channel.STORIES, asked)
        if card is None:
            assignment = await self._latest(Channel.STORY_ARTICLES, asked)
            if assignment is not None:
                card = await self._latest(Channel.STORIES, assignment["story"])
                if card is None:
                    raise NoSuchStory(f"{asked!r} is in the story {assignment['story']}, which has no card")
            elif may_be_short and len(asked) >= SHORTEST_ID:
                card = the_one_called(asked, await self._beginning_with(asked))
            else:
                raise NoSuchStory(_why_none(asked, may_be_short=may_be_short))
        seen = set()
        while card["status"] == "merged" and card["id"] not in seen:
            seen.add(card["id"])
            into = await self._latest(Channel.STORIES, card["into"])
            if into is None:
                break
            card = into
        return card

    async def _beginning_with(self, beginning: str) -> list[StoryJson]:
        """The stories whose ids begin so, as they stand."""
        wanted = beginning.encode(errors="surrogateescape")
        latest: dict[bytes, TopicRecord] = {}
        async for record in self._records(Channel.STORIES, WHOLE, f"ids that begin with {beginning}"):
            if record.key is not None and record.key.startswith(wanted):
                latest[record.key] = record
        cards = map(value_of, latest.values())
        return [card for card in cards if card and _is_a(StoryCard, card)]

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


def the_one_called(beginning: str, cards: Sequence[StoryJson]) -> StoryJson:
    """The one story whose id begins so. Raises NoSuchStory if there is none, or if there are several."""
    if not cards:
        raise NoSuchStory(_why_none(beginning, may_be_short=True))
    if len(cards) > 1:
        likely = sorted(cards, key=lambda card: -card["counts"]["articles"])
        names = "; ".join(f"{printable(card['id'])} ({story_title(card)})" for card in likely[:_MOST_NAMED])
        more = f"; and {len(cards) - _MOST_NAMED:,} more" if len(cards) > _MOST_NAMED else ""
        raise NoSuchStory(f"the ids of several stories begin with {beginning!r}: {names}{more}")
    return cards[0]


def _why_none(asked: str, *, may_be_short: bool) -> str:
    short = f"; a story's id may be shortened to its first {SHORTEST_ID} characters" if may_be_short else ""
    return (
        f"no story and no article of a story has the id {asked!r}; `dateline stories list` shows stories, "
        f"and topics keep them for 30 days{short}"
    )


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
