"""Runs one function in processes: bounded, mended when a child dies, and told apart from a hang.

    async with Pool(make, processes=4, item_cpu_seconds=30, item_wall_seconds=600, attempts=3) as pool:
        result = await pool.submit(item)                # or Killed
        async for result in pool.map(items): ...        # in input order

Each child makes its function once, by `make()`, then takes one item at a time and says which it has; one more
waits in its pipe, so that a child never waits for the parent. An item whose child dies or hangs is tried
again alone on a fresh child; what waited behind it goes to another child as if nothing had been.
"""

import asyncio
import itertools
import logging
import os
import pickle
import signal
import subprocess
import sys
import time
from collections import deque
from collections.abc import AsyncIterable, AsyncIterator, Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, Self, TypeVar

from worker import pool_child
from worker.pool_child import HEADER, Kind, frame

T = TypeVar("T")
R = TypeVar("R")

log = logging.getLogger(__name__)

# Items that a child has at a time: the one it works on, and the next.
DEPTH = 2
# Results above this many bytes are unpickled off the loop.
LARGE = 1 << 20
# Tries in a row of a child that fails to start or dies before its first item; the pool then gives up.
START_TRIES = 3
LAST_WORDS_SECONDS = 1
TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")


class PoolError(RuntimeError):
    """The function raised, or a value can't be pickled: a bug. The child's traceback is a note."""


class PoolBrokenError(RuntimeError):
    """The pool can't work: a child can't make its function. Says why."""


class PoolClosedError(RuntimeError):
    """The pool was closed before the item was done."""


@dataclass(frozen=True, slots=True)
class Killed:
    """The item killed or hung its process every time it was tried."""

    error: str
    attempts: int


@dataclass(frozen=True, slots=True)
class PoolCounts:
    """For the health page: items since the start, and how things stand now."""

    done: int
    failed: int
    killed: int
    deaths: int
    children: int
    busy: int
    waiting: int


class Pool(Generic[T, R]):
    """`processes` children, each with a function of its own.

    `item_cpu_seconds`: CPU time of the child after which an item counts as hung. `item_wall_seconds`: the far
    limit for one that waits for ever; time in which the parent did not run either (a frozen machine) is left
    out. `attempts`: tries of an item that kills or hangs its child, in all. `queue_size`: items under way at
    most, by default four a process; `submit` waits when there are as many. `start_seconds`: how long `make()`
    may take.

    Belongs to one event loop. The children die with the thread that runs it.
    """

    def __init__(
        self,
        make: Callable[[], Callable[[T], R]],
        *,
        processes: int,
        item_cpu_seconds: float,
        item_wall_seconds: float,
        attempts: int,
        queue_size: int | None = None,
        start_seconds: float = 120,
    ) -> None:
        self._make = pickle.dumps(make, pickle.HIGHEST_PROTOCOL)
        self._processes = processes
        self._item_cpu_seconds = item_cpu_seconds
        self._item_wall_seconds = item_wall_seconds
        self._attempts = attempts
        self._queue_size = queue_size or 4 * processes
        self._start_seconds = start_seconds
        self._slots = asyncio.Semaphore(self._queue_size)
        self._numbers = itertools.count(1)
        self._waiting: deque[_Job] = deque()
        self._suspects: deque[_Job] = deque()
        self._unfinished: set[_Job] = set()
        self._children: list[_Child] = []
        self._keepers: list[asyncio.Task[None]] = []
        self._watcher: asyncio.Task[None] | None = None
        self._over: Exception | None = None
        self._done = self._failed = self._killed = self._deaths = 0

    async def start(self) -> None:
        """Starts the children and waits until each has its function. Raises PoolBrokenError if one can't."""
        loop = asyncio.get_running_loop()
        ready = [loop.create_future() for _ in range(self._processes)]
        self._keepers = [loop.create_task(self._keep_child(one)) for one in ready]
        self._watcher = loop.create_task(self._watch())
        try:
            await asyncio.gather(*ready)
        except BaseException:
            await self._end(PoolClosedError("the pool did not start"))
            raise

    async def submit(self, item: T) -> R | Killed:
        """The function's result for this item. Waits while the queue is full."""
        async with self._slots:
            if self._over is not None:
                raise self._over
            job = _Job(next(self._numbers), item, asyncio.get_running_loop().create_future())
            self._unfinished.add(job)
            self._waiting.append(job)
            self._hand_out()
            try:
                result: R | Killed = await job.result
                return result
            finally:
                self._unfinished.discard(job)

    async def map(
        self, items: Iterable[T] | AsyncIterable[T], *, look_ahead: int | None = None
    ) -> AsyncIterator[R | Killed]:
        """Each item's result, in input order, on `look_ahead` items at a time (default: the queue's size).

        A plain iterable is read on the loop: one that blocks blocks everything.
        """
        results: asyncio.Queue[asyncio.Future[R | Killed] | None] = asyncio.Queue(
            look_ahead or self._queue_size
        )
        unread: set[asyncio.Future[Any]] = set()

        async def fill() -> None:
            try:
                async for item in _each(items):
                    result: asyncio.Future[R | Killed] = asyncio.ensure_future(self.submit(item))
                    unread.add(result)
                    await results.put(result)
            except Exception as error:  # the iterable's: raised where its next item would have come
                result = asyncio.get_running_loop().create_future()
                result.set_exception(error)
                await results.put(result)
            else:
                await results.put(None)

        filler = asyncio.ensure_future(fill())
        unread.add(filler)
        try:
            while (result := await results.get()) is not None:
                unread.discard(result)
                yield await result
        finally:
            for one in unread:
                one.cancel()
            await asyncio.gather(*unread, return_exceptions=True)

    async def close(self, timeout: float) -> None:  # noqa: ASYNC109 (what is left gets an error of ours)
        """Takes no more items, lets those under way finish within `timeout` seconds, then ends the children.

        What is unfinished by then raises PoolClosedError at its submitter.
        """
        if self._over is None:
            self._over = PoolClosedError("the pool is closed")
            if under_way := [job.result for job in self._unfinished]:
                await asyncio.wait(under_way, timeout=timeout)
        await self._end(self._over)

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_error: object) -> None:
        await self.close(timeout=0)

    @property
    def ready(self) -> bool:
        """Whether items are taken and at least one child can work on them."""
        return self._over is None and bool(self._children)

    @property
    def counts(self) -> PoolCounts:
        return PoolCounts(
            done=self._done,
            failed=self._failed,
            killed=self._killed,
            deaths=self._deaths,
            children=len(self._children),
            busy=sum(bool(child.jobs) for child in self._children),
            waiting=len(self._waiting) + len(self._suspects),
        )

    @property
    def pids(self) -> list[int]:
        """The children's process ids, for whoever measures them."""
        return [child.process.pid for child in self._children]

    # -- items to children and back

    def _hand_out(self) -> None:
        """First to children with nothing to do, then a second each. A suspect has a fresh child to itself."""
        for depth in range(1, DEPTH + 1):
            for child in self._children:
                job = _next_wanted(self._suspects) if child.is_fresh else None
                if job is None and len(child.jobs) < depth and not child.has_suspect:
                    job = _next_wanted(self._waiting)
                if job is not None:
                    self._give(child, job)

    def _give(self, child: "_Child", job: "_Job") -> None:
        try:
            payload = pickle.dumps(job.item, pickle.HIGHEST_PROTOCOL)
        except Exception as error:
            job.settle(PoolError(f"the item can't be pickled: {error}"))
            return
        child.jobs.append(job)
        child.writer.write(frame(Kind.ITEM, job.number, payload))

    def _hear(self, child: "_Child", kind: int, number: int, cpu: float, payload: bytes) -> None:
        """One frame from a child."""
        if kind == Kind.TOOK:
            child.begin(number, cpu)
            return
        if kind == Kind.READY:
            child.ready.set_result(None)
            return
        if kind == Kind.NOT_READY:
            child.ready.set_result(payload.decode())
            return
        job = child.jobs.popleft()
        child.taken, child.finished = None, child.finished + 1
        self._hand_out()
        if kind == Kind.FAILED:
            self._failed += 1
            error, trace = pickle.loads(payload)
            problem = PoolError(error)
            problem.add_note(trace)
            job.settle(problem)
        elif len(payload) > LARGE:
            self._done += 1
            loading = asyncio.get_running_loop().run_in_executor(None, _load, payload)
            loading.add_done_callback(lambda loaded: job.settle(loaded.result()))
        else:
            self._done += 1
            job.settle(_load(payload))

    def _mourn(self, child: "_Child", death: str) -> None:
        """The item that the child had taken is suspect; the others go back to the head of the queue."""
        self._deaths += 1
        fields = {"pid": child.process.pid, "why": death, "items_done": child.finished}
        log.warning("pool process died", extra={"fields": fields})
        untouched = list(child.jobs)
        if child.taken is not None:
            suspect = untouched.pop(0)
            suspect.attempts += 1
            if suspect.attempts < self._attempts:
                self._suspects.append(suspect)
            else:
                self._killed += 1
                suspect.settle(Killed(death, suspect.attempts))
        for job in reversed(untouched):
            (self._suspects if job.attempts else self._waiting).appendleft(job)
        self._hand_out()

    # -- children

    async def _keep_child(self, first_ready: "asyncio.Future[None]") -> None:
        """One place among the children: starts one, and a new one whenever it dies."""
        try:
            await self._run_children(first_ready)
        except Exception as error:
            broken = error if isinstance(error, PoolBrokenError) else PoolBrokenError(repr(error))
            self._give_up(broken)
            if not first_ready.done():
                first_ready.set_exception(broken)

    async def _run_children(self, first_ready: "asyncio.Future[None]") -> None:
        failures = 0
        while failures < START_TRIES:
            await asyncio.sleep(failures)
            child = _Child(self._hear)
            try:
                problem = await child.start(self._make, self._start_seconds)
                if problem is None:
                    self._children.append(child)
                    if not first_ready.done():
                        first_ready.set_result(None)
                    self._hand_out()
                    await child.gone
                    self._children.remove(child)
                    problem = await child.end()
                    self._mourn(child, problem)
                    if child.finished or child.taken is not None:
                        failures = 0
                        continue
            finally:
                await child.end()
            failures += 1
            if not first_ready.done():
                raise PoolBrokenError(f"a child process can't start: {problem}")
        raise PoolBrokenError(f"child processes failed {failures} times in a row: {problem}")

    def _give_up(self, error: Exception) -> None:
        """Nothing more can be done here: says so to everybody who waits, and to whoever comes."""
        self._over = self._over or error
        for job in list(self._unfinished):
            job.settle(error)

    async def _end(self, error: Exception) -> None:
        self._give_up(error)
        tasks = [task for task in (*self._keepers, self._watcher) if task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._children.clear()

    async def _watch(self) -> None:
        """Ends children whose item is hung.

        Elapsed time is counted by what passes between two looks, at most twice the time between them: if more
        passed, the parent was frozen, and so may have been the child. A child over a limit is looked at
        twice: after a pause of the parent, its word that the item is done may still be in the pipe.
        """
        pause = min(0.25, self._item_cpu_seconds / 4, self._item_wall_seconds / 4)
        before = time.monotonic()
        while True:
            await asyncio.sleep(pause)
            now = time.monotonic()
            elapsed, before = min(now - before, 2 * pause), now
            for child in self._children:
                if child.taken is None:
                    continue
                child.wall_seconds += elapsed
                hang = self._hang(child)
                if hang and child.suspected == child.taken:
                    child.kill(hang)
                child.suspected = child.taken if hang else None

    def _hang(self, child: "_Child") -> str | None:
        if cpu_seconds(child.process.pid) - child.cpu_before > self._item_cpu_seconds:
            return f"hung: more than {self._item_cpu_seconds:g} s of CPU time"
        if child.wall_seconds > self._item_wall_seconds:
            return f"hung: not done after {self._item_wall_seconds:g} s"
        return None


class _Job:
    """One item on its way."""

    __slots__ = ("attempts", "item", "number", "result")

    def __init__(self, number: int, item: Any, result: "asyncio.Future[Any]") -> None:
        self.number = number
        self.item = item
        self.result = result
        self.attempts = 0

    def settle(self, value: Any) -> None:
        if self.result.done():
            return
        if isinstance(value, Exception):
            self.result.set_exception(value)
        else:
            self.result.set_result(value)


class _Child(asyncio.Protocol):
    """One process, the items it has, and what it said last. `gone`: nothing more will come from it."""

    def __init__(self, hear: Callable[["_Child", int, int, float, bytes], None]) -> None:
        loop = asyncio.get_running_loop()
        self.jobs: deque[_Job] = deque()
        self.taken: int | None = None
        self.suspected: int | None = None
        self.cpu_before = self.wall_seconds = 0.0
        self.finished = 0
        self.ready: asyncio.Future[str | None] = loop.create_future()
        self.gone: asyncio.Future[None] = loop.create_future()
        self.process: subprocess.Popen[bytes]
        self.writer: asyncio.WriteTransport
        self._reader: asyncio.ReadTransport | None = None
        self._hear = hear
        self._heard = bytearray()
        self._doom: str | None = None

    @property
    def is_fresh(self) -> bool:
        return not self.finished and not self.jobs

    @property
    def has_suspect(self) -> bool:
        return bool(self.jobs) and self.jobs[0].attempts > 0

    async def start(self, make: bytes, seconds: float) -> str | None:
        """Starts the process and waits for its function. None when it is ready, else why it is not."""
        loop = asyncio.get_running_loop()
        child_reads, we_write = os.pipe()
        we_read, child_writes = os.pipe()
        try:
            # On this thread: the child dies with the thread that started it.
            self.process = _launch(child_reads, child_writes)
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
            frame(Kind.SET_UP, payload=pickle.dumps(sys.path)) + frame(Kind.SET_UP, payload=make)
        )
        await asyncio.wait((self.ready, self.gone), timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        if self.ready.done():
            return self.ready.result()
        if not self.gone.done():
            self.kill(f"not ready after {seconds:g} s")
        return await self.end()

    def begin(self, number: int, cpu: float) -> None:
        self.taken, self.cpu_before, self.wall_seconds = number, cpu, 0.0

    def kill(self, why: str) -> None:
        self._doom = why
        self.process.kill()

    async def end(self) -> str:
        """Makes sure that the process is no more; says how it ended."""
        if not hasattr(self, "process"):
            return "never started"
        # One that closed its pipe is on its way out, and its exit code says why.
        patience = time.monotonic() + (
            LAST_WORDS_SECONDS if self.gone.done() and not self.gone.cancelled() else 0
        )
        if self._reader is not None:
            self._reader.close()
            if not self.writer.is_closing():  # asyncio's pipe can't be aborted twice
                self.writer.abort()
        while (code := self.process.poll()) is None:
            if time.monotonic() >= patience:
                self.process.kill()
            await asyncio.sleep(0.01)
        return self._doom or _describe_exit(code)

    # asyncio's Protocol

    def data_received(self, data: bytes) -> None:
        self._heard += data
        while len(self._heard) >= HEADER.size:
            kind, number, cpu, length = HEADER.unpack_from(self._heard)
            end = HEADER.size + length
            if len(self._heard) < end:
                return
            payload = bytes(self._heard[HEADER.size : end])
            del self._heard[:end]
            self._hear(self, kind, number, cpu, payload)

    def connection_lost(self, _error: Exception | None) -> None:
        if not self.gone.done():
            self.gone.set_result(None)


def _launch(child_reads: int, child_writes: int) -> "subprocess.Popen[bytes]":
    """A child in a process group of its own, SIGINT and SIGTERM held back until it ignores them."""
    words = [sys.executable, "-P", pool_child.__file__, str(os.getpid()), str(child_reads), str(child_writes)]
    held = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM})
    try:
        return subprocess.Popen(
            words,
            stdin=subprocess.DEVNULL,
            stdout=2,  # what a library prints must not mix with the parent's output
            pass_fds=(child_reads, child_writes),
            process_group=0,
        )
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, held)


def _load(payload: bytes) -> Any:
    try:
        return pickle.loads(payload)
    except Exception as error:
        return PoolError(f"the result can't be unpickled: {type(error).__name__}: {error}")


def _next_wanted(jobs: deque[_Job]) -> _Job | None:
    """Takes the first job whose submitter still waits."""
    while jobs:
        job = jobs.popleft()
        if not job.result.done():
            return job
    return None


async def _each(items: Iterable[T] | AsyncIterable[T]) -> AsyncIterator[T]:
    if isinstance(items, AsyncIterable):
        async for item in items:
            yield item
    else:
        for item in items:
            yield item


def _describe_exit(code: int) -> str:
    if code >= 0:
        return f"its process exited with code {code}"
    hint = " (out of memory, or killed by hand)" if -code == signal.SIGKILL else ""
    return f"its process died of {signal.Signals(-code).name}{hint}"


def cpu_seconds(pid: int) -> float:
    """CPU time of a process and all its threads so far; 0 for one that is gone."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_bytes().rpartition(b")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / TICKS_PER_SECOND


__all__ = ["Killed", "Pool", "PoolBrokenError", "PoolClosedError", "PoolCounts", "PoolError", "cpu_seconds"]
