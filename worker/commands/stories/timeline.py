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

_RELATIONS = {"reprint": "reprint of", "excerpt": "excerpt of", "extends": "extends", "quotes": "quotes"}


@dataclass(frozen=True, slots=True)
class TimelineEntry:
    """An article of a story. `at_ms`: when its raw record came, in milliseconds since the epoch.

    `assignment`: the value on `story-articles.v1`.
    """

    at_ms: int
    assignment: Mapping[str, Any]

    @classmethod
    def of(cls, record: TopicRecord, assignment: StoryJson) -> "TimelineEntry":
        return cls(event_time_ms(tuple(record.headers), record.timestamp), assignment)

    def as_fields(self) -> dict[str, Any]:
        return {"at": rfc3339(self.at_ms), **self.assignment}

    def line(self) -> str:
        """`2026-01-13 10:05:00  daily-881  excerpt of callao-ferry, adds nothing  (Reuters)`"""
        article, at = self.assignment, rfc3339(self.at_ms)[:19].replace("T", " ")
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
    """A story as it stands, and its articles in the order in which they came. Raises NoSuchStory, Problem.

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
    """By time; of the same time an article that shares another's text comes after it."""
    return sorted(entries, key=lambda entry: (entry.at_ms, entry.assignment["of"] is not None))


def _since_first(card: StoryJson) -> TimeWindow:
    """From when its first article came: no assignment was written before, but for clocks that differ."""
    first = datetime.fromisoformat(card["first_seen_at"])
    return TimeWindow(int(first.timestamp() * 1000) - CLOCKS_MS)


def _source(article: Mapping[str, Any]) -> str:
    source = article["record_source"]
    return f"  ({printable(source)})" if source else ""
