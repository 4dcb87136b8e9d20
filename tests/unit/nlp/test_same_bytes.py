"""An article gives the same bytes in any order, in any process and on processors with fewer instructions."""

import json
import os
import platform
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

HERE = Path(__file__).parent
ROOT = HERE.parents[2]
ARTICLES = 10

CAN_HIDE = (
    platform.system() == "Linux"
    and "cpuid_fault" in Path("/proc/cpuinfo").read_text(encoding="utf-8")
    and shutil.which("cc") is not None
)


def written(*options: str, **environ: str) -> dict:
    """The digest that a new process prints of the bytes it would write."""
    path = os.pathsep.join([str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])])
    done = subprocess.run(
        [sys.executable, HERE / "digest.py", str(ARTICLES), *options],
        env={**os.environ, "PYTHONPATH": path, **environ},
        capture_output=True,
        check=True,
    )
    return json.loads(done.stdout)


@cache
def usual() -> dict:
    return written(PYTHONHASHSEED="0")


def test_the_articles_give_something_to_compare():
    assert usual()["messages"] >= 5 * ARTICLES


@pytest.mark.parametrize(
    "environ",
    [
        pytest.param({"PYTHONHASHSEED": "1"}, id="another hash seed", marks=pytest.mark.long),
        pytest.param({"PYTHONHASHSEED": "77", "OMP_NUM_THREADS": "3"}, id="another hash seed, more threads"),
        pytest.param(
            {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}, id="one thread", marks=pytest.mark.long
        ),
    ],
)
def test_any_process_writes_the_same_bytes_in_any_order(environ):
    assert written("--backwards", **environ)["digest"] == usual()["digest"]


@pytest.fixture(scope="session")
def lesser(tmp_path_factory) -> Path:
    library = tmp_path_factory.mktemp("processor") / "lesser.so"
    source = HERE / "lesser_processor.c"
    subprocess.run(["cc", "-O1", "-shared", "-fPIC", source, "-o", library], check=True)
    return library


@pytest.mark.skipif(not CAN_HIDE, reason="needs Linux, a C compiler, and a processor whose cpuid can trap")
@pytest.mark.parametrize(
    ("processor", "without"),
    [
        pytest.param("no-amx", "AMX", marks=pytest.mark.long),
        pytest.param("no-vnni", "AVX512VNNI", marks=pytest.mark.long),
        # The least of the three, which lacks what the others lack.
        ("no-avx512", "AVX512F"),
    ],
)
def test_a_processor_without_these_instructions_writes_the_same_bytes(lesser, processor, without):
    found = written(LD_PRELOAD=str(lesser), LESSER_PROCESSOR=processor)
    assert without not in found["features"]
    assert found["digest"] == usual()["digest"]
