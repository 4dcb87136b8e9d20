"""The commands of README.md and the pages of `on_kafka` run as printed, in order, on one Kafka.

A command that goes on until it is stopped gets Ctrl-C once it says that it has caught up; `dateline worker`
runs beside the others to the end. What else is run, and what is only parsed, is said in
tests/unit/pages/test_printed_commands.py.
"""

import signal
import subprocess
import time
from pathlib import Path

import pytest

from tests.unit.pages.printed_commands import (
    Printed,
    make_inputs,
    on_kafka,
    parsed,
    run_as_printed,
    shell_environment,
)

# What depends on where the letters happen to stand, and commands that are to be refused.
CODES = {
    "dateline dead-letters show 1/2": (0, 1),
    "dateline dead-letters redrive": (0, 3),
    "dateline status": (0, 1),
    "dateline rules import bad.jsonl": (1,),
    "dateline rules put strikes --name Strikes": (1, 2),
    # Of an article that is not among these.
    "dateline trace wire-5": (1,),
    "dateline stories show callao-ferry": (1,),
    # Trends are off by default, and have no topic.
    "dateline trends": (1,),
}
# What each says once it waits.
CAUGHT_UP = {
    "tap": "waiting for ",
    "follow": "waiting for ",
    "index": "caught up",
    "worker": "worker starts",
    "desk": "the desk is at",
}
SECONDS = 120


def goes_on(printed: Printed) -> str | None:
    """The command's name if it goes on until it is stopped."""
    context = parsed(printed.calls[0])
    name = str(context.info_name)
    follows = (
        context.params.get("follow", name in ("worker", "follow", "desk"))
        and context.params.get("limit") is None
    )
    return name if name in CAUGHT_UP and follows else None


class Running:
    """A command that goes on, with a file of what it says."""

    def __init__(self, printed: Printed, name: str, folder: Path, environ: dict[str, str]) -> None:
        self.printed = printed
        self._said = folder / f"{name}.said"
        with self._said.open("wb") as said:
            self._process = subprocess.Popen(
                ["bash", "-c", f"exec {printed.text}"], cwd=folder, env=environ, stdout=said, stderr=said
            )
        deadline = time.monotonic() + SECONDS
        while CAUGHT_UP[name] not in self.said:
            assert time.monotonic() < deadline, f"{printed}: {self.said}"
            assert self._process.poll() is None, f"{printed}: {self.said}"
            time.sleep(0.1)

    @property
    def said(self) -> str:
        return self._said.read_text()

    def stop(self) -> int:
        self._process.send_signal(signal.SIGINT)
        try:
            return self._process.wait(SECONDS)
        finally:
            self._process.kill()


def until_enriched(folder: Path, environ: dict[str, str]) -> None:
    """What follows reads what the worker has made of the articles."""
    tap = ["bash", "-c", "exec dateline tap search --from beginning --limit 10"]
    subprocess.run(tap, cwd=folder, env=environ, timeout=SECONDS, check=True, capture_output=True)


# Some thirty processes, a worker and a pipeline.
@pytest.mark.timeout(900)
def test_they_run_as_printed_one_after_the_other(brokers, prefix, tmp_path):
    make_inputs(tmp_path)
    environ = shell_environment(tmp_path, DATELINE_BROKERS=brokers, DATELINE_TOPIC_PREFIX=prefix)
    environ |= {"DATELINE_WEB_PORT": "0", "DATELINE_PROCESSES": "1", "DATELINE_PARTITIONS": "3"}
    worker = None
    ended: list[str] = []
    try:
        for printed in on_kafka():
            if name := goes_on(printed):
                running = Running(printed, name, tmp_path, environ)
                if name == "worker":
                    worker = running
                elif running.stop() != (130 if name in ("tap", "follow", "desk") else 0):
                    ended.append(f"{printed}: {running.said}")
                continue
            done = run_as_printed(printed, tmp_path, environ)
            codes = next((codes for text, codes in CODES.items() if printed.text.startswith(text)), (0,))
            if done.returncode not in codes or "Traceback" in done.stderr:
                ended.append(f"{printed}: {done.returncode}, {done.stderr}")
            if printed.text.startswith("dateline feed seeds/"):
                assert worker is not None
                until_enriched(tmp_path, environ)
        assert worker is not None
        assert worker.stop() == 0, worker.said
        worker = None
        assert ended == []
    finally:
        if worker is not None:
            worker.stop()
