"""Finds what follows from enriched records, a short time from them: siblings, matches, stories, notes."""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from contextlib import aclosing

from worker.channels import Channel
from worker.commands.shell.part_reader import CLOCKS_MS, PartReader, TimeWindow, TopicRecord, united, value_of
from worker.commands.trace.ledger import Ledger
from worker.commands.trace.publish import Publish
from worker.settings import Settings

_LISTS = ("entities", "quotes")
# Alerts follow from matches, cards from assignments to stories, and letters from what can't be matched.
_FOLLOWING = (Channel.MATCHES, Channel.ALERTS, Channel.STATE, Channel.STORIES, Channel.DEAD)


async def find_following(
    settings: Settings,
    reader: PartReader,
    ledger: Ledger,
    publishes: Sequence[Publish],
    *,
    within_ms: int,
    now_ms: int,
) -> list[str]:
    """Adds to the ledger what follows from the enriched records of these publishes.

    Matches and alerts are looked for `within_ms` of them. Returns what was not searched, in words.
    """
    following = _Following(settings, reader, ledger, {publish.origin for publish in publishes})
    enriched = [record for publish in publishes for record in publish.outputs.get(Channel.ENRICHED, ())]
    # An article's records are written at once, with one time, that of the worker's clock.
    for channel in (Channel.ENTITIES, Channel.QUOTES, Channel.SKETCHES):
        due = {record.timestamp: _due(record)[channel] for record in enriched}
        windows = [TimeWindow(time, time + CLOCKS_MS) for time, count in due.items() if count]
        total = sum(_due(record)[channel] for record in enriched)
        await following.find(channel, reader.all_of(settings.topic(channel)), windows, most=total)
    for publish in publishes:
        await _find_search_document(following, publish)
    windows = _windows([record for record in enriched if record.value is not None], within_ms)
    await _find_assignments(following, enriched, within_ms=within_ms)
    await _find_notes(following, enriched, within_ms=within_ms)
    for channel in _FOLLOWING:
        await following.find(channel, reader.all_of(settings.topic(channel)), windows)
    if all((window.until_ms or 0) > now_ms for window in windows):
        return []
    ledger.reaches_end = False
    late = f"more than {within_ms // 1000:,} s after the enriched record (--within)"
    return [f"matches, alerts, stories and notes of trends {late}"]


class _Following:
    """Reads what comes of these raw records."""

    def __init__(self, settings: Settings, reader: PartReader, ledger: Ledger, origins: set[str]) -> None:
        self.settings, self.reader = settings, reader
        self._ledger, self._origins = ledger, origins

    async def find(
        self,
        channel: Channel,
        partitions: Collection[int],
        windows: Iterable[TimeWindow],
        *,
        most: int | None = None,
    ) -> None:
        """Reads a channel at these times, until it has found `most` records if that is said."""
        topic = self.settings.topic(channel)
        found: set[tuple[int, int]] = set()
        for window in united(windows):
            scan = self.reader.scan(topic, partitions, window, "what follows from the article")
            async with aclosing(scan) as records:
                async for record in records:
                    if self._ledger.origin_of(record) in self._origins:
                        self._ledger.add(record)
                        found.add((record.partition, record.offset))
                    if most is not None and len(found) >= most:
                        return


async def _find_search_document(following: _Following, publish: Publish) -> None:
    """Its search document has the time of its raw record, and is in the partition of its id."""
    records = publish.outputs.get(Channel.ENRICHED, ())
    reader, topic = following.reader, following.settings.topic(Channel.SEARCH)
    if (
        not records
        or Channel.SEARCH in publish.outputs
        or publish.time_ms is None
        or not reader.all_of(topic)
    ):
        return
    partition = reader.partition_of(topic, records[0].key or b"")
    window = TimeWindow(max(publish.time_ms, 0), None)
    await following.find(Channel.SEARCH, [partition], [window], most=len(records))


async def _find_assignments(
    following: _Following, enriched: Sequence[TopicRecord], *, within_ms: int
) -> None:
    """Which stories the articles were given, or taken out of: that is in the partition of their ids."""
    reader, topic = following.reader, following.settings.topic(Channel.STORY_ARTICLES)
    if not reader.all_of(topic):
        return
    partitions = {reader.partition_of(topic, record.key or b"") for record in enriched}
    await following.find(Channel.STORY_ARTICLES, partitions, _windows(enriched, within_ms))


async def _find_notes(following: _Following, enriched: Sequence[TopicRecord], *, within_ms: int) -> None:
    """What trends were told of the articles, or that they were taken back: a note each."""
    partitions = following.reader.all_of(following.settings.topic(Channel.TREND_NOTES))
    windows = _windows(enriched, within_ms)
    await following.find(Channel.TREND_NOTES, partitions, windows, most=len(enriched))


def _windows(enriched: Sequence[TopicRecord], within_ms: int) -> list[TimeWindow]:
    """When what follows from these records is looked for."""
    return [
        TimeWindow(record.timestamp - CLOCKS_MS, record.timestamp + within_ms + CLOCKS_MS)
        for record in enriched
    ]


def _due(record: TopicRecord) -> Counter[Channel]:
    """How many records of entities, quotes and sketches an enriched record has beside it, at most."""
    value = value_of(record)
    entities, quotes = (found if isinstance(found := value.get(name), list) else [] for name in _LISTS)
    named = [one for one in entities if isinstance(one, dict) and one.get("id")]
    return Counter({Channel.ENTITIES: len(named), Channel.QUOTES: len(quotes), Channel.SKETCHES: 1})
