"""Notes, counts and the state of trends as messages: their keys, headers and values."""

from collections.abc import Iterator
from typing import Any

import orjson

from worker.channels import RETRACTED_CE_TYPE, SPECS, Channel, schema_uri
from worker.records.cloudevents import Following, event_time_ms, following_id, rfc3339
from worker.records.messages import OutMessage, RawMessage
from worker.stories.outputs import Assignment
from worker.stories.sketch import Sketch
from worker.trends.note import note_bytes, note_of
from worker.trends.trends import TREND_CLOCK, Count, Taken
from worker.trends.windows import TrendWindow, counted_at

NOTE_OFFSET = "note-offset"
"""A state record's header: the offset of the note that it follows from."""
_PARTITION = 0
"""Notes and state have one partition, and use one alone where an embedded broker gives them several."""
# As much of a window's beginning as tells it from others of its length.
_KEY_CHARS = {TrendWindow.HOUR: 13, TrendWindow.DAY: 10}


def note_message(
    message: RawMessage, sketch: Sketch, assignment: Assignment, *, event_source: str
) -> OutMessage:
    """The note of an article that was given its story. `message`: the sketch's record."""
    written_ms = max(message.timestamp_ms, 0)
    came_ms = event_time_ms(message.headers, written_ms)
    time_ms = counted_at(sketch.published_ms, came_ms=came_ms, written_ms=written_ms)
    value = note_bytes(note_of(sketch, assignment, time_ms=time_ms))
    return _note(message, sketch.id, value, SPECS[Channel.TREND_NOTES].ce_type or "", event_source)


def retraction_note(message: RawMessage, article: str, *, event_source: str) -> OutMessage:
    """The note that an article was taken back. `message`: the sketch's record."""
    return _note(message, article, None, RETRACTED_CE_TYPE, event_source)


def _note(
    message: RawMessage, article: str, value: bytes | None, ce_type: str, event_source: str
) -> OutMessage:
    headers = Following(message, source=event_source)
    named = headers.headers(ce_type=ce_type, part="note", dataschema=None)
    return OutMessage(Channel.TREND_NOTES, article.encode(), value, named, _PARTITION)


def trend_messages(message: RawMessage, taken: Taken, *, event_source: str) -> Iterator[OutMessage]:
    """What follows from a note, which `message` holds: each count that it touched, and the state."""
    headers = Following(message, source=event_source)
    for count in taken.counts:
        yield _count_message(count, headers, taken.now_ms)
    # Fewer headers than usual: there are many such records, and the lane reads all of them when it opens.
    offset = (NOTE_OFFSET, b"%d" % message.offset)
    for key, value in taken.changes.items():
        named = (offset,) if key == TREND_CLOCK else (*following_id(message, "trends"), offset)
        yield OutMessage(Channel.TREND_STATE, key, value, named, _PARTITION)


def trend_key(count: Count) -> str:
    """`hour/2027-01-15T08/person/person:ada-okafor`."""
    start = rfc3339(count.window.start_ms(count.number))
    return f"{count.window}/{start[: _KEY_CHARS[count.window]]}/{count.subject.kind}/{count.subject.id}"


def count_fields(count: Count, now_ms: int) -> dict[str, Any]:
    """The fields of the record (`worker.records.trends`), in their order."""
    burst = count.burst
    return {
        "window": count.window.value,
        "start": rfc3339(count.window.start_ms(count.number)),
        "kind": count.subject.kind.value,
        "subject": count.subject.id,
        "name": count.subject.name,
        "articles": count.counted.articles,
        "independent": count.counted.independent,
        "stories": count.counted.stories,
        "burst": None if burst is None else {"expected": burst.expected, "score": burst.score},
        "updated_at": rfc3339(now_ms),
    }


def _count_message(count: Count, headers: Following, now_ms: int) -> OutMessage:
    key, channel = trend_key(count), Channel.TRENDS
    named = headers.headers(
        ce_type=SPECS[channel].ce_type or "",
        part=f"trend/{key}",
        dataschema=schema_uri(channel),
        subject=count.subject.id,
    )
    return OutMessage(channel, key.encode(), orjson.dumps(count_fields(count, now_ms)), named)
