"""The measurement of what traces cost goes through, and ends where its lane does."""

import asyncio
import os
import subprocess
import sys

import pytest

from bench.tracing.trial import _until
from tests.faults.workers import ROOT


def test_a_short_trial_measures():
    done = subprocess.run(
        [sys.executable, "bench/tracing/trial.py", "200"],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        check=True,
        timeout=60,
    )
    assert float(done.stdout) > 1


async def test_a_lane_that_ends_ends_the_trial():
    async def fail() -> None:
        raise ValueError("the lane's own error")

    running = asyncio.create_task(fail())
    with pytest.raises(ValueError, match="the lane's own error"):
        await _until(running, lambda: False)
