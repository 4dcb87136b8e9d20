"""What the story stage costs on Kafka: python -m bench.stories_on_kafka DATA --brokers ADDRESS [--sketches N]

Sketches of recombined articles (see `bench.stories`) wait in their topic when a worker starts, whose other
stages have nothing to do. Prints what a sketch takes of its process' CPU, the first tenth left out, how many
come out in a second, and what the worker takes at rest, in the seconds after that. On a machine that others
load the worker waits, and takes the latter meanwhile: so it is given without that too.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import tempfile
import time
import uuid
from pathlib import Path

from aiokafka import AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from bench.stories import recombined
from tests.faults.workers import POOLED, Worker
from training.stories.gold import read_strangers
from worker.channels import SPECS, Channel, topic_name
from worker.stories.sketch import make_sketch
from worker.stories.sketch_codec import sketch_bytes

_PARTITIONS = 4
_TICKS = os.sysconf("SC_CLK_TCK")
# Each look is a request that the worker answers.
_LOOK_SECONDS, _REST_SECONDS = 1.0, 15.0


def _cpu_seconds(pid: int) -> float:
    """The CPU time that a process has used, without its children."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


async def _prepare(brokers: str, prefix: str, data: Path, count: int) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=brokers)
    await admin.start()
    await admin.create_topics(
        [
            NewTopic(topic_name(one, prefix), spec.partitions or _PARTITIONS, 1, topic_configs=spec.config)
            for one, spec in SPECS.items()
        ]
    )
    await admin.close()
    texts = sorted(read_strangers(data, {}), key=lambda article: article.id)
    topic = topic_name(Channel.SKETCHES, prefix)
    async with AIOKafkaProducer(bootstrap_servers=brokers, acks="all", linger_ms=20) as producer:
        for number, article in enumerate(recombined(texts, count, seed=1)):
            sketch = make_sketch(article.enriched(), origin=f"raw/0/{number}")
            await producer.send(topic, sketch_bytes(sketch), key=sketch.id.encode())


async def _position(worker: Worker, prefix: str) -> int:
    status = await asyncio.to_thread(worker.status)
    lane = status.get("lanes", {}).get(f"{topic_name(Channel.SKETCHES, prefix)}/0", {})
    return int(lane.get("delivered", 0))


async def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("data", type=Path)
    parser.add_argument("--brokers", required=True)
    parser.add_argument("--sketches", type=int, default=20_000)
    parser.add_argument("--batch-size", type=int, default=32)
    options = parser.parse_args()
    prefix = f"stories-{uuid.uuid4().hex[:8]}."
    await _prepare(options.brokers, prefix, options.data, options.sketches)
    log = Path(tempfile.mkdtemp()) / "worker.log"
    worker = Worker(
        options.brokers,
        prefix,
        log,
        command=POOLED,
        PROCESSES=1,
        OUTPUTS="stories",
        BATCH_SIZE=options.batch_size,
    )
    try:
        marks: list[tuple[int, float, float]] = []
        for due in (options.sketches // 10, options.sketches):
            while (at := await _position(worker, prefix)) < due:
                assert worker.running, worker.said()
                await asyncio.sleep(_LOOK_SECONDS)
            marks.append((at, _cpu_seconds(worker.process.pid), time.monotonic()))
        (first, cpu, began), (last, cpu_end, ended) = marks
        await asyncio.sleep(_REST_SECONDS)
        at_rest = (_cpu_seconds(worker.process.pid) - cpu_end) / (time.monotonic() - ended)
        count, used, seconds = last - first, cpu_end - cpu, ended - began
        print(
            f"{count:,} sketches: {1000 * used / count:.2f} ms of the worker's CPU each, "
            f"{count / seconds:.0f} a second, {count / used:.0f} a second of its CPU; at rest it takes "
            f"{at_rest:.1%} of one, and without that {1000 * (used - at_rest * seconds) / count:.2f} ms each"
        )
    finally:
        worker.end()


if __name__ == "__main__":
    asyncio.run(main())
