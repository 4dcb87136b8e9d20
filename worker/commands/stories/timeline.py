"""`dateline stories show`: one story, and how it came about: who had it first, and who copied whom."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from worker.commands.shell.output import print_json, print_line, result_console
from worker.commands.shell.part_reader import CLOCKS_MS, TimeWindow, TopicRecord
from worker.commands.shown.cards import printable, show_card
from worker.commands.shown.lineage_lines import lineage_lines
from worker.commands.shown.story_cards import story_rows, story_title
from worker.commands.stories.topics import StoryJson, open_story_topics
from worker.records.cloudevents import event_time_ms, rfc3339
from worker.settings import Settings

_DAY_MS = 24 * 3600 * 1000
_RELATIONS = {"reprint": "reprint of", "excerpt": "excerpt of", "extends": "extends", "quotes": "quotes"}


@dataclass(frozen=True, slots=True)
class TimelineEntry:
    """An article of a story. `at_ms`: when its raw record came, in milliseconds since the epoch.

    `assignment`: the value on `story-articles.v1`. `published_ms`: when it was published by its own account;
    None if it says no time, or one that can't be: later than it came, or midnight, as of a feed that names
    the day alone.
    """

    at_ms: int
    assignment: Mapping[str, Any]
    published_ms: int | None = None

    @classmethod
    def of(cls, record: TopicRecord, assignment: StoryJson) -> "TimelineEntry":
        at_ms = event_time_ms(tuple(record.headers), record.timestamp)
        return cls(at_ms, assignment, _published_ms(assignment.get("published_at"), at_ms))

    @property
    def time_ms(self) -> int:
        """By which it stands in the timeline: when it was published, else when it came."""
        return self.at_ms if self.published_ms is None else self.published_ms

    @property
    def dated_by(self) -> str:
        """Which of the two that is: `published` or `came`."""
        return "came" if self.published_ms is None else "published"

    def as_fields(self) -> dict[str, Any]:
        at, time = rfc3339(self.at_ms), rfc3339(self.time_ms)
        return {"at": at, "time": time, "dated_by": self.dated_by, **self.assignment}

    def line(self) -> str:
        """`2026-01-13 10:05:00 published  daily-881  excerpt of callao-ferry, adds nothing  (Reuters)`"""
        article, at = self.assignment, rfc3339(self.time_ms)[:19].replace("T", " ")
        at = f"{at} {self.dated_by:<9}"
        said = _RELATIONS.get(article["relation"], article["relation"])
        text = f"{said} {printable(article['of'])}, {what_is_new(article)}" if article["of"] else said
        return f"{at}  {printable(article['id'])}  {text}{_source(article)}"


def what_is_new(assignment: Mapping[str, Any]) -> str:
    """How much of an article's text is its own: `adds nothing`, `40% of it is new`."""
    new = 1 - float(assignment["share"])
    return "adds nothing" if new < 0.005 else f"{new:.0%} of it is new"


async def show_story(settings: Settings, asked: str, *, wants_json: bool) -> None:
    """Prints the story that is asked for by its id or by that of one of its articles.

    Raises NoSuchStory if there is none.
    """
    card, timeline = await story_with_timeline(settings, asked, may_be_short=True)
    if wants_json:
        print_json({"story": card, "timeline": [entry.as_fields() for entry in timeline]})
        return
    # The timeline has the latest articles, and all others.
    rows = [("story", printable(card["id"])), *story_rows(card, has_latest=False)]
    show_card(result_console(), story_title(card), rows)
    lines = [*lineage_lines(card)]
    for line in [*lines, ""] if lines else ():
        print_line(line)
    for entry in timeline:
        print_line(entry.line())
    missing = card["counts"]["articles"] - len(timeline)
    if missing > 0:
        print_line(f"{missing:,} more articles are no longer kept, or were given an earlier part of it")


async def story_with_timeline(
    settings: Settings, asked: str, *, window: TimeWindow | None = None, may_be_short: bool = False
) -> tuple[StoryJson, list[TimelineEntry]]:
    """A story as it stands, and its articles in the order of their timeline. Raises NoSuchStory, Problem.

    `window`: when they came; None: since the story's first article. `may_be_short`: see `StoryTopics.find`.
    """
    async with open_story_topics(settings) as topics:
        card = await topics.find(asked, may_be_short=may_be_short)
        family = {card["id"], *card["merged_from"]}
        entries: dict[bytes, TimelineEntry] = {}
        async for record, assignment in topics.assignments(window or _since_first(card), family):
            key = record.key or b""
            if assignment is None:
                entries.pop(key, None)
            else:
                entries[key] = TimelineEntry.of(record, assignment)
    return card, in_order(entries.values())


def in_order(entries: Iterable[TimelineEntry]) -> list[TimelineEntry]:
    """By when they were published, or else came, and by when they came where that is the same.

    Of the same times an article that shares another's text comes after it.
    """
    return sorted(entries, key=lambda one: (one.time_ms, one.at_ms, one.assignment["of"] is not None))


def _since_first(card: StoryJson) -> TimeWindow:
    """From when its first article came: no assignment was written before, but for clocks that differ."""
    first = datetime.fromisoformat(card["first_seen_at"])
    return TimeWindow(int(first.timestamp() * 1000) - CLOCKS_MS)


def _published_ms(said: object, at_ms: int) -> int | None:
    """When an article was published that came then, if that can be. `said`: the field of its record."""
    try:
        moment = datetime.fromisoformat(said) if isinstance(said, str) else None
        found = None if moment is None else round(moment.timestamp() * 1000)
    except (ValueError, OverflowError):
        return None
    return found if found is not None and 0 < found <= at_ms and found % _DAY_MS else None


def _source(article: Mapping[str, Any]) -> str:
    source = article["record_source"]
    return f"  ({printable(source)})" if source else ""
