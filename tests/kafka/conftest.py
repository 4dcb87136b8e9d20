"""What the tests on Apache Kafka share: a cluster, and topics of their own on it.

The cluster is the one that DATELINE_TEST_BROKERS names, else one that is started here on free ports in a
temporary folder and stopped at the end, of the version that DATELINE_TEST_KAFKA names. Where Java or Maven is
missing the tests are skipped, and in CI they fail.
"""

import fcntl
import json
import os
import subprocess
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from tests.faults.cluster import kafka_script
from tests.faults.workers import Worker
from tests.forked import run_forked
from tests.kafka.delivery.administration import administration, until_known
from worker.channels import SPECS, Channel, topic_name

VERSION = ["--version", os.environ["DATELINE_TEST_KAFKA"]] if os.environ.get("DATELINE_TEST_KAFKA") else []


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = f"{Path(__file__).parent}{os.sep}"
    for item in items:
        if str(item.path).startswith(here):
            item.add_marker(pytest.mark.kafka)


@dataclass(frozen=True)
class Cluster:
    """A cluster of deploy/kafka/kafka, for tests that kill and restart what they run on."""

    data: Path
    brokers: str

    def run(self, *words: str) -> str:
        """One command of the script, such as `kill 1`; its standard output."""
        return kafka_script(self.data, *words)

    def kill(self, broker: int) -> None:
        self.run("kill", str(broker))

    def start_broker(self, broker: int) -> None:
        self.run("start-broker", str(broker))

    def discard(self) -> None:
        """Kills the brokers, which would put their data in order if they were stopped, and deletes it."""
        for broker in json.loads((self.data / "cluster.json").read_text(encoding="utf-8"))["brokers"]:
            with suppress(RuntimeError):  # one that a test has killed
                self.kill(broker["id"])
        self.run("stop", "--delete")


ClusterMaker = Callable[..., Cluster]


def _start(folder: Path, *options: str) -> Cluster:
    """A cluster on free ports whose files are in `folder`; the one that runs there already, if any."""
    cluster = Cluster(folder, "")
    try:
        said = cluster.run("start", "--port", "0", *VERSION, *options)
    except RuntimeError as error:
        if not os.environ.get("CI") and "is missing" in str(error):
            pytest.skip(str(error))
        pytest.fail(str(error), pytrace=False)
    return Cluster(folder, said.splitlines()[-1])


@contextmanager
def _cluster_maker(factory: pytest.TempPathFactory) -> Iterator[ClusterMaker]:
    started: list[Cluster] = []

    def make(*options: str) -> Cluster:
        started.append(_start(factory.mktemp("kafka"), *options))
        return started[-1]

    yield make
    for cluster in started:
        cluster.discard()


@pytest.fixture
def make_cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ClusterMaker]:
    """`make_cluster("--brokers", "3")`: a cluster of its own on free ports, stopped when the test ends."""
    with _cluster_maker(tmp_path_factory) as make:
        yield make


@pytest.fixture(scope="module")
def make_module_cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ClusterMaker]:
    """The same for all tests of a module."""
    with _cluster_maker(tmp_path_factory) as make:
        yield make


@pytest.fixture(scope="session")
def brokers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Bootstrap addresses of the cluster that most tests share: PLAINTEXT, and never killed.

    All processes of pytest-xdist share it: the first that needs it starts it, the last stops it.
    """
    if given := os.environ.get("DATELINE_TEST_BROKERS"):
        yield given
        return
    base = tmp_path_factory.getbasetemp()
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "shared-kafka"
    folder.mkdir(exist_ok=True)
    user = folder / f"{os.getpid()}.user"
    with _locked(folder):
        cluster = _start(folder)
        user.touch()
    yield cluster.brokers
    with _locked(folder):
        user.unlink()
        # One that was killed has left its file.
        if not any(Path("/proc", other.stem).exists() for other in folder.glob("*.user")):
            cluster.discard()


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@pytest.fixture
def prefix() -> str:
    """A topic prefix that no other test has, so that tests share a cluster and nothing on it."""
    return f"t-{uuid.uuid4().hex[:10]}."


@pytest.fixture
async def admin(brokers: str) -> AsyncIterator[AIOKafkaAdminClient]:
    """An administration client of the cluster that most tests share."""
    async with administration(brokers) as client:
        yield client


TopicsMaker = Callable[..., Awaitable[None]]


@pytest.fixture
def create_topics() -> TopicsMaker:
    """`await create_topics(brokers, prefix, partitions=4)`: the contract's topics and their settings."""

    async def create(
        brokers: str,
        prefix: str,
        *,
        partitions: int = 1,
        channels: Collection[Channel] = tuple(Channel),
        **client: Any,
    ) -> None:
        async with administration(brokers, **client) as admin:
            copies = min(3, len((await admin.describe_cluster())["brokers"]))
            response = await admin.create_topics(
                [
                    NewTopic(
                        topic_name(channel, prefix),
                        SPECS[channel].partitions or partitions,
                        copies,
                        topic_configs=SPECS[channel].config,
                    )
                    for channel in channels
                ]
            )
            refused = [error for error in response.topic_errors if error[1] != 0]
            assert not refused, f"topics were not created: {refused}"
            for channel in channels:
                await until_known(admin, topic_name(channel, prefix), SPECS[channel].partitions or partitions)

    return create


@pytest.fixture
async def topics(brokers: str, prefix: str, create_topics: TopicsMaker) -> str:
    """The contract's topics on the shared cluster, one partition each; gives their prefix."""
    await create_topics(brokers, prefix)
    return prefix


WorkerStarter = Callable[..., Worker]


@pytest.fixture
def start_worker(brokers: str, tmp_path: Path) -> Iterator[WorkerStarter]:
    """`start_worker(prefix, DELIVERY="at-least-once")`: a worker process with trivial enrichment.

    Its session is as short as brokers allow. Whatever still runs at the end of the test is killed.
    """
    started: list[Worker] = []

    def start(prefix: str, *, at: str | None = None, **settings: Any) -> Worker:
        log = tmp_path / f"worker-{len(started)}.log"
        settings = {"SESSION_TIMEOUT_SECONDS": 6, **settings}
        started.append(Worker(at or brokers, prefix, log, forked=True, **settings))
        return started[-1]

    yield start
    for worker in started:
        worker.end()


@pytest.fixture
def dateline(brokers: str, prefix: str) -> Callable[..., subprocess.CompletedProcess[str]]:
    """`dateline("tap", "raw", code=1, DATELINE_PARTITIONS="1")`: the command line, to its end."""

    def run(
        *words: str, stdin: bytes = b"", code: int = 0, **environ: str
    ) -> subprocess.CompletedProcess[str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("DATELINE_")}
        settings = {"DATELINE_BROKERS": brokers, "DATELINE_TOPIC_PREFIX": prefix, "DATELINE_PARTITIONS": "2"}
        done = run_forked("worker", *words, env=kept | settings | environ, stdin=stdin, timeout=90)
        assert done.returncode == code, done
        assert "Traceback" not in done.stderr
        return done

    return run
