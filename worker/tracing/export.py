"""The way of spans out of the worker: a bounded queue, and a thread that sends from it by OTLP over HTTP."""

import os
import platform
from collections.abc import Sequence

from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import OTELResourceDetector, Resource
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult
from opentelemetry.sdk.trace.id_generator import RandomIdGenerator

from worker import __version__, metrics


class TraceIds(RandomIdGenerator):
    """Gives the next trace without a parent the id that was set for it."""

    def __init__(self) -> None:
        self.next_trace_id = 0

    def generate_trace_id(self) -> int:
        return self.next_trace_id or super().generate_trace_id()

    def is_trace_id_random(self) -> bool:
        return False


class CountingExporter(SpanExporter):
    """Counts the spans that were taken."""

    def __init__(self, exporter: SpanExporter) -> None:
        self._exporter = exporter

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        result = self._exporter.export(spans)
        if result is SpanExportResult.SUCCESS:
            metrics.SPANS_EXPORTED.inc(len(spans))
        return result

    def shutdown(self) -> None:
        self._exporter.shutdown()


def make_provider(ids: TraceIds) -> TracerProvider:
    """Makes spans by the SDK's own variables: sampler, limits, resource, queue, endpoint, headers."""
    provider = TracerProvider(resource=_resource(), id_generator=ids, shutdown_on_exit=False)
    provider.add_span_processor(BatchSpanProcessor(CountingExporter(OTLPSpanExporter())))
    return provider


def _resource() -> Resource:
    """This worker; what OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES say takes precedence."""
    ours = {
        "service.name": "dateline",
        "service.version": __version__,
        "service.instance.id": f"{platform.node()}:{os.getpid()}",
    }
    return Resource.create({**ours, **OTELResourceDetector().detect().attributes})
