"""No item is lost, whatever happens to the process that works on it, and no other item is affected."""

import asyncio
import contextlib
import os
import signal
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

import tests.unit.pool.pool_functions as functions
from worker import metrics
from worker.pool.pool import Killed, Pool, PoolBrokenError, PoolClosedError, PoolError
from worker.pool.process import cpu_seconds
from worker.steps import follow_steps

NEIGHBOURS = [("echo", number) for number in range(20)]


@contextlib.asynccontextmanager
async def pool(make: Callable[[], Any] = functions.make, **options: Any) -> AsyncIterator[Pool[Any, Any]]:
    limits = {
        "processes": 2,
        "item_cpu_seconds": 20,
        "item_wall_seconds": 60,
        "item_memory_bytes": 256 << 20,
        "attempts": 3,
        "queue_size": 100,
    }
    async with Pool(make, **(limits | options)) as started:
        yield started


def is_running(pid: int) -> bool:
    """Whether a process is there and no zombie."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False


def pool_children() -> list[int]:
    """The pool's processes below this one, whoever started them."""
    children = Path(f"/proc/{os.getpid()}/task/{os.getpid()}/children").read_text().split()
    return [int(pid) for pid in children if b"pool/child.py" in Path(f"/proc/{pid}/cmdline").read_bytes()]


async def until(condition: Callable[[], bool], seconds: float = 10) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not come to pass"
        await asyncio.sleep(0.01)


async def with_neighbours(started: Pool[Any, Any], order: functions.Order) -> Any:
    """The order's result, submitted amid others, all of which must come back."""
    middle = len(NEIGHBOURS) // 2
    orders = [*NEIGHBOURS[:middle], order, *NEIGHBOURS[middle:]]
    results = await asyncio.gather(*map(started.submit, orders))
    result = results.pop(middle)
    assert results == [value for _, value in NEIGHBOURS]
    return result


async def test_results_come_back_in_the_order_of_the_submits() -> None:
    async with pool() as started:
        orders = [("sleep", 0.05) if number % 7 == 0 else ("echo", number) for number in range(50)]
        results = await asyncio.gather(*map(started.submit, orders))
        assert results == ["slept" if number % 7 == 0 else number for number in range(50)]
        assert (started.counts.done, started.counts.deaths, started.ready) == (50, 0, True)


@pytest.mark.parametrize(
    ("order", "error"),
    [
        (("exit", 3), "its process exited with code 3"),
        (("system-exit", 4), "its process exited with code 4"),
        (("die", signal.SIGKILL), "its process died of SIGKILL (out of memory, or killed by hand)"),
        (("die", signal.SIGSEGV), "its process died of SIGSEGV"),
        (("die", signal.SIGABRT), "its process died of SIGABRT"),
        (("bytes", 1 << 30), "its process wanted more than 268435456 bytes of memory for one item"),
        (("grow", 1 << 20), "its process wanted more than 268435456 bytes of memory for one item"),
    ],
)
async def test_an_item_that_kills_its_process_comes_back_killed(order: functions.Order, error: str) -> None:
    async with pool() as started:
        assert await with_neighbours(started, order) == Killed(error, 3)
        assert (started.counts.killed, started.counts.deaths) == (1, 3)


@pytest.mark.parametrize(
    ("order", "cause"),
    [(("die", signal.SIGSEGV), "crash"), (("spin", 60), "hang"), (("grow", 1 << 20), "memory")],
)
async def test_what_processes_die_of_is_counted_by_cause(order: functions.Order, cause: str) -> None:
    deaths, killed = metrics.POOL_DEATHS.labels(cause), metrics.POOL_KILLED.labels(cause)
    before = deaths._value.get(), killed._value.get()
    async with pool(processes=1, item_cpu_seconds=0.3, attempts=2) as started:
        assert isinstance(await started.submit(order), Killed)
    assert (deaths._value.get(), killed._value.get()) == (before[0] + 2, before[1] + 1)


async def test_what_the_steps_of_an_item_took_comes_back_with_its_result() -> None:
    steps = {"long": 2.0, "short": 0.5}
    async with pool(functions.Clocked) as started:
        assert await started.submit(steps) == "done"
        assert started.counts.about == "clocked/1"
    took = {step: metrics.ARTICLE_STEP.labels(step)._sum.get() for step in steps}
    for step in steps:
        metrics.ARTICLE_STEP.remove(step)
    assert took == steps


async def test_the_steps_of_an_item_are_told_to_who_follows_it_within_the_time_it_took() -> None:
    async with pool(functions.Clocked) as started:
        steps, began = follow_steps(), time.monotonic()
        await started.submit({"long": 1e-6, "forged": 1e9})
        ended = time.monotonic()
    for step in ("long", "forged"):
        metrics.ARTICLE_STEP.remove(step)
    long, forged = steps
    assert (long.name, forged.name) == ("long", "forged")
    assert began <= long.began < long.ended == forged.began <= forged.ended <= ended


@pytest.mark.parametrize(
    "told",
    [
        [1.0],
        {1: 1.0},
        {"a": "1.0"},
        {"a": -1.0},
        {"a": float("nan")},
        {"a": float("inf")},
        dict.fromkeys(map(str, range(1000)), 1.0),
    ],
    ids=["a list", "a number for a name", "a text", "negative", "no number", "endless", "too many"],
)
async def test_times_that_cannot_be_true_are_left_out_and_the_result_is_kept(told: Any) -> None:
    async with pool(functions.Clocked) as started:
        steps = follow_steps()
        assert await started.submit(told) == "done"
    assert steps == []


async def test_the_memory_of_the_processes_is_known() -> None:
    async with pool(processes=2) as started:
        counts = started.counts
    assert counts.wanted == counts.children == 2
    assert counts.resident_bytes > counts.largest_resident_bytes > 1 << 20


async def test_a_process_that_leaks_is_replaced_and_no_item_pays_for_it() -> None:
    async with pool(processes=1, attempts=2) as started:
        assert [await started.submit(("hoard", 60 << 20)) for _ in range(12)] == ["hoarded"] * 12
        assert (started.counts.killed, started.counts.deaths) == (0, 2)


async def test_each_try_is_alone_on_a_fresh_process(tmp_path: Path) -> None:
    async with pool() as started:
        seen = set(await asyncio.gather(*(started.submit(("pid",)) for _ in range(20))))
        assert isinstance(await with_neighbours(started, ("count-and-die", str(tmp_path))), Killed)
        tries = [int(path.read_text()) for path in sorted(tmp_path.iterdir())]  # noqa: ASYNC240
        assert len(tries) == len(set(tries)) == 3
        assert not seen & set(tries[1:])


async def test_an_item_whose_process_died_by_chance_goes_through(tmp_path: Path) -> None:
    async with pool() as started:
        assert await with_neighbours(started, ("die-first", str(tmp_path / "mark"))) == "second time lucky"
        assert (started.counts.killed, started.counts.deaths) == (0, 1)


async def test_several_killers_at_once_take_nobody_along() -> None:
    async with pool(attempts=2) as started:
        orders = [("exit", number) if number in (3, 4, 11) else ("echo", number) for number in range(30)]
        results = await asyncio.gather(*map(started.submit, orders))
        expected = [
            Killed(f"its process exited with code {n}", 2) if n in (3, 4, 11) else n for n in range(30)
        ]
        assert results == expected


async def test_kill_9_of_a_process_loses_nothing() -> None:
    async with pool(processes=1) as started:
        results = [asyncio.ensure_future(started.submit(("sleep", 0.3))) for _ in range(3)]
        await asyncio.sleep(0.4)
        os.kill(started.pids[0], signal.SIGKILL)
        assert await asyncio.gather(*results) == ["slept"] * 3
        assert started.counts.deaths == 1


async def test_kill_9_of_an_idle_process_costs_nobody_a_try() -> None:
    async with pool(processes=1, attempts=1) as started:
        assert await started.submit(("echo", 1)) == 1
        os.kill(started.pids[0], signal.SIGKILL)
        assert await started.submit(("echo", 2)) == 2


@pytest.mark.parametrize("on_thread", [False, True])
async def test_a_hang_is_told_by_cpu_time(on_thread: bool) -> None:
    async with pool(item_cpu_seconds=0.4, attempts=2) as started:
        killed = await with_neighbours(started, ("spin", 60, on_thread))
        assert killed == Killed("hung: more than 0.4 s of CPU time", 2)


async def test_cpu_time_is_counted_by_item_not_by_process() -> None:
    async with pool(processes=1, item_cpu_seconds=0.6, attempts=1) as started:
        assert await asyncio.gather(*(started.submit(("spin", 0.25)) for _ in range(5))) == ["spun"] * 5


async def test_an_item_that_waits_for_ever_meets_the_wall_clock() -> None:
    async with pool(item_wall_seconds=0.5, attempts=2) as started:
        assert await with_neighbours(started, ("sleep", 60)) == Killed("hung: not done after 0.5 s", 2)


async def test_a_sleeping_item_is_not_hung_before_the_wall_limit() -> None:
    async with pool(item_cpu_seconds=0.2, attempts=1) as started:
        assert await started.submit(("sleep", 1)) == "slept"


async def test_a_stopped_process_is_not_a_hung_item() -> None:
    async with pool(processes=1, item_cpu_seconds=0.3, attempts=1) as started:
        result = asyncio.ensure_future(started.submit(("sleep", 0.2)))
        await until(lambda: started.counts.busy == 1)
        os.kill(started.pids[0], signal.SIGSTOP)
        await asyncio.sleep(1.2)
        os.kill(started.pids[0], signal.SIGCONT)
        assert await result == "slept"


async def test_time_in_which_the_parent_was_frozen_too_does_not_count() -> None:
    async with pool(processes=1, item_wall_seconds=1, attempts=1) as started:
        result = asyncio.ensure_future(started.submit(("sleep", 2.5)))
        await asyncio.sleep(0.2)
        time.sleep(1.9)  # noqa: ASYNC251 (the parent stands still, as a frozen machine does)
        assert await result == "slept"


async def test_a_stalled_loop_finds_done_what_was_done_meanwhile() -> None:
    async with pool(processes=1, item_cpu_seconds=0.5, attempts=1) as started:
        results = [asyncio.ensure_future(started.submit(("spin", 0.4))) for _ in range(2)]
        await asyncio.sleep(0.1)
        time.sleep(1.2)  # noqa: ASYNC251
        assert await asyncio.gather(*results) == ["spun", "spun"]


async def test_an_exception_is_a_bug_and_says_where() -> None:
    async with pool() as started:
        with pytest.raises(PoolError, match="ValueError: no such thing") as raised:
            await started.submit(("fail", "no such thing"))
        assert "pool_functions.py" in raised.value.__notes__[0]
        assert await started.submit(("echo", 1)) == 1
        assert (started.counts.failed, started.counts.deaths) == (1, 0)


async def test_what_cant_be_pickled_is_a_bug_and_the_pool_lives_on() -> None:
    async with pool() as started:
        with pytest.raises(PoolError, match="the item can't be pickled"):
            await started.submit(("echo", lambda: None))
        with pytest.raises(PoolError, match="cannot pickle"):
            await started.submit(("unpicklable",))
        assert await started.submit(("echo", 1)) == 1


@pytest.mark.parametrize("size", [0, 70_000, 5_000_000])
async def test_large_items_and_results_pass(size: int) -> None:
    async with pool(processes=1) as started:
        results = await asyncio.gather(*(started.submit(("echo", b"x" * size)) for _ in range(6)))
        assert [len(result) for result in results] == [size] * 6


async def test_submit_waits_while_the_queue_is_full() -> None:
    async with pool(processes=1, queue_size=3) as started:
        results = [asyncio.ensure_future(started.submit(("sleep", 0.1))) for _ in range(10)]
        await asyncio.sleep(0.05)
        counts = started.counts
        assert (counts.busy, counts.waiting) == (1, 1)  # one more waits at the process
        assert await asyncio.gather(*results) == ["slept"] * 10


async def test_a_cancelled_submit_leaves_the_rest_alone() -> None:
    async with pool(processes=1) as started:
        first, second, third, fourth = (
            asyncio.ensure_future(started.submit(("sleep", 0.1))) for _ in range(4)
        )
        await until(lambda: started.counts.busy == 1)
        first.cancel()
        third.cancel()
        assert await asyncio.gather(second, fourth) == ["slept", "slept"]
        assert await started.submit(("echo", 5)) == 5
        assert started.counts.done == 4


async def test_map_keeps_the_order_and_bounds_the_look_ahead() -> None:
    taken = 0

    def items() -> Iterator[functions.Order]:
        nonlocal taken
        for number in range(60):
            taken += 1
            yield ("sleep", 0.05) if number % 9 == 0 else ("echo", number)

    async with pool() as started:
        given = 0
        async for result in started.map(items(), look_ahead=5):
            assert result == ("slept" if given % 9 == 0 else given)
            given += 1
            assert taken - given <= 7
        assert given == 60


async def test_map_reads_what_comes_slowly_without_holding_results_back() -> None:
    async def items() -> AsyncIterator[functions.Order]:
        yield ("echo", 1)
        await asyncio.sleep(0.5)
        yield ("echo", 2)

    async with pool() as started:
        begin = time.monotonic()
        results = [(value, time.monotonic() - begin) async for value in started.map(items())]
        assert [value for value, _ in results] == [1, 2]
        assert results[0][1] < 0.4


async def test_map_raises_what_its_input_raised_after_the_results_before_it() -> None:
    def items() -> Iterator[functions.Order]:
        yield from NEIGHBOURS
        raise OSError("the file ended in the middle")

    results = []
    async with pool() as started:
        with pytest.raises(OSError, match="in the middle"):  # noqa: PT012
            async for result in started.map(items()):
                results.append(result)
    assert results == [value for _, value in NEIGHBOURS]


async def test_map_left_early_leaves_nothing_behind() -> None:
    async with pool() as started:
        results = started.map(("echo", number) for number in range(1000))
        assert await anext(results) == 0
        await results.aclose()
        await until(lambda: started.counts.busy == 0 and started.counts.waiting == 0)
        assert started.counts.done < 1000


async def test_close_lets_what_is_under_way_finish() -> None:
    async with pool() as started:
        results = [asyncio.ensure_future(started.submit(("sleep", 0.1))) for _ in range(10)]
        await asyncio.sleep(0)
        pids = started.pids
        await started.close(timeout=10)
        assert await asyncio.gather(*results) == ["slept"] * 10
        assert not any(map(is_running, pids))
        with pytest.raises(PoolClosedError):
            await started.submit(("echo", 1))
        assert not started.ready


async def test_close_past_its_timeout_ends_the_processes_and_says_so() -> None:
    async with pool(processes=1, queue_size=2) as started:
        results = [asyncio.ensure_future(started.submit(("sleep", 60))) for _ in range(4)]
        await until(lambda: started.counts.busy == 1)
        pids = started.pids
        begin = time.monotonic()
        await started.close(timeout=0.3)
        assert time.monotonic() - begin < 3
        outcomes = await asyncio.gather(*results, return_exceptions=True)
        assert [type(outcome) for outcome in outcomes] == [PoolClosedError] * 4
        assert not any(map(is_running, pids))


@pytest.mark.parametrize(
    ("make", "options", "error"),
    [
        (partial(functions.make_fails, "no model at /nowhere"), {}, "OSError: no model at /nowhere"),
        (functions.make_exits, {}, "its process exited with code 7"),
        (partial(functions.make_sleeps, 60), {"start_seconds": 0.5}, "not ready after 0.5 s"),
    ],
)
async def test_a_start_that_fails_says_why_and_leaves_no_process(make: Any, options: Any, error: str) -> None:
    started = Pool(
        make,
        processes=2,
        item_cpu_seconds=1,
        item_wall_seconds=1,
        item_memory_bytes=1 << 30,
        attempts=1,
        **options,
    )
    with pytest.raises(PoolBrokenError, match=error):
        await started.start()
    assert not started.ready
    assert not pool_children()


async def test_a_function_that_can_no_longer_be_made_ends_the_pool(tmp_path: Path) -> None:
    mark = tmp_path / "model"
    mark.touch()
    async with pool(partial(functions.make_while_marked, str(mark)), processes=1) as started:
        assert await started.submit(("echo", 1)) == 1
        mark.unlink()
        with pytest.raises(PoolBrokenError, match=r"failed 3 times in a row: FileNotFoundError"):
            await asyncio.gather(started.submit(("exit", 1)), started.submit(("echo", 2)))
        assert not started.ready
        with pytest.raises(PoolBrokenError):
            await started.submit(("echo", 3))


async def test_children_import_their_function_and_nothing_of_the_parent() -> None:
    async with pool(processes=1) as started:
        modules = await started.submit(("modules",))
    assert functions.__name__ in modules
    assert not {"faust", "asyncio", "pytest", __name__, "worker.pool.pool"} & set(modules)


async def test_children_ignore_the_signals_of_a_terminal_and_a_service_manager() -> None:
    async with pool(processes=1) as started:
        assert await started.submit(("signals",)) == [True, True]
        for number in (signal.SIGINT, signal.SIGTERM):
            os.kill(started.pids[0], number)
        assert await started.submit(("echo", 1)) == 1
        assert started.counts.deaths == 0


async def test_what_a_child_prints_stays_out_of_the_parents_output(capfd: pytest.CaptureFixture[str]) -> None:
    async with pool(processes=1) as started:
        await started.submit(("print", "chatter"))
    captured = capfd.readouterr()
    assert (captured.out, captured.err) == ("", "chatter\n")


PARENT = """
import asyncio, sys
sys.path[:0] = {path!r}
import tests.unit.pool.pool_functions as functions
from worker.pool.pool import Pool

async def main():
    pool = Pool(functions.make, processes=2, item_cpu_seconds=60, item_wall_seconds=60,
                item_memory_bytes=1 << 30, attempts=1)
    await pool.start()
    print(*pool.pids, flush=True)
    await asyncio.gather(pool.submit(("spin", 60)), pool.submit(("sleep", 60)))

asyncio.run(main())
"""


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
async def test_children_die_with_their_parent(how: signal.Signals) -> None:
    program = PARENT.format(path=sys.path)
    quiet = asyncio.subprocess.DEVNULL
    words = (sys.executable, "-c", program)
    parent = await asyncio.create_subprocess_exec(*words, stdout=asyncio.subprocess.PIPE, stderr=quiet)
    assert parent.stdout is not None
    pids = [int(word) for word in (await parent.stdout.readline()).split()]
    await until(lambda: cpu_seconds(pids[0]) + cpu_seconds(pids[1]) > 0.3)
    assert len(pids) == 2
    parent.send_signal(how)
    await asyncio.wait_for(parent.wait(), 10)
    await until(lambda: not any(map(is_running, pids)), seconds=2)
