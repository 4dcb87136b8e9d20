"""A worker like tests.faults.pooled that counts nothing.

    faust -A bench.metering.unmetered worker

It leaves out the counting and what is added up for it.
"""

from contextlib import AbstractContextManager, nullcontext

from prometheus_client import Counter, Histogram

from tests.faults.sabotage import patch
from worker.delivery.faust import reader
from worker.delivery.lanes import lane


def nothing(*_: object) -> None:
    """In place of every count."""


def no_clock(_: Histogram) -> AbstractContextManager[None]:
    """In place of every stopwatch."""
    return nullcontext()


patch(Counter, "inc", nothing)
patch(Histogram, "observe", nothing)
patch(Histogram, "time", no_clock)
patch(lane, "count_delivery", nothing)
patch(reader, "_counted", lambda _, arrivals: arrivals)

from tests.faults.pooled import app  # noqa: E402  (after what it counts with is replaced)

__all__ = ["app"]
