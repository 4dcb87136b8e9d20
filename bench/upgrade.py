"""Upgrades a group worker by worker from another checkout to this one, and back, while articles come in.

    git worktree add --detach /tmp/former v0.1.0
    python -m bench.upgrade --former /tmp/former [--delivery at-least-once] [--real] [--brokers HOST:PORT]

Prints what was lost or written twice, and what workers said that ended by themselves; exit code 1 unless all
is as it should be.
"""

import argparse
import asyncio
import sys
import tempfile
import time
import uuid
from contextlib import suppress
from pathlib import Path
from typing import Any

from aiokafka import AIOKafkaProducer

from bench.command_line import argument_parser
from bench.kafka import create_topics, running_cluster
from tests.faults.account import settled
from tests.faults.inline_pool import OUTPUTS_PER_ARTICLE
from tests.faults.workers import REAL, ROOT, TRIVIAL, WITHOUT_ALERTS, Worker
from worker.channels import Channel, topic_name

_ARTICLE = b"The ferry left Porthaven at noon and reached the island before the storm did."
_OUTPUTS_OF_IT = {Channel.ENRICHED: 1, Channel.SEARCH: 1}
_READY_SECONDS = 120.0
_PAUSE_SECONDS = 3.0


class _Upgrade:
    """The workers of one group, each of the former checkout or of this one."""

    def __init__(self, options: argparse.Namespace, brokers: str, folder: Path) -> None:
        self._options, self._brokers, self._folder = options, brokers, folder
        self.prefix = f"upgrade-{uuid.uuid4().hex[:8]}."
        self.problems: list[str] = []
        self._workers: list[Worker] = []
        self._started = 0

    async def run(self) -> None:
        """There and back, with articles all the time."""
        for _ in range(self._options.workers):
            self._workers.append(await self._start(self._options.former))
        feeding = asyncio.create_task(self._feed())
        try:
            for root in (ROOT, self._options.former):
                for number, worker in enumerate(self._workers):
                    await asyncio.sleep(_PAUSE_SECONDS)
                    await self._stop(worker)
                    self._workers[number] = await self._start(root)
            await asyncio.sleep(_PAUSE_SECONDS)
        finally:
            feeding.cancel()
            with suppress(asyncio.CancelledError):
                await feeding
        outputs = _OUTPUTS_OF_IT if self._options.real else OUTPUTS_PER_ARTICLE
        outcome = await settled(self._brokers, self.prefix, outputs)
        once = self._options.delivery == "exactly-once"
        self.problems += outcome.problems(outputs, once=once)
        twice = sum(
            times > count for channel, count in outputs.items() for times in outcome.found[channel].values()
        )
        lost = len(outcome.unsettled)
        for worker in self._workers:
            await self._stop(worker)
        print(
            f"{self._options.delivery}: {self._options.workers} workers replaced one by one, there and back; "
            f"{len(outcome.inputs)} articles, {lost} lost, {twice} written twice, "
            f"{len(self.problems)} problems"
        )

    async def _start(self, root: Path) -> Worker:
        self._started += 1
        settings: dict[str, Any] = {"DELIVERY": self._options.delivery, "OUTPUTS": WITHOUT_ALERTS}
        settings |= {"PROCESSES": 1} if self._options.real else {}
        worker = Worker(
            self._brokers,
            self.prefix,
            self._folder / f"{self._started}.log",
            command=REAL if self._options.real else TRIVIAL,
            root=root,
            **settings,
        )
        await asyncio.to_thread(worker.wait_until_ready, _READY_SECONDS)
        return worker

    async def _stop(self, worker: Worker) -> None:
        self.problems += [f"{worker.log}: {end['reason']}" for end in worker.events("worker ends")]
        code = await asyncio.to_thread(worker.stop)
        if code and not worker.events("worker stopped with work left, which stays uncommitted"):
            self.problems.append(f"{worker.log}: exit code {code}")

    async def _feed(self) -> None:
        """Sends articles at the rate, until cancelled."""
        producer = AIOKafkaProducer(bootstrap_servers=self._brokers, enable_idempotence=True)
        await producer.start()
        began, sent = time.monotonic(), 0
        try:
            while True:
                while sent < (time.monotonic() - began) * self._options.rate:
                    await producer.send(topic_name(Channel.RAW, self.prefix), _ARTICLE, key=b"%d" % sent)
                    sent += 1
                await asyncio.sleep(0.01)
        finally:
            await producer.stop()

    def end(self) -> None:
        """Kills what still runs."""
        for worker in self._workers:
            worker.end()


async def _main(options: argparse.Namespace, brokers: str) -> int:
    with tempfile.TemporaryDirectory() as folder:
        upgrade = _Upgrade(options, brokers, Path(folder))
        await asyncio.to_thread(
            create_topics, brokers, upgrade.prefix, copies=1, partitions=6, output_partitions=6
        )
        try:
            await upgrade.run()
        finally:
            upgrade.end()
        for problem in upgrade.problems[:10]:
            print(problem)
    return 1 if upgrade.problems else 0


def main() -> int:
    parser = argument_parser(__doc__)
    parser.add_argument("--former", type=Path, required=True, metavar="FOLDER", help="a checkout")
    parser.add_argument("--brokers", help="instead of a cluster started for this")
    parser.add_argument("--workers", type=int, default=3)
    parser.add_argument("--rate", type=float, default=100, help="articles a second")
    parser.add_argument("--delivery", default="exactly-once", choices=["exactly-once", "at-least-once"])
    parser.add_argument("--real", action="store_true", help="with the shipped pipeline, one process a worker")
    options = parser.parse_args()
    options.former = options.former.resolve()
    with running_cluster(1, options.brokers) as brokers:
        return asyncio.run(_main(options, brokers))


if __name__ == "__main__":
    sys.exit(main())
