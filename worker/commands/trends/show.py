"""Chooses the subjects that are asked for, and prints a line for each, or the bars of one."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from worker.channels import Channel
from worker.commands.shell.output import print_json, print_line, say
from worker.commands.shell.terminal import Problem, counted
from worker.commands.shown.cards import printable
from worker.commands.shown.listing_summary import listing_summary
from worker.commands.trends.drawing import bars, signs_for, trend_table
from worker.commands.trends.reading import SubjectTrend, read_trends
from worker.settings import Settings
from worker.trends.windows import TrendWindow, hour_of

_MOST_NAMED = 5


class TrendOrder(StrEnum):
    """What subjects are ordered by, the greatest first."""

    ARTICLES = "articles"
    INDEPENDENT = "independent"
    BURST = "burst"
    LATEST = "latest"


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked for. `since_ms` None: all that there is. `kinds` empty: all of them.

    `subject`: one alone, by its id or its name.
    """

    window: TrendWindow
    since_ms: int | None
    now_ms: int
    kinds: frozenset[str] = frozenset()
    subject: str | None = None
    only_bursts: bool = False
    order: TrendOrder = TrendOrder.INDEPENDENT
    limit: int = 20

    @property
    def first(self) -> int | None:
        """The number of the first window; None for all that there are."""
        return None if self.since_ms is None else self.window.number_of(hour_of(self.since_ms))

    @property
    def last(self) -> int:
        """The number of the window that goes on."""
        return self.window.number_of(hour_of(self.now_ms))


async def show_trends(settings: Settings, asked: Asked, *, wants_json: bool) -> None:
    """Prints the subjects that are asked for. Raises Problem if there is no such subject."""
    found = await read_trends(settings, asked.window, asked.first)
    chosen = chosen_trends(found, asked)
    shown, signs = chosen[: asked.limit], signs_for(sys.stdout)
    if wants_json:
        for trend in shown:
            print_json(trend.as_fields())
    elif asked.subject is not None:
        for trend in shown:
            for line in bars(trend, asked.window, numbers_shown(found, asked), signs):
                print_line(line)
    else:
        for line in trend_table(shown, asked.window, numbers_shown(found, asked), signs):
            print_line(line)
    say(shown_line(settings.topic(Channel.TRENDS), len(shown), len(chosen), len(found)))


def chosen_trends(found: Sequence[SubjectTrend], asked: Asked) -> list[SubjectTrend]:
    """The subjects that are asked for, in their order. Raises Problem if none has the name."""
    wanted = [
        trend
        for trend in found
        if (not asked.kinds or trend.kind in asked.kinds) and (trend.bursts or not asked.only_bursts)
    ]
    if asked.subject is not None:
        wanted = called(wanted, asked.subject)
    return sorted(wanted, key=lambda trend: (rank(trend, asked.order), trend.subject))


def rank(trend: SubjectTrend, order: TrendOrder) -> tuple[Any, ...]:
    """What sorts a subject before those with less."""
    match order:
        case TrendOrder.ARTICLES:
            first: float = trend.articles
        case TrendOrder.INDEPENDENT:
            first = trend.independent
        case TrendOrder.BURST:
            first = max((record["burst"]["score"] for record in trend.bursts), default=0.0)
        case TrendOrder.LATEST:
            first = max(trend.windows)
    return (-first, -trend.independent, -trend.articles)


def called(trends: Sequence[SubjectTrend], text: str) -> list[SubjectTrend]:
    """The subjects with this id, else with this name, else the one with this in its name.

    Raises Problem if there is none, or if it could be several.
    """
    wanted = text.casefold()
    by_id = [trend for trend in trends if trend.subject.casefold() == wanted]
    if named := by_id or [trend for trend in trends if trend.name.casefold() == wanted]:
        return named
    like = [trend for trend in trends if wanted in trend.name.casefold()]
    if len(like) > 1:
        like.sort(key=lambda trend: -trend.articles)
        names = "; ".join(
            f"{printable(trend.name)} ({printable(trend.subject)})" for trend in like[:_MOST_NAMED]
        )
        more = f"; and {len(like) - _MOST_NAMED:,} more" if len(like) > _MOST_NAMED else ""
        raise Problem(f"several subjects have {text!r} in their name, name one by its id: {names}{more}")
    if not like:
        raise Problem(
            f"no subject is called {text!r} in this time (--since, --by day); `dateline trends` shows those "
            "that are in the news"
        )
    return like


def numbers_shown(found: Sequence[SubjectTrend], asked: Asked) -> range:
    """The windows that are drawn, by their numbers."""
    numbers = [number for trend in found for number in (min(trend.windows), max(trend.windows))]
    first = asked.first if asked.first is not None else min(numbers, default=asked.last)
    return range(first, max([asked.last, *numbers]) + 1)


def shown_line(topic: str, shown: int, chosen: int, found: int) -> str:
    """How many subjects are shown, and why others are not."""
    return listing_summary(
        f"{counted(shown, 'subject')} of {topic}",
        shown=shown,
        chosen=chosen,
        found=found,
        others="were in the news",
        options="--kind, --bursts",
        nothing="was in the news",
    )
