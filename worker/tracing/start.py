"""Starts traces if OpenTelemetry's variables ask for them; its modules are imported then, and only then."""

import logging
import os
from collections.abc import Mapping
from dataclasses import dataclass

from worker.delivery.lanes.trace import Traces
from worker.log import log_event
from worker.settings import Settings
from worker.tracing.asked import CannotTrace, asking_variable, check_asked, endpoint_shown

log = logging.getLogger(__name__)

INSTALL = "the extra is not installed: pip install 'dateline[otel]'"


@dataclass(frozen=True)
class Tracing:
    """What came of the start. `asked_by`: the variable that asks for traces; `off`: why there are none."""

    traces: Traces | None = None
    asked_by: str | None = None
    off: str | None = None
    endpoint: str | None = None

    async def announce(self) -> None:
        """Says whether articles are traced, where that was asked for."""
        if self.traces is not None:
            log_event(log, logging.INFO, "traces on", endpoint=self.endpoint, asked_by=self.asked_by)
        elif self.asked_by is not None:
            log_event(log, logging.WARNING, "traces off", asked_by=self.asked_by, why=self.off)


def start_traces(settings: Settings, environ: Mapping[str, str] | None = None) -> Tracing:
    """Starts traces where they are asked for. A mistake in what asks for them leaves them off, no more."""
    environ = os.environ if environ is None else environ
    asked_by = asking_variable(environ)
    if asked_by is None:
        return Tracing()
    try:
        check_asked(environ)
        # Here, so that a worker without traces loads none of it.
        from worker.tracing.spans import SpanTraces

        traces = SpanTraces.exporting(settings)
    except ImportError as error:
        return Tracing(asked_by=asked_by, off=f"{INSTALL} ({error})")
    except CannotTrace as error:
        return Tracing(asked_by=asked_by, off=str(error))
    # The SDK reads its variables itself, and refuses them in its own ways.
    except Exception as error:
        return Tracing(asked_by=asked_by, off=f"OpenTelemetry can't start: {type(error).__name__}: {error}")
    return Tracing(traces, asked_by, endpoint=endpoint_shown(environ))
