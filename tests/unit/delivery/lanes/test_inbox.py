"""How long a batch waits for more: a while, and longer only as long as it may collect."""

import asyncio
import time
from collections.abc import Callable

import pytest

from tests.unit.delivery.lanes.lane_fakes import arrival
from worker.delivery.lanes import inbox as inbox_module
from worker.delivery.lanes.inbox import Inbox

WAIT, COLLECT = 0.01, 0.2


@pytest.fixture(autouse=True)
def _looks_often(monkeypatch):
    monkeypatch.setattr(inbox_module, "COLLECT_LOOK_SECONDS", 0.02)


def inbox(may_collect: Callable[[], bool]) -> Inbox:
    return Inbox(
        batch_size=3,
        batch_bytes=1 << 20,
        batch_wait_seconds=WAIT,
        collect_seconds=COLLECT,
        may_collect=may_collect,
    )


async def taken(box: Inbox) -> tuple[list[int], float]:
    """The offsets of the next batch, and how long it took to come."""
    began = time.monotonic()
    batch = await box.next_batch()
    return [one.message.offset for one in batch], time.monotonic() - began


async def test_a_batch_that_may_not_collect_waits_a_while():
    box = inbox(lambda: False)
    box.put(arrival(0))
    offsets, seconds = await taken(box)
    assert offsets == [0]
    assert WAIT <= seconds < COLLECT


async def test_a_batch_that_may_collect_waits_longer_and_not_for_ever():
    box = inbox(lambda: True)
    box.put(arrival(0))
    offsets, seconds = await taken(box)
    assert offsets == [0]
    assert seconds >= COLLECT


async def test_a_batch_that_may_collect_no_longer_is_handed_out():
    answers = iter([True, True, False])
    box = inbox(lambda: next(answers))
    box.put(arrival(0))
    offsets, _ = await taken(box)
    assert offsets == [0]
    assert next(answers, None) is None


@pytest.mark.parametrize(("what", "expected"), [("fill", [0, 1, 2]), ("close", [])])
async def test_a_batch_that_collects_ends_at_once_when_the_inbox_is_filled_or_closed(what, expected):
    box = Inbox(
        batch_size=3,
        batch_bytes=1 << 20,
        batch_wait_seconds=WAIT,
        collect_seconds=60,
        may_collect=lambda: True,
    )
    box.put(arrival(0))
    taking = asyncio.create_task(taken(box))
    await asyncio.sleep(3 * WAIT)
    assert not taking.done()
    if what == "fill":
        box.put(arrival(1))
        box.put(arrival(2))
    else:
        box.close()
    offsets, _ = await asyncio.wait_for(taking, 5)
    assert offsets == expected
