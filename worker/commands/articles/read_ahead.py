"""Iterates in a thread over what may block, such as standard input, so that the event loop keeps running."""

import asyncio
import threading
from collections.abc import AsyncIterator, Iterable
from typing import Any, TypeVar

T = TypeVar("T")


async def read_ahead(items: Iterable[T], *, most: int = 16) -> AsyncIterator[T]:
    """The items in order, read at most `most` ahead of the caller. An error while reading is raised here.

    The thread is a daemon, so that Ctrl-C ends a command whose thread still waits for standard input.
    """
    loop = asyncio.get_running_loop()
    free_places = threading.Semaphore(most)
    queue: asyncio.Queue[tuple[str, Any]] = asyncio.Queue()

    def put(kind: str, value: Any = None) -> None:
        loop.call_soon_threadsafe(queue.put_nowait, (kind, value))

    def read() -> None:
        try:
            for item in items:
                free_places.acquire()
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
        free_places.release()
        yield value
