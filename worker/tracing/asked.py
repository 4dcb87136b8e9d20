"""What OpenTelemetry's variables ask for, of this worker."""

from collections.abc import Mapping
from urllib.parse import urlsplit

_ENDPOINTS = ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT")
_PROTOCOLS = ("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "OTEL_EXPORTER_OTLP_PROTOCOL")
_EXPORTER = "OTEL_TRACES_EXPORTER"
_LOCAL = "http://localhost:4318"


class CannotTrace(Exception):
    """Traces are asked for in a way that this worker can't serve; the message says what would do."""


def asking_variable(environ: Mapping[str, str]) -> str | None:
    """The variable that asks for traces; None if none does, or another forbids them."""
    if environ.get("OTEL_SDK_DISABLED", "").strip().lower() == "true":
        return None
    if exporter := environ.get(_EXPORTER, "").strip():
        return None if exporter.lower() == "none" else _EXPORTER
    return next((name for name in _ENDPOINTS if environ.get(name, "").strip()), None)


def check_asked(environ: Mapping[str, str]) -> None:
    """Raises CannotTrace unless OTLP over HTTP is what is asked for."""
    exporter = environ.get(_EXPORTER, "").strip() or "otlp"
    if exporter.lower() != "otlp":
        raise CannotTrace(f"{_EXPORTER}={exporter!r}; the worker takes otlp or none")
    for name in _PROTOCOLS:
        if protocol := environ.get(name, "").strip():
            if protocol != "http/protobuf":
                raise CannotTrace(f"{name}={protocol!r}; the worker takes http/protobuf")
            return


def endpoint_shown(environ: Mapping[str, str]) -> str:
    """Where spans are sent, without a password that stands in the address."""
    whole, base = (environ.get(name, "").strip() for name in _ENDPOINTS)
    url = urlsplit(whole or f"{(base or _LOCAL).removesuffix('/')}/v1/traces")
    return f"{url.scheme}://{url.netloc.rpartition('@')[2]}{url.path}"
