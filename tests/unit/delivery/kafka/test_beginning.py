"""Where lanes begin is read for all of them together, each time after the lane that asks is the owner."""

import asyncio

import pytest

from worker.delivery.kafka import beginning
from worker.delivery.kafka.beginning import Beginnings
from worker.delivery.kafka.progress import StoredProgress
from worker.settings import Settings


@pytest.fixture
def readings(monkeypatch):
    """The readings that were begun, each to be ended by its future's result."""
    begun: list[asyncio.Future[StoredProgress]] = []

    async def read(_settings):
        begun.append(asyncio.get_running_loop().create_future())
        return await begun[-1]

    monkeypatch.setattr(beginning, "_whole_progress", read)
    return begun


@pytest.fixture
def beginnings():
    return Beginnings(Settings.from_env({}))


async def asked(beginnings: Beginnings, times: int = 1) -> list[asyncio.Task[StoredProgress]]:
    tasks = [asyncio.create_task(beginnings._progress()) for _ in range(times)]
    for _ in range(5):
        await asyncio.sleep(0)
    return tasks


async def test_lanes_that_ask_at_once_share_two_readings_and_none_gets_one_that_began_before_it(
    readings, beginnings
):
    (first,) = await asked(beginnings)
    later = await asked(beginnings, 11)
    assert len(readings) == 1
    readings[0].set_result(before := StoredProgress())
    assert await first is before
    await asked(beginnings, 0)
    assert len(readings) == 2
    assert not any(task.done() for task in later)
    readings[1].set_result(after := StoredProgress())
    assert all(found is after for found in await asyncio.gather(*later))
    assert len(readings) == 2


async def test_a_lane_that_gives_up_leaves_the_others_their_reading(readings, beginnings):
    one, other = await asked(beginnings, 2)
    one.cancel()
    readings[0].set_result(progress := StoredProgress())
    assert await other is progress


async def test_a_reading_that_fails_is_told_to_all_who_waited_and_the_next_one_reads_again(
    readings, beginnings
):
    tasks = await asked(beginnings, 3)
    readings[0].set_exception(ConnectionError("no broker"))
    found = await asyncio.gather(*tasks, return_exceptions=True)
    assert [str(error) for error in found] == ["no broker"] * 3
    (again,) = await asked(beginnings)
    readings[1].set_result(progress := StoredProgress())
    assert await again is progress
