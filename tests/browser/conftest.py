"""A desk that is served in a thread, and Debian's Chromium, without a window, that looks at it.

Where Chromium, its driver or Selenium is missing the tests are skipped, and in CI they fail.
"""

import asyncio
import os
import shutil
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.unit.desk.archives import archive_in
from tests.unit.desk.desks import FakeSource
from tests.unit.desk.rule_desks import FakeChanges
from worker.desk.access import Access, loopback_hosts
from worker.desk.alerting.feed import AlertFeed
from worker.desk.live import Live
from worker.desk.operation.recent import RecentLooks
from worker.desk.server import served

NAMES = ("chromium", "chromium-browser", "google-chrome")
ALLOWED = ["--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu", "--hide-scrollbars"]
# Nothing but the desk is asked for.
QUIET = [
    "--disable-background-networking",
    "--disable-component-update",
    "--no-first-run",
    "--disable-extensions",
    # A name that is not the loopback interface's, as a desk for others has, and leads to it all the same.
    "--host-resolver-rules=MAP desk.example 127.0.0.1",
]


def _missing() -> str:
    try:
        import selenium  # noqa: F401
    except ImportError:
        return "selenium (pip install -c constraints.txt '.[dev]')"
    if not any(map(shutil.which, NAMES)):
        return "chromium (on Debian: apt-get install chromium)"
    return "" if shutil.which("chromedriver") else "chromedriver (on Debian: apt-get install chromium-driver)"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if not (missing := _missing()) or os.environ.get("CI"):
        return
    here = f"{Path(__file__).parent}{os.sep}"
    for item in items:
        if str(item.path).startswith(here):
            item.add_marker(pytest.mark.skip(reason=f"the browser tests need {missing}"))


class ServedDesk:
    """A desk in a thread of its own. `do(live.take_article, ...)` calls a function there."""

    def __init__(self, folder: Path, *, allow_changes: bool = False, access: Access | None = None) -> None:
        self.source = FakeSource()
        self.changes = FakeChanges(self.source) if allow_changes else None
        self.access = access or Access(hosts=loopback_hosts([]))
        self.archive = archive_in(folder)
        self.recent = RecentLooks()
        self.address = ""
        self._ready = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()), daemon=True)
        self.port = 0

    def start(self) -> None:
        self._ready.clear()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()), daemon=True)
        self._thread.start()
        assert self._ready.wait(10)

    def stop(self) -> None:
        self._loop.call_soon_threadsafe(self._over.set)
        self._thread.join(10)

    def do(self, function: Callable[..., Any], *values: Any) -> Any:
        done: list[Any] = []
        over = threading.Event()

        def call() -> None:
            done.append(function(*values))
            over.set()

        self._loop.call_soon_threadsafe(call)
        assert over.wait(10)
        return done[0]

    async def _serve(self) -> None:
        self.live = Live()
        self.live.set_reads(True)
        self.feed = AlertFeed(self.live)
        self._loop, self._over = asyncio.get_running_loop(), asyncio.Event()
        async with served(
            self.live,
            self.source,
            self.access,
            host="127.0.0.1",
            port=self.port,
            alerts=self.feed,
            changes=self.changes,
            archive=self.archive,
            recent=self.recent,
        ) as (host, port):
            self.port, self.address = port, f"http://{host}:{port}"
            self._ready.set()
            await self._over.wait()


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[ServedDesk]:
    desk = ServedDesk(tmp_path)
    desk.start()
    yield desk
    desk.stop()
    desk.archive.close()


@pytest.fixture
def changing_desk(tmp_path: Path) -> Iterator[ServedDesk]:
    """A desk that allows changes."""
    desk = ServedDesk(tmp_path, allow_changes=True)
    desk.start()
    yield desk
    desk.stop()
    desk.archive.close()


@pytest.fixture(scope="session")
def _browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    from selenium import webdriver
    from selenium.webdriver.chrome.service import Service

    options = webdriver.ChromeOptions()
    for word in (*ALLOWED, *QUIET, f"--user-data-dir={tmp_path_factory.mktemp('chromium')}"):
        options.add_argument(word)
    options.binary_location = next(filter(None, map(shutil.which, NAMES)), "")
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    browser = webdriver.Chrome(options=options, service=Service(shutil.which("chromedriver")))
    yield browser
    browser.quit()


@pytest.fixture
def browser(_browser: Any) -> Iterator[Any]:
    """Chromium. A test fails if a page broke its own policy, or its script failed."""
    _browser.get_log("browser")
    show(_browser, 1280, "light")
    yield _browser
    said = [entry["message"] for entry in _browser.get_log("browser")]
    _browser.get("about:blank")
    assert not [line for line in said if "Content Security Policy" in line or "Uncaught" in line]


def show(browser: Any, width: int, scheme: str) -> None:
    """Gives the page so many pixels, and a reader who prefers a light or a dark screen."""
    metrics = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": False}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
    features = [{"name": "prefers-color-scheme", "value": scheme}]
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})
