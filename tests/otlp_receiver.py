"""An OTLP endpoint on the loopback, which keeps the spans that it is sent."""

import gzip
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest


@dataclass(frozen=True)
class ReceivedSpan:
    """One span as it was received. Ids are hex, `parent` is empty for a root; times are nanoseconds."""

    name: str
    kind: int
    trace: str
    id: str
    parent: str
    state: str
    began: int
    ended: int
    attributes: dict[str, Any]
    is_error: bool
    status: str
    service: dict[str, Any]


class OtlpReceiver:
    """Keeps spans by the order in which they came. `headers`: of the last request, in small letters."""

    def __init__(self) -> None:
        self.spans: list[ReceivedSpan] = []
        self.headers: dict[str, str] = {}
        self.answer: Callable[[], int] = lambda: 200
        self.url = ""

    def take(self, body: bytes) -> None:
        """Reads one request."""
        for resource in ExportTraceServiceRequest.FromString(body).resource_spans:
            service = _values(resource.resource.attributes)
            for scope in resource.scope_spans:
                self.spans += [_received(span, service) for span in scope.spans]

    def wait_for(self, is_there: Callable[[list[ReceivedSpan]], Any], seconds: float = 20) -> Any:
        """What `is_there` makes of the spans once that is something."""
        deadline = time.monotonic() + seconds
        while not (found := is_there(list(self.spans))):
            assert time.monotonic() < deadline, [(span.name, span.attributes) for span in self.spans]
            time.sleep(0.05)
        return found


@contextmanager
def otlp_receiver() -> Iterator[OtlpReceiver]:
    """Receives until the end of the block."""
    receiver = OtlpReceiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            answer = receiver.answer()
            if answer == 200:
                receiver.headers = {name.lower(): value for name, value in self.headers.items()}
                assert self.path == "/v1/traces", self.path
                unzipped = self.headers.get("Content-Encoding") == "gzip"
                receiver.take(gzip.decompress(body) if unzipped else body)
            self.send_response(answer)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            """Says nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    receiver.url = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, args=[0.05], daemon=True).start()
    try:
        yield receiver
    finally:
        server.shutdown()
        server.server_close()


def _received(span: Any, service: dict[str, Any]) -> ReceivedSpan:
    return ReceivedSpan(
        name=span.name,
        kind=span.kind,
        trace=span.trace_id.hex(),
        id=span.span_id.hex(),
        parent=span.parent_span_id.hex(),
        state=span.trace_state,
        began=span.start_time_unix_nano,
        ended=span.end_time_unix_nano,
        attributes=_values(span.attributes),
        is_error=span.status.code == span.status.STATUS_CODE_ERROR,
        status=span.status.message,
        service=service,
    )


def _values(attributes: Any) -> dict[str, Any]:
    return {one.key: _value(one.value) for one in attributes}


def _value(value: Any) -> Any:
    kind = value.WhichOneof("value")
    if kind == "array_value":
        return [_value(one) for one in value.array_value.values]
    return getattr(value, kind)
