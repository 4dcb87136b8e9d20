"""`dateline demo` as a new user runs it: the real worker and pipeline on an embedded broker."""

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from worker.commands import SHIPPED_MODEL
from worker.commands.articles.documents import InputDocuments
from worker.commands.demo.samples import SAMPLE_ARTICLES, SAMPLE_RULES, sample_paths
from worker.commands.demo.worker import demo_environment
from worker.commands.rules.files import read_rules_in
from worker.commands.shell.terminal import counted

DEMO = [sys.executable, "-m", "worker", "demo"]


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    """The environment, with settings of a cluster that the demo must ignore."""
    return os.environ | {
        "TMPDIR": str(tmp_path),
        "DATELINE_SECURITY_PROTOCOL": "SSL",
        "DATELINE_BROKERS": "no:1",
    }


@pytest.fixture
def lean(environ: dict[str, str]) -> dict[str, str]:
    """The same with one process instead of one a processor, each of which loads the pipelines."""
    return environ | {"DATELINE_PROCESSES": "1"}


@pytest.fixture
def article(tmp_path: Path) -> Path:
    folder = tmp_path / "articles"
    folder.mkdir()
    (folder / "harbour.txt").write_text(
        "The harbour at Porthaven will reopen on Monday. “We have waited long enough,” said Lena Okafor, "
        "the port's director, in London."
    )
    return folder


def children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def until_gone(pid: int, seconds: float = 20) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            if Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] in "ZX":
                return True
        except OSError:
            return True
        time.sleep(0.05)
    return False


def test_every_sample_comes_out_and_it_ends_by_itself(environ, tmp_path):
    done = subprocess.run(DEMO, capture_output=True, text=True, env=environ, timeout=200)
    assert (done.returncode, done.stderr) == (0, "")
    for rule in read_rules_in([str(SAMPLE_RULES)]):
        assert f"{rule.name}, for the {rule.owner}" in done.stdout
    samples = [
        document.place.removeprefix(f"{SAMPLE_ARTICLES}/")
        for document in InputDocuments(sample_paths(str(SAMPLE_ARTICLES)), max_bytes=1 << 20)
    ]
    for sample in samples:
        assert re.search(rf"^(.*\({re.escape(sample)}\)|{re.escape(sample)})$", done.stdout, re.MULTILINE), (
            sample
        )
    assert done.stdout.startswith(f"{counted(len(samples), 'article')} fed into news.articles.raw.v1")
    assert "people         Mark Rutte" in done.stdout
    stories = [card for card in done.stdout.split("\n\n") if "(a story)" in card]
    (ferry,) = (card for card in stories if "lake-tribune-2025-0412" in card)
    assert "harbour-post-7781" in ferry
    assert "articles       2 of 2 sources (1 independent), 1 copy" in ferry
    assert "\x1b" not in done.stdout
    assert list(tmp_path.glob("dateline-demo-*")) == []


def test_kept_running_it_shows_what_is_fed_until_ctrl_c(lean, article):
    process = subprocess.Popen(
        [*DEMO, "--keep", "--seeds", str(article)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=lean,
    )
    try:
        lines = iter(process.stdout.readline, "")
        shown = next(lines)
        (worker,) = children(process.pid)
        for line in lines:
            shown += line
            if line.startswith("  dateline tap"):
                break
        assert "Lena Okafor said: “We have waited long enough,”" in shown
        brokers = re.search(r"--brokers (\S+)", shown)[1]
        feed = [sys.executable, "-m", "worker", "feed", "--brokers", brokers, "-"]
        more = '{"headline": "A ferry left", "text": "The ferry left Porthaven at noon."}'
        kept = {name: value for name, value in os.environ.items() if not name.startswith("DATELINE_")}
        fed = subprocess.run(feed, input=more, text=True, env=kept, timeout=60)
        assert fed.returncode == 0
        assert any(line.startswith("A ferry left") for line in lines)
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=30)
        assert (process.returncode, errors) == (0, "")
        assert until_gone(worker)
    finally:
        process.kill()


def test_a_deadline_that_passes_names_what_is_missing_and_where_to_look(lean, article):
    done = subprocess.run(
        [*DEMO, "--seconds", "1", "--seeds", str(article)],
        capture_output=True,
        text=True,
        env=lean,
        timeout=60,
    )
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    assert line.startswith("dateline: after 1 s there is nothing of harbour.txt; the worker's last words: ")
    assert Path(re.search(r"\(log: (.*)\)$", line)[1]).is_file()


@pytest.fixture
def damaged(tmp_path):
    """A copy of the shipped pipeline, of which 20 kB were flipped."""
    model = shutil.copytree(SHIPPED_MODEL, tmp_path / "model") / "encoder" / "model.onnx"
    data = bytearray(model.read_bytes())
    data[9_000_000:9_020_000] = bytes(byte ^ 0xFF for byte in data[9_000_000:9_020_000])
    model.write_bytes(data)
    return model.parents[1]


# The next shows how a worker's end is told, and tests/unit/nlp/test_fingerprint.py how the file is named.
@pytest.mark.long
def test_a_worker_whose_pipeline_is_damaged_ends_with_the_name_of_the_file(environ, article, damaged):
    done = subprocess.run(
        [*DEMO, "--seeds", str(article)],
        capture_output=True,
        text=True,
        env=environ | {"DATELINE_MODEL": str(damaged)},
        timeout=100,
    )
    assert done.returncode == 1
    assert "the worker ended with exit code 1" in done.stderr
    assert "encoder/model.onnx should have the SHA-256 " in done.stderr


def test_a_worker_that_cannot_start_is_said_at_once(lean, article):
    done = subprocess.run(
        [*DEMO, "--seeds", str(article)],
        capture_output=True,
        text=True,
        env=lean | {"DATELINE_MODEL": "/no/such/pipeline"},
        timeout=100,
    )
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    assert line.startswith("dateline: the worker ended with exit code 1; the worker's last words: ")
    assert "/no/such/pipeline" in line


# Above, Ctrl-C ends one that was kept running.
@pytest.mark.parametrize(
    "how", [pytest.param(signal.SIGINT, marks=pytest.mark.long), signal.SIGTERM, signal.SIGKILL]
)
def test_the_worker_ends_with_the_demo_however_that_ends(lean, how):
    process = subprocess.Popen(DEMO, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=lean)
    process.stdout.readline()
    (worker,) = children(process.pid)
    process.send_signal(how)
    _, errors = process.communicate(timeout=30)
    assert process.returncode == (-how if how is signal.SIGKILL else 128 + how)
    assert "Traceback" not in errors
    assert until_gone(worker)


def test_a_cluster_s_settings_are_left_aside_and_the_model_s_are_not():
    environ = {"PATH": "/bin", "DATELINE_BROKERS": "kafka:9092", "DATELINE_GROUP": "g", "DATELINE_MODEL": "m"}
    got = demo_environment("127.0.0.1:1", environ)
    assert {name: got.get(name) for name in environ} == {
        "PATH": "/bin",
        "DATELINE_BROKERS": "127.0.0.1:1",
        "DATELINE_GROUP": None,
        "DATELINE_MODEL": "m",
    }
