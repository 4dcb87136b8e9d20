"""Measurements apart from what would disturb them: one thread, one core, a fresh process."""

import multiprocessing
import os
from collections.abc import Callable
from typing import TypeVar

R = TypeVar("R")

_THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


def use_one_thread(core: int | None = None) -> None:
    """Limits this process and its children to one thread, and to one core if that is given.

    Call it before numpy is imported, which starts its threads then.
    """
    os.environ.update(dict.fromkeys(_THREADS, "1"))
    if core is not None:
        os.sched_setaffinity(0, {core})


def in_fresh_process(work: Callable[[], R]) -> R:
    """The result of `work`, done in a process of its own that ends with it."""
    with multiprocessing.get_context("spawn").Pool(1) as process:
        return process.apply(work)
