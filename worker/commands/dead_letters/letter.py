"""A dead letter as its topic holds it: the original message, and `dead-letter-*` headers about it."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from typing import Any

import orjson
from aiokafka import ConsumerRecord, TopicPartition

from worker.delivery.kafka.records import raw_message
from worker.delivery.lanes.dead_letter import (
    FIRST_ORIGIN,
    HEADER_PREFIX,
    OFFSETS,
    PLACE,
    REASON,
    REDRIVEN,
    TRUNCATED,
    UNTIL,
    redriven,
)
from worker.field_paths import FieldPath
from worker.intake.limits import Limits
from worker.records.cloudevents import rfc3339
from worker.records.messages import Headers, RawMessage, Rejected
from worker.records.times import read_time

# The worker derives ids that begin so from an article's url or text; all others stand in the article.
_HASHED = ("url-", "text-")


@dataclass(frozen=True)
class Letter:
    """A record of the dead letters' topic. `number` counts the records read of its partition, from 1."""

    record: ConsumerRecord[bytes, bytes]
    number: int = 0

    @cached_property
    def worker_headers(self) -> dict[str, bytes]:
        """The headers that a worker added. Of each name the last counts: the publisher's stand before it."""
        return {
            name: value
            for name, value in self.record.headers
            if name.startswith(HEADER_PREFIX) and value is not None
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
        return self.text(f"{HEADER_PREFIX}error")

    @property
    def stage(self) -> str:
        return self.text(f"{HEADER_PREFIX}stage")

    @property
    def topic(self) -> str:
        """The topic of the original."""
        return self.text(PLACE[0])

    @property
    def origin(self) -> str:
        """The raw record that became this letter, as `topic/partition/offset`."""
        return "/".join(self.text(name) for name in PLACE)

    @property
    def first_origin(self) -> str:
        """The very first raw record. It differs from `origin` if the original was sent back before."""
        return self.text(FIRST_ORIGIN) if FIRST_ORIGIN in self.worker_headers else self.origin

    @property
    def origin_position(self) -> tuple[TopicPartition, int] | None:
        """The partition and offset of `origin`; None if the headers do not tell them."""
        return read_origin(self.origin)

    @property
    def redriven(self) -> int:
        """How often the original was sent back before it became this letter."""
        return redriven(self.worker_headers.get(REDRIVEN))

    @property
    def truncated_from(self) -> int | None:
        """Bytes of the original value, if the letter was too large to be published with it; else None."""
        size = self.worker_headers.get(TRUNCATED)
        return int(size) if size is not None and size.isdigit() and len(size) < 12 else None

    @property
    def stands_for(self) -> str:
        """The offsets of the unread records that this letter stands for, as `5 to 9`; mostly empty."""
        return self.text(OFFSETS) if OFFSETS in self.worker_headers else ""

    @property
    def until(self) -> str:
        """The time from which the article may be published, as RFC 3339; mostly empty."""
        return self.text(UNTIL) if UNTIL in self.worker_headers else ""

    @property
    def until_ms(self) -> int | None:
        """That time in milliseconds since the epoch; None if there is none."""
        moment = read_time(self.until)
        return None if moment is None else math.ceil(datetime.fromisoformat(moment).timestamp() * 1000)

    @property
    def original_headers(self) -> Headers:
        """The headers that the original was published with."""
        return self.as_raw().headers

    @property
    def time(self) -> str:
        """When the letter was written: `2026-01-31T08:00:00.123Z`."""
        return rfc3339(self.record.timestamp)

    def text(self, header: str) -> str:
        """The text of a header that a worker added; `?` if it is missing."""
        return self.worker_headers.get(header, b"?").decode(errors="replace")

    def as_raw(self, **changes: Any) -> RawMessage:
        """The message that the worker was given. `changes` replace its fields, such as its place."""
        return replace(without_letter_headers(raw_message(self.record)), **changes)

    def has_id(self, wanted: str, field_paths: Sequence[FieldPath] = ()) -> bool:
        """Whether this is the letter's origin, its first origin, its key, or the id of its article.

        `field_paths`: where articles have their fields, as DATELINE_FIELDS says.
        """
        if wanted in (self.origin, self.first_origin):
            return True
        if self.record.key == wanted.encode(errors="surrogateescape"):
            return True
        return self._article_has_id(wanted, field_paths)

    def _article_has_id(self, wanted: str, field_paths: Sequence[FieldPath]) -> bool:
        value = self.record.value or b""
        if wanted.startswith(_HASHED):
            # What reads HTML is slow to import, and only these ids ask for it.
            from worker.intake.decode import decode

            article = decode(
                self.as_raw(),
                limits=Limits(),
                default_language="en",
                field_paths=field_paths,
                shows_withheld=True,
            )
            return not isinstance(article, Rejected) and article.id == wanted
        if any(name.lower() == "id" and data == wanted.encode() for name, data in self.original_headers):
            return True
        try:
            fields = orjson.loads(value)
        except orjson.JSONDecodeError:
            return False
        if not isinstance(fields, dict):
            return False
        # Its reader of markup is slow to import too.
        from worker.intake.feeds.names import given_id
        from worker.intake.feeds.paths import found_at

        placed = (v for field, path in field_paths if field == "id" for _, v in found_at(fields, path))
        ids = (fields.get("id"), fields.get("uri"), given_id(fields), *placed)
        return any(isinstance(found, str | int) and str(found) == wanted for found in ids)


def without_letter_headers(message: RawMessage) -> RawMessage:
    """The message without the headers that workers add to dead letters."""
    return replace(message, headers=tuple(h for h in message.headers if not h[0].startswith(HEADER_PREFIX)))


def read_origin(text: str) -> tuple[TopicPartition, int] | None:
    """Reads `topic/partition/offset`; None for anything else."""
    topic, _, rest = text.partition("/")
    partition, _, offset = rest.partition("/")
    if not (topic and partition.isdecimal() and offset.isdecimal() and len(partition + offset) < 30):
        return None
    return TopicPartition(topic, int(partition)), int(offset)
