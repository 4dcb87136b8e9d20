"""deploy/search/check says in one line what is missing, and what a cluster answered."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

SCRIPT = Path(__file__).resolve().parents[3] / "deploy" / "search" / "check"


def check(*words: str, path: str = os.environ["PATH"]) -> tuple[int, str]:
    """Exit code and everything said."""
    done = subprocess.run(
        [sys.executable, str(SCRIPT), *words],
        env=os.environ | {"PATH": path},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    return done.returncode, done.stdout.strip()


class Indifferent(BaseHTTPRequestHandler):
    """A cluster that takes everything, keeps no versions and finds nothing; it allows whom it knows alone."""

    asked: list[str]

    def answer(self) -> None:
        self.rfile.read(int(self.headers.get("content-length", 0)))
        self.asked.append(f"{self.command} {self.path}")
        known = self.headers.get("authorization") == "Basic dXNlcjpwYTpzcw=="  # user, pa:ss
        item = {action: {"result": "created"} for action in ("index", "delete")}
        aggregations = {"quotes": {"speakers": {"buckets": []}}, "stories": {"buckets": []}}
        found = {
            "version": {"number": "1"}, "items": [item], "hits": {"hits": []}, "aggregations": aggregations,
        }  # fmt: skip
        body = json.dumps(found if known else {"error": "who are you?"}).encode()
        self.send_response(200 if known else 401)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_PUT = do_POST = do_DELETE = answer

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def cluster() -> Iterator[str]:
    Indifferent.asked = []
    with ThreadingHTTPServer(("127.0.0.1", 0), Indifferent) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"127.0.0.1:{server.server_port}"
        server.shutdown()


def test_a_cluster_that_does_otherwise_fails_the_checks_and_is_left_as_it_was(cluster: str) -> None:
    code, said = check(f"http://user:pa%3Ass@{cluster}")
    lines = said.splitlines()
    assert code == 1
    assert lines[0] == "elasticsearch 1"
    assert "FAIL  an older one is refused" in lines
    assert "FAIL  its story joins it (sent once)" in lines
    assert "FAIL  queries/said-about.json" in lines
    assert "FAIL  queries/confirmed.json" in lines
    assert "FAIL  queries/in-german.json" in lines
    assert not any(line.startswith("ok") for line in lines)
    removed = [asked for asked in Indifferent.asked if asked.startswith("DELETE ")]
    assert removed[3:] == Indifferent.asked[-3:] == [
        "DELETE /dateline-check",
        "DELETE /_index_template/dateline-check",
        "DELETE /_ingest/pipeline/dateline-check",
    ]  # fmt: skip


def test_what_the_cluster_refuses_is_said(cluster: str) -> None:
    assert check(f"http://{cluster}") == (1, 'check: GET : 401 {"error": "who are you?"}')


@pytest.mark.parametrize("url", ["127.0.0.1:9200", "ftp://127.0.0.1:9200", "http://"])
def test_what_is_no_address_is_said(url: str) -> None:
    assert check(url) == (1, f"check: URL takes http://host:port or https://host:port, got {url}")


def test_without_a_compiler_it_says_what_to_install(tmp_path: Path) -> None:
    code, said = check(path=str(tmp_path))
    assert code == 1
    assert said.startswith("check: `javac` is missing: install a JDK, 17 or newer")
