"""Kafka messages as plain values: what the worker reads, and what it writes."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from worker.channels import Channel

Headers = tuple[tuple[str, bytes | None], ...]
"""Names and values; Kafka allows a null value, and several headers of one name."""


class Reason(StrEnum):
    """Why an input became a dead letter: a small, fixed set that subscribers can switch on."""

    UNDECODABLE = "undecodable"
    INVALID = "invalid"
    TOO_LARGE = "too-large"
    UNSUPPORTED_LANGUAGE = "unsupported-language"
    ENRICHMENT_FAILED = "enrichment-failed"
    ENRICHMENT_KILLED = "enrichment-killed"
    PUBLISH_REJECTED = "publish-rejected"
    WITHHELD = "withheld"


@dataclass(frozen=True, slots=True)
class BatchFault:
    """That a message came in a batch that can't be read, or not to its end. `error` says why.

    `reason`: that of its dead letter. TOO_LARGE: the batch unpacks to too much. UNDECODABLE: it can't be
    unpacked, or what it unpacks to is no records.
    `value_bytes`: its value, of so many bytes by its own account, and its headers were not read.
    `offsets`: it stands for all records at these offsets, as `5 to 9`, none of which was read.
    """

    error: str
    reason: Reason = Reason.TOO_LARGE
    value_bytes: int | None = None
    offsets: str = ""

    @property
    def is_unread(self) -> bool:
        """Whether something of it is missing."""
        return self.value_bytes is not None or bool(self.offsets)


@dataclass(frozen=True, slots=True)
class RawMessage:
    """One message as it was read. `timestamp_ms`: Kafka's timestamp, milliseconds since the epoch."""

    topic: str
    partition: int
    offset: int
    timestamp_ms: int
    key: bytes | None
    value: bytes | None
    headers: Headers = ()
    batch_fault: BatchFault | None = None

    @property
    def origin(self) -> str:
        """`topic/partition/offset`: identifies this message on every record that is derived from it."""
        return f"{self.topic}/{self.partition}/{self.offset}"

    def header(self, name: str) -> bytes | None:
        """The value of the last header of this name (letter case ignored); None if it is null or missing."""
        for key, value in reversed(self.headers):
            if key.lower() == name:
                return value
        return None


@dataclass(frozen=True, slots=True)
class OutMessage:
    """One message to be written. A value of None is a tombstone.

    `partition`: None lets the key decide.
    `timestamp_ms`: Kafka's timestamp, milliseconds since the epoch; None means the time of sending.
    """

    channel: Channel
    key: bytes | None
    value: bytes | None
    headers: Headers
    partition: int | None = None
    timestamp_ms: int | None = None


class FailedStep(StrEnum):
    """The step at which an input failed."""

    DECODE = "decode"
    ENRICH = "enrich"
    PUBLISH = "publish"
    ALERT = "alert"
    STORIES = "stories"
    TRENDS = "trends"


FIRST_STEPS: Mapping[Channel, FailedStep] = MappingProxyType(
    {
        Channel.RAW: FailedStep.DECODE,
        Channel.ENRICHED: FailedStep.ALERT,
        Channel.MATCHES: FailedStep.ALERT,
        Channel.SKETCHES: FailedStep.STORIES,
        Channel.STORIES: FailedStep.ALERT,
        Channel.TREND_NOTES: FailedStep.TRENDS,
    }
)
"""The step at which a record fails that can't be read, by the channel that the stage reads."""
AFTER_ENRICHMENT = frozenset(FIRST_STEPS.values()) - {FailedStep.DECODE}
"""The steps whose input is a record of the worker's own: the article itself was enriched."""


@dataclass(frozen=True, slots=True)
class Rejected:
    """An expected failure as a value: the input becomes a dead letter.

    `until`: when it may be sent back, in RFC 3339; None if no time is known.
    """

    reason: Reason
    error: str
    stage: FailedStep
    attempts: int = 1
    until: str | None = None


Outcome = tuple[OutMessage, ...] | Rejected
"""What became of a raw message: the records to publish, or why there are none."""
