"""Processes of the project's modules that a server forks, which has imported what they need.

A fresh interpreter takes one to two seconds of a processor for its imports, and the tests on Kafka start some
four hundred processes. A forked one is a process of its own all the same: it has its own settings, working
folder and files, takes signals and can be killed.
"""

import io
import multiprocessing
import os
import runpy
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from multiprocessing import connection
from multiprocessing.reduction import DupFd
from pathlib import Path
from typing import IO, Any, cast
from unittest.mock import patch

from worker.commands import COMMANDS
from worker.settings import Settings

# A variable with the path of a file: it gets the names of the settings that the process has read.
SETTINGS_READ = "TEST_SETTINGS_READ"
_SERVER = multiprocessing.get_context("forkserver")
_SERVER.set_forkserver_preload(
    [
        "aiokafka.admin",
        "faust.cli.worker",
        "worker.assembly",
        "worker.enrichment",
        *(f"worker.commands.{command.module}" for command in COMMANDS.values()),
    ]
)


class ForkedProcess:
    """`python -m MODULE WORDS...`, with the part of subprocess.Popen that tests use."""

    def __init__(
        self,
        module: str,
        *words: str,
        env: Mapping[str, str],
        cwd: Path | None = None,
        stdin: IO[bytes] | None = None,
        stdout: IO[bytes] | None = None,
        stderr: IO[bytes] | None = None,
    ) -> None:
        self.args = (module, *words)
        with open(os.devnull, "rb") as nothing:
            given = (stdin or nothing, stdout or sys.__stdout__, stderr or sys.__stderr__)
            files = [DupFd(file.fileno()) for file in given if file is not None]
            self._process = _SERVER.Process(
                target=_run, args=(module, words, dict(env), str(cwd or Path.cwd()), files), daemon=True
            )
            self._process.start()
        self._asking = threading.Lock()

    @property
    def pid(self) -> int:
        pid = self._process.pid
        assert pid is not None
        return pid

    @property
    def returncode(self) -> int | None:
        # The server tells the code once: of two threads that ask, one would be told another.
        with self._asking:
            return self._process.exitcode

    def poll(self) -> int | None:
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        connection.wait([self._process.sentinel], timeout)
        if (code := self.returncode) is None:
            raise subprocess.TimeoutExpired(self.args, timeout or 0)
        return code

    def send_signal(self, number: int) -> None:
        if self.poll() is None:
            os.kill(self.pid, number)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)


def started(
    module: str, *words: str, env: Mapping[str, str], **options: Any
) -> ForkedProcess | subprocess.Popen[bytes]:
    """`python -m MODULE WORDS...`, forked unless a library is loaded with the interpreter: a false clock."""
    if "LD_PRELOAD" in env:
        return subprocess.Popen([sys.executable, "-m", module, *words], env=env, **options)
    return ForkedProcess(module, *words, env=env, **options)


def run_forked(
    module: str,
    *words: str,
    env: Mapping[str, str],
    stdin: bytes = b"",
    timeout: float,
    cwd: Path | None = None,
    encoding: str | None = "utf-8",
) -> subprocess.CompletedProcess[Any]:
    """Runs what `started` starts to its end, as subprocess.run does; without an encoding it returns bytes."""
    with tempfile.TemporaryFile() as given, tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        given.write(stdin)
        given.seek(0)
        process = started(module, *words, env=env, cwd=cwd, stdin=given, stdout=out, stderr=err)
        try:
            process.wait(timeout)
        finally:
            process.kill()
        for file in (out, err):
            file.seek(0)
        texts = [file.read() if encoding is None else file.read().decode(encoding) for file in (out, err)]
        return subprocess.CompletedProcess(process.args, process.wait(), *texts)


def _run(module: str, words: tuple[str, ...], environ: dict[str, str], folder: str, files: list[Any]) -> None:
    """What the forked process does."""
    for number, file in enumerate(files):
        os.dup2(file.detach(), number)
    # Multiprocessing has put the null device into its place, for good.
    sys.stdin = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115
    os.environ.clear()
    os.environ.update(environ)
    os.chdir(folder)
    sys.argv = [module, *words]
    if encoding := environ.get("PYTHONIOENCODING"):
        # As a fresh interpreter opens them, and standard error as strictly.
        for stream in (sys.stdout, sys.stderr):
            cast(io.TextIOWrapper, stream).reconfigure(encoding=encoding)
    with _settings_noted(environ.get(SETTINGS_READ)):
        # By the whole name: Faust puts a module without a specification into its own place.
        runpy.run_module(f"{module}.__main__", run_name="__main__", alter_sys=True)


@contextmanager
def _settings_noted(path: str | None) -> Iterator[None]:
    """Writes the names of the settings that are read, after they were made, to a file."""
    if path is None:
        yield
        return
    read: set[str] = set()
    plain, made = object.__getattribute__, Settings.from_env

    def noted(self: Settings, name: str) -> object:
        if name in Settings.model_fields:
            read.add(name)
        return plain(self, name)

    def from_env(*words: Any, **options: Any) -> Settings:
        before = set(read)
        try:
            return made(*words, **options)
        finally:
            read.clear()
            read.update(before)

    try:
        with patch.object(Settings, "__getattribute__", noted), patch.object(Settings, "from_env", from_env):
            yield
    finally:
        Path(path).write_text("\n".join(sorted(read)))
