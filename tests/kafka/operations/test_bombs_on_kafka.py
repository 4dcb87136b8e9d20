"""Bombs and damaged batches on Kafka: dead letters, once each; neighbours go through; memory stays small."""

import asyncio
from collections import Counter
from dataclasses import dataclass

import pytest
from aiokafka.errors import KafkaError

from bench.fuzz.bombs import GZIP, LZ4, ZSTD, bomb_batch, send_batch, send_bomb
from bench.fuzz.damaged import IN_BATCH, damaged_batches, malformed_batches, odd_batches
from tests.faults.account import header, origin, produce_values, read_topic
from tests.faults.workers import POOLED, Worker
from worker.channels import MIB, Channel, topic_name
from worker.delivery.kafka import wire  # noqa: F401 (lets this process read the damaged batches too)

BOMB = ((b"a", b"good"), (b"b", 600 * MIB), (b"c", b"good"), (b"d", b"good"))
# Raw, enriched and matches: whoever may write to one of them may send a bomb.
READ = (Channel.RAW, Channel.ENRICHED, Channel.MATCHES)


@dataclass
class Peak:
    """The most memory that a worker's parent had since it was ready, and what it had then, in MiB."""

    worker: Worker

    def reset(self):
        with open(f"/proc/{self.worker.process.pid}/clear_refs", "w") as file:
            file.write("5")
        return self.of("VmRSS")

    def of(self, name):
        with open(f"/proc/{self.worker.process.pid}/status") as lines:
            return next(int(line.split()[1]) for line in lines if line.startswith(name)) / 1024


async def letters_of(brokers, prefix, count, worker):
    """All dead letters once there are so many."""
    async with asyncio.timeout(120):
        while True:
            letters = await read_topic(brokers, topic_name(Channel.DEAD, prefix))
            if len(letters) >= count:
                return letters
            assert worker.running, worker.said()
            await asyncio.sleep(1)


async def accepted(brokers, topic, batches):
    """Sends each batch; returns the offsets of those that the broker takes, by name."""
    offsets = {}
    for name, batch in batches.items():
        try:
            offsets[name] = await send_batch(brokers, topic, batch, len(IN_BATCH))
        except KafkaError as error:
            print(f"refused: {name}: {error}")
    return offsets


@pytest.mark.timeout(400)
async def test_a_bomb_becomes_dead_letters_once_and_its_neighbours_go_through(
    brokers, prefix, topics, start_worker
):
    assert len(bomb_batch(ZSTD, BOMB)) < 60_000
    raw = topic_name(Channel.RAW, prefix)
    worker = start_worker(prefix, command=POOLED, PROCESSES=1)
    await produce_values(brokers, raw, [b"before"] * 20)
    async with asyncio.timeout(90):
        while len(await read_topic(brokers, topic_name(Channel.ENRICHED, prefix))) < 20:
            assert worker.running, worker.said()
            await asyncio.sleep(1)
    peak = Peak(worker)
    before = peak.reset()
    firsts = {channel: await send_bomb(brokers, topic_name(channel, prefix), ZSTD, BOMB) for channel in READ}
    # Snappy makes a mebibyte, the most that the raw topic takes, of 21 at most.
    for codec, size in ((GZIP, 300), (LZ4, 150)):
        await send_bomb(brokers, raw, codec, [(b"e", size * MIB)])
    odd = await accepted(brokers, raw, odd_batches())
    malformed = dict(malformed_batches())
    damaged = await accepted(brokers, raw, {**damaged_batches(), **malformed})
    assert "gzip with garbage behind" in odd
    assert {"gzip with a cut second member", "lz4 with a wrong checksum"} <= damaged.keys()
    damage = {"lz4 with a wrong checksum": damaged_batches()["lz4 with a wrong checksum"]}
    for channel in (Channel.ENRICHED, Channel.MATCHES, Channel.RULES):
        assert await accepted(brokers, topic_name(channel, prefix), damage)
    await produce_values(brokers, raw, [b"after"] * 20, first=100)
    undecodable = len(damaged) + 2
    enriched = 44 + len(IN_BATCH) * len(odd) + len(damaged.keys() & malformed.keys())
    letters = await letters_of(brokers, prefix, 11 + undecodable, worker)
    async with asyncio.timeout(90):
        while len(await read_topic(brokers, topic_name(Channel.ENRICHED, prefix))) < enriched:
            assert worker.running, worker.said()
            await asyncio.sleep(1)
    grown = peak.of("VmHWM") - before
    # A worker that takes over begins after the bombs.
    assert worker.stop() == 0
    second = start_worker(prefix, command=POOLED, PROCESSES=1)
    await produce_values(brokers, raw, [b"again"] * 5, first=200)
    async with asyncio.timeout(90):
        while len(await read_topic(brokers, topic_name(Channel.ENRICHED, prefix))) < enriched + 5:
            assert second.running, second.said()
            await asyncio.sleep(1)
    assert second.stop() == 0
    letters = await read_topic(brokers, topic_name(Channel.DEAD, prefix))
    reasons = Counter(header(letter, "dead-letter-reason") for letter in letters)
    assert reasons == {"too-large": 11, "undecodable": undecodable}
    found = sorted(map(origin, letters))
    assert len(set(found)) == len(found) == 11 + undecodable
    for name, first in damaged.items():
        rest = next(letter for letter in letters if origin(letter) == f"{raw}/0/{first + 2}")
        assert header(rest, "dead-letter-offsets") == f"{first + (name in malformed)} to {first + 2}"
    for channel, first in firsts.items():
        place = f"{topic_name(channel, prefix)}/0"
        walked, cut, rest = [
            next(letter for letter in letters if origin(letter) == f"{place}/{first + number}")
            for number in (0, 1, 3)
        ]
        assert (walked.key, walked.value) == (b"a", b"good")
        assert (cut.key, cut.value, header(cut, "dead-letter-truncated")) == (b"b", b"", str(600 * MIB))
        assert (rest.key, rest.value) == (None, b"")
        assert header(rest, "dead-letter-offsets") == f"{first + 2} to {first + 3}"
        assert f"offsets {first + 2} to {first + 3}" in header(rest, "dead-letter-error")
        assert header(rest, "dead-letter-stage") == ("decode" if channel is Channel.RAW else "alert")
    print(f"the parent grew by {grown:.0f} MiB")
    assert grown < 200
