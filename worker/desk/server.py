"""Listens, and serves the desk until it is cancelled."""

import asyncio
import errno
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import cast

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError

from worker.desk.access import Access
from worker.desk.alerting.feed import AlertFeed
from worker.desk.app import Desk
from worker.desk.archive.source import Archive
from worker.desk.changes.sink import DeskChanges
from worker.desk.connections import LimitedConnections
from worker.desk.live import Live
from worker.desk.operation.recent import RecentLooks
from worker.desk.source import DeskSource
from worker.desk.story_records import StoryRecords

_WAITING_CONNECTIONS = 128


class CannotListen(Exception):
    """The address can't be listened on. The message is for people."""


@asynccontextmanager
async def served(
    live: Live,
    source: DeskSource,
    access: Access,
    *,
    host: str,
    port: int,
    alerts: AlertFeed | None = None,
    stories: StoryRecords | None = None,
    changes: DeskChanges | None = None,
    archive: Archive | None = None,
    recent: RecentLooks | None = None,
) -> AsyncIterator[tuple[str, int]]:
    """Serves the desk until the end of the block. Gives the address; port 0 takes one that is free.

    `changes` carries out what visitors change; without it nothing can be changed.

    Raises CannotListen.
    """
    desk = Desk(
        live,
        source,
        access,
        alerts=alerts,
        stories=stories,
        changes=changes,
        archive=archive,
        recent=recent,
    )
    runner = web.AppRunner(
        desk.application(), access_log=None, logger=_without_clients_faults(), shutdown_timeout=1
    )
    await runner.setup()
    try:
        make = cast(web.Server, runner.server)
        desk.connections = LimitedConnections(make)
        loop = asyncio.get_running_loop()
        try:
            bound = await loop.create_server(desk.connections, host, port, backlog=_WAITING_CONNECTIONS)
        except OSError as error:
            raise CannotListen(_why(host, port, error)) from error
        try:
            address = bound.sockets[0].getsockname()
            yield address[0], address[1]
        finally:
            bound.close()
    finally:
        await runner.cleanup()


def _why(host: str, port: int, error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"--port {port} is taken on {host}; --port 0 takes one that is free"
    return f"--host {host!r} with --port {port} can't be listened on: {error.strerror or error}"


def _without_clients_faults() -> logging.Logger:
    """Where the server logs. What a client did wrong is left out: anyone could fill the log with that."""
    logger = logging.getLogger("aiohttp.server")
    logger.addFilter(_is_own)
    return logger


def _is_own(record: logging.LogRecord) -> bool:
    return not (record.exc_info and isinstance(record.exc_info[1], HttpProcessingError))
