"""Kafka messages as plain values, in and out, before and after anyone looks inside."""

from dataclasses import dataclass
from enum import StrEnum

from worker.channels import Channel

Headers = tuple[tuple[str, bytes | None], ...]


@dataclass(frozen=True, slots=True)
class RawMessage:
    """One message of the raw topic as it came. `timestamp_ms` is Kafka's, milliseconds since the epoch."""

    topic: str
    partition: int
    offset: int
    timestamp_ms: int
    key: bytes | None
    value: bytes | None
    headers: Headers = ()

    @property
    def origin(self) -> str:
        """`topic/partition/offset`: names this message on every record that comes of it."""
        return f"{self.topic}/{self.partition}/{self.offset}"

    def header(self, name: str) -> bytes | None:
        """The last header of that name (letter case ignored), or None."""
        for key, value in reversed(self.headers):
            if key.lower() == name:
                return value
        return None


@dataclass(frozen=True, slots=True)
class OutMessage:
    """One message to be written. A value of None is a tombstone.

    `partition`: where it does not go by its key.
    `timestamp_ms`: Kafka's, milliseconds since the epoch; None: the time of sending.
    """

    channel: Channel
    key: bytes | None
    value: bytes | None
    headers: Headers
    partition: int | None = None
    timestamp_ms: int | None = None


class Reason(StrEnum):
    """Why an input became a dead letter. A small fixed set: subscribers switch on it."""

    UNDECODABLE = "undecodable"
    INVALID = "invalid"
    TOO_LARGE = "too-large"
    UNSUPPORTED_LANGUAGE = "unsupported-language"
    ENRICHMENT_FAILED = "enrichment-failed"
    ENRICHMENT_KILLED = "enrichment-killed"
    PUBLISH_REJECTED = "publish-rejected"


class FailedStep(StrEnum):
    """Where an input was turned away."""

    DECODE = "decode"
    ENRICH = "enrich"
    PUBLISH = "publish"
    ALERT = "alert"


@dataclass(frozen=True, slots=True)
class Rejected:
    """An expected failure, as a value: this input becomes a dead letter."""

    reason: Reason
    error: str
    stage: FailedStep
    attempts: int = 1
