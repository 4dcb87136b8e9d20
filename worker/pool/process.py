"""The parent's side of a child process: its jobs, its state, and the pipes to and from it."""

import asyncio
import os
import pickle
import signal
import subprocess
import sys
import time
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Any

from worker.pool import child as pool_child
from worker.pool.child import FRAME_HEADER, OUT_OF_MEMORY_EXIT, FrameKind, frame
from worker.pool.secrecy import child_environment

EXIT_GRACE_SECONDS = 1
PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")
_TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")


class Job:
    """An item in progress. `attempts`: how often its child died while it worked on the item.

    `seconds`: what its steps took, if its function measures them. `started_at`, `ended_at`: when a child
    began it and when its result came, by the monotonic clock.
    """

    __slots__ = ("attempts", "ended_at", "item", "number", "result", "seconds", "started_at", "submitted_at")

    def __init__(self, number: int, item: Any, result: "asyncio.Future[Any]") -> None:
        self.number = number
        self.item = item
        self.result = result
        self.attempts = 0
        self.submitted_at = self.started_at = self.ended_at = time.monotonic()
        self.seconds: dict[str, float] = {}

    def settle(self, value: Any) -> None:
        """Gives the submitter the result, or the exception. Has no effect if it has one already."""
        if self.result.done():
            return
        if isinstance(value, Exception):
            self.result.set_exception(value)
        else:
            self.result.set_result(value)


class Child(asyncio.Protocol):
    """One child process. `current`: the number of the item it works on; `gone`: its pipe has ended."""

    def __init__(self, on_frame: Callable[["Child", int, int, float, bytes], None]) -> None:
        loop = asyncio.get_running_loop()
        self.jobs: deque[Job] = deque()
        self.current: int | None = None
        self.suspected_hang: int | None = None
        self.cpu_before = self.wall_seconds = 0.0
        self.finished = 0
        self.cause = "crash"
        """Why it died: `crash`, `hang` or `memory`."""
        self.ready: asyncio.Future[str | None] = loop.create_future()
        self.gone: asyncio.Future[None] = loop.create_future()
        self.process: subprocess.Popen[bytes]
        self.writer: asyncio.WriteTransport
        self._reader: asyncio.ReadTransport | None = None
        self._on_frame = on_frame
        self._received = bytearray()
        self._kill_reason: str | None = None
        self._item_memory_bytes = 0

    @property
    def is_fresh(self) -> bool:
        """Whether it never had an item."""
        return not self.finished and not self.jobs

    @property
    def has_worked(self) -> bool:
        """Whether it began at least one item."""
        return self.finished > 0 or self.current is not None

    @property
    def has_suspect(self) -> bool:
        """Whether its first item killed or hung a child before."""
        return bool(self.jobs) and self.jobs[0].attempts > 0

    async def start(self, make: bytes, *, seconds: float, item_memory_bytes: int) -> str | None:
        """Starts the process and waits until it has made its function. None, or why it is not ready."""
        self._item_memory_bytes = item_memory_bytes
        loop = asyncio.get_running_loop()
        child_reads, we_write = os.pipe()
        we_read, child_writes = os.pipe()
        try:
            # On this thread, because the child dies with the thread that started it.
            self.process = _launch(child_reads, child_writes, item_memory_bytes)
        except OSError as error:
            os.close(we_write)
            os.close(we_read)
            return f"{sys.executable} can't be run: {error}"
        finally:
            os.close(child_reads)
            os.close(child_writes)
        self._reader, _ = await loop.connect_read_pipe(lambda: self, os.fdopen(we_read, "rb", 0))
        self.writer, _ = await loop.connect_write_pipe(asyncio.Protocol, os.fdopen(we_write, "wb", 0))
        self.writer.write(
            frame(FrameKind.SET_UP, payload=pickle.dumps(sys.path)) + frame(FrameKind.SET_UP, payload=make)
        )
        await asyncio.wait((self.ready, self.gone), timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        if self.ready.done():
            return self.ready.result()
        if not self.gone.done():
            self.kill(f"not ready after {seconds:g} s")
        return await self.end()

    def begin(self, number: int, cpu: float) -> None:
        """Notes that the child began an item, having used so many CPU seconds before."""
        self.current, self.cpu_before, self.wall_seconds = number, cpu, 0.0

    def kill(self, why: str) -> None:
        """Kills a child that hangs."""
        self._kill_reason, self.cause = why, "hang"
        self.process.kill()

    async def end(self) -> str:
        """Makes sure that the process has ended. Returns how it did."""
        if not hasattr(self, "process"):
            return "never started"
        # A child that closed its pipe is about to exit, and its exit code will say why.
        is_leaving = self.gone.done() and not self.gone.cancelled()
        patience = time.monotonic() + (EXIT_GRACE_SECONDS if is_leaving else 0)
        if self._reader is not None:
            self._reader.close()
            if not self.writer.is_closing():  # aborting an asyncio pipe twice fails
                self.writer.abort()
        while (code := self.process.poll()) is None:
            if time.monotonic() >= patience:
                self.process.kill()
            await asyncio.sleep(0.01)
        if code == OUT_OF_MEMORY_EXIT:
            self.cause = "memory"
            return f"its process wanted more than {self._item_memory_bytes} bytes of memory for one item"
        return self._kill_reason or _describe_exit(code)

    # asyncio's Protocol

    def data_received(self, data: bytes) -> None:
        self._received += data
        while len(self._received) >= FRAME_HEADER.size:
            kind, number, cpu, length = FRAME_HEADER.unpack_from(self._received)
            end = FRAME_HEADER.size + length
            if len(self._received) < end:
                return
            payload = bytes(self._received[FRAME_HEADER.size : end])
            del self._received[:end]
            self._on_frame(self, kind, number, cpu, payload)

    def connection_lost(self, _error: Exception | None) -> None:
        if not self.gone.done():
            self.gone.set_result(None)


def _launch(child_reads: int, child_writes: int, item_memory_bytes: int) -> "subprocess.Popen[bytes]":
    """Starts a child in a process group of its own, with SIGINT and SIGTERM blocked until it ignores them.

    Of this process it gets its two pipes, standard error, and the variables that it runs by.
    """
    numbers = (os.getpid(), child_reads, child_writes, item_memory_bytes)
    words = [sys.executable, "-P", pool_child.__file__, *map(str, numbers)]
    held = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM})
    try:
        return subprocess.Popen(
            words,
            stdin=subprocess.DEVNULL,
            stdout=2,  # standard error, so that nothing a library prints mixes with the parent's output
            pass_fds=(child_reads, child_writes),
            env=child_environment(os.environ),
            process_group=0,
        )
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, held)


def _describe_exit(code: int) -> str:
    if code >= 0:
        return f"its process exited with code {code}"
    hint = " (out of memory, or killed by hand)" if -code == signal.SIGKILL else ""
    return f"its process died of {signal.Signals(-code).name}{hint}"


def cpu_seconds(pid: int) -> float:
    """CPU time so far of a process and all its threads; 0 if the process is gone."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_bytes().rpartition(b")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / _TICKS_PER_SECOND


def resident_bytes(pid: int) -> int:
    """Resident memory of a process; 0 if the process is gone."""
    try:
        return int(Path(f"/proc/{pid}/statm").read_bytes().split()[1]) * PAGE_BYTES
    except OSError:
        return 0


__all__ = ["Child", "Job", "cpu_seconds", "resident_bytes"]
