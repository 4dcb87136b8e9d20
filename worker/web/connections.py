"""Bounds what the health page's port takes: how many connections, for how long, how many bytes on each."""

import asyncio
import logging
import os
import resource
import socket
from collections.abc import Callable
from typing import cast

from worker.log import log_event

log = logging.getLogger(__name__)

MOST_CONNECTIONS = 32
"""Open at a time, if the limit on open files leaves that much; see `connection_cap`."""
SHARE_OF_OPEN_FILES = 32
LEAST_CONNECTIONS = 4
CONNECTION_SECONDS = 10.0
"""From its acceptance to the end of its answer; then a connection is dropped, whatever it waits for."""
MOST_REQUEST_BYTES = 64 << 10
"""That a client may send on one connection: a request has a header of a few hundred bytes and no body."""
ACCEPTED_AT_A_TIME = 8
"""Connections taken in one turn of the event loop; the worker's own work has its turn in between."""
WAITING_CONNECTIONS = 1024
"""That the kernel keeps until their turn comes. A client beyond would try again only after a second."""
ACCEPT_PAUSE_SECONDS = 1.0
"""After which accepting is tried again where the process or the machine has no descriptor left."""


def connection_cap() -> int:
    """How many connections may be open: a small part of the open files that the process may have."""
    files, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    if files == resource.RLIM_INFINITY:
        return MOST_CONNECTIONS
    return max(LEAST_CONNECTIONS, min(MOST_CONNECTIONS, files // SHARE_OF_OPEN_FILES))


class BoundedConnections:
    """Makes a protocol for each connection, and drops connections that go beyond the limits.

    Where one more than `most` is open, the oldest is dropped: who asks now gets an answer, and who holds a
    connection without asking loses it.
    """

    def __init__(
        self,
        make: Callable[[], asyncio.Protocol],
        *,
        most: int,
        seconds: float = CONNECTION_SECONDS,
        request_bytes: int = MOST_REQUEST_BYTES,
    ) -> None:
        self.most, self.seconds, self.request_bytes = most, seconds, request_bytes
        self._make = make
        self._open: dict[asyncio.Transport, None] = {}  # in the order of their coming

    def __call__(self) -> asyncio.Protocol:
        return _Bounded(self, self._make())

    def came(self, transport: asyncio.Transport) -> None:
        """Notes a connection, and drops the oldest if it is one too many."""
        self._open[transport] = None
        if len(self._open) > self.most:
            self.drop(next(iter(self._open)))

    def left(self, transport: asyncio.Transport) -> None:
        """Forgets a connection that has ended."""
        self._open.pop(transport, None)

    def drop(self, transport: asyncio.Transport) -> None:
        """Ends a connection at once; what was not sent yet is thrown away."""
        self.left(transport)
        transport.abort()


class _Bounded(asyncio.Protocol):
    """Passes a connection's events on to its protocol, within the limits."""

    def __init__(self, connections: BoundedConnections, protocol: asyncio.Protocol) -> None:
        self._connections, self._protocol = connections, protocol
        self._bytes_left = connections.request_bytes
        self._transport: asyncio.Transport
        self._end: asyncio.TimerHandle

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        loop = asyncio.get_running_loop()
        self._end = loop.call_later(self._connections.seconds, self._connections.drop, self._transport)
        self._protocol.connection_made(transport)
        self._connections.came(self._transport)

    def data_received(self, data: bytes) -> None:
        self._bytes_left -= len(data)
        if self._bytes_left < 0:
            self._connections.drop(self._transport)
        else:
            self._protocol.data_received(data)

    def eof_received(self) -> bool | None:
        return self._protocol.eof_received()

    def connection_lost(self, error: Exception | None) -> None:
        self._end.cancel()
        self._connections.left(self._transport)
        self._protocol.connection_lost(error)

    def pause_writing(self) -> None:
        self._protocol.pause_writing()

    def resume_writing(self) -> None:
        self._protocol.resume_writing()


async def listen(protocols: Callable[[], asyncio.Protocol], host: str, port: int) -> None:
    """Accepts connections at all addresses of a host until the process ends. Raises OSError.

    asyncio's own servers take as many connections in one turn of the loop as they let wait, and log a
    traceback for each of these when there is no descriptor left.
    """
    loop = asyncio.get_running_loop()
    bound = await loop.create_server(protocols, host, port, start_serving=False)
    for one in bound.sockets:
        _Listener(protocols, socket.socket(fileno=os.dup(one.fileno()))).start()
    bound.close()


class _Listener:
    """Takes the connections of one listening socket, a few in each turn of the event loop."""

    def __init__(self, protocols: Callable[[], asyncio.Protocol], listening: socket.socket) -> None:
        self._protocols, self._listening = protocols, listening
        self._loop = asyncio.get_running_loop()
        self._coming: set[asyncio.Task[object]] = set()

    def start(self) -> None:
        self._listening.setblocking(False)
        self._listening.listen(WAITING_CONNECTIONS)
        self._go_on()

    def _go_on(self) -> None:
        self._loop.add_reader(self._listening, self._accept)

    def _accept(self) -> None:
        for _ in range(ACCEPTED_AT_A_TIME):
            try:
                connection, _ = self._listening.accept()
            except (BlockingIOError, InterruptedError, ConnectionAbortedError):
                return
            except OSError as error:
                # The socket stays readable, so that to try again at once would keep the loop busy.
                log_event(log, logging.WARNING, "health page can't accept", error=str(error))
                self._loop.remove_reader(self._listening)
                self._loop.call_later(ACCEPT_PAUSE_SECONDS, self._go_on)
                return
            connection.setblocking(False)
            coming = self._loop.create_task(self._take(connection))
            self._coming.add(coming)
            coming.add_done_callback(self._coming.discard)

    async def _take(self, connection: socket.socket) -> None:
        try:
            await self._loop.connect_accepted_socket(self._protocols, connection)
        except OSError:  # it is gone again
            connection.close()
