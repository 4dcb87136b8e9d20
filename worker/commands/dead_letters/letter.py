"""A dead letter as its topic holds it: the original, and what the `dead-letter-*` headers say of it."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

import orjson
from aiokafka import ConsumerRecord, TopicPartition

from worker.delivery.kafka.records import raw_message
from worker.delivery.lanes.dead_letter import (
    FIRST_ORIGIN,
    PLACE,
    PREFIX,
    REASON,
    REDRIVEN,
    TRUNCATED,
    redriven,
)
from worker.intake.decode import Limits, decode
from worker.records.messages import Headers, RawMessage, Rejected

# Ids that the worker makes of an article's url or text; others stand in the article.
_HASHED = ("url-", "text-")
# For reading an id or an article out of a letter that was too large for the worker.
INSPECTION_LIMITS = Limits(max_record_bytes=1 << 30, max_text_chars=1 << 30)


@dataclass(frozen=True)
class Letter:
    """`record` as it was read from the dead letters' topic, as the `number`th of its partition."""

    record: ConsumerRecord[bytes, bytes]
    number: int = 0

    @cached_property
    def worker_headers(self) -> dict[str, bytes]:
        """The headers that the worker added: the last of each name, since a publisher's come first."""
        return {
            name: value
            for name, value in self.record.headers
            if name.startswith(PREFIX) and value is not None
        }

    @property
    def place(self) -> str:
        """`partition/offset` in the dead letters' topic."""
        return f"{self.record.partition}/{self.record.offset}"

    @property
    def reason(self) -> str:
        return self.text(REASON)

    @property
    def error(self) -> str:
        return self.text(f"{PREFIX}error")

    @property
    def topic(self) -> str:
        """Its original's."""
        return self.text(PLACE[0])

    @property
    def origin(self) -> str:
        """The raw record it comes of, as `topic/partition/offset`."""
        return "/".join(self.text(name) for name in PLACE)

    @property
    def first_origin(self) -> str:
        """The first raw record of all: another than `origin` for a letter that was sent back before."""
        return self.text(FIRST_ORIGIN) if FIRST_ORIGIN in self.worker_headers else self.origin

    @property
    def origin_position(self) -> tuple[TopicPartition, int] | None:
        """Where its original was read; None if the headers do not say."""
        return read_origin(self.origin)

    @property
    def redriven(self) -> int:
        """How often its original was sent back before it became this letter."""
        return redriven(self.worker_headers.get(REDRIVEN))

    @property
    def truncated_from(self) -> int | None:
        """Bytes of the original value, where the letter could not be published with it."""
        size = self.worker_headers.get(TRUNCATED)
        return int(size) if size is not None and size.isdigit() and len(size) < 12 else None

    @property
    def original_headers(self) -> Headers:
        """The headers that the original was published with."""
        return self.as_raw().headers

    @property
    def time(self) -> str:
        """When it was written: `2026-01-31T08:00:00.123Z`."""
        moment = datetime.fromtimestamp(max(0, self.record.timestamp) / 1000, tz=UTC)
        return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")

    def text(self, header: str) -> str:
        """One of our headers; `?` where it is missing."""
        return self.worker_headers.get(header, b"?").decode(errors="replace")

    def as_raw(self, **changes: Any) -> RawMessage:
        """The message that the worker was given; `changes` replace fields of it, such as where it stood."""
        return replace(without_letter_headers(raw_message(self.record)), **changes)

    def has_id(self, wanted: str) -> bool:
        """Whether this id names it: its origin, its first one, its key, or its article's id."""
        if wanted in (self.origin, self.first_origin):
            return True
        if self.record.key == wanted.encode(errors="surrogateescape"):
            return True
        return self._article_has_id(wanted)

    def _article_has_id(self, wanted: str) -> bool:
        value = self.record.value or b""
        if wanted.startswith(_HASHED):
            article = decode(self.as_raw(), limits=Limits(), default_language="en")
            return not isinstance(article, Rejected) and article.id == wanted
        if any(name.lower() == "id" and data == wanted.encode() for name, data in self.original_headers):
            return True
        try:
            fields = orjson.loads(value)
        except orjson.JSONDecodeError:
            return False
        if not isinstance(fields, dict):
            return False
        ids = (fields.get("id"), fields.get("uri"))
        return any(isinstance(found, str | int) and str(found) == wanted for found in ids)


def without_letter_headers(message: RawMessage) -> RawMessage:
    """The message with the headers that its publisher gave it, and none that a worker added."""
    return replace(message, headers=tuple(h for h in message.headers if not h[0].startswith(PREFIX)))


def read_origin(text: str) -> tuple[TopicPartition, int] | None:
    """`topic/partition/offset`, or None for what is no such place."""
    topic, _, rest = text.partition("/")
    partition, _, offset = rest.partition("/")
    if not (topic and partition.isdecimal() and offset.isdecimal() and len(partition + offset) < 30):
        return None
    return TopicPartition(topic, int(partition)), int(offset)
