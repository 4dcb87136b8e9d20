"""Articles as they come: kept for whoever opens the page, and told to the viewers who have it open."""

import asyncio
import secrets
from collections import OrderedDict, deque
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from typing import Any

import orjson

from worker.alerts.facts import Facts
from worker.desk.article_filter import ArticleFilter
from worker.desk.filter_searches import FilterSearches, FoundArticles
from worker.desk.operation.pipelines import PipelinesSeen
from worker.desk.ring import ArticleRing, KeptArticle, NotAnArticle, PlacedArticle, listed_fields

MOST_VIEWERS = 64
MOST_WAITING_EVENTS = 200
"""Events that wait for one viewer; the oldest go first, and the viewer is told how many."""
_MOST_STORIES, _STORY_HEADLINE_CHARS = 5_000, 200


class TooManyViewers(Exception):
    """As many viewers as the desk takes are watching."""


@dataclass(frozen=True, slots=True)
class StreamState:
    """Whether the desk reads the stream, and if not, why. `unreadable`: records that are no articles."""

    reads: bool = False
    why: str = "The desk has just started and reads what there is."
    unreadable: int = 0

    def as_fields(self) -> dict[str, Any]:
        return {"reads": self.reads, "why": self.why, "unreadable": self.unreadable}


class Viewer:
    """One open page. `missed`: events that were dropped, because the viewer did not take them in time."""

    def __init__(self, wanted: ArticleFilter | None) -> None:
        self.wanted = wanted
        self.missed = 0
        self._events: deque[bytes] = deque()
        self._woken = asyncio.Event()

    def tell(self, event: bytes) -> None:
        if len(self._events) >= MOST_WAITING_EVENTS:
            self._events.popleft()
            self.missed += 1
        self._events.append(event)
        self._woken.set()

    async def take(self, *, seconds: float) -> bytes:
        """All events that wait, in their order; empty if none comes within so many seconds."""
        try:
            async with asyncio.timeout(seconds):
                await self._woken.wait()
        except TimeoutError:
            return b""
        self._woken.clear()
        told = b"".join(self._events)
        self._events.clear()
        if self.missed:
            told = event_bytes("missed", {"events": self.missed}) + told
            self.missed = 0
        return told


def event_bytes(name: str, fields: Mapping[str, Any], event_id: str = "") -> bytes:
    """A server-sent event. JSON has no line breaks, so no text of an article begins another event."""
    about = f"id: {event_id}\n" if event_id else ""
    return f"{about}event: {name}\ndata: ".encode() + orjson.dumps(fields) + b"\n\n"


class EventIds:
    """The ids of what one stream of one start of the desk tells, by number."""

    def __init__(self) -> None:
        self._boot = secrets.token_hex(4)

    def id_of(self, number: int) -> str:
        return f"{self._boot}-{number}"

    def number_of(self, event_id: str) -> int | None:
        """The number of an event; None for what no stream of this start has told."""
        boot, _, number = event_id.partition("-")
        is_number = number.isascii() and number.isdigit() and len(number) < 19
        return int(number) if boot == self._boot and is_number else None


class Live:
    """The latest articles and stories, and the viewers who watch them."""

    def __init__(self, ring: ArticleRing | None = None) -> None:
        self.ring = ring or ArticleRing()
        self.searches = FilterSearches(self.ring)
        self.state = StreamState()
        self.pipelines = PipelinesSeen()
        self._ids = EventIds()
        self._viewers: set[Viewer] = set()
        # Those of alerts too: who they are told of is theirs, but together they are bounded.
        self._everybody: set[Viewer] = set()
        # Of each article its story, and of each story its headline: both bounded, the oldest go first.
        self._story_of: OrderedDict[str, str] = OrderedDict()
        self._stories: OrderedDict[str, dict[str, Any]] = OrderedDict()

    @property
    def viewers(self) -> int:
        return len(self._everybody)

    def take_article(self, article: PlacedArticle) -> None:
        """Keeps an article, and tells viewers whose filter wants it."""
        try:
            fields = article.fields()
        except NotAnArticle:
            self.state = StreamState(self.state.reads, self.state.why, self.state.unreadable + 1)
            return
        self.pipelines.note(fields, article.at_ms)
        kept = self.ring.add(article, listed_fields(article, fields), fields["id"])
        event = event_bytes("article", self.listed(kept), self._ids.id_of(kept.number))
        facts: Facts | None = None
        decided: dict[str, bool] = {}
        for viewer in self._viewers:
            if viewer.wanted is not None:
                facts = facts or Facts(fields)
                query = viewer.wanted.text
                if query not in decided:
                    decided[query] = viewer.wanted.wants(facts)
                    self.searches.note(query, kept.number, decided[query])
                if not decided[query]:
                    continue
            viewer.tell(event)

    def take_back(self, article_id: str) -> None:
        """Drops an article that was retracted, and tells all viewers."""
        if (kept := self.ring.remove(article_id)) is not None:
            self._tell_all(event_bytes("retracted", {"place": kept.article.place}))

    def take_assignment(self, article_id: str, story: str | None) -> None:
        """Notes which story an article belongs to; None: to none any more."""
        if story is None:
            self._story_of.pop(article_id, None)
            return
        _note(self._story_of, article_id, story)
        self._tell_story(article_id)

    def take_story(self, story_id: str, headline: str | None, articles: int, into: str | None) -> None:
        """Notes a story as it stands now. `into`: the story that it became a part of; None if it did not."""
        cut = (headline or "")[:_STORY_HEADLINE_CHARS]
        _note(self._stories, story_id, {"id": story_id, "headline": cut, "articles": articles, "into": into})

    def story_of(self, article_id: str) -> dict[str, Any] | None:
        """The story of an article, or the one that it became a part of; None if it is not known."""
        story_id, seen = self._story_of.get(article_id), set[str]()
        while story_id is not None and story_id not in seen:
            seen.add(story_id)
            story = self._stories.get(story_id)
            if story is None:
                return {"id": story_id, "headline": "", "articles": None, "into": None}
            if not story["into"]:
                return story
            story_id = story["into"]
        return None

    def listed(self, kept: KeptArticle) -> dict[str, Any]:
        """What the list shows of an article, with its story."""
        return {**kept.listed, "story": self.story_of(kept.listed["id"])}

    def set_reads(self, reads: bool, why: str = "") -> None:
        """Says whether the stream is read, and tells viewers if that is new."""
        state = StreamState(reads, why, self.state.unreadable)
        if state != self.state:
            self.state = state
            for viewer in self._everybody:
                viewer.tell(event_bytes("state", state.as_fields()))

    @contextmanager
    def viewer(self, wanted: ArticleFilter | None, *, among: set[Viewer] | None = None) -> Iterator[Viewer]:
        """A viewer until the end of the block. Raises TooManyViewers.

        `among`: the viewers of another stream, who hear of no articles.
        """
        if len(self._everybody) >= MOST_VIEWERS:
            raise TooManyViewers
        viewers = self._viewers if among is None else among
        viewer = Viewer(wanted)
        viewer.tell(event_bytes("state", self.state.as_fields()))
        self._everybody.add(viewer)
        viewers.add(viewer)
        try:
            yield viewer
        finally:
            viewers.discard(viewer)
            self._everybody.discard(viewer)

    async def latest(self, wanted: ArticleFilter | None, *, most: int, after: int = 0) -> FoundArticles:
        """The newest articles that the filter wants. `after`: only those with a higher number."""
        if wanted is not None:
            return await self.searches.newest(wanted, most=most, after=after)
        newest = list(islice(self.ring.newest_first(), most))
        return FoundArticles([kept for kept in newest if kept.number > after], len(newest))

    async def since(self, event_id: str, wanted: ArticleFilter | None) -> list[bytes] | None:
        """The events after this one, oldest first; None if the desk was started anew or they are too many."""
        if (number := self._ids.number_of(event_id)) is None:
            return None
        found = await self.latest(wanted, most=MOST_WAITING_EVENTS, after=number)
        if len(found.articles) >= MOST_WAITING_EVENTS or found.is_cut:
            return None
        return [self.article_event(kept) for kept in reversed(found.articles)]

    def article_event(self, kept: KeptArticle) -> bytes:
        return event_bytes("article", self.listed(kept), self._ids.id_of(kept.number))

    def last_event_id(self) -> str:
        """The id with which a page that shows all articles so far asks for the next."""
        return self._ids.id_of(self.ring.last_number)

    def _tell_story(self, article_id: str) -> None:
        kept = self.ring.with_id(article_id)
        if kept is not None and (story := self.story_of(article_id)):
            self._tell_all(event_bytes("story", {"place": kept.article.place, "story": story}))

    def _tell_all(self, event: bytes) -> None:
        for viewer in self._viewers:
            viewer.tell(event)


def _note(notes: OrderedDict[str, Any], key: str, value: Any) -> None:
    notes[key] = value
    notes.move_to_end(key)
    if len(notes) > _MOST_STORIES:
        notes.popitem(last=False)
