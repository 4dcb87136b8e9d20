"""Runs one function in processes: bounded, mended when a child dies, and told apart from a hang.

    async with Pool(make, processes=4, item_cpu_seconds=30, item_wall_seconds=600, item_memory_bytes=1 << 30,
                    attempts=3) as pool:
        result = await pool.submit(item)                # or Killed
        async for result in pool.map(items): ...        # in input order

Each child makes its function once, by `make()`, then takes one item at a time and says which it has; one more
waits in its pipe, so that a child never waits for the parent. An item whose child dies or hangs is tried
again alone on a fresh child; what waited behind it goes to another child as if nothing had been.
"""

import asyncio
import itertools
import logging
import pickle
import time
from collections import deque
from collections.abc import AsyncIterable, AsyncIterator, Callable, Iterable
from dataclasses import dataclass
from typing import Any, Generic, Self, TypeVar

from worker import metrics
from worker.pool.child import Kind, frame
from worker.pool.process import Child, Job, cpu_seconds, resident_bytes

T = TypeVar("T")
R = TypeVar("R")

log = logging.getLogger(__name__)

# Items that a child has at a time: the one it works on, and the next.
DEPTH = 2
# Results above this many bytes are unpickled off the loop.
LARGE = 1 << 20
# Tries in a row of a child that fails to start or dies before its first item; the pool then gives up.
START_TRIES = 3

_DONE, _FAILED, _KILLED = (metrics.POOL_ARTICLES.labels(outcome) for outcome in ("done", "failed", "killed"))
for _cause in ("crash", "hang", "memory"):
    metrics.POOL_DEATHS.labels(_cause)
    metrics.POOL_KILLED.labels(_cause)


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
    """For the health page: items since the start, and how things stand now.

    `about`: what the function says of itself.
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
    """`processes` children, each with a function of its own.

    `item_cpu_seconds`: CPU time of the child after which an item counts as hung. `item_wall_seconds`: the far
    limit for one that waits for ever; time in which the parent did not run either (a frozen machine) is left
    out. `item_memory_bytes`: what a child may take above what it had when its function was made; more ends
    it, as a leak does in time. `attempts`: tries of an item that kills or hangs its child, in all.
    `queue_size`: items under way at most, by default four a process; `submit` waits when there are as many.
    `start_seconds`: how long `make()` may take.

    Belongs to one event loop. The children die with the thread that runs it.
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
    ) -> None:
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
        self._keepers: list[asyncio.Task[None]] = []
        self._watcher: asyncio.Task[None] | None = None
        self._over: Exception | None = None
        self._about = ""
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
            job = Job(next(self._numbers), item, asyncio.get_running_loop().create_future())
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

    def _give(self, child: Child, job: Job) -> None:
        try:
            payload = pickle.dumps(job.item, pickle.HIGHEST_PROTOCOL)
        except Exception as error:
            job.settle(PoolError(f"the item can't be pickled: {error}"))
            return
        child.jobs.append(job)
        child.writer.write(frame(Kind.ITEM, job.number, payload))

    def _hear(self, child: Child, kind: int, number: int, cpu: float, payload: bytes) -> None:
        """One frame from a child."""
        if kind == Kind.TOOK:
            child.begin(number, cpu)
            metrics.POOL_WAIT.observe(time.monotonic() - child.jobs[0].submitted_at)
            return
        if kind == Kind.READY:
            self._about = payload.decode()
            child.ready.set_result(None)
            return
        if kind == Kind.NOT_READY:
            child.ready.set_result(payload.decode())
            return
        job = child.jobs.popleft()
        child.taken, child.finished = None, child.finished + 1
        metrics.ARTICLE_CPU.observe(cpu - child.cpu_before)
        self._hand_out()
        if kind == Kind.FAILED:
            self._failed += 1
            _FAILED.inc()
            error, trace = pickle.loads(payload)
            problem = PoolError(error)
            problem.add_note(trace)
            job.settle(problem)
            return
        self._done += 1
        _DONE.inc()
        if len(payload) > LARGE:
            loading = asyncio.get_running_loop().run_in_executor(None, _load, payload)
            loading.add_done_callback(lambda loaded: _settle(job, *loaded.result()))
        else:
            _settle(job, *_load(payload))

    def _mourn(self, child: Child, death: str) -> None:
        """The item that the child had taken is suspect; the others go back to the head of the queue."""
        self._deaths += 1
        metrics.POOL_DEATHS.labels(child.cause).inc()
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
                _KILLED.inc()
                metrics.POOL_KILLED.labels(child.cause).inc()
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
            child = Child(self._hear)
            try:
                problem = await child.start(
                    self._make, seconds=self._start_seconds, item_memory_bytes=self._item_memory_bytes
                )
                if problem is None:
                    if not first_ready.done():
                        first_ready.set_result(None)
                    problem = await self._employ(child)
            finally:
                await child.end()
            if not first_ready.done():
                raise PoolBrokenError(f"a child process can't start: {problem}")
            failures = 0 if child.has_worked else failures + 1
        raise PoolBrokenError(f"child processes failed {failures} times in a row: {problem}")

    async def _employ(self, child: Child) -> str:
        """Gives a child work for as long as it lives; says what it died of."""
        self._children.append(child)
        self._hand_out()
        await child.gone
        self._children.remove(child)
        death = await child.end()
        self._mourn(child, death)
        return death

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

    def _hang(self, child: Child) -> str | None:
        if cpu_seconds(child.process.pid) - child.cpu_before > self._item_cpu_seconds:
            return f"hung: more than {self._item_cpu_seconds:g} s of CPU time"
        if child.wall_seconds > self._item_wall_seconds:
            return f"hung: not done after {self._item_wall_seconds:g} s"
        return None


def _load(payload: bytes) -> tuple[Any, dict[str, float] | None]:
    """The result, and the seconds of its steps where the function counts them."""
    try:
        result, seconds = pickle.loads(payload)
    except Exception as error:
        return PoolError(f"the result can't be unpickled: {type(error).__name__}: {error}"), None
    return result, seconds


def _settle(job: Job, result: Any, seconds: dict[str, float] | None) -> None:
    for step, spent in (seconds or {}).items():
        metrics.ARTICLE_STEP.labels(step).observe(spent)
    job.settle(result)


def _next_wanted(jobs: deque[Job]) -> Job | None:
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


__all__ = ["Killed", "Pool", "PoolBrokenError", "PoolClosedError", "PoolCounts", "PoolError"]
