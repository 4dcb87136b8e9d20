"""A worker that is told to stop before it has begun anything ends with 0, whatever it is still loading."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("library", ["pydantic", "faust"])
def test_a_worker_that_is_still_loading_a_library_ends_with_0(library, tmp_path):
    loading = tmp_path / "loading"
    slow = f"import pathlib, time\npathlib.Path({str(loading)!r}).touch()\ntime.sleep(60)\n"
    (tmp_path / f"{library}.py").write_text(slow)
    environ = os.environ | {"PYTHONPATH": f"{tmp_path}{os.pathsep}{ROOT}"}
    worker = subprocess.Popen([sys.executable, "-m", "worker", "worker"], env=environ, cwd=tmp_path)
    try:
        deadline = time.monotonic() + 30
        while not loading.exists():
            assert time.monotonic() < deadline
            time.sleep(0.02)
        worker.terminate()
        assert worker.wait(10) == 0
    finally:
        worker.kill()


def test_bad_settings_are_one_clear_line_under_faust_too():
    environ = os.environ | {"DATELINE_BROKERS": "nowhere", "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "faust", "-A", "worker.app", "worker"]
    done = subprocess.run(command, env=environ, capture_output=True, text=True, timeout=60)
    assert done.returncode == 1
    (line,) = done.stderr.strip().splitlines()
    assert line.startswith("dateline: DATELINE_BROKERS got 'nowhere', takes host:port")
