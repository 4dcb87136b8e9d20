"""One raw record's way: what became of it, its matches and alerts, and where each of them stands."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import Any

from worker.channels import Channel
from worker.commands.dead_letters.letter import Letter
from worker.commands.shell.part_reader import TopicRecord, value_of
from worker.delivery.lanes.dead_letter import FIRST_ORIGIN, REDRIVEN_FROM
from worker.records.cloudevents import PIPELINE, event_time_ms
from worker.records.messages import AFTER_ENRICHMENT
from worker.stories.packing import StateError
from worker.trends.note import Note, read_note


class Fate(StrEnum):
    """What became of a raw record."""

    ENRICHED = "enriched"
    RETRACTED = "retracted"
    DEAD = "dead letter"
    WAITING = "waiting"
    """No worker has delivered it yet."""
    NOT_FOUND = "not found"
    """A worker has gone past it, and what was read holds nothing that came of it."""
    UNKNOWN = "unknown"
    """Nothing that came of it was read, and it is not known how far the workers are."""


class MatchFate(StrEnum):
    """What became of a match."""

    ALERT = "alert"
    KEPT_BACK = "kept back"
    """By its rule's cooldown."""
    WAITING = "waiting"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Match:
    """A rule that an article met, or the story that it changed.

    `story`: of a rule about stories, the story as it stood then; else None. `alerts`: one, or none; repeats
    where delivery is at-least-once.
    """

    record: TopicRecord
    rule: Mapping[str, Any]
    fate: MatchFate
    alerts: tuple[TopicRecord, ...]
    story: Mapping[str, Any] | None = None


@dataclass(frozen=True)
class Returned:
    """A dead letter, and the raw records that it was sent back as. `has_receipt`: it is noted that it was."""

    letter: Letter
    as_raw: tuple[str, ...]
    has_receipt: bool


@dataclass(frozen=True)
class Publish:
    """The way of one raw record. `raw` is None if the record was not read, or is gone.

    `outputs`: the article's records by channel; tombstones if it was retracted. `alerts`: those of which no
    match was read. `overruns`: reports of rules that were at a limit. `matched`: whether the rules have been
    asked; None if that is not known. `assignments`: which story it was given, or that it was taken out of it.
    `cards`: those of the stories that it changed. `told`: whether it was given a story; None if that is not
    known, or no sketch of it was read. `watched`: whether the rules about stories have been asked about these
    cards. `notes`: what trends were told of it, and `counted`: whether they have counted it.
    """

    origin: str
    raw: TopicRecord | None
    fate: Fate
    outputs: Mapping[Channel, tuple[TopicRecord, ...]]
    letters: tuple[Returned, ...]
    matches: tuple[Match, ...]
    alerts: tuple[TopicRecord, ...]
    overruns: tuple[TopicRecord, ...]
    matched: bool | None
    assignments: tuple[TopicRecord, ...] = ()
    cards: tuple[TopicRecord, ...] = ()
    told: bool | None = None
    watched: bool | None = None
    notes: tuple[TopicRecord, ...] = ()
    counted: bool | None = None

    @cached_property
    def records(self) -> tuple[TopicRecord, ...]:
        """All that came of it."""
        return (
            *(record for records in self.outputs.values() for record in records),
            *(each.letter.record for each in self.letters),
            *(match.record for match in self.matches),
            *(alert for match in self.matches for alert in match.alerts),
            *self.alerts,
            *self.overruns,
            *self.assignments,
            *self.notes,
        )

    @property
    def article(self) -> str | None:
        """The article's id; None if it became a dead letter before one was known."""
        # A letter of the raw topic has the headers of its publisher, who may name there what they like.
        foreign = {
            id(each.letter.record) for each in self.letters if each.letter.stage not in AFTER_ENRICHMENT
        }
        # What a rule about stories matched is about the story.
        foreign |= {id(one) for match in self.matches if match.story for one in (match.record, *match.alerts)}
        foreign |= {id(alert) for alert in self.alerts if alerted_story(value_of(alert))}
        own = (record for record in self.records if id(record) not in foreign)
        return next((found for record in own if (found := header_text(record, "ce_subject"))), None)

    @property
    def pipelines(self) -> tuple[str, ...]:
        """The pipelines, with their versions, that the outputs name."""
        written = (record for records in self.outputs.values() for record in records)
        return tuple(dict.fromkeys(named for record in written if (named := header_text(record, PIPELINE))))

    @property
    def time_ms(self) -> int | None:
        """When it was published, by its publisher's clock."""
        if self.raw is not None:
            return self.raw.timestamp
        return next(
            (event_time_ms(tuple(one.headers)) for one in self.records if header_text(one, "ce_time")), None
        )

    @property
    def redriven_from(self) -> str | None:
        """The dead letter that it is the original of, sent back; None if it was published."""
        return self._passed_on(REDRIVEN_FROM)

    @property
    def first_origin(self) -> str:
        """The very first raw record of what was sent back; else its own origin."""
        return self._passed_on(FIRST_ORIGIN) or self.origin

    @property
    def is_explained(self) -> bool:
        """Whether nothing is open: it has an end, and so have all of its matches."""
        ended = self.fate in (Fate.ENRICHED, Fate.RETRACTED, Fate.DEAD)
        decided = all(match.fate in (MatchFate.ALERT, MatchFate.KEPT_BACK) for match in self.matches)
        waits = self.fate is Fate.ENRICHED and self.matched is False
        return ended and decided and not waits and False not in (self.told, self.watched, self.counted)

    def seconds_to(self, record: TopicRecord) -> float | None:
        """How long after it was published a record was written; None if that is not known."""
        return None if self.time_ms is None else (record.timestamp - self.time_ms) / 1000

    def _passed_on(self, name: str) -> str | None:
        """A header that `redrive` gave the raw record, which what came of it may have as well."""
        told_by = self.records if self.raw is None else (self.raw,)
        return next((found for record in told_by if (found := header_text(record, name))), None)


def alerted_story(alert: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The story that an alert is about, by its value; None if that is an article."""
    story = alert.get("story")
    return story if isinstance(story, dict) else None


def note_in(record: TopicRecord) -> Note | None:
    """What trends were told of an article; None for a null value, and for what this version can't read."""
    try:
        return None if record.value is None else read_note(record.value)
    except StateError:
        return None


def place_of(record: TopicRecord) -> str:
    """`topic/partition/offset` of a record."""
    return f"{record.topic}/{record.partition}/{record.offset}"


def header_text(record: TopicRecord, name: str) -> str | None:
    """The last header of this name as text; None if it is missing, null or empty."""
    value = next((data for key, data in reversed(record.headers) if key == name), None)
    return value.decode(errors="replace") if value else None
