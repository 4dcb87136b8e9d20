"""Reads in a thread what may block, such as standard input, so that the event loop goes on."""

import asyncio
import threading
from collections.abc import AsyncIterator, Iterable
from typing import Any, TypeVar

T = TypeVar("T")


async def read_ahead(items: Iterable[T], *, most: int = 16) -> AsyncIterator[T]:
    """The items in order, at most `most` ahead of whoever takes them. What reading raises is raised here.

    The thread is a daemon: nobody who presses Ctrl-C waits for one more line of standard input.
    """
    loop = asyncio.get_running_loop()
    taken = threading.Semaphore(most)
    queue: asyncio.Queue[tuple[str, Any]] = asyncio.Queue()

    def put(kind: str, value: Any = None) -> None:
        loop.call_soon_threadsafe(queue.put_nowait, (kind, value))

    def read() -> None:
        try:
            for item in items:
                taken.acquire()
                put("item", item)
            put("end")
        except RuntimeError:
            if not loop.is_closed():
                raise
        except Exception as error:
            put("error", error)

    threading.Thread(target=read, name="read-ahead", daemon=True).start()
    while True:
        kind, value = await queue.get()
        if kind == "end":
            return
        if kind == "error":
            raise value
        taken.release()
        yield value
