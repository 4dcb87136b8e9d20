"""A Prometheus that scrapes workers of this machine, with the alert rules loaded."""

import json
import socket
import subprocess
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import yaml

from deploy.prometheus.table import ALERTS

SCRAPE_SECONDS = 2
_JOB = "dateline"


class Prometheus:
    """Its HTTP API."""

    def __init__(self, port: int) -> None:
        self._url = f"http://127.0.0.1:{port}/api/v1"

    def get(self, path: str, **params: str) -> Any:
        """What it answers. ValueError has its words if it refuses; OSError: it does not answer."""
        url = f"{self._url}/{path}?{urllib.parse.urlencode(params)}"
        try:
            with urllib.request.urlopen(url, timeout=30) as page:
                return json.load(page)["data"]
        except urllib.error.HTTPError as page:
            raise ValueError(page.read().decode()) from None

    def values(self, expr: str) -> list[float]:
        """The value of each series that a query finds now."""
        return [float(one["value"][1]) for one in self.get("query", query=expr)["result"]]

    def rules(self) -> list[dict[str, Any]]:
        return [rule for group in self.get("rules")["groups"] for rule in group["rules"]]


@contextmanager
def prometheus(folder: Path, *worker_ports: int) -> Iterator[Prometheus]:
    """Starts one in `folder`, and waits until it answers. It ends with the context."""
    targets = [f"127.0.0.1:{port}" for port in worker_ports]
    config = {
        "global": {"scrape_interval": f"{SCRAPE_SECONDS}s", "evaluation_interval": f"{SCRAPE_SECONDS}s"},
        "rule_files": [str(ALERTS)],
        "scrape_configs": [{"job_name": _JOB, "static_configs": [{"targets": targets}]}],
    }
    (folder / "prometheus.yml").write_text(yaml.safe_dump(config), encoding="utf-8")
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port = one.getsockname()[1]
    words = (
        "prometheus",
        f"--config.file={folder / 'prometheus.yml'}",
        f"--storage.tsdb.path={folder / 'data'}",
        f"--web.listen-address=127.0.0.1:{port}",
    )
    with (folder / "prometheus.log").open("wb") as log:
        process = subprocess.Popen(words, stdout=log, stderr=log)
    try:
        api = Prometheus(port)
        wait_until(lambda: api.values("vector(1)"), 120)
        yield api
    finally:
        process.kill()
        process.wait()


def wait_until(holds: Callable[[], Any], seconds: float) -> None:
    """Returns once something holds; a server that does not answer yet counts as no."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            if holds():
                return
        except (OSError, ValueError) as error:
            if time.monotonic() > deadline:
                raise AssertionError("it does not answer") from error
        assert time.monotonic() < deadline, "it does not come about"
        time.sleep(0.3)
