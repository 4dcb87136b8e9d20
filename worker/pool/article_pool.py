"""The pool that enriches articles, with the limits that the settings give one article."""

import os
from collections.abc import Callable
from typing import TypeVar

from worker.channels import Channel
from worker.pool.pool import Pool
from worker.pool.secrecy import hide_memory, otlp_secret_in
from worker.records.messages import FailedStep, OutMessage, Reason, Rejected
from worker.settings import Settings

T = TypeVar("T")
R = TypeVar("R")


def article_pool(make: Callable[[], Callable[[T], R]], settings: Settings) -> Pool[T, R]:
    """A pool of `settings.processes` children, which call `make()` once and take one article at a time."""
    hide_secrets(settings)
    return Pool(
        make,
        processes=settings.processes,
        item_cpu_seconds=settings.article_cpu_seconds,
        item_wall_seconds=settings.article_wall_seconds,
        item_memory_bytes=settings.article_memory_bytes,
        attempts=settings.article_attempts,
        result_classes=(Channel, FailedStep, OutMessage, Reason, Rejected),
    )


def hide_secrets(settings: Settings) -> None:
    """Hides this process from the children that it is about to start, if it holds a secret."""
    if settings.holds_secrets or otlp_secret_in(os.environ):
        hide_memory()
