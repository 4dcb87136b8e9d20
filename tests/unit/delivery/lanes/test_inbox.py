"""A batch waits to fill as long as the patience of the moment says, counted from its oldest record."""

import asyncio
import time
from collections.abc import Callable

import pytest

from tests.unit.delivery.lanes.lane_fakes import arrival
from worker.delivery.lanes import inbox as inbox_module
from worker.delivery.lanes.inbox import Inbox

WAIT = 0.02


def inbox(patience: Callable[[], float]) -> Inbox:
    return Inbox(batch_size=3, batch_bytes=1 << 20, patience=patience)


async def taken(box: Inbox) -> tuple[list[int], float]:
    """The offsets of the next batch, and how long it took to come."""
    began = time.monotonic()
    batch = await asyncio.wait_for(box.next_batch(), 5)
    return [one.message.offset for one in batch], time.monotonic() - began


async def test_without_patience_a_record_goes_at_once_and_alone():
    box = inbox(lambda: 0)
    box.put(arrival(0))
    offsets, seconds = await taken(box)
    assert (offsets, seconds < WAIT) == ([0], True)


async def test_with_patience_a_batch_waits_that_long_and_takes_what_has_come():
    box = inbox(lambda: WAIT)
    box.put(arrival(0))
    box.put(arrival(1))
    offsets, seconds = await taken(box)
    assert offsets == [0, 1]
    assert seconds >= WAIT * 0.9


async def test_the_wait_counts_from_when_the_oldest_record_came():
    box = inbox(lambda: WAIT)
    box.put(arrival(0))
    await asyncio.sleep(2 * WAIT)
    box.put(arrival(1))
    offsets, seconds = await taken(box)
    assert (offsets, seconds < WAIT) == ([0, 1], True)


@pytest.mark.parametrize(("what", "expected"), [("fill", [0, 1, 2]), ("hurry", [0]), ("close", [])])
async def test_a_batch_that_waits_ends_at_once_when_its_inbox_is_filled_or_closed_or_things_change(
    what, expected
):
    patience = [60.0]
    box = inbox(lambda: patience[0])
    box.put(arrival(0))
    taking = asyncio.create_task(taken(box))
    await asyncio.sleep(WAIT)
    assert not taking.done()
    if what == "fill":
        box.put(arrival(1))
        box.put(arrival(2))
    elif what == "hurry":
        patience[0] = 0
        box.look_again()
    else:
        box.close()
    offsets, _ = await taking
    assert offsets == expected


async def test_a_batch_that_is_told_of_a_change_which_is_none_waits_on():
    box = inbox(lambda: WAIT)
    box.put(arrival(0))
    taking = asyncio.create_task(taken(box))
    for _ in range(5):
        await asyncio.sleep(0)
        box.look_again()
    _, seconds = await taking
    assert seconds >= WAIT * 0.9


async def test_a_batch_notices_by_itself_that_its_patience_has_changed(monkeypatch):
    monkeypatch.setattr(inbox_module, "LOOK_AGAIN_SECONDS", WAIT)
    answers = iter([60.0, 60.0, 0.0])
    box = inbox(lambda: next(answers))
    box.put(arrival(0))
    offsets, _ = await taken(box)
    assert offsets == [0]
    assert next(answers, None) is None


async def test_a_batch_may_be_told_to_wait_longer_while_it_waits():
    patience = [WAIT]
    box = inbox(lambda: patience[0])
    box.put(arrival(0))
    taking = asyncio.create_task(taken(box))
    await asyncio.sleep(0)
    patience[0] = 3 * WAIT
    _, seconds = await taking
    assert seconds >= 3 * WAIT * 0.9
