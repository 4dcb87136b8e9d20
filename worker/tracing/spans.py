"""Makes spans of what lanes tell: one for each record worked on, its steps and its delivery inside.

A record's span is a child of the span that its publisher names in `traceparent`. Where there is none, all
spans of one article share a trace all the same, since its id follows from the raw record's place and time.
Attributes are named by OpenTelemetry's conventions for messaging, and `dateline.*` where these have no name.
"""

import asyncio
import hashlib
import logging
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import Any

from aiokafka import TopicPartition
from opentelemetry.context import Context
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.trace import Span, SpanKind, Status, StatusCode, get_current_span, set_span_in_context
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from worker import __version__, metrics
from worker.channels import Channel
from worker.delivery.lanes.dead_letter import HEADER_PREFIX, REASON
from worker.delivery.lanes.inbox import Arrival
from worker.delivery.lanes.stage import RunnableStage
from worker.delivery.lanes.trace import Told
from worker.log import log_event
from worker.records.cloudevents import ARTICLE_VERSION, trace_headers, version_of
from worker.records.messages import OutMessage, RawMessage
from worker.settings import Settings
from worker.tracing.export import TraceIds, make_provider

log = logging.getLogger(__name__)

# Ids, keys and errors come from outside: no span has more of one.
MAX_SHOWN_BYTES = 400
_MAX_RULES = 20

_AtNs = Callable[[float], int]


class SpanTraces:
    """Makes spans and hands them to the provider, which samples and sends them."""

    def __init__(self, settings: Settings, provider: TracerProvider, ids: TraceIds) -> None:
        self._group, self._provider, self._ids = settings.group_id, provider, ids
        self._tracer = provider.get_tracer("dateline", __version__)
        self._propagator = TraceContextTextMapPropagator()
        self._has_failed = False

    @classmethod
    def exporting(cls, settings: Settings) -> "SpanTraces":
        """Sends spans to where OpenTelemetry's variables say."""
        ids = TraceIds()
        return cls(settings, make_provider(ids), ids)

    def tell(self, stage: RunnableStage, partition: TopicPartition, told: Told) -> None:
        """Makes the spans of one delivery. A failure costs spans, and no article."""
        try:
            self._make_spans(stage, partition, told)
        except Exception as error:
            if not self._has_failed:
                self._has_failed = True
                problem = f"{type(error).__name__}: {error}"
                log_event(log, logging.ERROR, "spans not made; this is said once", error=problem)

    async def flush(self) -> None:
        """Sends what waits, and takes no more. The thread that sends may take longer than anybody waits."""
        await asyncio.to_thread(self._provider.shutdown)

    def _make_spans(self, stage: RunnableStage, partition: TopicPartition, told: Told) -> None:
        written: dict[int, list[OutMessage]] = defaultdict(list)
        for record in told.records:
            written[record.origin].append(record.message)
        epoch_ns = time.time_ns() - time.monotonic_ns()

        def at_ns(seconds: float) -> int:
            return epoch_ns + round(seconds * 1e9)

        place = {
            "messaging.system": "kafka",
            "messaging.operation.name": "process",
            "messaging.operation.type": "process",
            "messaging.destination.name": partition.topic,
            "messaging.destination.partition.id": str(partition.partition),
            "messaging.consumer.group.name": self._group,
        }
        delivery = {
            "messaging.system": "kafka",
            "messaging.operation.name": "deliver",
            "messaging.operation.type": "send",
            "messaging.batch.message_count": len(told.records),
            "dateline.batch.inputs": len(told.arrivals),
        }
        for arrival in told.arrivals:
            span = self._begin(stage, arrival, at_ns)
            if span.is_recording():
                outputs = written[arrival.message.offset]
                span.set_attributes({**place, **_attributes(arrival.message, outputs)})
                _set_status(span, told.failure, outputs)
                self._make_inner(span, told, arrival, delivery, at_ns)
            span.end(at_ns(told.ended))

    def _begin(self, stage: RunnableStage, arrival: Arrival, at_ns: _AtNs) -> Span:
        message = arrival.message
        carrier = {name: (value or b"").decode(errors="replace") for name, value in trace_headers(message)}
        context = self._propagator.extract(carrier, Context())
        if not get_current_span(context).get_span_context().is_valid:
            self._ids.next_trace_id = trace_id_of(message, is_raw=stage.reads is Channel.RAW)
        return self._tracer.start_span(
            f"process {message.topic}", context, SpanKind.CONSUMER, start_time=at_ns(arrival.read_at)
        )

    def _make_inner(
        self, span: Span, told: Told, arrival: Arrival, delivery: dict[str, Any], at_ns: _AtNs
    ) -> None:
        inside = set_span_in_context(span, Context())
        steps = told.steps.get(arrival.message.offset, ())
        for step in steps:
            one = self._tracer.start_span(step.name, inside, start_time=at_ns(step.began))
            one.end(at_ns(step.ended))
        sent = self._tracer.start_span(
            "deliver", inside, SpanKind.PRODUCER, delivery, start_time=at_ns(told.began)
        )
        _set_status(sent, told.failure, ())
        sent.end(at_ns(told.ended))
        metrics.SPANS_MADE.inc(2 + len(steps))


def trace_id_of(message: RawMessage, *, is_raw: bool) -> int:
    """The trace of an article whose publisher names none: the same in every stage and every worker."""
    origin, version = message.origin.encode(), b"%d" % version_of(message)
    if not is_raw:
        origin = message.header("origin") or origin
        version = message.header(ARTICLE_VERSION) or version
    return int.from_bytes(hashlib.sha256(origin + b"\x00" + version).digest()[:16], "big")


def _attributes(message: RawMessage, outputs: Sequence[OutMessage]) -> dict[str, Any]:
    found: dict[str, Any] = {
        "messaging.kafka.offset": message.offset,
        "messaging.message.body.size": len(message.value or b""),
        "dateline.records": len(outputs),
    }
    if message.key is not None:
        found["messaging.kafka.message.key"] = _shown(message.key)
    if message.value is None:
        found["messaging.kafka.message.tombstone"] = True
    if article := message.header("ce_subject") or (outputs and _header(outputs[0], "ce_subject")):
        found["dateline.article.id"] = _shown(article)
    if origin := message.header("origin"):
        found["dateline.origin"] = _shown(origin)
    if rules := _rules(outputs):
        found["dateline.rules"] = rules
    return found


def _rules(outputs: Sequence[OutMessage]) -> list[str]:
    """The rules that matched or raised an alert, the first of them: there may be thousands."""
    keys = (one.key for one in outputs if one.channel in (Channel.MATCHES, Channel.ALERTS))
    return [_shown(key or b"") for key, _ in zip(keys, range(_MAX_RULES), strict=False)]


def _set_status(span: Span, failure: str | None, outputs: Sequence[OutMessage]) -> None:
    """An error where the delivery failed, or the input became a dead letter."""
    if failure is not None:
        span.set_attribute("error.type", failure)
        span.set_status(Status(StatusCode.ERROR, "not delivered; the record is read again"))
        return
    for letter in outputs:
        if letter.channel is Channel.DEAD:
            span.set_attribute("error.type", _shown(_header(letter, REASON)))
            span.set_status(Status(StatusCode.ERROR, _shown(_header(letter, HEADER_PREFIX + "error"))))


def _header(message: OutMessage, name: str) -> bytes:
    """The value of the last header of this name, which is the worker's own."""
    return next((value or b"" for key, value in reversed(message.headers) if key == name), b"")


def _shown(value: bytes) -> str:
    return value[:MAX_SHOWN_BYTES].decode(errors="replace")
