"""Which variables of OpenTelemetry ask for traces, and what is said where the worker can't serve them."""

import subprocess
import sys
from pathlib import Path

import pytest

from worker.settings import Settings
from worker.tracing.asked import asking_variable, endpoint_shown
from worker.tracing.start import start_traces

ENDPOINT, TRACES_ENDPOINT = "OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"
EXPORTER, DISABLED = "OTEL_TRACES_EXPORTER", "OTEL_SDK_DISABLED"
URL = "http://collector:4318"


@pytest.mark.parametrize(
    ("environ", "asked_by"),
    [
        ({}, None),
        ({"OTEL_SERVICE_NAME": "news", "OTEL_TRACES_SAMPLER": "always_on"}, None),
        ({"OTEL_EXPORTER_OTLP_METRICS_ENDPOINT": URL, "OTEL_METRICS_EXPORTER": "otlp"}, None),
        ({ENDPOINT: URL}, ENDPOINT),
        ({TRACES_ENDPOINT: URL, ENDPOINT: URL}, TRACES_ENDPOINT),
        ({EXPORTER: "otlp"}, EXPORTER),
        ({EXPORTER: "none", ENDPOINT: URL}, None),
        ({EXPORTER: " None ", ENDPOINT: URL}, None),
        ({EXPORTER: "", ENDPOINT: URL}, ENDPOINT),
        ({ENDPOINT: " "}, None),
        ({DISABLED: "true", ENDPOINT: URL, EXPORTER: "otlp"}, None),
        ({DISABLED: "TRUE", ENDPOINT: URL}, None),
        ({DISABLED: "false", ENDPOINT: URL}, ENDPOINT),
        ({DISABLED: "", ENDPOINT: URL}, ENDPOINT),
    ],
)
def test_traces_are_on_where_an_exporter_or_an_endpoint_is_named_and_nothing_forbids_them(environ, asked_by):
    assert asking_variable(environ) == asked_by


@pytest.mark.parametrize(
    ("environ", "why"),
    [
        ({EXPORTER: "console"}, "OTEL_TRACES_EXPORTER='console'; the worker takes otlp or none"),
        ({EXPORTER: "otlp,console"}, "OTEL_TRACES_EXPORTER='otlp,console'; the worker takes otlp or none"),
        (
            {ENDPOINT: URL, "OTEL_EXPORTER_OTLP_PROTOCOL": "grpc"},
            "OTEL_EXPORTER_OTLP_PROTOCOL='grpc'; the worker takes http/protobuf",
        ),
        (
            {ENDPOINT: URL, "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL": "http/json"},
            "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL='http/json'; the worker takes http/protobuf",
        ),
    ],
)
def test_what_the_worker_does_not_serve_leaves_traces_off_and_says_what_it_takes(environ, why):
    tracing = start_traces(Settings(), environ)
    assert (tracing.traces, tracing.off) == (None, why)


def test_the_protocol_of_traces_goes_before_that_of_all_signals():
    environ = {
        EXPORTER: "otlp",
        "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL": "http/protobuf",
        "OTEL_EXPORTER_OTLP_PROTOCOL": "grpc",
    }
    assert start_traces(Settings(), environ).off is None


def test_values_that_the_sdk_refuses_leave_traces_off_with_its_words(monkeypatch):
    monkeypatch.setenv("OTEL_BSP_MAX_QUEUE_SIZE", "-1")
    tracing = start_traces(Settings(), {ENDPOINT: URL})
    assert tracing.traces is None
    assert tracing.off == "OpenTelemetry can't start: ValueError: max_queue_size must be a positive integer."


@pytest.mark.parametrize(
    ("environ", "shown"),
    [
        ({EXPORTER: "otlp"}, "http://localhost:4318/v1/traces"),
        ({ENDPOINT: "http://collector:4318/"}, "http://collector:4318/v1/traces"),
        ({ENDPOINT: URL, TRACES_ENDPOINT: "https://t.example/in"}, "https://t.example/in"),
        ({TRACES_ENDPOINT: "https://me:secret@t.example/in?key=secret"}, "https://t.example/in"),
    ],
)
def test_the_log_names_the_endpoint_without_its_secrets(environ, shown):
    assert endpoint_shown(environ) == shown


WITHOUT_EXTRA = """
import asyncio, importlib.abc, logging, sys
class Missing(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path, target=None):
        if name.partition(".")[0] == "opentelemetry":
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
sys.meta_path.insert(0, Missing())
from worker import log
from worker.settings import Settings
from worker.tracing.start import start_traces
settings = Settings(log_format="text")
log.setup_logging(settings)
tracing = start_traces(settings)
assert tracing.traces is None
asyncio.run(tracing.announce())
"""


def test_without_the_extra_the_worker_says_at_its_start_what_to_install():
    said = run(WITHOUT_EXTRA, {ENDPOINT: URL}).stderr
    assert "warning traces off asked_by=OTEL_EXPORTER_OTLP_ENDPOINT" in said
    assert "the extra is not installed: pip install 'dateline[otel]' (No module named 'opentelemetry" in said


OFF = """
import sys
from worker.assembly import build_app
from worker.settings import Settings
app = build_app(Settings(outputs="enriched"))
assert app.lanes._traces is None
print(sorted(name for name in sys.modules if name.partition(".")[0] == "opentelemetry"))
"""


@pytest.mark.parametrize("environ", [{}, {ENDPOINT: URL, DISABLED: "true"}], ids=["unset", "disabled"])
def test_a_worker_without_traces_loads_nothing_of_opentelemetry(environ):
    assert run(OFF, environ).stdout == "[]\n"


def test_a_worker_with_traces_loads_it():
    program = OFF.replace("is None", "is not None")
    assert "'opentelemetry.sdk.trace'" in run(program, {EXPORTER: "otlp"}).stdout


def run(program: str, environ: dict[str, str]) -> subprocess.CompletedProcess[str]:
    root = Path(__file__).parents[3]
    paths = {"PYTHONPATH": ":".join([str(root), *filter(None, sys.path)])}
    done = subprocess.run(
        [sys.executable, "-c", program], env=paths | environ, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done
