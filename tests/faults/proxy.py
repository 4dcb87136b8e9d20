"""A TCP proxy between clients and brokers that can fail: connections cut, silent, or without answers."""

import asyncio
import threading
from collections.abc import Coroutine
from typing import Any

_CHUNK_BYTES = 1 << 16


class Proxy:
    """Forwards TCP connections, each port to another, from a thread of its own."""

    def __init__(self, routes: dict[int, int]) -> None:
        self._routes = routes
        self._writers: set[asyncio.StreamWriter] = set()
        self._flows, self._answers = asyncio.Event(), asyncio.Event()
        self._flows.set()
        self._answers.set()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="proxy", daemon=True)
        self._thread.start()
        self._do(self._listen())

    def cut(self) -> None:
        """Breaks every connection, in whatever state it is."""
        self._do(self._cut())

    def silence(self, *, answers_only: bool = False) -> None:
        """Holds back everything, or the answers; connections stay open. `cut` and `flow` end it."""
        self._loop.call_soon_threadsafe(self._answers.clear)
        if not answers_only:
            self._loop.call_soon_threadsafe(self._flows.clear)

    def flow(self) -> None:
        """Lets everything through again."""
        self._loop.call_soon_threadsafe(self._answers.set)
        self._loop.call_soon_threadsafe(self._flows.set)

    def close(self) -> None:
        """Breaks every connection and ends the thread."""
        self.cut()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()

    def _do(self, work: Coroutine[Any, Any, None]) -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result(10)

    async def _listen(self) -> None:
        for port, target in self._routes.items():

            async def connect(
                reader: asyncio.StreamReader, writer: asyncio.StreamWriter, target: int = target
            ) -> None:
                await self._serve(reader, writer, target)

            await asyncio.start_server(connect, "127.0.0.1", port)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, target: int) -> None:
        try:
            their_reader, their_writer = await asyncio.open_connection("127.0.0.1", target)
        except OSError:
            writer.transport.abort()
            return
        ends = {writer, their_writer}
        self._writers |= ends
        requests = asyncio.create_task(_pump(reader, their_writer, self._flows))
        answers = asyncio.create_task(_pump(their_reader, writer, self._answers))
        await asyncio.wait([requests, answers], return_when=asyncio.FIRST_COMPLETED)
        for task in (requests, answers):
            task.cancel()
        self._writers -= ends
        for end in ends:
            end.close()

    async def _cut(self) -> None:
        for writer in list(self._writers):
            writer.transport.abort()


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, may_pass: asyncio.Event) -> None:
    try:
        while data := await reader.read(_CHUNK_BYTES):
            await may_pass.wait()
            writer.write(data)
            await writer.drain()
    except OSError:
        pass  # one side is gone; the other hears of it next
