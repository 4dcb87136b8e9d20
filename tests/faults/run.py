"""One run: workers, articles that keep coming, faults from a seeded schedule, and the account of it all.

    python -m tests.faults.run --seed 1 --faults 60

Prints what happens as it happens, then one JSON object; exit code 1 unless all is as it should be.
"""

import argparse
import asyncio
import json
import logging
import platform
import random
import signal
import subprocess
import sys
import tempfile
import time
import uuid
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import KafkaError

from tests.faults.account import read
from tests.faults.cluster import BROKERS, Cluster
from tests.faults.enricher import BLOATED_BYTES
from tests.faults.feeder import BAD_IN_1000, Feeder
from tests.faults.kinds import KINDS
from tests.faults.rules import Rules
from tests.faults.sabotage import SABOTAGE
from tests.faults.tail import Tail
from tests.faults.verdict import judge
from tests.faults.workers import POOLED, Worker
from worker.channels import SPECS, Channel, topic_name

SESSION_SECONDS = 6
# What comes in within so long after a fault has to be delivered too: every partition is seen to move again.
KNOWN_SECONDS = 1.0
# No recovery within so long counts as a hang.
HANG_SECONDS = 40.0
SETTLE_SECONDS = 120.0
SAMPLE_SECONDS = 2.0
# How often the next fault comes before the last is recovered from.
OVERLAP = 0.2
BATCH_SIZE = 32
SETTINGS: dict[str, Any] = {
    "SESSION_TIMEOUT_SECONDS": SESSION_SECONDS,
    "TRANSACTION_TIMEOUT_SECONDS": 10,
    "DELIVER_SECONDS": 8,
    "SHUTDOWN_SECONDS": 10,
    "PROCESSES": 3,
    "ARTICLE_CPU_SECONDS": 1,
    "ARTICLE_MEMORY_BYTES": 64 << 20,
    "TRIVIAL_SECONDS": 0.01,
    "BATCH_SIZE": BATCH_SIZE,
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
        bad_in_1000: Mapping[str, int] = BAD_IN_1000,
        overlap: float = OVERLAP,
        sabotage: str | None = None,
    ) -> None:
        self.cluster, self.delivery, self.partitions = cluster, delivery, partitions
        self.seed, self.chance, self._overlap = seed, random.Random(seed), overlap
        self.prefix = f"faults-{uuid.uuid4().hex[:8]}."
        self.session_seconds = SESSION_SECONDS
        self.version, self._sabotage = 1, sabotage
        self.workers: list[Worker] = []
        articles = random.Random(f"articles of {seed}")
        self.feeder = Feeder(cluster.internal, self.prefix, articles, per_second, bad_in_1000)
        self.rules = Rules(cluster.internal, self.prefix)
        self.tail = Tail(cluster.internal, self.prefix, f"{self.prefix}dateline")
        self._count, self._folder = workers, Path(tempfile.mkdtemp(prefix="faults-"))
        self._remade: dict[Channel, float] = {}
        self._exits: Counter[int] = Counter()
        self._ends: Counter[str] = Counter()
        self._recoveries: dict[str, list[float]] = defaultdict(list)
        self._done: Counter[str] = Counter()
        self._problems: list[str] = []
        self._started: list[Worker] = []
        self._blows: Counter[int] = Counter()
        self._late = self._hangs = self._gaps = 0

    # For the kinds of faults

    def pick(self) -> Worker:
        return self.chance.choice(self.workers)

    def pick_broker(self) -> int:
        return self.chance.randint(1, BROKERS)

    def start_worker(self) -> Worker:
        log = self._folder / f"worker-{uuid.uuid4().hex[:6]}.log"
        settings = {**SETTINGS, "DELIVERY": self.delivery, "TRIVIAL_VERSION": self.version}
        if self._sabotage:
            settings["TRIVIAL_SABOTAGE"] = self._sabotage
        self._started.append(Worker(self.cluster.brokers, self.prefix, log, command=POOLED, **settings))
        return self._started[-1]

    def replace(self, worker: Worker) -> None:
        """A new one in its place."""
        self.workers[self.workers.index(worker)] = self.start_worker()

    async def retire(self, worker: Worker) -> None:
        """SIGTERM, and nobody in its place."""
        self.workers.remove(worker)
        await self.stop(worker)

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

    async def all_have_the_rules(self) -> bool:
        """Whether every worker says that it has as many as there are."""
        asked = [asyncio.to_thread(worker.status) for worker in self.workers if worker.running]
        answers = await asyncio.gather(*asked)
        in_force = [answer.get("rules", {}).get("in_force") for answer in answers]
        return len(in_force) >= self._count and set(in_force) == {len(self.rules)}

    def note_remade(self, channel: Channel) -> None:
        self._remade[channel] = time.time()

    # The run

    async def go(self, schedule: list[str]) -> dict[str, Any]:
        """These faults one after the other, some before the last is recovered from; gives the report."""
        began = time.monotonic()
        await self._create_topics()
        await self._make_gaps()
        await self.rules.put_all()
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
            await asyncio.wait([feeding])
            if feeding.exception():
                self._problems.append(f"the feed ended: {feeding.exception()!r}")
            await asyncio.sleep(1)
            if await self.tail.caught_up(self.tail.target(), SETTLE_SECONDS) is None:
                left = await self.tail.behind(self.tail.target())
                self._problems.append(f"not everything was delivered in {SETTLE_SECONDS:g} s: {left}")
            for task in helping:
                if task.done():  # none ends by itself but by an exception
                    self._problems.append(f"the run's own checks ended: {task.exception()!r}")
                task.cancel()
            if not await self.tail.check():
                self._problems.append(
                    "at the end, the committed offsets could not be held against the outputs"
                )
            for worker in self.workers:
                await self.stop(worker)
        finally:
            for task in (feeding, *helping):
                task.cancel()
            for worker in self._started:
                worker.end()
            await self.tail.stop()
        return await self._report(time.monotonic() - began)

    async def _fault(self, number: int, of: int, name: str) -> None:
        kind, began = KINDS[name], time.monotonic()
        self._blows[self.tail.seen.fault] += kind.blows
        recovery = None if kind.from_end else asyncio.create_task(self._recovery(began))
        try:
            await kind.happen(self)
        except (KafkaError, AssertionError) as error:
            # The run's own client, in what the fault before has left; this one did not happen.
            _say(number, of, f"{name}: not done, {error!r}")
            _drop(recovery)
            return
        except (RuntimeError, TimeoutError) as error:
            # The cluster did not do as it was told, in time: what was broken may stay broken.
            self._problems.append(f"fault {number}, {name}: {error!r}")
            _say(number, of, self._problems[-1])
            _drop(recovery)
            return
        self._done[name] += 1
        if self.chance.random() < self._overlap and number < of:
            _say(number, of, f"{name}, and at once")
            _drop(recovery)
            return
        seconds, left = await (recovery or self._recovery(time.monotonic()))
        if left:
            self._hangs += 1
            self._problems.append(f"fault {number}, {name}: no recovery within {HANG_SECONDS:g} s, {left}")
        else:
            self._recoveries[name].append(seconds)
            self._late += seconds > 2 * SESSION_SECONDS
        _say(number, of, f"{name}: {f'NO RECOVERY, {left}' if left else f'{seconds:.1f} s'}")
        self.tail.seen.fault += 1

    async def _recovery(self, began: float) -> tuple[float, str]:
        """Seconds from `began` until what came in up to a little later is delivered; else what is left."""
        await asyncio.sleep(KNOWN_SECONDS)
        target = self.tail.target()
        if await self.tail.caught_up(target, HANG_SECONDS) is None:
            return HANG_SECONDS, await self.tail.behind(target) or "all of it, at the last moment"
        return time.monotonic() - began, ""

    def _too_much_twice(self) -> Iterator[str]:
        """At least once: a blow makes a lane write at most one batch again."""
        for fault, inputs in self.tail.seen.repeated().items():
            if inputs > (most := BATCH_SIZE * self._blows[fault]):
                yield f"after fault {fault}, a lane wrote {inputs} inputs again; at most {most} may be"

    async def _mend(self) -> None:
        """Starts anew whoever ended by itself, as a supervisor would."""
        while True:
            await asyncio.sleep(0.5)
            for worker in list(self.workers):
                if not worker.running:
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
                spec.partitions or self.partitions,
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
                await self._compact_no_more()
                return
        self._problems.append(f"compaction was not through in {GAP_SECONDS:g} s")

    async def _compact_no_more(self) -> None:
        """Nothing is left to compact, and segments of a second would keep the brokers busy."""
        topic = ConfigResource(
            ConfigResourceType.TOPIC, topic_name(Channel.RAW, self.prefix), {"cleanup.policy": "compact"}
        )
        admin = AIOKafkaAdminClient(bootstrap_servers=self.cluster.internal)
        await admin.start()
        try:
            await admin.alter_configs([topic])
        finally:
            await admin.close()

    async def _report(self, seconds: float) -> dict[str, Any]:
        once = self.delivery == "exactly-once"
        verdict = await judge(
            self.cluster.internal,
            self.prefix,
            once=once,
            history=self.rules.history,
            remade=self._remade,
            blind=self.tail.blind,
        )
        problems = [*self._problems, *verdict.problems, *self.tail.seen.problems]
        if not once:
            problems += self._too_much_twice()
        return {
            "kafka": self.cluster.version,
            "python": platform.python_version(),
            "packages": {name: version(name) for name in ("faust-streaming", "aiokafka")},
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
            "matches": verdict.alerting.matches,
            "alerts": verdict.alerting.alerts,
            "kept_back": verdict.alerting.kept_back,
            "alerts_missed": verdict.alerting.missed,
            "alerts_twice": verdict.alerting.twice,
            "alerts_wrong": verdict.alerting.wrong,
            "repeats_uncommitted": self.tail.seen.repeats,
            "most_repeated_in_a_lane": max(self.tail.seen.repeated().values(), default=0),
            "hangs": self._hangs,
            "recovered_late": self._late,
            "offset_checks": self.tail.samples,
            "exit_codes_after_sigterm": {str(code): times for code, times in self._exits.items()},
            "ended_by_themselves": dict(self._ends),
            "problems": len(problems),
            "first_problems": problems[:10],
            "logs": str(self._folder),
        }


def _drop(task: asyncio.Task[Any] | None) -> None:
    if task:
        task.cancel()


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
    parser.add_argument("--sabotage", choices=list(SABOTAGE), help="break the workers on purpose")
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
            sabotage=args.sabotage,
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
