"""The pages `/livez` (the worker is not stuck), `/readyz` (it works, with its whole state) and `/metrics`."""

import errno
from collections.abc import Awaitable, Callable
from typing import Any, Protocol

from aiohttp import web
from prometheus_client.exposition import choose_encoder

from worker.metrics import REGISTRY
from worker.settings import SettingsError

NO_PAGE = 0


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
        runner = web.AppRunner(_pages(status, measure), access_log=None)
        await runner.setup()
        try:
            await web.TCPSite(runner, host, port).start()
        except OSError as error:
            raise SettingsError(_advice(host, port, error)) from error

    return serve


def _pages(status: Callable[[], Status], measure: Callable[[], None]) -> web.Application:
    async def livez(_: web.Request) -> web.Response:
        now = status()
        if now.healthy:
            return web.Response(text="alive\n")
        return web.Response(text=f"{now.stalled}\n", status=503)

    async def readyz(_: web.Request) -> web.Response:
        now = status()
        return web.json_response(now.as_json(), status=200 if now.ready else 503)

    async def metrics(request: web.Request) -> web.Response:
        measure()
        encode, content_type = choose_encoder(request.headers.get("Accept", ""))
        page = web.Response(body=encode(REGISTRY), headers={"Content-Type": content_type})
        page.enable_compression()
        return page

    pages = web.Application()
    pages.add_routes([web.get("/livez", livez), web.get("/readyz", readyz), web.get("/metrics", metrics)])
    return pages


def _advice(host: str, port: int, error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"DATELINE_WEB_PORT={port} is taken on {host}; set another, or 0 for no health page"
    return f"DATELINE_WEB_HOST={host!r} with DATELINE_WEB_PORT={port} can't be listened on: {error.strerror}"
