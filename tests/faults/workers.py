"""Worker processes: started, asked for their status, sent signals, and their logs read."""

import json
import os
import random
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.forked import ForkedProcess, started
from worker.settings import Output

ROOT = Path(__file__).resolve().parents[2]
TRIVIAL = (sys.executable, "-m", "faust", "-A", "tests.faults.trivial", "worker")
POOLED = (sys.executable, "-m", "faust", "-A", "tests.faults.pooled", "worker")
REAL = (sys.executable, "-m", "worker", "worker")
NO_VARIABLES: Mapping[str, str] = {}
ALL_OUTPUTS = ",".join(Output)
WITHOUT_ALERTS = "enriched,entities,quotes,search"


class Worker:
    """One worker process. Settings go by short names, such as DELIVERY; TRIVIAL_* are passed as they are.

    One that is None is not set. `variables` go beside them, such as those of a false clock. `root`: the
    checkout that it runs. `forked`: from a server that has imported what it needs, where that can be.
    """

    def __init__(
        self,
        brokers: str,
        prefix: str,
        log: Path,
        *,
        command: tuple[str, ...] = TRIVIAL,
        variables: Mapping[str, str] = NO_VARIABLES,
        root: Path = ROOT,
        forked: bool = False,
        **settings: Any,
    ) -> None:
        self.port = _free_port()
        self.log = log
        values = {"BROKERS": brokers, "TOPIC_PREFIX": prefix, "WEB_PORT": self.port, "LOG_FORMAT": "json"}
        # As many articles are worked on at once as the processes can take; trivial ones wait side by side.
        values |= {"PROCESSES": 64} if command == TRIVIAL else {}
        # What a trivial enrichment writes is no article that a rule could be held against.
        values |= {} if command in (POOLED, REAL) else {"OUTPUTS": WITHOUT_ALERTS}
        values |= {name.upper(): value for name, value in settings.items()}
        environ = {name: value for name, value in os.environ.items() if not name.startswith("DATELINE_")}
        environ |= {"PYTHONPATH": str(root), **variables}
        for name, value in values.items():
            if value is None:
                continue
            environ[name if name.startswith("TRIVIAL_") else f"DATELINE_{name}"] = str(value)
        self.process: subprocess.Popen[bytes] | ForkedProcess
        with log.open("ab") as out:
            # Another checkout has modules of its own.
            if forked and root == ROOT:
                self.process = started(*command[2:], env=environ, cwd=root, stdout=out, stderr=out)
            else:
                self.process = subprocess.Popen(command, cwd=root, env=environ, stdout=out, stderr=out)

    def status(self, within: float = 30) -> dict[str, Any]:
        """What `/readyz` says, asked until it answers; empty where the process has ended.

        Raises AssertionError where it does not answer in these seconds; a busy machine may need some.
        """
        deadline = time.monotonic() + within
        while self.running:
            if status := self.try_status():
                return status
            assert time.monotonic() < deadline, f"the worker does not answer\n{self.said()}"
            time.sleep(0.1)
        return {}

    def try_status(self) -> dict[str, Any]:
        """What `/readyz` says now; empty while it does not answer."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/readyz", timeout=2) as page:
                return dict(json.load(page))
        except urllib.error.HTTPError as page:
            return dict(json.load(page))
        except OSError:
            return {}

    def wait_until_ready(self, seconds: float = 90) -> dict[str, Any]:
        """Its status once it is ready. Raises AssertionError where it ends, or where that takes too long."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            status = self.try_status()
            if status.get("ready"):
                return status
            assert self.process.poll() is None, f"the worker is gone\n{self.said()}"
            time.sleep(0.1)
        raise AssertionError(f"the worker is not ready: {self.try_status()}\n{self.said()}")

    def send(self, number: signal.Signals) -> None:
        """Sends a signal to the process."""
        self.process.send_signal(number)

    def kill(self) -> None:
        """Sends SIGKILL, which leaves no time to finish anything, and waits for the end."""
        self.process.kill()
        self.process.wait()

    def stop(self, seconds: float = 30) -> int:
        """Sends SIGTERM and waits; returns the exit code."""
        self.process.terminate()
        return self.process.wait(seconds)

    @property
    def running(self) -> bool:
        """Whether the process has not ended."""
        return self.process.poll() is None

    def end(self) -> None:
        """Kills the process if it still runs, frozen or not."""
        if self.running:
            self.kill()

    def said(self) -> str:
        """Its log so far."""
        return self.log.read_text(encoding="utf-8", errors="replace")

    def lines(self) -> list[dict[str, Any]]:
        """Its log's events so far, in order."""
        lines = (line for line in self.said().splitlines() if line.startswith("{") and line.endswith("}"))
        return [json.loads(line) for line in lines]

    def events(self, name: str) -> list[dict[str, Any]]:
        """The log lines of one event, in order."""
        return [line for line in self.lines() if line["event"] == name]


def child_pids(pid: int) -> list[int]:
    """Process ids of a process's children. Raises OSError where it is gone."""
    tasks = Path(f"/proc/{pid}/task").iterdir()
    return [int(child) for task in tasks for child in (task / "children").read_text().split()]


def _free_port() -> int:
    """A port that nobody listens on, below those of outgoing connections and of this machine's brokers.

    Until the worker listens on it the port is free to others, so that each process of the tests has its own
    part of them.
    """
    lowest = int(Path("/proc/sys/net/ipv4/ip_local_port_range").read_text(encoding="ascii").split()[0])
    ours = range(lowest // 4, lowest // 2)[int(os.environ.get("PYTEST_XDIST_WORKER", "gw0")[2:]) % 8 :: 8]
    while True:
        with socket.socket() as one:
            try:
                one.bind(("127.0.0.1", random.choice(ours)))
            except OSError:
                continue
            return int(one.getsockname()[1])
