"""Reads the topic of trends: of each subject the counts of the windows that are asked for."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from pydantic import ValidationError

from worker.channels import Channel
from worker.commands.shell.cluster import consumer
from worker.commands.shell.part_reader import CLOCKS_MS, WHOLE, PartReader, TimeWindow, value_of
from worker.commands.shell.reading import all_topics, why_missing
from worker.commands.shell.terminal import Problem, progress
from worker.records.trends import TrendCount
from worker.settings import Settings
from worker.trends.windows import AHEAD_MS, TrendWindow, hour_of

TrendJson = Mapping[str, Any]
"""A record of `trends.v1`, or what is kept of it."""
_KEPT = ("start", "articles", "independent", "stories", "burst")
"""What is kept of a record beside its subject: there may be millions."""


@dataclass
class SubjectTrend:
    """A subject's counts: the latest record of each window that has an article, by its number."""

    kind: str
    subject: str
    name: str
    windows: dict[int, TrendJson] = field(default_factory=dict)

    @property
    def articles(self) -> int:
        return sum(record["articles"] for record in self.windows.values())

    @property
    def independent(self) -> int:
        return sum(record["independent"] for record in self.windows.values())

    @property
    def bursts(self) -> list[TrendJson]:
        """The windows that are a burst, in their order."""
        return [self.windows[number] for number in sorted(self.windows) if self.windows[number]["burst"]]

    def as_fields(self) -> dict[str, Any]:
        """As JSON has it."""
        return {
            "kind": self.kind,
            "subject": self.subject,
            "name": self.name,
            "articles": self.articles,
            "independent": self.independent,
            "windows": [self.windows[number] for number in sorted(self.windows)],
        }


class TrendBook:
    """The latest counts, by subject. Records that are none of trends are passed over.

    `first`: the number of the first window that counts; None: all do.
    """

    def __init__(self, window: TrendWindow, first: int | None) -> None:
        self._window, self._first = window, first
        self._trends: dict[tuple[str, str], SubjectTrend] = {}

    def take(self, value: TrendJson) -> None:
        """Takes the next record of its key."""
        if value.get("window") != self._window.value:
            return
        try:
            # A later version of the worker may have added fields.
            record = TrendCount.model_validate(value, extra="ignore")
            began = datetime.fromisoformat(record.start).timestamp()
        except (ValidationError, ValueError, OverflowError):
            return
        number = self._window.number_of(hour_of(int(began) * 1000))
        if self._first is not None and number < self._first:
            return
        about = (record.kind, record.subject)
        trend = self._trends.setdefault(about, SubjectTrend(record.kind, record.subject, record.name))
        trend.name = record.name
        if record.articles:
            trend.windows[number] = {name: value[name] for name in _KEPT}
        else:
            trend.windows.pop(number, None)

    def trends(self) -> list[SubjectTrend]:
        """The subjects that have an article."""
        return [trend for trend in self._trends.values() if trend.windows]


def written_since(window: TrendWindow, first: int | None) -> TimeWindow:
    """When the records of the windows from this one on were written.

    That is once a window has begun, but for an article whose publisher's clock is ahead.
    """
    return WHOLE if first is None else TimeWindow(max(0, window.start_ms(first) - AHEAD_MS - CLOCKS_MS))


async def read_trends(settings: Settings, window: TrendWindow, first: int | None) -> list[SubjectTrend]:
    """What the topic says of the windows from this one on. Raises Problem if the cluster does not show it."""
    topic, topics = settings.topic(Channel.TRENDS), await all_topics(settings)
    if topic not in topics:
        raise Problem(await why_missing(settings, topic, topics))
    book = TrendBook(window, first)
    async with consumer(settings) as client:
        with progress(None, results_on_stdout=True) as bar:
            reader = PartReader(settings, client, topics, bar)
            async for record in reader.scan(
                topic, reader.all_of(topic), written_since(window, first), "trends"
            ):
                book.take(value_of(record))
    return book.trends()
