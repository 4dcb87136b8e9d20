"""The CloudEvents headers (Kafka binding, binary mode) of every record that the worker writes."""

import hashlib
from datetime import datetime, timedelta

from worker.records.messages import Headers, RawMessage

SPEC_VERSION = b"1.0"
JSON_CONTENT_TYPE = b"application/json"
TRACEPARENT, TRACESTATE = "traceparent", "tracestate"
PIPELINE, ARTICLE_VERSION = "pipeline", "article_version"
# A W3C traceparent has 55 characters. A longer value is no trace, and is not copied onto every record.
MAX_TRACEPARENT_BYTES = 256
# What W3C asks everybody to pass on; more would be copied onto thousands of records.
MAX_TRACESTATE_BYTES = 512
# Of a record that somebody else wrote to our topics: longer ones are not copied onto what follows from it.
MAX_PIPELINE_BYTES = 512
MAX_VERSION_DIGITS = 19
# Headers that the worker sets; a publisher's headers of these names are not passed on.
_OURS = frozenset({"content-type", "origin", PIPELINE, ARTICLE_VERSION, TRACEPARENT, TRACESTATE})
MAX_TIME_MS = 253_402_300_799_999  # 9999-12-31: the end of RFC 3339, though not of a publisher's clock
_EPOCH = datetime(1970, 1, 1)


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
            (PIPELINE, pipeline.encode(errors="replace")),
            (ARTICLE_VERSION, b"%d" % version_of(message)),
        )
        self._trace = trace_headers(message)

    def headers(self, *, ce_type: str, part: str, dataschema: str | None) -> Headers:
        """The headers of one record. The same raw message always gives the same bytes.

        `part` tells the records of one article apart. `dataschema` is None for a record without a value.
        `ce_time` is when the raw message was published; the time of enrichment would differ from attempt to
        attempt.
        """
        source, time, subject, *others = self._shared
        headers = [
            ("ce_specversion", SPEC_VERSION),
            ("ce_id", self._event_id(part).encode()),
            source,
            ("ce_type", ce_type.encode()),
            time,
            subject,
            *others,
        ]
        if dataschema is not None:
            headers += [("ce_dataschema", dataschema.encode()), ("content-type", JSON_CONTENT_TYPE)]
        return (*headers, *self._trace)

    def _event_id(self, part: str) -> str:
        """Article id, part, hash of the raw value, and pipeline version, hashed into 32 hex digits."""
        named = "\x00".join((self._subject, part, self._pipeline)).encode(errors="surrogatepass")
        return hashlib.sha256(self._digest + named).hexdigest()[:32]


def version_of(message: RawMessage) -> int:
    """The version that orders the records of one article: the raw record's time in ms since the epoch.

    Never negative: search engines refuse a whole bulk request for one negative version.
    """
    return max(message.timestamp_ms, 0)


class Following:
    """The headers of all records derived from one of ours: its subject, time, origin, pipeline and trace.

    A header that is missing, because somebody else wrote that record, is made from the record itself, but for
    the pipeline's.
    """

    def __init__(self, message: RawMessage, *, source: str) -> None:
        # Of several of one name the last counts.
        named = {name.lower(): value for name, value in message.headers}
        time_ms = event_time_ms((("ce_time", named.get("ce_time")),), message.timestamp_ms)
        pipeline = named.get(PIPELINE)
        self._before, self._origin = (
            _before(named.get("ce_id"), message),
            _origin(named.get("origin"), message),
        )
        self._subject = named.get("ce_subject") or message.key or b""
        self._source, self._time = ("ce_source", source.encode()), ("ce_time", rfc3339(time_ms).encode())
        self._pipeline: Headers = (
            ((PIPELINE, pipeline),) if pipeline and len(pipeline) <= MAX_PIPELINE_BYTES else ()
        )
        self._version = (ARTICLE_VERSION, _version_in(named.get(ARTICLE_VERSION)) or b"%d" % time_ms)
        self._trace = _trace(named.get(TRACEPARENT), named.get(TRACESTATE))

    def headers(
        self, *, ce_type: str, part: str, dataschema: str | None, subject: str | None = None
    ) -> Headers:
        """The headers of one record. The same message and part always give the same bytes.

        `subject`: what it is about, if that is not its input's. `dataschema` is None for a record without a
        value.
        """
        schema: Headers = (
            (("ce_dataschema", dataschema.encode()), ("content-type", JSON_CONTENT_TYPE))
            if dataschema
            else ()
        )
        return (
            ("ce_specversion", SPEC_VERSION),
            _event_id(self._before, part),
            self._source,
            ("ce_type", ce_type.encode()),
            self._time,
            ("ce_subject", subject.encode() if subject else self._subject),
            self._origin,
            *self._pipeline,
            self._version,
            *schema,
            *self._trace,
        )


def following(
    message: RawMessage, *, source: str, ce_type: str, part: str, dataschema: str | None
) -> Headers:
    """The headers of a record derived from one of ours, if it is the only one: see `Following`."""
    return Following(message, source=source).headers(ce_type=ce_type, part=part, dataschema=dataschema)


def _version_in(version: bytes | None) -> bytes | None:
    return version if version and version.isdigit() and len(version) <= MAX_VERSION_DIGITS else None


def trace_headers(message: RawMessage) -> Headers:
    """The message's trace context. A state without its parent, or that is too long, belongs to no trace."""
    return _trace(message.header(TRACEPARENT), message.header(TRACESTATE))


def _trace(parent: bytes | None, state: bytes | None) -> Headers:
    if parent is None or len(parent) > MAX_TRACEPARENT_BYTES:
        return ()
    if state is None or len(state) > MAX_TRACESTATE_BYTES:
        return ((TRACEPARENT, parent),)
    return ((TRACEPARENT, parent), (TRACESTATE, state))


def following_id(message: RawMessage, part: str) -> Headers:
    """`ce_id` and `origin`: the headers by which repeats and the original raw record are recognized."""
    before = _before(message.header("ce_id"), message)
    return _event_id(before, part), _origin(message.header("origin"), message)


def _before(event_id: bytes | None, message: RawMessage) -> bytes:
    """What the ids of records that follow from the message are made of."""
    return event_id or hashlib.sha256(message.value or b"").hexdigest().encode()


def _event_id(before: bytes, part: str) -> tuple[str, bytes]:
    return "ce_id", hashlib.sha256(before + b"\x00" + part.encode()).hexdigest()[:32].encode()


def _origin(origin: bytes | None, message: RawMessage) -> tuple[str, bytes]:
    return "origin", origin or message.origin.encode()


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
    since = timedelta(milliseconds=min(max(timestamp_ms, 0), MAX_TIME_MS))
    return (_EPOCH + since).isoformat(timespec="milliseconds") + "Z"
