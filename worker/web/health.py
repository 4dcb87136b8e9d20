"""The pages `/livez` (the worker is not stuck), `/readyz` (it works, with its whole state) and `/metrics`."""

import errno
import logging
import time
from collections.abc import Awaitable, Callable, Hashable
from typing import Any, Protocol, TypeVar

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError
from prometheus_client.exposition import choose_encoder

from worker.metrics import REGISTRY
from worker.settings import SettingsError
from worker.web.connections import BoundedConnections, connection_cap, listen

T = TypeVar("T")

NO_PAGE = 0
_OPENMETRICS = "application/openmetrics-text"
# What was made for one request also answers those that come within so many times the CPU time that it took,
# so that no number of requests can take more than about a tenth of the event loop for it.
_REST = 10
_MOST_REST_SECONDS = 1.0


class Status(Protocol):
    """The worker's state at one moment."""

    @property
    def ready(self) -> bool: ...

    @property
    def healthy(self) -> bool: ...

    @property
    def stalled(self) -> str | None: ...

    def as_json(self) -> dict[str, Any]: ...


def health_page(
    host: str, port: int, status: Callable[[], Status], measure: Callable[[], None]
) -> Callable[[], Awaitable[None]]:
    """Gives the function that serves the pages until the process ends; with port 0 it serves none.

    A page is answered with 200 if the worker is ready (`/readyz`) or healthy (`/livez`), else with 503.
    `measure()` sets the gauges before `/metrics` is read. Raises SettingsError if the address can't be used.
    """

    async def serve() -> None:
        if port == NO_PAGE:
            return
        # The runner belongs to the process; there is no moment before its end to clean it up.
        runner = web.AppRunner(_pages(status, measure), access_log=None, logger=_own_faults_alone())
        await runner.setup()
        assert runner.server is not None
        protocols = BoundedConnections(runner.server, most=connection_cap())
        try:
            await listen(protocols, host, port)
        except OSError as error:
            raise SettingsError(_advice(host, port, error)) from error

    return serve


def _pages(status: Callable[[], Status], measure: Callable[[], None]) -> web.Application:
    rested = _Rested()

    async def livez(_: web.Request) -> web.Response:
        now = rested.get("status", status)
        if now.healthy:
            return web.Response(text="alive\n")
        return web.Response(text=f"{now.stalled}\n", status=503)

    async def readyz(_: web.Request) -> web.Response:
        def page() -> tuple[dict[str, Any], int]:
            now = status()
            return now.as_json(), 200 if now.ready else 503

        state, code = rested.get("readyz", page)
        return web.json_response(state, status=code)

    async def metrics(request: web.Request) -> web.Response:
        # A client's own words go no further: they may name versions that can't be parsed.
        openmetrics = _OPENMETRICS in request.headers.get("Accept", "").lower()
        encode, content_type = choose_encoder(f"{_OPENMETRICS}; version=1.0.0" if openmetrics else "")

        def measured() -> bytes:
            measure()
            return encode(REGISTRY)

        page = web.Response(body=rested.get(content_type, measured), headers={"Content-Type": content_type})
        page.enable_compression()
        return page

    async def one_request_a_connection(_: web.Request, response: web.StreamResponse) -> None:
        response.force_close()

    pages = web.Application()
    pages.on_response_prepare.append(one_request_a_connection)
    pages.add_routes([web.get("/livez", livez), web.get("/readyz", readyz), web.get("/metrics", metrics)])
    return pages


class _Rested:
    """Makes things, and gives the same again until it has rested from making them."""

    def __init__(self) -> None:
        self._made: dict[Hashable, tuple[float, Any]] = {}

    def get(self, key: Hashable, make: Callable[[], T]) -> T:
        """What `make()` gives, or gave not long ago for the same key."""
        until, thing = self._made.get(key, (0.0, None))
        if time.monotonic() >= until:
            start = time.thread_time()
            thing = make()
            rest = min(_REST * (time.thread_time() - start), _MOST_REST_SECONDS)
            self._made[key] = (time.monotonic() + rest, thing)
        result: T = thing
        return result


def _own_faults_alone() -> logging.Logger:
    """Where the server logs. It does not log what a client did wrong: anyone could fill the log with that."""
    logger = logging.getLogger("aiohttp.server")
    logger.addFilter(_is_own_fault)
    return logger


def _is_own_fault(record: logging.LogRecord) -> bool:
    return not (record.exc_info and isinstance(record.exc_info[1], HttpProcessingError))


def _advice(host: str, port: int, error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"DATELINE_WEB_PORT={port} is taken on {host}; set another, or 0 for no health page"
    return f"DATELINE_WEB_HOST={host!r} with DATELINE_WEB_PORT={port} can't be listened on: {error.strerror}"
