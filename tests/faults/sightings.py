"""Which outputs of each input a reader of uncommitted records has seen, and which it has seen again.

A committed offset runs ahead if, once it can be read, an input before it lacks records on the brokers. A
repeat is a record that is written again; it must have the same bytes.
"""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable

import orjson

from tests.faults.account import KafkaRecord, header, origin
from tests.faults.enricher import PER_ARTICLE
from tests.faults.replay import Replay
from tests.faults.rules import CHANGING_RULE, STANDING_RULES, should_match
from tests.faults.stories.rule_verdict import is_of_story
from worker.channels import Channel

# All but the channels whose topics faults delete.
WATCHED_CHANNELS = (
    Channel.ENRICHED,
    Channel.SEARCH,
    Channel.ENTITIES,
    Channel.DEAD,
    Channel.MATCHES,
    Channel.STATE,
)
_ALERTING = (Channel.MATCHES, Channel.STATE)


class Sightings:
    """Records what is written and read, and checks offsets against it; `problems` says what is wrong."""

    def __init__(self) -> None:
        self.problems: list[str] = []
        self.counts: Counter[Channel] = Counter()
        """How many records of each channel were written."""
        self.repeats = 0
        """How many records were written again, aborted ones included."""
        self.fault = 0
        """The number of the fault that the group is recovering from."""
        self._written: dict[str, set[str]] = defaultdict(set)
        self._letters: set[str] = set()
        self._first: dict[str, tuple[str, bytes]] = {}
        self._repeated: dict[tuple[int, Channel, int], set[str]] = defaultdict(set)
        self._enriched_in: dict[str, int] = {}
        self._replay = Replay()
        self._due: dict[str, tuple[str, set[str]]] = {}

    def note(self, channel: Channel, records: Iterable[KafkaRecord]) -> None:
        """Takes records of an output topic, committed or not."""
        for record in records:
            self.counts[channel] += 1
            one = origin(record)
            version = header(record, "ce_id") or ""
            # Under other rules other matches follow from the same record; those are no repeats.
            part = f"{channel}/{version if channel in _ALERTING else header(record, 'part') or 0}"
            body: list[object] = [record.key, record.value]
            if channel is Channel.DEAD:
                self._letters.add(one)
                version, body = "", [*body, *_originals(record)]
            else:
                self._written[one].add(_what(channel, record) if channel in _ALERTING else part)
            if channel is Channel.ENRICHED:
                self._enriched_in[one] = record.partition
            digest = hashlib.blake2b(repr(body).encode(), digest_size=8).digest()
            name = f"{one}/{part}"
            if name not in self._first:
                self._first[name] = (version, digest)
                continue
            self.repeats += 1
            self._repeated[self.fault, *self._lane(channel, record, one)].add(one)
            # Another ce_id: of another version of the pipeline, in a rolling upgrade.
            if self._first[name][0] == version and self._first[name][1] != digest:
                self.problems.append(f"{part} of {one} was written again with other bytes")

    def read(self, channel: Channel, records: Iterable[KafkaRecord]) -> None:
        """Takes committed inputs of a later stage, enriched articles or matches, in their order."""
        due: Callable[[KafkaRecord], set[str]] = {
            Channel.ENRICHED: _matches,
            Channel.MATCHES: self._silences,
        }[channel]
        for record in records:
            place = f"{record.topic}/{record.partition}/{record.offset}"
            self._due[place] = (origin(record), due(record))

    def check(self, place: str, committed: int) -> None:
        """Checks that all outputs of an input, which lies before a committed offset, are written."""
        if place in self._due:
            one, due = self._due.pop(place)
            missing = sorted(due - self._written[one])
            if missing:
                self.problems.append(f"{committed} is committed, and of {place} no {missing} is written")
            return
        due_parts = {
            f"{channel}/{part}"
            for channel, parts in PER_ARTICLE.items()
            if channel in WATCHED_CHANNELS
            for part in range(parts)
        }
        written = self._written[place] & due_parts
        if place not in self._letters and written != due_parts:
            self.problems.append(
                f"{committed} is committed, and of {place} only {sorted(written)} is written"
            )

    def repeated(self) -> dict[int, int]:
        """For each fault that repeats followed: how many inputs the lane with the most of them repeated.

        Outputs of a record that an earlier stage wrote twice count as that stage's repeats.
        """
        most: Counter[int] = Counter()
        before: set[str] = set()
        for stage in (Channel.RAW, Channel.ENRICHED, Channel.STORIES, Channel.MATCHES):
            lanes = [(fault, ones) for (fault, at, _), ones in self._repeated.items() if at is stage]
            for fault, ones in lanes:
                most[fault] = max(most[fault], len(ones - before))
            before = before.union(*(ones for _, ones in lanes))
        return {fault: count for fault, count in most.items() if count}

    def _lane(self, channel: Channel, record: KafkaRecord, one: str) -> tuple[Channel, int]:
        """The input partition of the lane that wrote it."""
        if channel is Channel.STATE:
            return Channel.MATCHES, record.partition
        if channel is Channel.MATCHES and is_of_story(record):
            return Channel.STORIES, 0
        if channel is Channel.MATCHES:
            return Channel.ENRICHED, self._enriched_in.get(one, -1)
        return Channel.RAW, int(one.split("/")[-2])

    def _silences(self, record: KafkaRecord) -> set[str]:
        return {f"{Channel.STATE}/{key.decode()}" for key in self._replay.decide(record).silences}


def _matches(record: KafkaRecord) -> set[str]:
    if record.value is None:
        return set()
    text = orjson.loads(record.value)["text"]
    return {
        f"{Channel.MATCHES}/{rule_id}"
        for rule_id in (*STANDING_RULES, CHANGING_RULE)
        if should_match(rule_id, text)
    }


def _what(channel: Channel, record: KafkaRecord) -> str:
    """Names a match or a silence: an input has one for each rule, or for each entity."""
    return f"{channel}/{(record.key or b'').decode()}"


def _originals(record: KafkaRecord) -> list[tuple[str, bytes]]:
    return [one for one in record.headers if not one[0].startswith("dead-letter-")]
