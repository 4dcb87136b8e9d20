"""Bytes are granted in the order they are asked for, and nobody waits for ever."""

import asyncio

from worker.delivery.lanes.budget import Budget


async def soon(*tasks):
    for _ in range(3):
        await asyncio.sleep(0)
    return [task.done() for task in tasks]


async def test_who_asks_for_more_than_is_free_waits_until_it_is_given_back():
    budget = Budget(10)
    await budget.take(6)
    waits = asyncio.create_task(budget.take(6))
    assert await soon(waits) == [False]
    budget.give(6)
    assert await soon(waits) == [True]
    assert budget.used_bytes == 6


async def test_a_small_wish_does_not_overtake_a_large_one():
    budget = Budget(10)
    await budget.take(6)
    large, small = asyncio.create_task(budget.take(9)), asyncio.create_task(budget.take(1))
    assert await soon(large, small) == [False, False]
    budget.give(6)
    assert await soon(large, small) == [True, True]


async def test_more_than_the_whole_budget_is_granted_once_nothing_is_out():
    budget = Budget(10)
    await budget.take(1)
    huge = asyncio.create_task(budget.take(100))
    assert await soon(huge) == [False]
    budget.give(1)
    assert await soon(huge) == [True]


async def test_results_count_and_keep_the_next_one_waiting():
    budget = Budget(10)
    await budget.take(2)
    budget.add(20)
    waits = asyncio.create_task(budget.take(1))
    assert await soon(waits) == [False]
    budget.give(22)
    assert await soon(waits) == [True]


async def test_who_stops_waiting_leaves_nothing_behind():
    budget = Budget(10)
    await budget.take(10)
    gone, next_one = asyncio.create_task(budget.take(5)), asyncio.create_task(budget.take(5))
    await soon(gone)
    gone.cancel()
    await soon(gone)
    budget.give(10)
    assert await soon(next_one) == [True]
    assert budget.used_bytes == 5


async def test_what_was_granted_to_one_who_is_cancelled_at_that_moment_is_given_back():
    budget = Budget(10)
    await budget.take(10)
    gone = asyncio.create_task(budget.take(5))
    await soon(gone)
    budget.give(10)
    gone.cancel()
    await soon(gone)
    assert budget.used_bytes == 0
