"""`deploy/search/set-up`, against stand-ins for the search cluster and for Kafka Connect."""

import json
import subprocess
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

FOLDER = Path(__file__).resolve().parents[3] / "deploy" / "search"
SINK = json.loads((FOLDER / "opensearch-sink.json").read_text())
OLDER = "io.aiven.kafka.connect.opensearch.OpensearchSinkConnector"


class StandIn(ThreadingHTTPServer):
    """A server that keeps what is put under a path; it stands for both, with the classes as plugins."""

    def __init__(self, classes: list[str]) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.kept: dict[str, object] = {"/connector-plugins": [{"class": name} for name in classes]}
        self.calls: list[str] = []
        self.refused = ""
        self.url = f"http://127.0.0.1:{self.server_port}"


class _Handler(BaseHTTPRequestHandler):
    server: StandIn

    def _answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        place = self.path
        if self.command in ("PUT", "POST"):
            self.server.calls.append(f"{self.command} {self.path}")
            given = json.loads(body) if body else None
            place += f"/{given['name']}" if self.path == "/connectors" else ""
            self.server.kept[place] = given
        status = 400 if self.path == self.server.refused else 200 if place in self.server.kept else 404
        self.send_response(status)
        self.end_headers()
        if self.command != "HEAD":
            # As Connect writes JSON, without spaces.
            said = "this is refused" if status == 400 else self.server.kept.get(place)
            self.wfile.write(json.dumps(said, separators=(",", ":")).encode())

    do_GET = do_HEAD = do_PUT = do_POST = _answer

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def stand_in(request: pytest.FixtureRequest) -> Iterator[StandIn]:
    server = StandIn(getattr(request, "param", [SINK["config"]["connector.class"]]))
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def set_up(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(FOLDER / "set-up"), *words], capture_output=True, text=True, timeout=60, check=False
    )


def test_all_is_made_in_an_order_in_which_nothing_makes_itself(stand_in: StandIn) -> None:
    done = set_up(stand_in.url, stand_in.url)
    assert (done.returncode, done.stderr) == (0, "")
    assert stand_in.calls == [
        "PUT /_ingest/pipeline/dateline-search-version",
        "PUT /_index_template/dateline-search",
        "PUT /news.search.v1",
        "POST /_aliases",
        "POST /connectors",
    ]
    assert stand_in.kept["/connectors/dateline-search"] == SINK
    for path, file in (
        ("/_ingest/pipeline/dateline-search-version", "version-pipeline.json"),
        ("/_index_template/dateline-search", "index-template.json"),
        ("/_aliases", "alias.json"),
    ):
        assert stand_in.kept[path] == json.loads((FOLDER / file).read_text())


def test_a_second_time_index_and_connector_stay_as_they_are(stand_in: StandIn) -> None:
    set_up(stand_in.url, stand_in.url)
    stand_in.calls.clear()
    assert set_up(stand_in.url, stand_in.url).returncode == 0
    assert "PUT /news.search.v1" not in stand_in.calls
    assert "POST /connectors" not in stand_in.calls


def test_the_connector_of_stories_is_started_beside_the_first(stand_in: StandIn) -> None:
    stories = FOLDER / "opensearch-stories-sink.json"
    assert set_up(stand_in.url, stand_in.url).returncode == 0
    done = set_up(stand_in.url, stand_in.url, str(stories))
    assert done.stdout.splitlines()[-1] == f"set-up: connector dateline-stories started at {stand_in.url}"
    assert stand_in.kept["/connectors/dateline-stories"] == json.loads(stories.read_text())
    assert stand_in.kept["/connectors/dateline-search"] == SINK
    done = set_up(stand_in.url, stand_in.url, str(stories))
    assert done.stdout.splitlines()[-1] == f"set-up: connector dateline-stories is at {stand_in.url} already"


def test_a_configuration_without_a_name_is_said(stand_in: StandIn, tmp_path: Path) -> None:
    (tmp_path / "sink.json").write_text("{}")
    done = set_up(stand_in.url, stand_in.url, str(tmp_path / "sink.json"))
    assert (done.returncode, done.stderr) == (1, f"set-up: no name in {tmp_path / 'sink.json'}\n")
    assert "POST /connectors" not in stand_in.calls


@pytest.mark.parametrize("stand_in", [[OLDER]], indirect=True)
def test_an_older_connector_is_started_by_its_own_name(stand_in: StandIn) -> None:
    assert set_up(stand_in.url, stand_in.url).returncode == 0
    config = SINK["config"] | {"connector.class": OLDER}
    assert stand_in.kept["/connectors/dateline-search"] == SINK | {"config": config}


@pytest.mark.parametrize(
    "stand_in", [["org.apache.kafka.connect.file.FileStreamSinkConnector"]], indirect=True
)
def test_without_the_plugin_it_is_named(stand_in: StandIn) -> None:
    done = set_up(stand_in.url, stand_in.url)
    assert done.returncode == 1
    assert done.stderr == (
        f"set-up: Kafka Connect at {stand_in.url} has no plugin with the class "
        f"{SINK['config']['connector.class']}\n"
    )


@pytest.mark.parametrize(
    "path", ["/_index_template/dateline-search", "/news.search.v1", "/connector-plugins"]
)
def test_what_is_refused_is_said_with_the_reason_and_nothing_goes_on(stand_in: StandIn, path: str) -> None:
    stand_in.refused = path
    done = set_up(stand_in.url, stand_in.url)
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    assert line.startswith("set-up: ")
    assert path in line
    assert "this is refused" in line
    assert "POST /connectors" not in stand_in.calls


def test_wrong_words_and_a_cluster_that_is_away_are_one_line(tmp_path: Path) -> None:
    assert set_up("http://search:9200").stderr == "usage: set-up SEARCH_URL CONNECT_URL [CONNECTOR.json]\n"
    absent = tmp_path / "none.json"
    assert set_up("http://a", "http://b", str(absent)).stderr == f"set-up: no file {absent}\n"
    done = set_up("http://127.0.0.1:9", "http://127.0.0.1:9")
    assert (done.returncode, len(done.stderr.splitlines())) == (1, 1)
    assert "127.0.0.1" in done.stderr
