"""Measures how long articles wait while workers are restarted one by one, as static members and not.

    python -m bench.rolling --brokers 127.0.0.1:9092            # stopped by SIGTERM, as in an upgrade
    python -m bench.rolling --brokers 127.0.0.1:9092 --kill     # killed, as in a crash

Articles come in at a steady rate meanwhile. An article waits from when it was written to when its outputs
were.
"""

import argparse
import asyncio
import statistics
import tempfile
import time
import uuid
from pathlib import Path
from typing import Any

from aiokafka import AIOKafkaProducer

from bench.command_line import argument_parser
from bench.kafka import create_topics
from tests.faults.account import origin, read_topic
from tests.faults.workers import REAL, TRIVIAL, Worker
from worker.channels import Channel, topic_name

_ARTICLE = b'"The bridge will open on Friday," said Maria Lindqvist, the mayor of Norrtown, on Monday.'
_SETTLE_SECONDS = 5.0
_READY_SECONDS = 120.0  # a killed member is missed after its session


async def _restart_one_by_one(options: argparse.Namespace, *, static: bool) -> None:
    """Restarts each worker in turn, and prints how long articles waited."""
    prefix = f"rolling-{uuid.uuid4().hex[:8]}."
    await asyncio.to_thread(
        create_topics,
        options.brokers,
        prefix,
        copies=1,
        partitions=options.partitions,
        output_partitions=options.partitions,
    )
    with tempfile.TemporaryDirectory() as folder:
        workers = [_start(options, prefix, Path(folder), number, static) for number in range(options.workers)]
        for worker in workers:
            await asyncio.to_thread(worker.wait_until_ready)
        feeding = asyncio.create_task(_feed_at_rate(options, prefix))
        await asyncio.sleep(_SETTLE_SECONDS)
        for number in range(options.workers):
            await asyncio.to_thread(workers[number].kill if options.kill else workers[number].stop)
            workers[number] = _start(options, prefix, Path(folder), number, static)
            await asyncio.to_thread(workers[number].wait_until_ready, _READY_SECONDS)
            await asyncio.sleep(_SETTLE_SECONDS)
        feeding.cancel()
        await asyncio.gather(feeding, return_exceptions=True)
        await asyncio.sleep(_SETTLE_SECONDS)
        for worker in workers:
            await asyncio.to_thread(worker.stop)
    await _report(options, prefix, "static" if static else "dynamic")


def _start(options: argparse.Namespace, prefix: str, folder: Path, number: int, static: bool) -> Worker:
    name: dict[str, Any] = {"GROUP_INSTANCE": f"worker-{number}"} if static else {}
    command = REAL if options.real else TRIVIAL
    settings: dict[str, Any] = {"PROCESSES": 1} if options.real else {}
    log = folder / f"{number}.log"
    return Worker(options.brokers, prefix, log, command=command, **name, **settings)


async def _feed_at_rate(options: argparse.Namespace, prefix: str) -> None:
    """Sends an article to each partition in turn, at the rate, until cancelled."""
    producer = AIOKafkaProducer(bootstrap_servers=options.brokers)
    await producer.start()
    began, sent = time.monotonic(), 0
    try:
        while True:
            while sent < (time.monotonic() - began) * options.rate:
                partition = sent % options.partitions
                await producer.send(topic_name(Channel.RAW, prefix), _ARTICLE, partition=partition)
                sent += 1
            await asyncio.sleep(0.01)
    finally:
        await producer.stop()


async def _report(options: argparse.Namespace, prefix: str, kind: str) -> None:
    raw = await read_topic(options.brokers, topic_name(Channel.RAW, prefix))
    written = {
        origin(one): one.timestamp
        for one in await read_topic(options.brokers, topic_name(Channel.SEARCH, prefix))
    }
    waits: dict[int, list[float]] = {partition: [] for partition in range(options.partitions)}
    for one in raw:
        done = written[f"{one.topic}/{one.partition}/{one.offset}"]
        waits[one.partition].append((done - one.timestamp) / 1000)
    longest = sorted(max(each) for each in waits.values())
    late = sum(wait > 1 for each in waits.values() for wait in each) / len(raw)
    print(
        f"{kind}: {options.workers} workers, {options.partitions} partitions, {len(raw)} articles: "
        f"longest wait of a partition {longest[0]:.1f} to {longest[-1]:.1f} s, "
        f"median {statistics.median(longest):.1f} s; {late:.0%} of the articles waited more than 1 s"
    )


def main() -> None:
    parser = argument_parser(__doc__)
    parser.add_argument("--brokers", required=True)
    parser.add_argument("--workers", type=int, default=3)
    parser.add_argument("--partitions", type=int, default=12)
    parser.add_argument("--rate", type=float, default=60, help="articles a second")
    parser.add_argument("--real", action="store_true", help="with the shipped pipeline, one process a worker")
    parser.add_argument("--kill", action="store_true", help="kill -9 instead of SIGTERM")
    options = parser.parse_args()
    for static in (False, True):
        asyncio.run(_restart_one_by_one(options, static=static))


if __name__ == "__main__":
    main()
