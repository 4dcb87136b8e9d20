"""Looks for what became of an article: by key and time where they are known, and only as far as is needed.

It reads into a `Ledger`, which tells the rest. First come the publishes (`_find_publishes`, or the one record
that was named), then the ways back and on of what was sent back, and at the end what follows from each
enriched record, within a short time of it.
"""

from collections.abc import Collection, Iterable
from contextlib import aclosing
from dataclasses import dataclass, replace
from datetime import datetime

from aiokafka import TopicPartition

from worker.channels import Channel
from worker.commands.dead_letters.letter import Letter, read_origin
from worker.commands.shell.part_reader import CLOCKS_MS, WHOLE, PartReader, TimeWindow, TopicRecord, value_of
from worker.commands.shell.terminal import Problem
from worker.commands.trace.following import find_following
from worker.commands.trace.identify import NOBODY, Identifier, Identity
from worker.commands.trace.ledger import Ledger, covered_offsets, delivered_offsets
from worker.commands.trace.publish import Fate, Publish, Returned, header_text
from worker.commands.trace.wanted import Wanted
from worker.delivery.kafka.faulty import why_unread
from worker.delivery.kafka.progress import StoredProgress
from worker.delivery.kafka.records import raw_message
from worker.delivery.lanes.dead_letter import REDRIVEN_FROM
from worker.records.times import read_time
from worker.settings import Settings

# Without one of these something of an article's way may stay unknown.
_READ = (
    Channel.PROGRESS,
    Channel.ENRICHED,
    Channel.ENTITIES,
    Channel.QUOTES,
    Channel.SEARCH,
    Channel.DEAD,
    Channel.REDRIVEN,
    Channel.MATCHES,
    Channel.ALERTS,
    Channel.STATE,
)
# Where stories are off there are none of these. Where there are some, the others are missed.
_READ_OF_STORIES = (Channel.SKETCHES, Channel.STORY_ARTICLES, Channel.STORIES)
# Likewise of trends, which are off by default; the counts tell nothing of single articles.
_OF_TRENDS = (Channel.TREND_NOTES, Channel.TRENDS)
# What stages read that are off where an output is: of such a topic the group has delivered nothing.
_READ_IF_ON = (Channel.STORIES, Channel.TREND_NOTES)
# The originals of a batch and its receipt are sent within so long.
_SENT_BACK_MS = 600_000
# So many waiting records are looked through whatever their keys: it takes seconds.
WAITING_RECORDS = 100_000
# So many if each has to be read as an article, since nothing else tells which it is.
READ_WAITING = 2_000
# An article that was sent back again and again is followed so many times.
_MOST_RETURNS = 100


@dataclass(frozen=True)
class Bounds:
    """How far a search goes. Times are in milliseconds.

    `since_ms`: publishes are looked for from then on. `is_given`: somebody chose it. `within_ms`: matches and
    alerts are looked for so long after their enriched record. `all_partitions`: keys narrow nothing.
    """

    since_ms: int | None
    within_ms: int
    is_given: bool = False
    all_partitions: bool = False


class Search:
    """Fills a ledger with the way of one article. `unsearched` says in words what was left out."""

    def __init__(
        self, settings: Settings, reader: PartReader, identifier: Identifier, bounds: Bounds, *, now_ms: int
    ) -> None:
        self._settings, self._reader, self._identifier = settings, reader, identifier
        self._bounds, self._now_ms = bounds, now_ms
        self.ledger = Ledger({settings.topic(channel): channel for channel in Channel})
        self.unsearched: list[str] = []
        # Raw records that were named, or whose outcome was looked for, and letters whose return was.
        self._named: list[str] = []
        self._asked: set[str] = set()
        self._fetched: set[str] = set()

    async def run(self, wanted: Wanted) -> list[str]:
        """Searches, and returns the raw records of the article, oldest first."""
        due = [*_READ, *(_READ_OF_STORIES if self._has_any(_READ_OF_STORIES) else ())]
        if self._has_any(_OF_TRENDS):
            due.append(Channel.TREND_NOTES)
        for channel in due:
            if not self._reader.all_of(self._topic(channel)):
                what = "there is no such topic, or no right to see it"
                self.unsearched.append(f"{self._topic(channel)}: {what}")
        await self._read_progress()
        if wanted.place is not None:
            await self._begin_at(*wanted.place)
        else:
            await self._find_publishes(wanted)
        await self._follow_returns()
        publishes = [self.ledger.publish(origin) for origin in self.ledger.origins]
        self.unsearched += await find_following(
            self._settings,
            self._reader,
            self.ledger,
            publishes,
            within_ms=self._bounds.within_ms,
            now_ms=self._now_ms,
        )
        found = dict.fromkeys([*self._named, *self.ledger.origins])
        return sorted(found, key=lambda one: self.ledger.publish(one).time_ms or 0)

    async def _read_progress(self) -> None:
        """How far the group that writes has delivered each of its topics."""
        topic = self._topic(Channel.PROGRESS)
        progress = StoredProgress()
        found = self._reader.scan(topic, self._reader.all_of(topic), WHOLE, "how far the workers are")
        progress.apply([record async for record in found])
        delivered = {}
        for channel in (Channel.RAW, Channel.ENRICHED, Channel.MATCHES, Channel.SKETCHES, *_READ_IF_ON):
            numbers = self._reader.all_of(self._topic(channel))
            partitions = [TopicPartition(self._topic(channel), number) for number in numbers]
            offsets = delivered_offsets(progress, partitions, otherwise=self._settings.group_id)
            if channel not in _READ_IF_ON or any(offsets.values()):
                delivered.update(offsets)
        self.ledger.delivered = delivered

    # From a place

    async def _begin_at(self, partition: TopicPartition, offset: int) -> None:
        """Takes the record that was named, or else the raw record that it comes from. Raises Problem."""
        place = f"{partition.topic}/{partition.partition}/{offset}"
        is_raw = partition.topic == self._topic(Channel.RAW)
        await self._reader.check_written(partition, offset)
        record = await self._reader.at(partition, offset)
        if record is not None:
            self.ledger.add(record)
        origin = place if is_raw else None if record is None else self.ledger.origin_of(record)
        if origin is None:
            if record is None:
                raise Problem(f"{place} has no record: its topic dropped it, or it is a transaction's mark")
            raise Problem(f"{place} comes from no raw record: it has no header origin")
        await self._find_outcome(origin)
        if self.ledger.raw_record(origin) is not None or self.ledger.publish(origin).letters:
            self._named.append(origin)

    async def _find_outcome(self, origin: str) -> None:
        """Reads on from a raw record until what came of it is found: one enriched record or one letter."""
        self._asked.add(origin)
        await self._fetch_raw(origin)
        if self.ledger.publish(origin).fate is Fate.WAITING or self._is_settled(origin):
            return
        raw = self.ledger.raw_record(origin)
        start = None if raw is None else raw.timestamp - CLOCKS_MS
        if self._bounds.is_given or start is None:
            start = self._bounds.since_ms
        whole = TimeWindow(start, None)
        identity = NOBODY if raw is None or why_unread(raw) else await self._identity(raw)
        letters = (Channel.DEAD, self._reader.all_of(self._topic(Channel.DEAD)), whole)
        channel, partitions = self._partitions(Channel.ENRICHED, identity)
        if raw is None or identity.id is None:
            # What has no id is a letter, most probably.
            steps = [letters, (channel, partitions, whole)]
        else:
            # Letters are few beside articles, so they are read before all that was enriched since.
            soon = max(raw.timestamp, start or 0) + self._bounds.within_ms + CLOCKS_MS
            near, rest = TimeWindow(start, soon), TimeWindow(soon, None)
            steps = [(channel, partitions, near), letters, (channel, partitions, rest)]
        # Where enriched articles are not written, search documents are.
        steps.append((*self._partitions(Channel.SEARCH, identity), whole))
        for step in steps:
            await self._until_settled(*step, origin)
            if self._is_settled(origin):
                return

    async def _until_settled(
        self, channel: Channel, partitions: Collection[int], window: TimeWindow, origin: str
    ) -> None:
        scan = self._reader.scan(self._topic(channel), partitions, window, f"what became of {origin}")
        async with aclosing(scan) as records:
            async for record in records:
                if self.ledger.origin_of(record) == origin or _covers(channel, record, origin):
                    self.ledger.add(record)
                    if self._is_settled(origin):
                        return

    def _is_settled(self, origin: str) -> bool:
        publish = self.ledger.publish(origin)
        if publish.fate is Fate.DEAD:
            return any(each.letter.origin == origin or each.letter.stands_for for each in publish.letters)
        return Channel.ENRICHED in publish.outputs or Channel.SEARCH in publish.outputs

    def _partitions(self, channel: Channel, identity: Identity) -> tuple[Channel, Collection[int]]:
        """Where a channel has the records of an article: in its id's partition, if its id is known."""
        topic = self._topic(channel)
        there = self._reader.all_of(topic)
        if identity.id is None or self._bounds.all_partitions or not there:
            return channel, there
        return channel, [self._reader.partition_of(topic, identity.id.encode(errors="surrogateescape"))]

    # From an id, a url or a file

    async def _find_publishes(self, wanted: Wanted) -> None:
        """Finds the article by what was written under its id, among letters, and among what waits."""
        window = TimeWindow(self._bounds.since_ms, None)
        if window.since_ms is not None:
            self.unsearched.append("what was published earlier (--since)")
        if wanted.ids:
            wanted = await self._find_all_written(wanted, window)
        await self._find_letters(wanted, window)
        await self._find_waiting(wanted, window)

    async def _find_all_written(self, wanted: Wanted, window: TimeWindow) -> Wanted:
        """Finds what was written under the ids, or under the url; returns the article with its own id too.

        Search documents count where enriched articles are not written.
        """
        everywhere = self._bounds.all_partitions
        wanted = await self._find_written(Channel.ENRICHED, wanted, window, everywhere=everywhere)
        if not self.ledger.origins and wanted.url is not None and not everywhere:
            wanted = await self._find_written(Channel.ENRICHED, wanted, window, everywhere=True)
        if not self.ledger.origins:
            wanted = await self._find_written(Channel.SEARCH, wanted, window, everywhere=everywhere)
        return wanted

    async def _find_written(
        self, channel: Channel, wanted: Wanted, window: TimeWindow, *, everywhere: bool
    ) -> Wanted:
        """Records under one of the ids; `everywhere`: in all partitions, and those of the url as well."""
        topic = self._topic(channel)
        there = self._reader.all_of(topic)
        if not there:
            return wanted
        partitions = there if everywhere else {self._reader.partition_of(topic, key) for key in wanted.keys}
        if len(partitions) < len(there):
            self.unsearched.append(
                f"{topic}: other partitions than the id's, where it is only if partitions were added since "
                "(--all-partitions)"
            )
        async for record in self._reader.scan(topic, partitions, window, "records under the id"):
            may_differ = everywhere and wanted.url is not None and record.key not in wanted.keys
            if may_differ and wanted.has_url(value_of(record).get("url")):
                # From here on the article is found by its own id, a retraction of it too.
                own = (record.key or b"").decode(errors="surrogateescape")
                wanted = replace(wanted, ids=wanted.ids | {own})
            if record.key in wanted.keys:
                self.ledger.add(record)
        return wanted

    async def _find_letters(self, wanted: Wanted, window: TimeWindow) -> None:
        """Letters may have any key, so all partitions are read; they are few beside articles."""
        topic = self._topic(Channel.DEAD)
        known = set(self.ledger.origins)
        async for record in self._reader.scan(topic, self._reader.all_of(topic), window, "dead letters"):
            if self.ledger.origin_of(record) in known or await self._is_of(wanted, record):
                self.ledger.add(record)

    async def _is_of(self, wanted: Wanted, record: TopicRecord) -> bool:
        """Whether a raw record or a letter is of the article, by its key, its headers or what it holds."""
        if record.key in wanted.keys or (wanted.value is not None and record.value == wanted.value):
            return True
        letter = Letter(record)
        if record.topic == self._topic(Channel.DEAD) and header_text(record, "ce_subject") in wanted.ids:
            return True
        if not wanted.may_be(letter.as_raw()):
            return False
        return wanted.is_named(*await self._identity(record))

    async def _find_waiting(self, wanted: Wanted, window: TimeWindow) -> None:
        """Raw records that no worker has delivered: what has been delivered is found by its outcome."""
        topic = self._topic(Channel.RAW)
        there = self._reader.all_of(topic)
        starts = {tp: offset for tp, offset in self.ledger.delivered.items() if tp.topic == topic}
        waiting = await self._reader.count_from(topic, there, starts)
        partitions: Collection[int] = there
        most = READ_WAITING if wanted.marks is None else WAITING_RECORDS
        if waiting > most and not self._bounds.all_partitions and wanted.ids:
            partitions = {self._reader.partition_of(topic, key) for key in wanted.keys}
            self.unsearched.append(
                f"{topic}: {waiting:,} offsets wait to be enriched, of which only those of the partition of "
                "the id were searched: Kafka's own partitioner puts it there, if it is the key "
                "(--all-partitions)"
            )
        if not waiting:
            return
        what = "what waits to be enriched"
        async for record in self._reader.scan(topic, partitions, window, what, starts=starts):
            if await self._is_of(wanted, record):
                self.ledger.add(record)

    # Back and on along what was sent back

    async def _follow_returns(self) -> None:
        """Adds raw records, the letters that they were sent back from, and what letters were sent back as."""
        for _ in range(_MOST_RETURNS):
            before = len(self.ledger.origins)
            for origin in self.ledger.origins:
                await self._fetch_raw(origin)
                await self._go_back(self.ledger.publish(origin))
            for origin in self.ledger.origins:
                for returned in self.ledger.publish(origin).letters:
                    await self._go_on(returned)
            if len(self.ledger.origins) == before:
                return

    async def _go_back(self, publish: Publish) -> None:
        """Reads the letter that a raw record was sent back from."""
        place = read_origin(publish.redriven_from or "")
        if (
            place is None
            or place[0].topic != self._topic(Channel.DEAD)
            or publish.redriven_from in self._asked
        ):
            return
        self._asked.add(publish.redriven_from or "")
        letter = await self._reader.at(*place)
        if letter is not None:
            self.ledger.add(letter)

    async def _go_on(self, returned: Returned) -> None:
        """Finds the raw record that a letter was sent back as, and what became of that."""
        letter = returned.letter
        place = f"{letter.record.topic}/{letter.place}"
        if not returned.as_raw and place not in self._asked:
            self._asked.add(place)
            await self._find_return(letter, place)
            returned = self.ledger.returned(letter)
        for origin in returned.as_raw:
            if origin not in self._asked and not self._is_settled(origin):
                await self._find_outcome(origin)

    async def _find_return(self, letter: Letter, place: str) -> None:
        """Looks for the record in the partition of the original, at the time that the receipt names."""
        topic, source = self._topic(Channel.REDRIVEN), letter.origin_position
        since = TimeWindow(letter.record.timestamp - CLOCKS_MS, None)
        async for record in self._reader.scan(topic, self._reader.all_of(topic), since, "receipts"):
            self.ledger.add(record)
        receipts = self.ledger.receipts_of(letter)
        if source is None or source[0].topic != self._topic(Channel.RAW):
            return
        for receipt in receipts:
            at = read_time(receipt.at)
            if at is None:
                continue
            moment = _ms(at)
            window = TimeWindow(moment - CLOCKS_MS, moment + _SENT_BACK_MS + CLOCKS_MS)
            scan = self._reader.scan(source[0].topic, [source[0].partition], window, f"{place} sent back")
            async with aclosing(scan) as records:
                async for record in records:
                    if any(
                        name == REDRIVEN_FROM and value == place.encode() for name, value in record.headers
                    ):
                        self.ledger.add(record)
                        break

    # What all need

    def _topic(self, channel: Channel) -> str:
        return self._settings.topic(channel)

    def _has_any(self, channels: Iterable[Channel]) -> bool:
        """Whether there is a topic of one of these."""
        return any(self._reader.all_of(self._topic(channel)) for channel in channels)

    async def _identity(self, record: TopicRecord) -> Identity:
        return await self._identifier.of(raw_message(record))

    async def _fetch_raw(self, origin: str) -> None:
        """Adds the raw record, unless it is known or gone."""
        place = read_origin(origin)
        if place is None or place[0].topic != self._topic(Channel.RAW) or origin in self._fetched:
            return
        self._fetched.add(origin)
        if self.ledger.raw_record(origin) is None and (record := await self._reader.at(*place)) is not None:
            self.ledger.add(record)


def _covers(channel: Channel, record: TopicRecord, origin: str) -> bool:
    """Whether a letter stands for this raw record among others."""
    place = read_origin(origin)
    if channel is not Channel.DEAD or place is None:
        return False
    letter = Letter(record)
    source = letter.origin_position
    return source is not None and source[0] == place[0] and place[1] in covered_offsets(letter)


def _ms(moment: str) -> int:
    return round(datetime.fromisoformat(moment).timestamp() * 1000)
