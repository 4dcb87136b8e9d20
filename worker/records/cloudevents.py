"""The CloudEvents headers (Kafka binding, binary mode) of every record that the worker writes."""

import hashlib
from datetime import UTC, datetime

from worker.records.messages import Headers, RawMessage

SPEC_VERSION = b"1.0"
JSON_CONTENT_TYPE = b"application/json"
TRACEPARENT = "traceparent"
# A W3C traceparent has 55 characters. A longer value is no trace, and is not copied onto every record.
MAX_TRACEPARENT_BYTES = 256
# Headers that the worker sets; a publisher's headers of these names are not passed on.
_OURS = frozenset({"content-type", "origin", TRACEPARENT})
MAX_TIME_MS = 253_402_300_799_999  # 9999-12-31: the end of RFC 3339, though not of a publisher's clock


class Envelope:
    """The headers that all records of one raw message share. Made once: there may be thousands of records."""

    def __init__(self, message: RawMessage, *, source: str, subject: str, pipeline: str) -> None:
        self._digest = hashlib.sha256(message.value or b"").digest()
        self._subject, self._pipeline = subject, pipeline
        self._shared: Headers = (
            ("ce_source", source.encode()),
            ("ce_time", rfc3339(message.timestamp_ms).encode()),
            ("ce_subject", subject.encode(errors="replace")),
            ("origin", message.origin.encode()),
        )
        self._traceparent = message.header(TRACEPARENT)

    def headers(self, *, ce_type: str, part: str, json: bool = True) -> Headers:
        """The headers of one record. The same raw message always gives the same bytes.

        `part` tells the records of one article apart. `ce_time` is when the raw message was published; the
        time of enrichment would differ from attempt to attempt.
        """
        source, time, subject, origin = self._shared
        headers = [
            ("ce_specversion", SPEC_VERSION),
            ("ce_id", self._event_id(part).encode()),
            source,
            ("ce_type", ce_type.encode()),
            time,
            subject,
            origin,
        ]
        if json:
            headers.append(("content-type", JSON_CONTENT_TYPE))
        if self._traceparent is not None and len(self._traceparent) <= MAX_TRACEPARENT_BYTES:
            headers.append((TRACEPARENT, self._traceparent))
        return tuple(headers)

    def _event_id(self, part: str) -> str:
        """Article id, part, hash of the raw value, and pipeline version, hashed into 32 hex digits."""
        named = "\x00".join((self._subject, part, self._pipeline)).encode(errors="surrogatepass")
        return hashlib.sha256(self._digest + named).hexdigest()[:32]


def following(message: RawMessage, *, source: str, ce_type: str, part: str) -> Headers:
    """The headers of a record derived from one of ours: the same subject, time, origin and trace.

    A header that is missing, because somebody else wrote that record, is made from the record itself. The
    same record and part always give the same bytes.
    """
    event_id, origin = following_id(message, part)
    headers = [
        ("ce_specversion", SPEC_VERSION),
        event_id,
        ("ce_source", source.encode()),
        ("ce_type", ce_type.encode()),
        ("ce_time", rfc3339(event_time_ms(message.headers, message.timestamp_ms)).encode()),
        ("ce_subject", message.header("ce_subject") or message.key or b""),
        origin,
        ("content-type", JSON_CONTENT_TYPE),
    ]
    traceparent = message.header(TRACEPARENT)
    if traceparent is not None and len(traceparent) <= MAX_TRACEPARENT_BYTES:
        headers.append((TRACEPARENT, traceparent))
    return tuple(headers)


def following_id(message: RawMessage, part: str) -> Headers:
    """`ce_id` and `origin`: the headers by which repeats and the original raw record are recognized."""
    before = message.header("ce_id") or hashlib.sha256(message.value or b"").hexdigest().encode()
    return (
        ("ce_id", hashlib.sha256(before + b"\x00" + part.encode()).hexdigest()[:32].encode()),
        ("origin", message.header("origin") or message.origin.encode()),
    )


def event_time_ms(headers: Headers, otherwise: int = 0) -> int:
    """The last `ce_time` in ms since the epoch, never negative; `otherwise` if there is none to be read."""
    found = otherwise
    for name, value in headers:
        if name.lower() == "ce_time":
            try:
                found = round(datetime.fromisoformat((value or b"").decode()).timestamp() * 1000)
            except (ValueError, OverflowError):  # UnicodeDecodeError is a ValueError
                found = otherwise
    return min(max(found, 0), MAX_TIME_MS)


def publishers_headers(message: RawMessage) -> Headers:
    """The publisher's headers that are passed on: all but CloudEvents' and those of `_OURS`."""
    return tuple(
        (name, value)
        for name, value in message.headers
        if name.lower() not in _OURS and not name.lower().startswith("ce_")
    )


def rfc3339(timestamp_ms: int) -> str:
    """Milliseconds since the epoch as `2025-01-13T09:00:00.000Z`, from 1970 to 9999."""
    seconds, ms = divmod(min(max(timestamp_ms, 0), MAX_TIME_MS), 1000)
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{ms:03d}Z"
