"""Server-sent events: what a viewer's page is told while it is open."""

import asyncio
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Protocol, TypeVar

from aiohttp import web

from worker.desk.live import Viewer, event_bytes

GATHER_SECONDS = 0.25
"""Events that come within so short a time are sent together."""
BEAT_SECONDS = 15.0
"""After which a comment is sent where nothing else is, so that a page that is gone is noticed."""
UNREAD_SECONDS = 30.0
"""A viewer that takes nothing for so long loses the connection; its page comes back by itself."""
EVENT_STREAM = "text/event-stream"
_Wanted = TypeVar("_Wanted")
_WantedIn = TypeVar("_WantedIn", contravariant=True)


class EventFeed(Protocol[_WantedIn]):
    """What viewers can watch: articles, or alerts. A viewer may want some of them alone."""

    def viewer(self, wanted: _WantedIn, /) -> AbstractContextManager[Viewer]:
        """A viewer until the end of the block. Raises TooManyViewers."""

    async def since(self, event_id: str, wanted: _WantedIn, /) -> list[bytes] | None:
        """The events after this one, oldest first; None if they can't be told."""


async def stream_events(
    request: web.Request,
    feed: EventFeed[_Wanted],
    wanted: _Wanted,
    *,
    after: str,
    opened: Callable[[], None],
) -> web.StreamResponse:
    """Tells a viewer of what comes, until it leaves. Raises TooManyViewers.

    `after`: the id of the last event that it has; empty for none. `opened` is called when the answer begins.
    """
    with feed.viewer(wanted) as viewer:
        response = web.StreamResponse(headers={"Content-Type": f"{EVENT_STREAM}; charset=utf-8"})
        await response.prepare(request)
        opened()
        first = await _first(feed, wanted, after)
        while True:
            try:
                async with asyncio.timeout(UNREAD_SECONDS):
                    await response.write(first)
            except (TimeoutError, ConnectionError):
                if request.transport is not None:
                    request.transport.abort()
                return response
            await asyncio.sleep(GATHER_SECONDS)
            first = await viewer.take(seconds=BEAT_SECONDS) or b": beat\n\n"


async def _first(feed: EventFeed[_Wanted], wanted: _Wanted, after: str) -> bytes:
    """What a viewer gets at once: how long to wait before it comes back, and what it has not seen."""
    begin = b"retry: 3000\n\n"
    if not after:
        return begin
    since = await feed.since(after, wanted)
    if since is None:
        return begin + event_bytes("restarted", {})
    return begin + b"".join(since)
