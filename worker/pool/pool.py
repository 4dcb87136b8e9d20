"""Runs one function in child processes, limits each item's time and memory, and replaces children that die.

    async with Pool(make, processes=4, item_cpu_seconds=30, item_wall_seconds=600, item_memory_bytes=1 << 30,
                    attempts=3) as pool:
        result = await pool.submit(item)                # or Killed
        async for result in pool.map(items): ...        # in input order

Each child makes its function once, by `make()`, then works on one item at a time and reports which. One more
item waits in its pipe, so that a child never waits for the parent. An item whose child dies or hangs is tried
again alone on a fresh child. The item that waited behind it goes to another child as if nothing had happened.
"""

import asyncio
import itertools
import logging
import math
import pickle
import time
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterable, AsyncIterator, Callable, Iterable
from dataclasses import dataclass
from typing import Any, Generic, Self, TypeVar

from worker import metrics
from worker.pool.child import FrameKind, frame
from worker.pool.process import Child, Job, cpu_seconds, resident_bytes
from worker.pool.results import ResultReader
from worker.steps import note_steps

T = TypeVar("T")
R = TypeVar("R")

log = logging.getLogger(__name__)

# Items that a child has at a time: the one it works on and the next.
ITEMS_PER_CHILD = 2
# Results above this size are unpickled on a thread, not on the event loop.
LARGE_RESULT_BYTES = 1 << 20
# After so many children in a row that fail to start or die before their first item, the pool gives up.
MAX_START_FAILURES = 3
# Steps of one item whose times a child may tell.
_MAX_STEPS = 16

_DONE, _FAILED, _KILLED = (metrics.POOL_ARTICLES.labels(outcome) for outcome in ("done", "failed", "killed"))
for _cause in ("crash", "hang", "memory"):
    metrics.POOL_DEATHS.labels(_cause)
    metrics.POOL_KILLED.labels(_cause)


class PoolError(RuntimeError):
    """A bug: the function raised, or a value can't be pickled. The child's traceback is added as a note."""


class PoolBrokenError(RuntimeError):
    """The pool can't work, because children can't make their function; the message says why."""


class PoolClosedError(RuntimeError):
    """The pool was closed before the item was done."""


@dataclass(frozen=True, slots=True)
class Killed:
    """The item killed its process, or made it hang, at every attempt."""

    error: str
    attempts: int


@dataclass(frozen=True, slots=True)
class PoolCounts:
    """For the health page: items since the start, and the present state of the pool.

    `about`: the function's attribute of this name.
    """

    done: int = 0
    failed: int = 0
    killed: int = 0
    deaths: int = 0
    children: int = 0
    busy: int = 0
    waiting: int = 0
    wanted: int = 0
    resident_bytes: int = 0
    largest_resident_bytes: int = 0
    about: str = ""


class Pool(Generic[T, R]):
    """A pool of `processes` children, each with a function of its own.

    `item_cpu_seconds`: CPU time of the child after which an item counts as hung.
    `item_wall_seconds`: wall-clock limit for an item that waits for ever. Time in which the parent did not
    run either (a frozen machine) is not counted.
    `item_memory_bytes`: memory that a child may take above what it had when its function was made. Beyond
    that the child ends, whether one item took the memory or a leak over time.
    `attempts`: how often an item is tried in all, if it kills or hangs its child.
    `queue_size`: most items in progress, by default four a process; `submit` waits while there are as many.
    `start_seconds`: how long `make()` may take.
    `result_classes`: the classes of objects that a result may hold beside plain data. Another is a PoolError.

    A pool belongs to one event loop. The children die with the thread that runs it.
    """

    def __init__(
        self,
        make: Callable[[], Callable[[T], R]],
        *,
        processes: int,
        item_cpu_seconds: float,
        item_wall_seconds: float,
        item_memory_bytes: int,
        attempts: int,
        queue_size: int | None = None,
        start_seconds: float = 120,
        result_classes: Iterable[type] = (),
    ) -> None:
        self._results = ResultReader(result_classes)
        self._make = pickle.dumps(make, pickle.HIGHEST_PROTOCOL)
        self._processes = processes
        self._item_cpu_seconds = item_cpu_seconds
        self._item_wall_seconds = item_wall_seconds
        self._item_memory_bytes = item_memory_bytes
        self._attempts = attempts
        self._queue_size = queue_size or 4 * processes
        self._start_seconds = start_seconds
        self._slots = asyncio.Semaphore(self._queue_size)
        self._numbers = itertools.count(1)
        self._waiting: deque[Job] = deque()
        self._suspects: deque[Job] = deque()
        self._unfinished: set[Job] = set()
        self._children: list[Child] = []
        self._supervisors: list[asyncio.Task[None]] = []
        self._watcher: asyncio.Task[None] | None = None
        self._closed_by: Exception | None = None
        self._about = ""
        self._done = self._failed = self._killed = self._deaths = 0

    async def start(self) -> None:
        """Starts the children and waits until each has its function. Raises PoolBrokenError if one can't."""
        loop = asyncio.get_running_loop()
        ready = [loop.create_future() for _ in range(self._processes)]
        self._supervisors = [loop.create_task(self._supervise(one)) for one in ready]
        self._watcher = loop.create_task(self._watch())
        try:
            await asyncio.gather(*ready)
        except BaseException:
            await self._end(PoolClosedError("the pool did not start"))
            raise

    async def submit(self, item: T) -> R | Killed:
        """The function's result for an item. Waits while the queue is full."""
        async with self._slots:
            if self._closed_by is not None:
                raise self._closed_by
            job = Job(next(self._numbers), item, asyncio.get_running_loop().create_future())
            self._unfinished.add(job)
            self._waiting.append(job)
            self._dispatch()
            try:
                result: R | Killed = await job.result
                note_steps(job.seconds, job.started_at, job.ended_at)
                return result
            finally:
                self._unfinished.discard(job)

    async def map(
        self, items: Iterable[T] | AsyncIterable[T], *, look_ahead: int | None = None
    ) -> AsyncGenerator[R | Killed, None]:
        """Each item's result in input order, from `look_ahead` items at a time (by default `queue_size`).

        A plain iterable is read on the event loop, so one that blocks would block everything else.
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
            except Exception as error:  # from the iterable: raised in place of its next item
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

    async def close(self, timeout: float) -> None:  # noqa: ASYNC109 (unfinished items get PoolClosedError)
        """Takes no more items, gives those in progress `timeout` seconds to finish, then ends the children.

        Whoever waits for an unfinished item gets PoolClosedError.
        """
        if self._closed_by is None:
            self._closed_by = PoolClosedError("the pool is closed")
            if in_progress := [job.result for job in self._unfinished]:
                await asyncio.wait(in_progress, timeout=timeout)
        await self._end(self._closed_by)

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_error: object) -> None:
        await self.close(timeout=0)

    @property
    def ready(self) -> bool:
        """Whether the pool takes items and has at least one child to work on them."""
        return self._closed_by is None and bool(self._children)

    @property
    def counts(self) -> PoolCounts:
        resident = [resident_bytes(pid) for pid in self.pids]
        return PoolCounts(
            done=self._done,
            failed=self._failed,
            killed=self._killed,
            deaths=self._deaths,
            children=len(self._children),
            busy=sum(bool(child.jobs) for child in self._children),
            waiting=len(self._waiting) + len(self._suspects),
            wanted=self._processes,
            resident_bytes=sum(resident),
            largest_resident_bytes=max(resident, default=0),
            about=self._about,
        )

    @property
    def pids(self) -> list[int]:
        """The children's process ids."""
        return [child.process.pid for child in self._children]

    # -- handing items to children, and their results back

    def _dispatch(self) -> None:
        """Gives idle children an item, then each a second one. A suspect has a fresh child to itself."""
        for depth in range(1, ITEMS_PER_CHILD + 1):
            for child in self._children:
                job = _next_wanted(self._suspects) if child.is_fresh else None
                if job is None and len(child.jobs) < depth and not child.has_suspect:
                    job = _next_wanted(self._waiting)
                if job is not None:
                    self._assign(child, job)

    def _assign(self, child: Child, job: Job) -> None:
        try:
            payload = pickle.dumps(job.item, pickle.HIGHEST_PROTOCOL)
        except Exception as error:
            job.settle(PoolError(f"the item can't be pickled: {error}"))
            return
        child.jobs.append(job)
        child.writer.write(frame(FrameKind.ITEM, job.number, payload))

    def _on_frame(self, child: Child, kind: int, number: int, cpu: float, payload: bytes) -> None:
        """Handles one frame from a child."""
        if kind == FrameKind.STARTED:
            child.begin(number, cpu)
            job = child.jobs[0]
            job.started_at = time.monotonic()
            metrics.POOL_WAIT.observe(job.started_at - job.submitted_at)
            return
        if kind == FrameKind.READY:
            self._about = payload.decode()
            child.ready.set_result(None)
            return
        if kind == FrameKind.NOT_READY:
            child.ready.set_result(payload.decode())
            return
        job = child.jobs.popleft()
        job.ended_at = time.monotonic()
        child.current, child.finished = None, child.finished + 1
        metrics.ARTICLE_CPU.observe(cpu - child.cpu_before)
        self._dispatch()
        if kind == FrameKind.FAILED:
            self._failed += 1
            _FAILED.inc()
            error, trace = self._results.read(payload)
            problem = PoolError(error)
            problem.add_note(trace)
            job.settle(problem)
            return
        self._done += 1
        _DONE.inc()
        if len(payload) > LARGE_RESULT_BYTES:
            loading = asyncio.get_running_loop().run_in_executor(None, self._load, payload)
            loading.add_done_callback(lambda loaded: _settle(job, *loaded.result()))
        else:
            _settle(job, *self._load(payload))

    def _load(self, payload: bytes) -> tuple[Any, dict[str, float]]:
        """The result, and the seconds of its steps if the function measures them."""
        try:
            result, seconds = self._results.read(payload)
        except Exception as error:
            return PoolError(f"the result can't be unpickled: {type(error).__name__}: {error}"), {}
        return result, _told(seconds)

    def _on_death(self, child: Child, death: str) -> None:
        """Retries or gives up the item that a dead child worked on; its others return to the queue's head."""
        self._deaths += 1
        metrics.POOL_DEATHS.labels(child.cause).inc()
        fields = {"pid": child.process.pid, "why": death, "items_done": child.finished}
        log.warning("pool process died", extra={"fields": fields})
        untouched = list(child.jobs)
        if child.current is not None:
            suspect = untouched.pop(0)
            suspect.attempts += 1
            if suspect.attempts < self._attempts:
                self._suspects.append(suspect)
            else:
                self._killed += 1
                _KILLED.inc()
                metrics.POOL_KILLED.labels(child.cause).inc()
                suspect.settle(Killed(death, suspect.attempts))
        for job in reversed(untouched):
            (self._suspects if job.attempts else self._waiting).appendleft(job)
        self._dispatch()

    # -- children

    async def _supervise(self, first_ready: "asyncio.Future[None]") -> None:
        """Keeps one child running; if it can't, the whole pool is broken."""
        try:
            await self._restart_children(first_ready)
        except Exception as error:
            broken = error if isinstance(error, PoolBrokenError) else PoolBrokenError(repr(error))
            self._fail_all(broken)
            if not first_ready.done():
                first_ready.set_exception(broken)

    async def _restart_children(self, first_ready: "asyncio.Future[None]") -> None:
        """Starts a child, and another whenever one dies. Raises PoolBrokenError if they keep failing."""
        failures = 0
        while failures < MAX_START_FAILURES:
            await asyncio.sleep(failures)
            child = Child(self._on_frame)
            try:
                problem = await child.start(
                    self._make, seconds=self._start_seconds, item_memory_bytes=self._item_memory_bytes
                )
                if problem is None:
                    if not first_ready.done():
                        first_ready.set_result(None)
                    problem = await self._run_child(child)
            finally:
                await child.end()
            if not first_ready.done():
                raise PoolBrokenError(f"a child process can't start: {problem}")
            failures = 0 if child.has_worked else failures + 1
        raise PoolBrokenError(f"child processes failed {failures} times in a row: {problem}")

    async def _run_child(self, child: Child) -> str:
        """Gives a child items for as long as it lives. Returns the cause of its death."""
        self._children.append(child)
        self._dispatch()
        await child.gone
        self._children.remove(child)
        death = await child.end()
        self._on_death(child, death)
        return death

    def _fail_all(self, error: Exception) -> None:
        """Closes the pool to new items and settles all unfinished ones with an error."""
        self._closed_by = self._closed_by or error
        for job in list(self._unfinished):
            job.settle(error)

    async def _end(self, error: Exception) -> None:
        self._fail_all(error)
        tasks = [task for task in (*self._supervisors, self._watcher) if task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._children.clear()

    async def _watch(self) -> None:
        """Kills children whose item hangs.

        Wall-clock time is the sum of the times between checks, each counted as two pauses at most: if more
        time passed, the parent was frozen, and the child may have been too. A child is killed if it is over
        a limit at two checks in a row: after a frozen time, its result may still be in the pipe.
        """
        pause = min(0.25, self._item_cpu_seconds / 4, self._item_wall_seconds / 4)
        before = time.monotonic()
        while True:
            await asyncio.sleep(pause)
            now = time.monotonic()
            elapsed, before = min(now - before, 2 * pause), now
            for child in self._children:
                if child.current is None:
                    continue
                child.wall_seconds += elapsed
                hang = self._hang_reason(child)
                if hang and child.suspected_hang == child.current:
                    child.kill(hang)
                child.suspected_hang = child.current if hang else None

    def _hang_reason(self, child: Child) -> str | None:
        if cpu_seconds(child.process.pid) - child.cpu_before > self._item_cpu_seconds:
            return f"hung: more than {self._item_cpu_seconds:g} s of CPU time"
        if child.wall_seconds > self._item_wall_seconds:
            return f"hung: not done after {self._item_wall_seconds:g} s"
        return None


def _settle(job: Job, result: Any, seconds: dict[str, float]) -> None:
    job.seconds = seconds
    for step, spent in seconds.items():
        metrics.ARTICLE_STEP.labels(step).observe(spent)
    job.settle(result)


def _told(seconds: Any) -> dict[str, float]:
    """What a child says that its steps took, as far as it can be true: it may have been taken over."""
    if not isinstance(seconds, dict) or len(seconds) > _MAX_STEPS:
        return {}
    return {
        name: spent
        for name, spent in seconds.items()
        if isinstance(name, str) and isinstance(spent, float) and 0 <= spent < math.inf
    }


def _next_wanted(jobs: deque[Job]) -> Job | None:
    """Removes and returns the first job whose submitter still waits."""
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


__all__ = ["Killed", "Pool", "PoolBrokenError", "PoolClosedError", "PoolCounts", "PoolError"]
