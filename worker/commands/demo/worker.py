"""Runs the real worker as a child process that ends with the demo."""

import ctypes
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Self

from worker.commands.shell.terminal import Problem
from worker.settings import ENV_PREFIX, Output, Settings

_STOP_SECONDS = 15
_KEPT_VARIABLES = ("DATELINE_MODEL", "DATELINE_FIELDS", "DATELINE_PROCESSES", "DATELINE_LOG_LEVEL")
_PR_SET_PDEATHSIG = 1


def demo_environment(brokers: str, environ: Mapping[str, str] | None = None) -> dict[str, str]:
    """The user's environment, with the settings of their cluster replaced by the demo's."""
    environ = os.environ if environ is None else environ
    kept = {
        name: value
        for name, value in environ.items()
        if not name.startswith(ENV_PREFIX) or name in _KEPT_VARIABLES
    }
    return {
        "DATELINE_PROCESSES": "1",
        **kept,
        "DATELINE_BROKERS": brokers,
        # The mock cluster accepts transactions, but it neither stores their offsets nor fences producers.
        "DATELINE_DELIVERY": "at-least-once",
        "DATELINE_OUTPUTS": ",".join(Output),
        "DATELINE_WEB_PORT": "0",
        "DATELINE_LOG_FORMAT": "text",
    }


class DemoWorker:
    """`with DemoWorker(settings)`: the worker runs until the end of the block, then gets SIGTERM.

    Its log is a temporary file, which is kept if the block ends with a Problem.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def __enter__(self) -> Self:
        descriptor, path = tempfile.mkstemp(prefix="dateline-demo-", suffix=".log")
        self._log = Path(path)
        with open(descriptor, "wb") as log:
            # A session of its own, so that Ctrl-C reaches the demo alone, which then stops the worker.
            self._process = subprocess.Popen(
                [sys.executable, "-m", "worker", "worker"],
                env=demo_environment(self._settings.brokers),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                preexec_fn=_die_with_parent,
            )
        return self

    def __exit__(self, error_type: type[BaseException] | None, *_error: object) -> None:
        self._process.terminate()
        try:
            self._process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        if error_type is None or not issubclass(error_type, Problem):
            self._log.unlink(missing_ok=True)

    def check(self) -> None:
        """Raises Problem if the worker has ended."""
        if (code := self._process.poll()) is not None:
            raise Problem(f"the worker ended with exit code {code}; {self.last_words()}")

    def last_words(self) -> str:
        """Quotes the last line of the worker's log, and names the log file."""
        lines = self._log.read_text(encoding="utf-8", errors="replace").split("\n")
        said = next((line.strip() for line in reversed(lines) if line.strip()), "nothing")
        return f"the worker's last words: {said} (log: {self._log})"


def _die_with_parent() -> None:
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
