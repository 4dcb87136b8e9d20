"""The cluster under test: brokers of deploy/kafka/kafka behind a proxy, to be killed, stopped and started."""

import json
import shutil
import subprocess
import sys
import tempfile
from contextlib import suppress
from pathlib import Path

from confluent_kafka import ElectionType, KafkaError, KafkaException
from confluent_kafka.admin import AdminClient

from tests.faults.proxy import Proxy
from tests.faults.workers import ROOT

BROKERS = 3


def kafka_script(data: Path, *words: str) -> str:
    """Runs one command of deploy/kafka/kafka, such as `kill 1`, on the cluster whose files are in `data`.

    Returns its standard output. Raises RuntimeError with the one line that the script gives for a failure.
    """
    script = [sys.executable, str(ROOT / "deploy/kafka/kafka"), *words, "--data", str(data)]
    done = subprocess.run(script, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(done.stderr.strip())
    return done.stdout.strip()


class Cluster:
    """Three brokers. `brokers`: their addresses behind the proxy; `internal`: those that go round it."""

    def __init__(self, version: str | None = None) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="faults-kafka-"))
        options = ["--version", version] if version else []
        kafka_script(
            self.folder, "start", "--brokers", str(BROKERS), "--port", "0", "--behind-proxy", *options
        )
        plan = json.loads((self.folder / "cluster.json").read_text(encoding="utf-8"))
        self.version: str = plan["version"]
        self.brokers = ",".join(f"127.0.0.1:{broker['proxy']}" for broker in plan["brokers"])
        self.internal = ",".join(f"127.0.0.1:{broker['internal']}" for broker in plan["brokers"])
        self.proxy = Proxy({broker["proxy"]: broker["port"] for broker in plan["brokers"]})

    def kill(self, broker: int) -> None:
        """Kills a broker: it hands over nothing."""
        kafka_script(self.folder, "kill", str(broker))

    def stop(self, broker: int) -> None:
        """Stops a broker, which first hands over the partitions it leads."""
        kafka_script(self.folder, "stop-broker", str(broker))

    def start(self, broker: int) -> None:
        """Starts a broker that was killed or stopped."""
        kafka_script(self.folder, "start-broker", str(broker))

    def lead_as_preferred(self) -> None:
        """Moves every partition's leader to the replica that should lead it."""
        for last in (False, False, True):
            admin = AdminClient({"bootstrap.servers": self.internal, "log_level": 0})
            try:
                admin.elect_leaders(ElectionType.PREFERRED, None).result(30)
                return
            except KafkaException as error:
                # The client drops a broker that it knew under two names while the request was under way.
                if last or error.args[0].code() != KafkaError._DESTROY_BROKER:
                    raise

    def close(self) -> None:
        """Kills everything and deletes its files: brokers that stop in good order see to data first."""
        self.proxy.close()
        for broker in range(1, BROKERS + 1):
            with suppress(RuntimeError):  # one that is not running
                self.kill(broker)
        kafka_script(self.folder, "stop", "--delete")
        shutil.rmtree(self.folder)
