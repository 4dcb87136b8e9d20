"""One run: workers, articles that keep coming, faults from a seeded schedule, and the account of it all.

    python -m bench.faults.run --seed 1 --faults 60

Prints what happens as it happens, then one JSON object; exit code 1 unless all is as it should be.
"""

import argparse
import asyncio
import json
import logging
import random
import signal
import subprocess
import sys
import tempfile
import time
import uuid
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import KafkaError

from bench.faults.account import read
from bench.faults.cluster import BROKERS, Cluster
from bench.faults.enricher import BLOATED_BYTES
from bench.faults.feeder import Feeder
from bench.faults.kinds import KINDS
from bench.faults.tail import Tail
from bench.faults.verdict import judge
from bench.faults.workers import POOLED, Worker
from worker.channels import SPECS, Channel, topic_name

SESSION_SECONDS = 6
# No recovery within so long counts as a hang.
HANG_SECONDS = 40.0
SETTLE_SECONDS = 120.0
SAMPLE_SECONDS = 2.0
OVERLAP = 0.2
SETTINGS: dict[str, Any] = {
    "SESSION_TIMEOUT_SECONDS": SESSION_SECONDS,
    "TRANSACTION_TIMEOUT_SECONDS": 10,
    "DELIVER_SECONDS": 8,
    "SHUTDOWN_SECONDS": 10,
    "PROCESSES": 3,
    "ARTICLE_CPU_SECONDS": 1,
    "ARTICLE_MEMORY_BYTES": 64 << 20,
    "TRIVIAL_SECONDS": 0.01,
}
COMPACTED = {
    "cleanup.policy": "compact",
    "segment.ms": "1000",
    "min.cleanable.dirty.ratio": "0.01",
    "max.compaction.lag.ms": "1000",
}
# What compaction leaves gaps in before a run begins: so many keys, each written so often.
GAP_KEYS, GAP_TIMES = 40, 25
GAP_SECONDS = 60.0


class Run:
    """One run on one cluster: what the kinds of faults work on, and the report."""

    def __init__(
        self,
        cluster: Cluster,
        *,
        seed: int,
        delivery: str = "exactly-once",
        workers: int = 2,
        partitions: int = 4,
        per_second: float = 50,
    ) -> None:
        self.cluster, self.delivery, self.partitions = cluster, delivery, partitions
        self.seed, self.chance = seed, random.Random(seed)
        self.prefix = f"faults-{uuid.uuid4().hex[:8]}."
        self.session_seconds = SESSION_SECONDS
        self.version = 1
        self.workers: list[Worker] = []
        self.feeder = Feeder(cluster.internal, self.prefix, self.chance, per_second)
        self.tail = Tail(cluster.internal, self.prefix, f"{self.prefix}dateline")
        self._count, self._folder = workers, Path(tempfile.mkdtemp(prefix="faults-"))
        self._remade: dict[Channel, float] = {}
        self._exits: Counter[int] = Counter()
        self._ends: Counter[str] = Counter()
        self._recoveries: dict[str, list[float]] = defaultdict(list)
        self._done: Counter[str] = Counter()
        self._problems: list[str] = []
        self._gaps = 0

    # For the kinds of faults

    def pick(self) -> Worker:
        return self.chance.choice(self.workers)

    def pick_broker(self) -> int:
        return self.chance.randint(1, BROKERS)

    def start_worker(self) -> Worker:
        log = self._folder / f"worker-{uuid.uuid4().hex[:6]}.log"
        settings = {**SETTINGS, "DELIVERY": self.delivery, "TRIVIAL_VERSION": self.version}
        return Worker(self.cluster.brokers, self.prefix, log, command=POOLED, **settings)

    def replace(self, worker: Worker) -> Worker:
        """A new one in its place, which is also that of one that was replaced meanwhile."""
        successor = self.start_worker()
        if worker in self.workers:
            self.workers[self.workers.index(worker)] = successor
        else:
            self.workers.append(successor)
        return successor

    async def stop(self, worker: Worker) -> None:
        """SIGTERM; it has to leave in time."""
        if not worker.running:
            return
        worker.send(signal.SIGTERM)
        try:
            self._exits[await asyncio.to_thread(worker.process.wait, SETTINGS["SHUTDOWN_SECONDS"] + 5)] += 1
        except subprocess.TimeoutExpired:
            self._problems.append(f"{worker.log}: still there after its time to leave")
            worker.kill()

    async def until_ready(self, worker: Worker) -> None:
        deadline = time.monotonic() + HANG_SECONDS
        while worker.running and not (await asyncio.to_thread(worker.status)).get("ready"):
            if time.monotonic() > deadline:
                self._problems.append(f"{worker.log}: not ready in {HANG_SECONDS:g} s")
                return
            await asyncio.sleep(0.1)

    def note_remade(self, channel: Channel) -> None:
        self._remade[channel] = time.time()

    # The run

    async def go(self, schedule: list[str]) -> dict[str, Any]:
        """These faults one after the other, some before the last is recovered from; gives the report."""
        began = time.monotonic()
        await self._create_topics()
        await self._make_gaps()
        await self.tail.start(self.partitions)
        self.workers = [self.start_worker() for _ in range(self._count)]
        for worker in self.workers:
            await self.until_ready(worker)
        feeding = asyncio.create_task(self.feeder.run())
        helping = [asyncio.create_task(self._mend()), asyncio.create_task(self._sample())]
        try:
            for number, name in enumerate(schedule, 1):
                await asyncio.sleep(self.chance.uniform(0.5, 2))
                await self._fault(number, len(schedule), name)
            self.feeder.stopping = True
            await feeding
            await asyncio.sleep(1)
            if await self.tail.caught_up(self.tail.target(), SETTLE_SECONDS) is None:
                left = await self.tail.behind(self.tail.target())
                self._problems.append(f"not everything was delivered in {SETTLE_SECONDS:g} s: {left}")
            for task in helping:
                task.cancel()
            await self.tail.check()
            for worker in self.workers:
                await self.stop(worker)
        finally:
            for task in (feeding, *helping):
                task.cancel()
            for worker in self.workers:
                worker.end()
            await self.tail.stop()
        return await self._report(time.monotonic() - began)

    async def _fault(self, number: int, of: int, name: str) -> None:
        kind, target, began = KINDS[name], self.tail.target(), time.monotonic()
        try:
            await kind.happen(self)
        except KafkaError as error:
            # The run's own client, in what the fault before has left; this one did not happen.
            _say(number, of, f"{name}: not done, {error!r}")
            return
        self._done[name] += 1
        spent = 0.0 if kind.from_end else time.monotonic() - began
        if kind.from_end:
            target = self.tail.target()
        if self.chance.random() < OVERLAP and number < of:
            print(
                f"{time.strftime('%H:%M:%S')} {number}/{of} {name}, and at once", file=sys.stderr, flush=True
            )
            return
        waited = await self.tail.caught_up(target, HANG_SECONDS)
        if waited is None:
            left = await self.tail.behind(target)
            self._problems.append(f"fault {number}, {name}: no recovery within {HANG_SECONDS:g} s, {left}")
        else:
            self._recoveries[name].append(spent + waited)
        _say(number, of, f"{name}: {'NO RECOVERY' if waited is None else f'{spent + waited:.1f} s'}")

    async def _mend(self) -> None:
        """Starts anew whoever ended by itself, as a supervisor would."""
        while True:
            await asyncio.sleep(0.5)
            for worker in list(self.workers):
                if not worker.running and worker in self.workers:
                    for end in worker.events("worker ends"):
                        self._ends[end["reason"]] += 1
                    self.replace(worker)

    async def _sample(self) -> None:
        while True:
            await asyncio.sleep(SAMPLE_SECONDS)
            await self.tail.check()

    async def _create_topics(self) -> None:
        admin = AIOKafkaAdminClient(bootstrap_servers=self.cluster.internal)
        await admin.start()
        # Outputs are kept whole, so that repeats can be counted.
        own = {Channel.RAW: COMPACTED, Channel.ENRICHED: {"max.message.bytes": str(BLOATED_BYTES // 2)}}
        wanted = [
            NewTopic(
                topic_name(channel, self.prefix),
                self.partitions,
                BROKERS,
                topic_configs={**spec.config, "cleanup.policy": "delete", **own.get(channel, {})},
            )
            for channel, spec in SPECS.items()
        ]
        try:
            await admin.create_topics(wanted)
        finally:
            await admin.close()

    async def _make_gaps(self) -> None:
        """Articles under keys that repeat, and a wait until compaction has taken the older ones away."""
        keys = [b"key %d" % number for number in range(GAP_KEYS)]
        for _ in range(GAP_TIMES):
            await self.feeder.send([b"an older article"] * GAP_KEYS, keys)
        deadline = time.monotonic() + GAP_SECONDS
        while time.monotonic() < deadline:
            await asyncio.sleep(1.5)  # then a record closes the segment, which compaction takes on
            await self.feeder.send([self.feeder.article()] * self.partitions)
            raw = await read(self.cluster.internal, topic_name(Channel.RAW, self.prefix))
            self._gaps = self.feeder.fed - len(raw)
            if self._gaps == GAP_KEYS * (GAP_TIMES - 1):
                return  # nothing is left to compact
        self._problems.append(f"compaction was not through in {GAP_SECONDS:g} s")

    async def _report(self, seconds: float) -> dict[str, Any]:
        once = self.delivery == "exactly-once"
        verdict = await judge(self.cluster.internal, self.prefix, once=once, remade=self._remade)
        problems = [*self._problems, *verdict.problems, *self.tail.problems]
        return {
            "kafka": self.cluster.version,
            "delivery": self.delivery,
            "seed": self.seed,
            "workers": self._count,
            "partitions": self.partitions,
            "seconds": round(seconds),
            "faults": self._done.total(),
            "kinds": dict(self._done),
            "recovery_seconds": {
                name: [round(one, 1) for one in all] for name, all in self._recoveries.items()
            },
            "inputs": verdict.inputs,
            "gaps": self._gaps,
            "aborted_upstream": self.feeder.aborted,
            "dead_letters": dict(verdict.letters),
            "lost": verdict.lost,
            "twice": verdict.twice,
            "unexplained": verdict.unexplained,
            "repeats_uncommitted": self.tail.repeats,
            "offset_checks": self.tail.samples,
            "exit_codes_after_sigterm": {str(code): times for code, times in self._exits.items()},
            "ended_by_themselves": dict(self._ends),
            "problems": len(problems),
            "first_problems": problems[:10],
            "logs": str(self._folder),
        }


def _say(number: int, of: int, what: str) -> None:
    print(f"{time.strftime('%H:%M:%S')} {number}/{of} {what}", file=sys.stderr, flush=True)


def schedule_of(seed: int, faults: int, kinds: list[str] | None = None) -> list[str]:
    """Each kind once, then by weight; the same seed gives the same."""
    chance = random.Random(seed)
    names = kinds or list(KINDS)
    first = chance.sample(names, len(names))
    rest = chance.choices(names, [KINDS[name].weight for name in names], k=max(0, faults - len(first)))
    return [*first, *rest][:faults]


def parse_args() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--faults", type=int, default=60)
    parser.add_argument("--kinds", nargs="+", choices=list(KINDS), metavar="KIND", help="these alone")
    parser.add_argument("--delivery", default="exactly-once", choices=["exactly-once", "at-least-once"])
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--partitions", type=int, default=4)
    parser.add_argument("--per-second", type=float, default=50, help="articles fed")
    parser.add_argument("--kafka", metavar="VERSION", help="Apache Kafka's version")
    parser.add_argument("--report", type=Path, help="a folder that the JSON object goes to as well")
    return parser.parse_args()


async def main() -> int:
    args = parse_args()
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)  # of the run's own clients, in broken clusters
    cluster = Cluster(args.kafka)
    try:
        run = Run(
            cluster,
            seed=args.seed,
            delivery=args.delivery,
            workers=args.workers,
            partitions=args.partitions,
            per_second=args.per_second,
        )
        report = await run.go(schedule_of(args.seed, args.faults, args.kinds))
    finally:
        cluster.close()
    text = json.dumps(report, indent=1)
    print(text)
    if args.report:
        args.report.mkdir(parents=True, exist_ok=True)
        name = f"{report['kafka']}-{args.delivery}-{args.seed}.json"
        (args.report / name).write_text(text + "\n", encoding="utf-8")
    return 1 if report["problems"] else 0


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
