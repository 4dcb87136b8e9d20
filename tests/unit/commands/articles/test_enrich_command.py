"""`dateline enrich`: each input becomes a record or an error, in order, without Kafka."""

import json
import os
import shlex
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.unit.commands.articles import fake_enricher
from worker.commands import main
from worker.commands.articles import enrich
from worker.commands.shell import terminal

CALL = (
    "import sys; sys.path.insert(0, sys.argv.pop(1))\n"
    "from tests.unit.commands.articles import fake_enricher\n"
    "from worker.commands import main\n"
    "from worker.commands.articles import enrich\n"
    "enrich.make_enricher = fake_enricher.make_enricher\n"
    "main(['enrich', *sys.argv[1:]])"
)
SUBPROCESS = [sys.executable, "-c", CALL, str(Path(__file__).parents[4])]


@pytest.fixture
def call(monkeypatch, capfd):
    monkeypatch.setattr(enrich, "make_enricher", fake_enricher.make_enricher)
    # On a busy machine the pool takes long enough to start for a line of progress on standard error.
    monkeypatch.setattr(terminal, "PLAIN_PROGRESS_SECONDS", 3600.0)

    def call(*words: str | Path, code: int) -> tuple[list[dict], list[str]]:
        with pytest.raises(SystemExit) as end:
            main(["enrich", *map(str, words)])
        out, err = capfd.readouterr()
        assert end.value.code == code, err
        return [json.loads(line) for line in out.splitlines()], err.splitlines()

    return call


def test_records_come_in_input_order_whichever_is_done_first(call, tmp_path):
    texts = [f"sleep {0.3 if number % 4 == 0 else 0}" for number in range(12)]
    (tmp_path / "a.jsonl").write_text("".join(json.dumps({"text": text}) + "\n" for text in texts))
    (tmp_path / "b.txt").write_text("A ferry left.")
    records, errors = call(tmp_path, "--processes", "3", code=0)
    assert [record["text"] for record in records] == [*texts, "A ferry left."]
    assert records[-1]["kind"] == "text/plain"
    assert errors == []


def test_what_cannot_be_enriched_is_said_and_the_rest_is_enriched(call, tmp_path, monkeypatch):
    monkeypatch.setenv("DATELINE_ARTICLE_ATTEMPTS", "1")
    monkeypatch.setenv("DATELINE_MAX_RECORD_BYTES", "1000")
    path = tmp_path / "a.jsonl"
    path.write_text(
        '{"text": "one"}\n{}\n{"text": "crash"}\n' + '{"text": "' + "y" * 1000 + '"}\n{"text": "two"}\n'
    )
    records, errors = call(path, tmp_path / "no.txt", code=1)
    assert [record["text"] for record in records] == ["one", "two"]
    assert errors[-1] == "2 enriched, 4 could not be"
    said = {(line["line"], line["reason"]): line for line in map(json.loads, errors[:-1])}
    assert set(said) == {(2, "invalid"), (3, "enrichment-killed"), (4, "too-large"), (None, "unreadable")}
    assert said[2, "invalid"] == {
        "input": str(path),
        "line": 2,
        "reason": "invalid",
        "error": "text is missing",
    }


def test_an_output_file_takes_the_records_and_standard_output_none(call, tmp_path):
    (tmp_path / "a.txt").write_text("A ferry left.")
    records, errors = call(tmp_path / "a.txt", "--output", tmp_path / "out.jsonl", code=0)
    assert (records, errors) == ([], ["1 enriched"])
    assert json.loads((tmp_path / "out.jsonl").read_text())["text"] == "A ferry left."
    assert call(tmp_path / "a.txt", "--output", tmp_path / "no" / "out", code=1) == (
        [],
        [f"dateline: --output {tmp_path}/no/out: No such file or directory"],
    )


def test_a_pipeline_that_does_not_load_is_one_line(call, tmp_path, monkeypatch):
    monkeypatch.setattr(enrich, "make_enricher", fake_enricher.make_broken)
    (tmp_path / "a.txt").write_text("A ferry left.")
    records, errors = call(tmp_path / "a.txt", code=1)
    assert records == []
    assert len(errors) == 1
    assert "no such pipeline: /models/none" in errors[0]


def test_records_are_there_while_standard_input_goes_on_and_ctrl_c_ends_it():
    process = subprocess.Popen([*SUBPROCESS, "-"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    try:
        for text in ("one", "two"):
            process.stdin.write(json.dumps({"text": text}).encode() + b"\n")
            process.stdin.flush()
            assert json.loads(process.stdout.readline())["text"] == text
        process.send_signal(signal.SIGINT)
        assert process.wait(10) == 130
    finally:
        process.kill()
        process.communicate()


def test_a_reader_that_has_enough_ends_the_pipe(tmp_path):
    path = tmp_path / "a.jsonl"
    path.write_text('{"text": "words"}\n' * 3000)
    pipe = f"{shlex.join([*SUBPROCESS, str(path)])} | head -1; echo ${{PIPESTATUS[0]}}"
    done = subprocess.run(["bash", "-c", pipe], capture_output=True, text=True, timeout=60)
    assert done.stderr == ""
    assert done.stdout.splitlines()[1:] == ["141"]


def test_neither_kafka_nor_faust_is_loaded():
    code = (
        "import sys, worker.commands.articles.enrich; print({'faust', 'aiokafka', 'rich'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout == "set()\n"


def test_memory_does_not_grow_with_the_input(tmp_path):
    """Six times the records, 50 MB more, take the same memory, because reading ahead is bounded."""

    def peak_kib(records: int) -> int:
        path = tmp_path / f"{records}.jsonl"
        with path.open("w") as file:
            for _ in range(records):
                file.write(json.dumps({"text": "y" * 100_000}) + "\n")
        process = subprocess.Popen([*SUBPROCESS, str(path), "--processes", "1"], stdout=subprocess.DEVNULL)
        peak = 0
        while process.poll() is None:
            status = Path(f"/proc/{process.pid}/status").read_text()
            peak = max([peak, *(int(line.split()[1]) for line in status.splitlines() if "VmHWM" in line)])
            time.sleep(0.01)
        assert process.returncode == 0
        return peak

    assert peak_kib(600) < peak_kib(100) + 20_000


@pytest.mark.parametrize("width", [40, pytest.param(100, marks=pytest.mark.long)])
def test_a_terminal_shows_cards(width):
    import pty

    parent, child = pty.openpty()
    environ = os.environ | {"COLUMNS": str(width), "TERM": "xterm"}
    process = subprocess.Popen(
        [*SUBPROCESS, "-"], stdin=subprocess.PIPE, stdout=child, stderr=subprocess.PIPE, env=environ
    )
    os.close(child)
    _, errors = process.communicate(b'{"text": "A ferry left."}\n', timeout=30)
    shown = os.read(parent, 10_000).decode()
    os.close(parent)
    assert (process.returncode, errors) == (0, b"")
    assert "A ferry left." in shown
    assert "-:1" in shown
    assert "{" not in shown
