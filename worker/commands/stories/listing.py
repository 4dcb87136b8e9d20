"""`dateline stories list`: the stories that changed lately, by their size, their growth or their sources."""

import time
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from worker.channels import Channel
from worker.commands.shell.output import print_json, print_line, say
from worker.commands.shell.part_reader import TimeWindow
from worker.commands.shown.cards import SHOWN_HEADLINE_CHARS, printable
from worker.commands.shown.listing_summary import listing_summary
from worker.commands.stories.topics import StoryJson, open_story_topics
from worker.records.stories import independent_sources
from worker.settings import Settings

_COLUMNS = ("story", "articles", "copies", "sources", "independent", "lately", "last", "headline")
_NUMERIC = frozenset({"articles", "copies", "sources", "independent", "lately"})


class Order(StrEnum):
    """What stories are ordered by, the greatest first."""

    ARTICLES = "articles"
    GROWTH = "growth"
    SOURCES = "sources"
    INDEPENDENT = "independent"
    LATEST = "latest"


@dataclass(frozen=True, slots=True)
class StoryFilter:
    """Which stories are listed: of this status and language, with this text in their headline; None: any."""

    status: str | None = None
    language: str | None = None
    match: str | None = None

    def wants(self, story: "ListedStory") -> bool:
        return (
            self.status in (None, story.status)
            and self.language in (None, story.language)
            and (self.match is None or self.match.casefold() in (story.headline or "").casefold())
        )


@dataclass(frozen=True, slots=True)
class ListedStory:
    """A story's line. `growth`: how many articles came to it within the time that `lately` says.

    `independent`: its independent sources, as rules and search count them.
    """

    id: str
    status: str
    into: str | None
    language: str
    headline: str | None
    first: str
    counts: Mapping[str, int]
    independent: int
    first_seen_at: str
    last_seen_at: str
    growth: int = 0

    @classmethod
    def of(cls, card: StoryJson) -> "ListedStory":
        headline = card["headline"]
        return cls(
            id=card["id"],
            status=card["status"],
            into=card["into"],
            language=card["language"],
            headline=None if headline is None else headline[: 2 * SHOWN_HEADLINE_CHARS],
            first=card["first"]["source"] or card["first"]["id"],
            counts={name: card["counts"][name] for name in ("articles", "unique", "reprints", "sources")},
            independent=independent_sources(card["counts"]),
            first_seen_at=card["first_seen_at"],
            last_seen_at=card["last_seen_at"],
        )

    def as_fields(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "status": self.status,
            "into": self.into,
            "language": self.language,
            "headline": self.headline,
            "first": self.first,
            **self.counts,
            "independent_sources": self.independent,
            "growth": self.growth,
            "first_seen_at": self.first_seen_at,
            "last_seen_at": self.last_seen_at,
        }

    def row(self) -> dict[str, str]:
        return {
            "story": printable(self.id),
            "articles": f"{self.counts['articles']:,}",
            "copies": f"{self.counts['reprints']:,}" if self.counts["reprints"] else "",
            "sources": f"{self.counts['sources']:,}",
            "independent": f"{self.independent:,}",
            "lately": f"+{self.growth:,}" if self.growth else "",
            "last": printable(self.last_seen_at)[:16].replace("T", " "),
            "headline": printable(self.headline or f"(no headline; {self.first})", most=SHOWN_HEADLINE_CHARS),
        }

    def rank(self, order: Order) -> tuple[Any, ...]:
        size = self.counts["articles"]
        match order:
            case Order.ARTICLES:
                first: Any = size
            case Order.GROWTH:
                first = self.growth
            case Order.SOURCES:
                first = self.counts["sources"]
            case Order.INDEPENDENT:
                first = self.independent
            case Order.LATEST:
                first = self.last_seen_at
        return (first, size, self.last_seen_at, self.id)


async def list_stories(
    settings: Settings,
    *,
    since: TimeWindow,
    lately_ms: int,
    filters: StoryFilter,
    order: Order,
    limit: int,
    wants_json: bool,
) -> None:
    """Prints the stories that changed since then, and says how many there are."""
    lately = TimeWindow(time.time_ns() // 1_000_000 - lately_ms)
    listed = await read_changed(settings, since=since, lately=lately)
    wanted = sorted(filter(filters.wants, listed), key=lambda story: story.rank(order), reverse=True)
    shown = wanted[:limit]
    if wants_json:
        for story in shown:
            print_json(story.as_fields())
    else:
        for line in story_table(shown):
            print_line(line)
    say(listed_line(settings.topic(Channel.STORIES), len(shown), len(wanted), len(listed)))


async def read_changed(settings: Settings, *, since: TimeWindow, lately: TimeWindow) -> list[ListedStory]:
    """The stories that changed within a window, each with how many articles came to it in the other.

    Records that are none of stories are passed over. Raises Problem.
    """
    latest: dict[str, ListedStory] = {}
    async with open_story_topics(settings) as topics:
        async for card in topics.cards(since):
            latest[card["id"]] = ListedStory.of(card)
        given: dict[bytes, str] = {}
        async for record, assignment in topics.assignments(lately):
            key = record.key or b""
            if assignment is None:
                given.pop(key, None)
            else:
                given[key] = assignment["story"]
    return with_growth(list(latest.values()), Counter(given.values()))


def listed_line(topic: str, shown: int, wanted: int, changed: int) -> str:
    """How many stories are shown, and why others are not."""
    return listing_summary(
        f"{shown:,} stor{'y' if shown == 1 else 'ies'} of {topic}",
        shown=shown,
        chosen=wanted,
        found=changed,
        others="changed since then",
        options="--status, --language, --match",
        nothing="changed",
    )


def with_growth(stories: Sequence[ListedStory], grown: Mapping[str, int]) -> list[ListedStory]:
    """The stories with what came to them, and to those that became a part of them.

    `grown`: how many articles were assigned lately, by the story that they were given then.
    """
    into = {story.id: story.into for story in stories if story.into}
    total: Counter[str] = Counter()
    for story, articles in grown.items():
        there, seen = story, {story}
        while (further := into.get(there)) is not None and further not in seen:
            there = further
            seen.add(there)
        total[there] += articles
    return [replace(story, growth=total[story.id]) for story in stories]


def story_table(stories: Sequence[ListedStory]) -> Iterable[str]:
    """A line for each story, under a line of names; none if there is no story."""
    if not stories:
        return
    rows = [dict(zip(_COLUMNS, _COLUMNS, strict=True)), *(story.row() for story in stories)]
    widths = {name: max(len(row[name]) for row in rows) for name in _COLUMNS[:-1]}
    for row in rows:
        cells = (
            row[name].rjust(width) if name in _NUMERIC else row[name].ljust(width)
            for name, width in widths.items()
        )
        yield f"{'  '.join(cells)}  {row['headline']}"
