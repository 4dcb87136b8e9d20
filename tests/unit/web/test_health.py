"""The health page answers by status code, and says how things stand."""

import asyncio
import socket
import time
from dataclasses import asdict, dataclass
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from worker.settings import SettingsError
from worker.web.health import health_page


def nothing():
    """There is nothing to measure."""


@dataclass
class Status:
    """As much of a worker's status as the pages look at."""

    ready: bool = False
    healthy: bool = True
    stalled: str | None = None

    def as_json(self) -> dict[str, Any]:
        return {name: value for name, value in asdict(self).items() if name != "stalled"}


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


async def get(port, path):
    async with aiohttp.ClientSession() as session, session.get(f"http://127.0.0.1:{port}{path}") as response:
        return response.status, await response.text()


async def test_it_is_alive_before_it_is_ready(monkeypatch):
    # A page that took long to make, as in a pause of the garbage collector, is given again for a while.
    monkeypatch.setattr("worker.web.health._MOST_REST_SECONDS", 0.0)
    port, status = free_port(), Status()
    await health_page("127.0.0.1", port, lambda: status, nothing)()
    assert (await get(port, "/livez"))[0] == 200
    assert await get(port, "/readyz") == (503, '{"ready": false, "healthy": true}')
    status.ready = True
    assert (await get(port, "/readyz"))[0] == 200


async def test_a_worker_that_stands_still_is_not_alive_and_the_page_says_why():
    port = free_port()
    await health_page("127.0.0.1", port, lambda: Status(healthy=False, stalled="nothing moves"), nothing)()
    assert await get(port, "/livez") == (503, "nothing moves\n")


async def test_port_0_is_no_page(monkeypatch):
    runners = []
    monkeypatch.setattr(web, "AppRunner", lambda *what, **how: runners.append(what))
    await health_page("no such host", 0, Status, nothing)()
    assert runners == []


async def test_a_taken_port_is_told_with_the_setting_to_change():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(SettingsError, match=rf"DATELINE_WEB_PORT={port} is taken on 127.0.0.1; .* or 0 "):
            await health_page("127.0.0.1", port, Status, nothing)()


async def test_an_address_that_is_not_here_is_told_too():
    with pytest.raises(SettingsError, match=r"DATELINE_WEB_HOST='192\.0\.2\.1'"):
        await health_page("192.0.2.1", free_port(), Status, nothing)()


async def test_metrics_are_brought_up_to_date_for_whoever_asks():
    port, asked = free_port(), []
    await health_page("127.0.0.1", port, Status, lambda: asked.append(1))()
    code, text = await get(port, "/metrics")
    assert (code, len(asked)) == (200, 1)
    assert "# TYPE dateline_records_gone_total counter" in text


async def test_whoever_asks_for_openmetrics_gets_it():
    port = free_port()
    await health_page("127.0.0.1", port, Status, nothing)()
    headers = {"Accept": "application/openmetrics-text; version=1.0.0"}
    url = f"http://127.0.0.1:{port}/metrics"
    async with aiohttp.ClientSession() as session, session.get(url, headers=headers) as page:
        assert page.headers["Content-Type"].startswith("application/openmetrics-text")
        assert (await page.text()).endswith("# EOF\n")


@pytest.mark.parametrize("version", ["x", "99", "1.0.0; escaping=?", "1" * 5000])
async def test_whatever_version_is_asked_for_the_page_is_the_same(version):
    port = free_port()
    await health_page("127.0.0.1", port, Status, nothing)()
    headers = {"Accept": f"application/openmetrics-text; version={version}"}
    url = f"http://127.0.0.1:{port}/metrics"
    async with aiohttp.ClientSession() as session, session.get(url, headers=headers) as page:
        assert page.status == 200
        assert page.headers["Content-Type"].startswith("application/openmetrics-text; version=1.0.0; ")


async def test_many_requests_at_once_are_answered_from_one_look_at_the_worker():
    port, looks = free_port(), []

    def look():
        looks.append(1)
        end = time.thread_time() + 0.05
        while time.thread_time() < end:
            pass
        return Status()

    await health_page("127.0.0.1", port, look, nothing)()
    start = time.monotonic()
    for _ in range(20):
        assert (await get(port, "/livez"))[0] == 200
    # It rests for ten times as long as it worked.
    assert len(looks) <= 1 + (time.monotonic() - start) / 0.5


@pytest.mark.parametrize(
    "request_line", ["GET /livez HTTP/9.9", "\x16\x03\x01", "GET  / /", "GET / HTTP/1.1\r\n:\r\n"]
)
async def test_what_a_client_does_wrong_is_not_logged(request_line, caplog):
    port = free_port()
    await health_page("127.0.0.1", port, Status, nothing)()
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(request_line.encode() + b"\r\n\r\n")
    assert b"400" in await reader.readline()
    writer.close()
    assert not caplog.records


async def test_a_fault_of_our_own_is_logged(caplog):
    port = free_port()

    def fails():
        raise RuntimeError("broken")

    await health_page("127.0.0.1", port, fails, nothing)()
    assert (await get(port, "/livez"))[0] == 500
    assert "broken" in caplog.text
