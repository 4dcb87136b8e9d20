"""deploy/kafka/kafka says in one line what is missing, and stops nothing that it did not start."""

import json
import os
import shutil
import socket
import subprocess
import sys
from argparse import Namespace
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

SCRIPT = Path(__file__).resolve().parents[3] / "deploy" / "kafka" / "kafka"


def kafka(*words: str, data: Path, path: str = os.environ["PATH"]) -> tuple[int, str]:
    """Exit code and everything said."""
    done = subprocess.run(
        [sys.executable, str(SCRIPT), *words, "--data", str(data)],
        env=os.environ | {"PATH": path},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    return done.returncode, done.stdout.strip()


@pytest.fixture
def programs(tmp_path: Path) -> Path:
    """A folder for PATH, with a `java` that can be found and does nothing."""
    folder = tmp_path / "bin"
    folder.mkdir()
    (folder / "java").symlink_to("/bin/true")
    return folder


def test_without_java_it_says_what_to_install(tmp_path: Path) -> None:
    code, said = kafka("start", data=tmp_path, path=str(tmp_path))
    assert code == 1
    assert said.startswith("kafka: `java` is missing: install a Java runtime, 17 or newer")
    assert "\n" not in said


def test_without_maven_and_jars_it_says_what_to_install(tmp_path: Path, programs: Path) -> None:
    code, said = kafka("start", "--version", "0.0.0", data=tmp_path / "kafka", path=str(programs))
    assert (code, said.split(":")[1].strip()) == (1, "`mvn` is missing")


def test_with_too_few_open_files_it_says_how_many_it_takes(tmp_path: Path, programs: Path) -> None:
    words = f"ulimit -n 512 && exec {sys.executable} {SCRIPT} start --data {tmp_path}"
    done = subprocess.run(
        ["/bin/sh", "-c", words], env={"PATH": str(programs)}, capture_output=True, text=True
    )
    assert done.returncode == 1
    assert "takes 4096 open files, and this shell allows 512" in done.stderr


def test_where_nothing_was_started_there_is_nothing_to_stop(tmp_path: Path) -> None:
    assert kafka("stop", data=tmp_path) == (0, f"kafka: no cluster was started in {tmp_path}")
    assert kafka("status", data=tmp_path) == (1, f"kafka: no cluster was started in {tmp_path}")
    assert kafka("kill", "1", data=tmp_path) == (1, f"kafka: no cluster was started in {tmp_path}")


def test_a_process_that_only_has_a_brokers_number_is_left_alone(tmp_path: Path) -> None:
    broker = {"id": 1, "port": 1, "controller": 2, "internal": 3}
    plan = {"version": "0", "sasl_ssl": False, "count": 1, "brokers": [broker], "folder": str(tmp_path)}
    (tmp_path / "cluster.json").write_text(json.dumps(plan), encoding="utf-8")
    with subprocess.Popen(["sleep", "60"]) as stranger:
        (tmp_path / "broker-1.pid").write_text(str(stranger.pid), encoding="ascii")
        assert kafka("stop", data=tmp_path) == (0, "kafka: nothing was running")
        assert stranger.poll() is None
        stranger.kill()


def test_a_port_that_is_taken_is_named(tmp_path: Path) -> None:
    if shutil.which("java") is None or not (SCRIPT.parents[2] / ".kafka" / "jars-4.1.0").is_dir():
        pytest.skip("needs Java and Apache Kafka's jars: deploy/kafka/kafka fetch")
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        code, said = kafka("start", "--port", str(port), data=tmp_path)
    assert (code, said) == (1, f"kafka: port {port} is taken: choose others with --port")


@pytest.fixture
def script() -> ModuleType:
    module = ModuleType("local_kafka")
    module.__file__ = str(SCRIPT)
    exec(compile(SCRIPT.read_text(encoding="utf-8"), str(SCRIPT), "exec"), vars(module))
    return module


@pytest.mark.parametrize(
    ("port", "error", "tries"),
    [
        (0, "Address already in use", 3),
        (0, "No space left on device", 1),
        # Whoever names ports has to choose others.
        (19092, "Address already in use", 1),
    ],
)
def test_free_ports_that_somebody_takes_before_the_brokers_are_chosen_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: ModuleType, port: int, error: str, tries: int
) -> None:
    tried: list[str] = []

    def wait_ready(_cluster: Path, plan: dict[str, Any]) -> None:
        tried.append(plan["folder"])
        if len(tried) < 3:
            raise script.Problem(f"broker 1 died: {error}")

    for name in ("check_machine", "fetch_jars", "format_storage", "launch", "report", "stop_brokers"):
        monkeypatch.setattr(script, name, lambda *_: None)
    monkeypatch.setattr(script, "choose_ports", lambda *_: [])
    monkeypatch.setattr(script, "wait_ready", wait_ready)
    asked = Namespace(port=port, brokers=1, version="4.1.0", sasl_ssl=False, behind_proxy=False)
    try:
        started = script.start(tmp_path, asked) == 0
    except script.Problem:
        started = False
    assert (started, len(tried)) == (tries == 3, tries)


def test_brokers_start_from_the_prepared_classes_where_there_are_any(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: ModuleType
) -> None:
    monkeypatch.setattr(script, "STATE", tmp_path)
    said = []
    for _ in range(2):
        said.append("-XX:SharedArchiveFile" in " ".join(script.java({"version": "1.2"}, "kafka.Kafka")))
        (tmp_path / "classes-1.2.jsa").touch()
    assert said == [False, True]


@pytest.mark.parametrize(
    ("words", "asked"),
    [([], "--port 19092"), (["PORT=29092", "BROKERS=3"], "start --brokers 3 --version 4.1.0 --port 29092")],
)
def test_make_kafka_prints_the_line_that_names_the_brokers_and_no_other(
    tmp_path: Path, words: list[str], asked: str
) -> None:
    script = tmp_path / "deploy" / "kafka" / "kafka"
    script.parent.mkdir(parents=True)
    script.write_text('#!/bin/sh\necho "kafka: $*" >&2\necho 127.0.0.1:1,127.0.0.1:2\n', encoding="ascii")
    script.chmod(0o755)
    make = ["make", "--silent", "-f", str(SCRIPT.parents[2] / "Makefile"), "kafka", *words]
    done = subprocess.run(make, cwd=tmp_path, env=os.environ | {"PORT": "80"}, capture_output=True, text=True)
    assert done.stdout == "export DATELINE_BROKERS=127.0.0.1:1,127.0.0.1:2\n"
    assert asked in done.stderr


def test_make_kafka_says_nothing_of_brokers_that_did_not_start(tmp_path: Path) -> None:
    script = tmp_path / "deploy" / "kafka" / "kafka"
    script.parent.mkdir(parents=True)
    script.write_text("#!/bin/sh\nexit 1\n", encoding="ascii")
    script.chmod(0o755)
    make = ["make", "--silent", "-f", str(SCRIPT.parents[2] / "Makefile"), "kafka"]
    done = subprocess.run(make, cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode != 0
    assert done.stdout == ""
