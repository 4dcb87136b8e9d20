"""A worker like tests.faults.pooled that counts nothing.

    faust -A bench.metering.unmetered worker

Neither the counting nor what is added up for it is done.
"""

from contextlib import AbstractContextManager, nullcontext

from prometheus_client import Counter, Histogram

from worker.delivery.faust import reader
from worker.delivery.lanes import lane


def nothing(*_: object) -> None:
    """In place of every count."""


def no_clock(_: Histogram) -> AbstractContextManager[None]:
    """In place of every stopwatch."""
    return nullcontext()


Counter.inc = nothing  # type: ignore[assignment]
Histogram.observe = nothing  # type: ignore[assignment]
Histogram.time = no_clock  # type: ignore[assignment]
lane.count_delivery = nothing  # type: ignore[assignment]
reader._counted = lambda _, arrivals: arrivals

from tests.faults.pooled import app  # noqa: E402

__all__ = ["app"]
