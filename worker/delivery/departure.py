"""How a worker leaves: what is in flight is delivered, within a deadline, and nothing can make it hang.

Faust's own way out waits without limit, or commits what is not done; this one ends the process itself. That
is safe at any moment, since what is not delivered is not committed.
"""

import asyncio
import logging
import os
import signal
import sys
import threading
from collections.abc import Awaitable, Callable

from worker.log import event

log = logging.getLogger(__name__)

LEAVE_SECONDS = 2.0
ALL_DONE, PROBLEM = 0, 1


class Departure:
    """Leaves once. `drain(seconds)` says whether all was delivered; `leave_group()` frees the partitions."""

    def __init__(
        self,
        seconds: float,
        *,
        drain: Callable[[float], Awaitable[bool]],
        leave_group: Callable[[], Awaitable[None]],
    ) -> None:
        self.begun = False
        self._seconds = seconds
        self._drain, self._leave_group = drain, leave_group
        self._task: asyncio.Task[None] | None = None

    def listen(self, loop: asyncio.AbstractEventLoop) -> None:
        """Leaves on SIGTERM and SIGINT; a second signal ends the process at once."""
        for one in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(one, self._on_signal, one)

    def end(self, reason: str) -> None:
        """Leaves for a reason that waiting can't help: nothing more is delivered, the exit code says so."""
        if not self.begun:
            event(log, logging.CRITICAL, "worker ends", reason=reason)
            self._begin(LEAVE_SECONDS * 2, self._give_up())

    def _on_signal(self, number: signal.Signals) -> None:
        if self.begun:
            event(log, logging.WARNING, "worker leaves at once", signal=number.name)
            leave(PROBLEM)
        event(log, logging.INFO, "worker stops", signal=number.name, within_seconds=self._seconds)
        self._begin(self._seconds, self._finish())

    def _begin(self, seconds: float, way_out: "Awaitable[None]") -> None:
        self.begun = True
        # Behind the loop's back: whatever blocks it, the process ends in time.
        # Not by `leave`: writing out what is logged may be what blocks.
        last = threading.Timer(seconds, os._exit, [PROBLEM])
        last.daemon = True
        last.start()
        self._task = asyncio.ensure_future(way_out)

    async def _finish(self) -> None:
        reserve = min(LEAVE_SECONDS, self._seconds / 4)
        delivered = await self._drain(self._seconds - reserve)
        await self._free_partitions(reserve / 2)
        if delivered:
            event(log, logging.INFO, "worker stopped")
        else:
            event(log, logging.WARNING, "worker stopped with work left, which stays uncommitted")
        leave(ALL_DONE if delivered else PROBLEM)

    async def _give_up(self) -> None:
        await self._free_partitions(LEAVE_SECONDS)
        leave(PROBLEM)

    async def _free_partitions(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self._leave_group()
        except Exception as error:  # the group finds out by itself, when the session times out
            event(log, logging.DEBUG, "did not leave the group", error=repr(error))


def leave(code: int) -> None:
    """Ends the process here and now; its children go with it."""
    logging.shutdown()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)
