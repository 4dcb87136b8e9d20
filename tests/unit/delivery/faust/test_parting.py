"""A worker that ends leaves its group and sends the spans that wait, and waits for neither without end."""

import asyncio

import pytest

from worker.delivery.faust.shutdown import Shutdown


async def at_once() -> None:
    pass


async def never() -> None:
    await asyncio.Event().wait()


async def fails() -> None:
    raise RuntimeError("told to fail")


@pytest.mark.parametrize("flush", [None, at_once, never, fails])
@pytest.mark.parametrize("leave_group", [at_once, never, fails])
async def test_neither_the_group_nor_the_endpoint_of_traces_holds_up_the_end(leave_group, flush):
    async def drain(_seconds: float) -> bool:
        return True

    shutdown = Shutdown(1, drain=drain, leave_group=leave_group, flush=flush)
    async with asyncio.timeout(10):
        await shutdown._part(0.02)


async def test_spans_are_sent_while_the_group_is_slow():
    sent = []

    async def drain(_seconds: float) -> bool:
        return True

    async def flush() -> None:
        sent.append(True)

    await Shutdown(1, drain=drain, leave_group=never, flush=flush)._part(0.02)
    assert sent
