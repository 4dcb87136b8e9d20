"""Stops the worker: it delivers what is in flight within a deadline, and nothing can make it hang.

Faust's own shutdown waits without limit, or commits what is not done. This one ends the process itself, which
is safe at any moment, since nothing is committed before it is delivered.
"""

import asyncio
import logging
import os
import signal
import socket
import sys
import threading
from collections.abc import Awaitable, Callable

from worker.log import log_event

log = logging.getLogger(__name__)

LEAVE_SECONDS = 2.0
AT_ONCE_SECONDS = 0.5
SIGNALS = (signal.SIGTERM, signal.SIGINT)
ALL_DONE, PROBLEM = 0, 1


class Shutdown:
    """Ends the worker. `drain(seconds)` delivers what is in flight; `leave_group()` frees partitions.

    `flush()` passes on what is known of the records delivered; what it has not passed on in time is lost.
    """

    def __init__(
        self,
        seconds: float,
        *,
        drain: Callable[[float], Awaitable[bool]],
        leave_group: Callable[[], Awaitable[None]],
        flush: Callable[[], Awaitable[None]] | None = None,
    ) -> None:
        self.begun = False
        self._seconds = seconds
        self._drain, self._leave_group, self._flush = drain, leave_group, flush
        self._task: asyncio.Task[None] | None = None
        self._wakeup: socket.socket | None = None

    def listen(self, loop: asyncio.AbstractEventLoop) -> None:
        """Stops on SIGTERM and SIGINT; a second signal ends the process at once.

        A thread receives the signals, so that the process ends in time even if the event loop is blocked.
        """
        ours, theirs = socket.socketpair()
        theirs.setblocking(False)
        self._wakeup = theirs  # kept open
        for number in SIGNALS:
            signal.signal(number, lambda *_: None)
        signal.set_wakeup_fd(theirs.fileno(), warn_on_full_buffer=False)
        threading.Thread(target=self._receive_signals, args=[ours, loop], name="signals", daemon=True).start()

    def end(self, reason: str) -> None:
        """Ends the worker because it can't go on: it delivers nothing more, and exits with 1."""
        if not self.begun:
            log_event(log, logging.CRITICAL, "worker ends", reason=reason)
            self._begin(LEAVE_SECONDS * 2)
            self._task = asyncio.ensure_future(self._end_now())

    def _receive_signals(self, ours: socket.socket, loop: asyncio.AbstractEventLoop) -> None:
        while True:
            for number in ours.recv(16):
                if number in SIGNALS:
                    self._on_signal(signal.Signals(number), loop)

    def _on_signal(self, number: signal.Signals, loop: asyncio.AbstractEventLoop) -> None:
        if self.begun:
            _end_within(AT_ONCE_SECONDS)
            log_event(log, logging.WARNING, "worker leaves at once", signal=number.name)
            leave(PROBLEM)
        self._begin(self._seconds)
        log_event(log, logging.INFO, "worker stops", signal=number.name, within_seconds=self._seconds)
        loop.call_soon_threadsafe(self._stop)

    def _stop(self) -> None:
        self._task = asyncio.ensure_future(self._finish())

    def _begin(self, seconds: float) -> None:
        self.begun = True
        _end_within(seconds)

    async def _finish(self) -> None:
        reserve = min(LEAVE_SECONDS, self._seconds / 4)
        delivered = await self._drain(self._seconds - reserve)
        await self._part(reserve / 2)
        if delivered:
            log_event(log, logging.INFO, "worker stopped")
        else:
            log_event(log, logging.WARNING, "worker stopped with work left, which stays uncommitted")
        leave(ALL_DONE if delivered else PROBLEM)

    async def _end_now(self) -> None:
        await self._part(LEAVE_SECONDS)
        leave(PROBLEM)

    async def _part(self, seconds: float) -> None:
        await asyncio.gather(self._free_partitions(seconds), self._flush_within(seconds))

    async def _flush_within(self, seconds: float) -> None:
        if self._flush is None:
            return
        try:
            async with asyncio.timeout(seconds):
                await self._flush()
        except Exception as error:  # what is lost is no article
            log_event(log, logging.DEBUG, "traces not flushed", error=repr(error))

    async def _free_partitions(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self._leave_group()
        except Exception as error:  # the group finds out by itself, when the session times out
            log_event(log, logging.DEBUG, "did not leave the group", error=repr(error))


def _end_within(seconds: float) -> None:
    """Ends the process after this time at the latest, from another thread than the event loop's.

    It does not call `leave`, since flushing the log may be what blocks.
    """
    last = threading.Timer(seconds, os._exit, [PROBLEM])
    last.daemon = True
    last.start()


def leave(code: int) -> None:
    """Ends the process here and now; its children end with it."""
    logging.shutdown()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)
