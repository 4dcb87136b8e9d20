"""What became of raw records, put together from the records of all topics. It reads nothing itself.

Whoever has read records adds them to a `Ledger`, in any order and repeated or not; `publish` then tells the
way of each raw record. So one reading of the topics serves all articles in them.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from aiokafka import TopicPartition

from worker.channels import Channel
from worker.commands.dead_letters.letter import Letter, read_origin
from worker.commands.dead_letters.receipts import Receipts, read_receipt
from worker.commands.shell.part_reader import TopicRecord, value_of
from worker.commands.trace.publish import (
    Fate,
    Match,
    MatchFate,
    Publish,
    Returned,
    alerted_story,
    header_text,
    place_of,
)
from worker.delivery.kafka.progress import StoredProgress
from worker.delivery.lanes.dead_letter import REDRIVEN_FROM
from worker.records.alert_messages import OVERRUN_KEY
from worker.records.redriven import Receipt

Delivered = Mapping[TopicPartition, int]
"""Each partition's offset below which the group that writes has delivered everything, where it is known."""

_STANDS_FOR = re.compile(r"(?:(\d{1,18}) to|up to) (\d{1,18})")
_NOTHING_DELIVERED: Delivered = MappingProxyType({})
_ARTICLES = (Channel.ENRICHED, Channel.SEARCH, Channel.ENTITIES, Channel.QUOTES, Channel.SKETCHES)


@dataclass
class _Came:
    """What came of one raw record, by the place of each, so that what is read twice counts once."""

    outputs: dict[Channel, dict[str, TopicRecord]] = field(default_factory=lambda: defaultdict(dict))
    letters: dict[str, Letter] = field(default_factory=dict)


class Ledger:
    """Sorts records by the raw record that they come from. `topics`: each topic's channel, by its name.

    `reaches_end`: whether all alerts up to the end of their topic were added; otherwise a match without one
    is not said to be kept back.
    """

    def __init__(
        self,
        topics: Mapping[str, Channel],
        *,
        delivered: Delivered = _NOTHING_DELIVERED,
        reaches_end: bool = True,
    ) -> None:
        self._topics = topics
        self.delivered, self.reaches_end = delivered, reaches_end
        self._raw: dict[str, TopicRecord] = {}
        self._came: dict[str, _Came] = defaultdict(_Came)
        self._several: dict[TopicPartition, list[tuple[range, Letter]]] = defaultdict(list)
        self._sent_back: dict[str, set[str]] = defaultdict(set)
        self._receipts, self._noted = Receipts(), list[Receipt]()

    def add(self, record: TopicRecord) -> None:
        """Takes a record of any of the topics; a record that names no raw record is passed over."""
        channel = self._topics.get(record.topic)
        if channel is Channel.REDRIVEN:
            if (receipt := read_receipt(record)) is not None:
                self._receipts.add(receipt)
                self._noted.append(receipt)
            return
        one = self.origin_of(record)
        if channel is None or one is None:
            return
        if channel is Channel.RAW:
            self._raw[one] = record
        elif channel is Channel.DEAD:
            self._add_letter(one, Letter(record))
        else:
            self._came[one].outputs[channel][place_of(record)] = record
        if letter := header_text(record, REDRIVEN_FROM):
            self._sent_back[letter].add(one)

    def origin_of(self, record: TopicRecord) -> str | None:
        """The raw record that a record is, or comes from, as `topic/partition/offset`."""
        channel = self._topics.get(record.topic)
        if channel is Channel.RAW:
            return place_of(record)
        if channel is Channel.DEAD:
            letter = Letter(record)
            if self._is_of_raw(letter):
                return letter.origin
        return header_text(record, "origin")

    @property
    def origins(self) -> list[str]:
        """The raw records that it knows, themselves or by what came of them, in the order of their places."""
        return sorted(self._raw.keys() | self._came.keys(), key=_in_order)

    def covering(self, origin: str) -> Letter | None:
        """The letter that stands for this raw record among others, which were not read."""
        place = read_origin(origin)
        if place is None:
            return None
        return next((letter for covered, letter in self._several[place[0]] if place[1] in covered), None)

    def raw_record(self, origin: str) -> TopicRecord | None:
        return self._raw.get(origin)

    def publish(self, origin: str) -> Publish:
        """The way of a raw record, as far as the records that were added tell it."""
        came = self._came.get(origin, _Came())
        letters = list(came.letters.values())
        if not letters and (letter := self.covering(origin)) is not None:
            letters.append(letter)
        found = {channel: tuple(records.values()) for channel, records in came.outputs.items()}
        alerts, matches = found.get(Channel.ALERTS, ()), found.get(Channel.MATCHES, ())
        decided = tuple(self._match(record, alerts) for record in matches)
        with_match = {place_of(alert) for match in decided for alert in match.alerts}
        outputs = {channel: found[channel] for channel in _ARTICLES if channel in found}
        enriched, sketches = found.get(Channel.ENRICHED, ()), found.get(Channel.SKETCHES, ())
        assignments, cards = found.get(Channel.STORY_ARTICLES, ()), found.get(Channel.STORIES, ())
        notes = found.get(Channel.TREND_NOTES, ())
        return Publish(
            origin=origin,
            raw=self._raw.get(origin),
            fate=self._fate(origin, letters, outputs),
            outputs=outputs,
            letters=tuple(map(self.returned, letters)),
            matches=decided,
            alerts=tuple(alert for alert in alerts if place_of(alert) not in with_match),
            overruns=tuple(one for one in found.get(Channel.STATE, ()) if _is_overrun(one)),
            matched=self._is_past(enriched[-1]) if enriched else None,
            assignments=assignments,
            cards=cards,
            told=bool(assignments) or self._is_past(sketches[-1]) if sketches else None,
            watched=self._are_past(cards),
            notes=notes,
            counted=self._are_past(notes),
        )

    def returned(self, letter: Letter) -> Returned:
        """The letter, and what it was sent back as."""
        back = self._sent_back.get(f"{letter.record.topic}/{letter.place}", set())
        return Returned(letter, tuple(sorted(back, key=_in_order)), self._receipts.has(letter))

    def receipts_of(self, letter: Letter) -> list[Receipt]:
        """The receipts that cover a letter: one for each time that it was sent back."""
        return [receipt for receipt in self._noted if Receipts([receipt]).has(letter)]

    def _add_letter(self, origin: str, letter: Letter) -> None:
        self._came[origin].letters[letter.place] = letter
        if (offsets := covered_offsets(letter)) and (place := read_origin(origin)):
            self._several[place[0]].append((offsets, letter))

    def _fate(
        self, origin: str, letters: Sequence[Letter], outputs: Mapping[Channel, Sequence[TopicRecord]]
    ) -> Fate:
        if any(self._is_of_raw(letter) for letter in letters):
            return Fate.DEAD
        written = [record for records in outputs.values() for record in records]
        if any(record.value is not None for record in written):
            return Fate.ENRICHED
        if written:
            return Fate.RETRACTED
        if letters:
            return Fate.DEAD
        place = read_origin(origin)
        delivered = None if place is None else self.delivered.get(place[0])
        if place is None or delivered is None:
            return Fate.UNKNOWN
        return Fate.WAITING if delivered <= place[1] else Fate.NOT_FOUND

    def _is_of_raw(self, letter: Letter) -> bool:
        """Whether a letter's original is a raw record, and none that came of one."""
        return self._topics.get(letter.topic) in (None, Channel.RAW)

    def _match(self, record: TopicRecord, alerts: Sequence[TopicRecord]) -> Match:
        match = value_of(record)
        alert = _object(match.get("alert"))
        rule = _object(alert.get("rule"))
        own = tuple(one for one in alerts if value_of(one).get("id") == alert.get("id"))
        fate = MatchFate.ALERT if own else self._without_alert(record, match)
        return Match(record, rule, fate, own, alerted_story(alert))

    def _without_alert(self, record: TopicRecord, match: Mapping[str, Any]) -> MatchFate:
        is_past = self._is_past(record)
        if is_past is False:
            return MatchFate.WAITING
        sure = is_past and self.reaches_end and match.get("cooldown") is not None
        return MatchFate.KEPT_BACK if sure else MatchFate.UNKNOWN

    def _is_past(self, record: TopicRecord) -> bool | None:
        """Whether the group has delivered what comes of a record; None if that is not known."""
        delivered = self.delivered.get(TopicPartition(record.topic, record.partition))
        return None if delivered is None else record.offset < delivered

    def _are_past(self, records: Sequence[TopicRecord]) -> bool | None:
        """Whether it has delivered what comes of all of them; None if that is not known, or there is none."""
        past = {self._is_past(record) for record in records}
        return None if not past or None in past else False not in past


def delivered_offsets(
    progress: StoredProgress, partitions: Iterable[TopicPartition], *, otherwise: str
) -> dict[TopicPartition, int]:
    """How far the group that writes has delivered these partitions, where that is known.

    `otherwise`: the group to go by if none is recorded as the one that writes.
    """
    group = progress.writers[-1].group if progress.writers else otherwise
    delivered = {}
    for partition in partitions:
        stored = progress.position(group, partition)
        if stored is not None and stored.offset is not None:
            delivered[partition] = stored.offset
        elif progress.writers:
            # It records how far it is with each batch: it has begun no batch of this partition.
            delivered[partition] = 0
    return delivered


def covered_offsets(letter: Letter) -> range:
    """The offsets of the unread raw records that a letter stands for; an empty range for most letters."""
    several = _STANDS_FOR.fullmatch(letter.stands_for)
    return range(int(several[1] or 0), int(several[2]) + 1) if several else range(0)


def _object(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _is_overrun(record: TopicRecord) -> bool:
    return (record.key or b"").startswith(OVERRUN_KEY.encode())


def _in_order(place: str) -> tuple[str, int, int]:
    """Sorts places by their numbers: `raw/2/9` before `raw/2/10`."""
    read = read_origin(place)
    return (place, -1, -1) if read is None else (read[0].topic, read[0].partition, read[1])
