"""What a letter of a later stage holds: a record of the worker's own, in rows for a person.

Of these stages' records, matches, sketches, stories and notes are no articles.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import NamedTuple, Protocol

import orjson

from worker.channels import Channel
from worker.commands.shell.visible import visible, visible_bytes
from worker.commands.shown.alert_lines import reason_text
from worker.commands.shown.formats import NOT_AS_EXPECTED
from worker.commands.shown.story_cards import story_rows, story_title
from worker.records.alerts import AlertMatch
from worker.records.cloudevents import rfc3339
from worker.records.codec import from_bytes
from worker.records.messages import RawMessage
from worker.records.stories import StoryCard

_KEY_BYTES = 300
_LISTED_CHARS = 600

Rows = list[tuple[str, str]]
"""(label, text) of each row of a card."""


class _Named(Protocol):
    @property
    def id(self) -> str: ...

    @property
    def name(self) -> str: ...


class NotOfStageError(ValueError):
    """A value that the stage can't read either. The text says why."""


class _StageRecord(NamedTuple):
    """`what`: how the record is called; `rows`: what it says. `without`: what a null value of it means."""

    what: str
    rows: Callable[[str, bytes], Iterable[tuple[str, str]]]
    without: str


def is_read_here(channel: Channel) -> bool:
    """Whether the records of this channel are read here, and not as articles."""
    return channel in _STAGE_RECORDS


def stage_record_rows(channel: Channel, message: RawMessage) -> Rows:
    """Rows for a record of the channel. Raises NotOfStageError if its value is none."""
    record = _STAGE_RECORDS[channel]
    key = visible_bytes(message.key, most=_KEY_BYTES)
    if message.value is None:
        return [(record.what, f"null: {record.without.format(key)}")]
    try:
        rows = [*record.rows(key, message.value)]
    except NOT_AS_EXPECTED as error:
        said = " ".join(str(error).split())
        raise NotOfStageError(visible(f"not read as a {record.what}: {said}")) from None
    return [(label, visible(text, most=_LISTED_CHARS)) for label, text in rows if text]


def _of_match(_: str, value: bytes) -> Iterator[tuple[str, str]]:
    match = from_bytes(AlertMatch, value)
    alert = match.alert
    yield "match", f"of rule {alert.rule.id} ({alert.rule.name}; {alert.rule.owner})"
    yield "version", alert.rule.version
    if alert.story is not None:
        yield "story", f"{alert.story.id}, version {alert.story.version}"
    yield "article", alert.article.id
    yield "headline", alert.article.headline or ""
    yield "at", alert.at
    yield from _labelled("why", (reason_text(why.condition, why.found) for why in alert.why))
    yield "entities", ", ".join(alert.entities)


def _of_sketch(_: str, value: bytes) -> Iterator[tuple[str, str]]:
    # These need numpy, which takes a while to import.
    from worker.stories.sketch_codec import read_sketch

    sketch = read_sketch(value)
    yield "sketch", f"of article {sketch.id}, from {sketch.origin}"
    yield "language", sketch.language
    yield "headline", sketch.headline or ""
    yield "source", sketch.source or ""
    yield "wire", sketch.wire or ""
    yield "url", sketch.url or ""
    yield "published", "" if sketch.published_ms is None else rfc3339(sketch.published_ms)
    yield "words", f"{sketch.word_count:,}"
    yield "people", _names(sketch.people)
    yield "organisations", _names(sketch.organisations)
    yield "places", _names(sketch.places)
    yield "topics", ", ".join(sketch.topics)
    said = (f"{quote.speaker or '(nobody named)'}: “{quote.text}”" for quote in sketch.quotes)
    yield from _labelled("quotes", said)


def _of_story(_: str, value: bytes) -> Iterator[tuple[str, str]]:
    from_bytes(StoryCard, value)
    story = orjson.loads(value)
    yield "story", f"{story['id']}, version {story['version']}"
    yield "headline", story_title(story)
    yield from story_rows(story)


def _of_note(article: str, value: bytes) -> Iterator[tuple[str, str]]:
    from worker.trends.note import Kind, read_note

    note = read_note(value)
    yield "note", f"of article {article}, {'a copy' if note.is_copy else 'no copy'}"
    yield "story", note.story
    yield "counted at", rfc3339(note.time_ms)
    labels = {
        Kind.PERSON: "people",
        Kind.ORGANISATION: "organisations",
        Kind.PLACE: "places",
        Kind.TOPIC: "topics",
    }
    for kind, label in labels.items():
        yield label, _names(subject for subject in note.subjects if subject.kind is kind)


def _names(named: Iterable[_Named]) -> str:
    return ", ".join(f"{one.name} ({one.id})" for one in named)


def _labelled(label: str, texts: Iterable[str]) -> Iterator[tuple[str, str]]:
    """The label stands at the first of them alone."""
    yield from ((label if not place else "", text) for place, text in enumerate(texts))


_STAGE_RECORDS: Mapping[Channel, _StageRecord] = MappingProxyType(
    {
        Channel.MATCHES: _StageRecord("match", _of_match, "no match of {}"),
        Channel.SKETCHES: _StageRecord("sketch", _of_sketch, "article {} was taken back"),
        Channel.STORIES: _StageRecord("story", _of_story, "no record of story {}"),
        Channel.TREND_NOTES: _StageRecord("note", _of_note, "article {} was taken back"),
    }
)
