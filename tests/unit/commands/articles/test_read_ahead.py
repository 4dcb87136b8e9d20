"""Iterating in a thread over what may block."""

import asyncio
import threading
from collections.abc import Iterator

import pytest

from worker.commands.articles.read_ahead import read_ahead


async def test_items_come_in_order_and_never_more_than_so_many_ahead():
    taken = 0

    def count() -> Iterator[int]:
        nonlocal taken
        while taken < 100:
            taken += 1
            yield taken

    got = []
    async for item in read_ahead(count(), most=5):
        got.append(item)
        await asyncio.sleep(0.001)
        assert taken <= len(got) + 6
    assert got == list(range(1, 101))


async def test_the_loop_goes_on_while_the_next_item_is_awaited():
    let_go = threading.Event()

    def slow() -> Iterator[str]:
        yield "first"
        let_go.wait(10)
        yield "second"

    items = read_ahead(slow())
    assert await anext(items) == "first"
    asyncio.get_running_loop().call_later(0.01, let_go.set)
    assert await anext(items) == "second"


async def test_what_reading_raises_is_raised_where_the_next_item_would_come():
    def broken() -> Iterator[int]:
        yield 1
        raise OSError("the disk is gone")

    items = read_ahead(broken())
    assert await anext(items) == 1
    with pytest.raises(OSError, match="the disk is gone"):
        await anext(items)
