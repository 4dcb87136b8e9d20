"""Sketches, assignments, cards and state as messages: their keys, headers and values."""

from collections.abc import Iterator, Mapping
from typing import Any

import orjson

from worker.channels import RETRACTED_CE_TYPE, SPECS, Channel, schema_uri
from worker.records.cloudevents import Envelope, Following, rfc3339
from worker.records.messages import OutMessage, RawMessage
from worker.stories.memory import CLOCK_KEY
from worker.stories.outputs import Assignment, Card
from worker.stories.sketch import make_sketch
from worker.stories.sketch_codec import sketch_bytes
from worker.stories.stories import TakenIn

SKETCH_POSITION = "sketch-position"
"""A state record's header: the position of the sketch that it follows from."""
SKETCHES_ID, SHIFT = "sketches-id", "sketches-shift"
"""Headers of the clock: the id of the topic of sketches, and what is added to its offsets as positions."""
_PARTITION = 0
"""Sketches and state have one partition, and use one alone where an embedded broker gives them several."""


def sketch_message(
    message: RawMessage, article: Mapping[str, Any], *, pipeline: str, event_source: str
) -> OutMessage:
    """The sketch of an article, the parsed JSON of the enriched topic. `message`: the raw record."""
    sketch = make_sketch(article, origin=message.origin)
    envelope = Envelope(message, source=event_source, subject=sketch.id, pipeline=pipeline)
    headers = envelope.headers(ce_type=SPECS[Channel.SKETCHES].ce_type or "", part="sketch", dataschema=None)
    return OutMessage(Channel.SKETCHES, sketch.id.encode(), sketch_bytes(sketch), headers, _PARTITION)


def story_messages(
    message: RawMessage, told: TakenIn, *, shift: int, sketches_id: str, event_source: str
) -> Iterator[OutMessage]:
    """What follows from a sketch, which `message` holds: the clock's record, which completes it, comes last.

    `shift`: what is added to the sketch's offset. `sketches_id`: the id of its topic.
    """
    headers = Following(message, source=event_source)
    if told.assignment is not None:
        yield _assignment_message(told.assignment, headers)
    if told.retracted is not None:
        yield _retraction_message(told.retracted, headers)
    for card in told.cards:
        yield _card_message(card, headers)
    # Fewer headers than usual: there are many such records, and the lane reads all of them when it opens.
    position = (SKETCH_POSITION, b"%d" % (message.offset + shift))
    log = ((SKETCHES_ID, sketches_id.encode()), (SHIFT, b"%d" % shift))
    for key, value in told.changes.items():
        named = (position, *log) if key == CLOCK_KEY else (position,)
        yield OutMessage(Channel.STORY_STATE, key, value, named, _PARTITION)


# Assignments and cards have the fields of their records (`worker.records.stories`), in their order. They are
# not made into these first: that takes more time than all else about them, and one lane has all articles.


def record_of(assignment: Assignment) -> dict[str, Any]:
    """An assignment as its record has it, and as it is printed."""
    return {
        "id": assignment.id,
        "story": assignment.story,
        "relation": assignment.relation.value,
        "of": assignment.of,
        "score": assignment.score / 1000,
        "share": assignment.of_this / 1000,
        "of_share": assignment.of_that / 1000,
        "wire": assignment.wire,
        "record_source": assignment.record_source,
        "language": assignment.language,
        "published_at": None if assignment.published_ms is None else rfc3339(assignment.published_ms),
    }


def _card_bytes(card: Card) -> bytes:
    fields = dict(card.fields)
    merged_from = fields.pop("merged_from")
    for name in ("published", "seen"):
        first, last = (None if time is None else rfc3339(time) for time in fields.pop(name))
        fields |= {f"first_{name}_at": first, f"last_{name}_at": last}
    return orjson.dumps({**fields, "merged_from": merged_from})


def _assignment_message(assignment: Assignment, headers: Following) -> OutMessage:
    channel = Channel.STORY_ARTICLES
    return OutMessage(
        channel,
        assignment.id.encode(),
        orjson.dumps(record_of(assignment)),
        headers.headers(ce_type=SPECS[channel].ce_type or "", part="story", dataschema=schema_uri(channel)),
    )


def _retraction_message(article: str, headers: Following) -> OutMessage:
    named = headers.headers(ce_type=RETRACTED_CE_TYPE, part="retraction/story", dataschema=None)
    return OutMessage(Channel.STORY_ARTICLES, article.encode(), None, named)


def _card_message(card: Card, headers: Following) -> OutMessage:
    channel = Channel.STORIES
    named = headers.headers(
        ce_type=SPECS[channel].ce_type or "",
        part=f"story/{card.id}/{card.fields['version']}",
        dataschema=schema_uri(channel),
        subject=card.id,
    )
    return OutMessage(channel, card.id.encode(), _card_bytes(card), named)
