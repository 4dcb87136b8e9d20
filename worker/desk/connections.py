"""Bounds how many connections are open, and for how long one may be that watches no stream."""

import asyncio
from collections.abc import Callable
from typing import cast

MOST_DESK_CONNECTIONS = 128
UNANSWERED_SECONDS = 60.0
"""From its acceptance to the end of its answer. A connection that streams is not bound by it."""
_REFUSAL = b"The desk has as many connections as it takes. Try again in a moment.\n"
_HEAD = (
    "HTTP/1.1 503 Service Unavailable\r\nContent-Type: text/plain; charset=utf-8\r\nRetry-After: 5\r\n"
    f"Content-Length: {len(_REFUSAL)}\r\nConnection: close\r\nX-Content-Type-Options: nosniff\r\n\r\n"
).encode()


class LimitedConnections:
    """Makes a protocol for each connection; one more than `most` is told so, and closed."""

    def __init__(
        self,
        make: Callable[[], asyncio.Protocol],
        *,
        most: int = MOST_DESK_CONNECTIONS,
        seconds: float = UNANSWERED_SECONDS,
    ) -> None:
        self._make, self._most, self.seconds = make, most, seconds
        self._open: dict[asyncio.BaseTransport, asyncio.TimerHandle] = {}

    def __call__(self) -> asyncio.Protocol:
        return _Refusing() if len(self._open) >= self._most else _Limited(self, self._make())

    def came(self, transport: asyncio.Transport) -> None:
        end = asyncio.get_running_loop().call_later(self.seconds, transport.abort)
        self._open[transport] = end

    def left(self, transport: asyncio.BaseTransport) -> None:
        if (end := self._open.pop(transport, None)) is not None:
            end.cancel()

    def streams(self, transport: asyncio.BaseTransport | None) -> None:
        """Says that a connection streams: it stays open for as long as somebody reads it."""
        if transport is not None and (end := self._open.get(transport)) is not None:
            end.cancel()


class _Limited(asyncio.Protocol):
    """Passes a connection's events on to its protocol."""

    def __init__(self, connections: LimitedConnections, protocol: asyncio.Protocol) -> None:
        self._connections, self._protocol = connections, protocol
        self.data_received = protocol.data_received  # type: ignore[method-assign]
        self.eof_received = protocol.eof_received  # type: ignore[method-assign]
        self.pause_writing = protocol.pause_writing  # type: ignore[method-assign]
        self.resume_writing = protocol.resume_writing  # type: ignore[method-assign]

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport
        self._connections.came(cast(asyncio.Transport, transport))
        self._protocol.connection_made(transport)

    def connection_lost(self, error: Exception | None) -> None:
        self._connections.left(self._transport)
        self._protocol.connection_lost(error)


class _Refusing(asyncio.Protocol):
    """Answers without reading."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        there = cast(asyncio.Transport, transport)
        there.write(_HEAD + _REFUSAL)
        there.close()
