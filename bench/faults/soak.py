"""Many faults in a row, from a seeded schedule, while articles keep coming; then the account.

    deploy/kafka/kafka start --brokers 3 --data /somewhere
    python -m bench.faults.soak --brokers ADDRESSES --cluster /somewhere --records 20000 --faults 40 --seed 1

Prints one JSON object with what was done and what came out; exit code 1 unless every article came out as it
should.
"""

import argparse
import asyncio
import json
import random
import signal
import subprocess
import sys
import tempfile
import time
import uuid
from collections import Counter
from pathlib import Path
from typing import Any

import orjson
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import KafkaError

from bench.faults.account import account, feed, read
from bench.faults.trivial import OUTPUTS_PER_ARTICLE
from bench.faults.workers import ROOT, Worker
from worker.channels import SPECS, Channel, topic_name

SESSION_SECONDS = 6
SETTINGS: dict[str, Any] = {
    "SESSION_TIMEOUT_SECONDS": SESSION_SECONDS,
    "TRANSACTION_TIMEOUT_SECONDS": 10,
    "DELIVER_SECONDS": 8,
    "SHUTDOWN_SECONDS": 10,
    "TRIVIAL_SECONDS": 0.05,
}
REJECTED_PERCENT = 2


class Soak:
    """One run: its workers, its schedule, and what it did."""

    def __init__(self, args: argparse.Namespace) -> None:
        self.args = args
        self.chance = random.Random(args.seed)
        self.prefix = f"soak-{uuid.uuid4().hex[:8]}."
        self.folder = Path(tempfile.mkdtemp(prefix="soak-"))
        self.done: Counter[str] = Counter()
        self.exit_codes: Counter[int] = Counter()
        self.workers: list[Worker] = []

    def start_worker(self) -> Worker:
        log = self.folder / f"worker-{uuid.uuid4().hex[:6]}.log"
        return Worker(self.args.brokers, self.prefix, log, DELIVERY=self.args.delivery, **SETTINGS)

    async def fault(self) -> None:
        """One thing goes wrong."""
        place = self.chance.randrange(len(self.workers))
        worker = self.workers[place]
        kinds = ["kill", "kill", "stop", "stop", "freeze", "freeze past session"]
        kind = self.chance.choice(kinds + ["broker"] * bool(self.args.cluster))
        self.done[kind] += 1
        print(f"{time.strftime('%H:%M:%S')} {kind} {worker.log.name}", file=sys.stderr, flush=True)
        match kind:
            case "kill":
                worker.kill()
            case "stop":
                worker.send(signal.SIGTERM)
                await asyncio.to_thread(worker.process.wait, 20)
                self.exit_codes[worker.process.returncode] += 1
            case "freeze" | "freeze past session":
                worker.send(signal.SIGSTOP)
                await asyncio.sleep(2 if kind == "freeze" else SESSION_SECONDS * 1.5)
                worker.send(signal.SIGCONT)
            case "broker":
                number = self.chance.randint(1, self.args.cluster_size)
                self.kafka("kill", str(number))
                await asyncio.sleep(self.chance.uniform(1, 8))
                self.kafka("start-broker", str(number))
        if not worker.running:
            self.workers[place] = self.start_worker()

    def kafka(self, *words: str) -> None:
        script = [sys.executable, str(ROOT / "deploy/kafka/kafka"), *words, "--data", self.args.cluster]
        subprocess.run(script, check=True, capture_output=True)

    def mend(self) -> None:
        """Starts anew whoever ended by itself, as a supervisor would."""
        for place, worker in enumerate(self.workers):
            if not worker.running:
                self.done[f"left by itself, code {worker.process.returncode}"] += 1
                self.workers[place] = self.start_worker()

    async def run(self) -> dict[str, Any]:
        args = self.args
        began = time.monotonic()
        await create_topics(args.brokers, self.prefix, args.partitions)
        self.workers = [self.start_worker() for _ in range(args.workers)]
        feeding = asyncio.create_task(self.feed())
        for _ in range(args.faults):
            await asyncio.sleep(self.chance.uniform(0.5, args.pause))
            await self.fault()
            self.mend()
        await feeding
        await self.until_quiet()
        for worker in self.workers:
            self.exit_codes[await asyncio.to_thread(worker.stop)] += 1
        now = await account(args.brokers, self.prefix, OUTPUTS_PER_ARTICLE)
        once = args.delivery == "exactly-once"
        problems = now.problems(OUTPUTS_PER_ARTICLE, once=once)
        enriched = topic_name(Channel.ENRICHED, self.prefix)
        uncommitted = await read(args.brokers, enriched, committed=False)
        return {
            "seed": args.seed,
            "delivery": args.delivery,
            "workers": args.workers,
            "faults": dict(self.done),
            "inputs": len(now.inputs),
            "outputs": len(now.found[Channel.ENRICHED]),
            "letters": len(now.letters),
            "twice": sum(times > 1 for times in now.found[Channel.ENRICHED].values()),
            "problems": len(problems),
            "first_problems": problems[:10],
            "seen_by_a_read_uncommitted_reader": len(uncommitted),
            "exit_codes_after_sigterm": {str(code): times for code, times in self.exit_codes.items()},
            "seconds": round(time.monotonic() - began),
            "logs": str(self.folder),
        }

    async def feed(self) -> None:
        """Articles in pieces, so that there is work at every fault."""
        pieces = 50
        for piece in range(pieces):
            values = [self.article(n) for n in range(self.args.records // pieces)]
            try:
                await feed(self.args.brokers, topic_name(Channel.RAW, self.prefix), values)
            except KafkaError as error:
                # What got through counts: inputs are what the raw topic holds in the end.
                print(f"piece {piece} not fed: {error!r}", file=sys.stderr, flush=True)
            await asyncio.sleep(self.args.faults * self.args.pause / 2 / pieces)
            print(f"fed {piece + 1}/{pieces}", file=sys.stderr, flush=True)

    def article(self, number: int) -> bytes:
        if self.chance.random() * 100 < REJECTED_PERCENT:
            return orjson.dumps({"do": "reject", "why": f"article {number} is a bad one"})
        return b"article %d " % number * self.chance.randint(1, 200)

    async def until_quiet(self) -> None:
        """Until nothing comes out any more."""
        before, since = -1, time.monotonic()
        while time.monotonic() - since < 20:
            await asyncio.sleep(2)
            self.mend()
            lanes = [lane for worker in self.workers for lane in worker.status().get("lanes", {}).values()]
            now = sum(lane["delivered"] for lane in lanes)
            if now != before:
                before, since = now, time.monotonic()


async def create_topics(brokers: str, prefix: str, partitions: int) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=brokers)
    await admin.start()
    copies = min(3, len((await admin.describe_cluster())["brokers"]))
    wanted = [
        NewTopic(topic_name(channel, prefix), partitions, copies, topic_configs=spec.config)
        for channel, spec in SPECS.items()
    ]
    await admin.create_topics(wanted)
    await admin.close()


def parse_args() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--brokers", required=True, help="bootstrap addresses")
    parser.add_argument("--cluster", help="state folder of deploy/kafka/kafka, to kill brokers too")
    parser.add_argument("--cluster-size", type=int, default=3)
    parser.add_argument("--records", type=int, default=20_000)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--faults", type=int, default=40)
    parser.add_argument("--pause", type=float, default=8, help="most seconds between two faults")
    parser.add_argument("--partitions", type=int, default=4)
    parser.add_argument("--delivery", default="exactly-once", choices=["exactly-once", "at-least-once"])
    parser.add_argument("--seed", type=int, default=1)
    return parser.parse_args()


async def main() -> int:
    soak = Soak(parse_args())
    try:
        report = await soak.run()
    finally:
        for worker in soak.workers:
            worker.end()
    print(json.dumps(report, indent=1))
    return 1 if report["problems"] else 0


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
