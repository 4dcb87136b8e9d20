"""The workers of a fault run, and what they run on: what the kinds of faults act on."""

import asyncio
import random
import signal
import subprocess
import tempfile
import time
import uuid
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.faults.cluster import BROKERS, Cluster
from tests.faults.feeder import BAD_IN_1000, SENDS_A_SECOND, Feeder
from tests.faults.rules import RuleFeeder
from tests.faults.tail import Tail
from tests.faults.workers import ALL_OUTPUTS, NO_VARIABLES, POOLED, Worker
from worker.channels import Channel

SESSION_SECONDS = 6
BATCH_SIZE = 32
SHUTDOWN_SECONDS = 10
# A worker that is not ready within so long, or a partition that stands still with work left, counts as hung.
HANG_SECONDS = 40.0
SETTINGS: dict[str, Any] = {
    "SESSION_TIMEOUT_SECONDS": SESSION_SECONDS,
    "TRANSACTION_TIMEOUT_SECONDS": 10,
    "DELIVER_SECONDS": 8,
    "SHUTDOWN_SECONDS": SHUTDOWN_SECONDS,
    "PROCESSES": 3,
    "ARTICLE_CPU_SECONDS": 1,
    "ARTICLE_MEMORY_BYTES": 64 << 20,
    "TRIVIAL_SECONDS": 0.01,
    "BATCH_SIZE": BATCH_SIZE,
    "OUTPUTS": ALL_OUTPUTS,
}


class Fleet:
    """Starts, stops and replaces the workers of one group on one cluster.

    With them come the articles that are fed, the rules, and the tail that follows both on the brokers. The
    seed decides which worker, broker or moment a fault strikes. `forked`: workers come from a server that has
    imported what they need. `problems`: what went wrong with the workers.
    """

    def __init__(
        self,
        cluster: Cluster,
        *,
        seed: int,
        delivery: str = "exactly-once",
        workers: int = 2,
        partitions: int = 4,
        per_second: float = 50,
        sends_a_second: int = SENDS_A_SECOND,
        bad_in_1000: Mapping[str, int] = BAD_IN_1000,
        sabotage: str | None = None,
        forked: bool = False,
    ) -> None:
        self.cluster, self.delivery, self.partitions = cluster, delivery, partitions
        self.seed, self.chance = seed, random.Random(seed)
        self.prefix = f"faults-{uuid.uuid4().hex[:8]}."
        self.size = workers
        self.workers: list[Worker] = []
        self.pipeline_version = 1
        articles = random.Random(f"articles of {seed}")
        self.feeder = Feeder(
            cluster.internal, self.prefix, articles, per_second, bad_in_1000, sends_a_second=sends_a_second
        )
        self.rules = RuleFeeder(cluster.internal, self.prefix)
        self.tail = Tail(cluster.internal, self.prefix, f"{self.prefix}dateline")
        self.logs = Path(tempfile.mkdtemp(prefix="faults-"))
        self.problems: list[str] = []
        self.exit_codes: Counter[int] = Counter()
        """Of workers that were told to stop."""
        self.remade: dict[Channel, float] = {}
        """Channels whose topic was deleted and made anew, with the time (s)."""
        self._sabotage, self._forked = sabotage, forked
        self._started: list[Worker] = []

    def pick(self) -> Worker:
        return self.chance.choice(self.workers)

    def pick_broker(self) -> int:
        return self.chance.randint(1, BROKERS)

    async def start_all(self) -> None:
        """Starts as many workers as the fleet has, and waits until they are ready."""
        self.workers = [self.start() for _ in range(self.size)]
        for worker in self.workers:
            await self.until_ready(worker)

    def start(self, variables: Mapping[str, str] = NO_VARIABLES) -> Worker:
        """Starts a worker, which `workers` does not hold yet, with these variables beside its settings."""
        log = self.logs / f"worker-{uuid.uuid4().hex[:6]}.log"
        settings = {**SETTINGS, "DELIVERY": self.delivery, "TRIVIAL_VERSION": self.pipeline_version}
        if "DATELINE_OUTPUTS" in variables:
            del settings["OUTPUTS"]
        if self._sabotage:
            settings["TRIVIAL_SABOTAGE"] = self._sabotage
        self._started.append(
            Worker(
                self.cluster.brokers,
                self.prefix,
                log,
                command=POOLED,
                variables=variables,
                forked=self._forked,
                **settings,
            )
        )
        return self._started[-1]

    def add(self) -> Worker:
        """Starts a worker that belongs to the fleet from now on."""
        self.workers.append(self.start())
        return self.workers[-1]

    def replace(self, worker: Worker) -> None:
        """Starts a new worker in the place of this one, which is gone."""
        self.workers[self.workers.index(worker)] = self.start()

    async def retire(self, worker: Worker) -> None:
        """Stops a worker; nobody takes its place."""
        self.workers.remove(worker)
        await self.stop(worker)

    async def stop(self, worker: Worker) -> None:
        """Sends SIGTERM; a worker that does not leave in time is a problem, and is killed."""
        if not worker.running:
            return
        worker.send(signal.SIGTERM)
        try:
            self.exit_codes[await asyncio.to_thread(worker.process.wait, SHUTDOWN_SECONDS + 5)] += 1
        except subprocess.TimeoutExpired:
            self.problems.append(f"{worker.log}: still there after its time to leave")
            worker.kill()

    def end(self) -> None:
        """Kills every worker that still runs, frozen ones too."""
        for worker in self._started:
            worker.end()

    async def until_ready(self, worker: Worker) -> None:
        """Waits until a worker is ready or gone; one that takes too long is a problem."""
        deadline = time.monotonic() + HANG_SECONDS
        while worker.running and not (await asyncio.to_thread(worker.status)).get("ready"):
            if time.monotonic() > deadline:
                self.problems.append(f"{worker.log}: not ready in {HANG_SECONDS:g} s")
                return
            await asyncio.sleep(0.1)

    async def all_have_the_rules(self) -> bool:
        """Whether every worker says that as many rules are in force as were put."""
        asked = [asyncio.to_thread(worker.status) for worker in self.workers if worker.running]
        answers = await asyncio.gather(*asked)
        in_force = [answer.get("rules", {}).get("in_force") for answer in answers]
        return len(in_force) >= self.size and set(in_force) == {len(self.rules)}

    def note_remade(self, channel: Channel) -> None:
        """Remembers that a channel's topic is made anew now: what it held before is gone."""
        self.remade[channel] = time.time()
