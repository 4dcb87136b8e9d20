"""One run of one peer: a backlog of articles, its processes, and the figures from when its records came."""

import asyncio
import hashlib
import json
import math
import os
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from confluent_kafka import Consumer

from bench.footprint import tree_footprints
from bench.kafka import create_topics, delete_topics, produce
from bench.peers.enriching import CHANNELS, PeerPlace
from tests.faults.account import read_topic
from tests.faults.workers import ROOT, WITHOUT_ALERTS
from worker.channels import Channel, topic_name

BARE, DATELINE = "bare pipeline", "Dateline"
_PYTHON = (sys.executable, "-m")
PEERS = {
    "confluent-kafka loop": (*_PYTHON, "bench.peers.with_confluent"),
    "Quix Streams": (*_PYTHON, "bench.peers.with_quix"),
    "Faust": (*_PYTHON, "faust", "-A", "bench.peers.with_faust", "worker", "--without-web", "-l", "warn"),
}
"""Peers that run a program for each process."""
PEER_NAMES = (BARE, DATELINE, *PEERS)
_Command = tuple[tuple[str, ...], dict[str, str]]
"""The words, and the variables."""
KeyedTexts = Sequence[tuple[str, bytes]]
# One time for all articles of all runs: records tell it, and are to be the same.
_AT_MS = int(time.time() * 1000)
_PARTITIONS = 4
_STILL_SECONDS = 120.0


@dataclass(frozen=True, slots=True)
class PeerFigures:
    """What a peer took.

    `per_second`: articles from the first to the last. `cpu_ms`: CPU time of all its processes for an article,
    their start left out. `mib`: the most memory of all its processes together. `first_seconds`: from the
    start of its processes to the first article. `records`: a digest of all that it wrote; the bare pipeline
    writes nothing.
    """

    per_second: float
    cpu_ms: float
    mib: float
    first_seconds: float
    records: str = ""


@dataclass(frozen=True, slots=True)
class _Program:
    process: "subprocess.Popen[bytes]"
    log: Path


def run_peer(name: str, brokers: str, articles: KeyedTexts, processes: int) -> PeerFigures:
    """Runs it to the end of the articles. Raises AssertionError where one is missing."""
    with tempfile.TemporaryDirectory(prefix="peers-") as folder:
        if name == BARE:
            return _run_bare(Path(folder), articles, processes)
        return _run_on_kafka(name, Path(folder), brokers, articles, processes)


def _run_bare(folder: Path, articles: KeyedTexts, processes: int) -> PeerFigures:
    path = folder / "articles.jsonl"
    path.write_bytes(b"\n".join(value for _, value in articles))
    began = time.monotonic()
    words = [(*_PYTHON, "bench.peers.bare", str(path), str(one), str(processes)) for one in range(processes)]
    running = [subprocess.Popen(one, stdout=subprocess.PIPE, cwd=ROOT, env=_environ({})) for one in words]
    told = [json.loads(one.communicate()[0]) for one in running]
    first, last = min(one["first"][0] for one in told), max(one["last"][0] for one in told)
    return PeerFigures(
        per_second=(len(articles) - processes) / (last - first),
        cpu_ms=1000 * sum(one["last"][1] - one["first"][1] for one in told) / (len(articles) - processes),
        mib=sum(one["mib"] for one in told),
        first_seconds=first - began,
    )


def _run_on_kafka(name: str, folder: Path, brokers: str, articles: KeyedTexts, processes: int) -> PeerFigures:
    prefix = f"peers-{uuid.uuid4().hex[:8]}."
    create_topics(brokers, prefix, copies=1, partitions=_PARTITIONS, output_partitions=_PARTITIONS)
    try:
        rows = ((key.encode(), value, _AT_MS) for key, value in articles)
        produce(brokers, topic_name(Channel.RAW, prefix), rows, acks="all")
        began = time.monotonic()
        commands: list[_Command]
        if name == DATELINE:
            commands = [((*_PYTHON, "worker", "worker"), _dateline(brokers, prefix, processes))]
        else:
            places = [PeerPlace(brokers, prefix, number) for number in range(processes)]
            commands = [(PEERS[name], place.variables()) for place in places]
        with _running(folder, commands) as programs:
            first, last, mib = _watch(brokers, prefix, programs, {key.encode() for key, _ in articles})
        records = asyncio.run(_digest(brokers, prefix))
    finally:
        delete_topics(brokers, prefix)
    # Of so few articles that they were all there at once, nothing can be said.
    number = last.articles - first.articles
    return PeerFigures(
        per_second=number / (last.at - first.at) if number else math.nan,
        cpu_ms=1000 * (last.cpu - first.cpu) / number if number else math.nan,
        mib=mib,
        first_seconds=first.at - began,
        records=records,
    )


def _dateline(brokers: str, prefix: str, processes: int) -> dict[str, str]:
    values = {
        "BROKERS": brokers,
        "TOPIC_PREFIX": prefix,
        "PROCESSES": str(processes),
        "OUTPUTS": WITHOUT_ALERTS,
        "LANGUAGES": "en",
        "WEB_PORT": "0",
    }
    return {f"DATELINE_{name}": value for name, value in values.items()}


def _environ(variables: dict[str, str]) -> dict[str, str]:
    """This process's variables and these; settings of a worker are not passed on. Each has one thread."""
    ours = {name: value for name, value in os.environ.items() if not name.startswith("DATELINE_")}
    return ours | {"PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"} | variables


@contextmanager
def _running(folder: Path, commands: Sequence[_Command]) -> Iterator[list[_Program]]:
    programs: list[_Program] = []
    try:
        for number, (command, variables) in enumerate(commands):
            log = folder / f"{number}.log"
            with log.open("wb") as out:
                process = subprocess.Popen(
                    command, cwd=folder, env=_environ(variables), stdout=out, stderr=out
                )
            programs.append(_Program(process, log))
        yield programs
    finally:
        for one in programs:
            one.process.terminate()
        for one in programs:
            with suppress(subprocess.TimeoutExpired):
                one.process.wait(15)
            one.process.kill()
            one.process.wait()


@dataclass(frozen=True, slots=True)
class _Moment:
    """So many articles were there, and so many CPU seconds used."""

    at: float
    articles: int
    cpu: float


def _watch(
    brokers: str, prefix: str, programs: Sequence[_Program], keys: set[bytes]
) -> tuple[_Moment, _Moment, float]:
    """When the first articles were there and when all were; and the most memory that was taken, MiB."""
    consumer = Consumer(
        {
            "bootstrap.servers": brokers,
            "group.id": f"{prefix}watch",
            "auto.offset.reset": "earliest",
            "enable.auto.commit": False,
        }
    )
    consumer.subscribe([topic_name(Channel.ENRICHED, prefix)])
    seen: set[bytes] = set()
    first, mib, moved_at = None, 0.0, time.monotonic()
    try:
        while True:
            found = {one.key() or b"" for one in consumer.consume(500, timeout=0.2) if not one.error()}
            now = time.monotonic()
            used = [one for program in programs for one in tree_footprints(program.process.pid)]
            mib = max(mib, sum(one.resident_mib for one in used))
            if found - seen:
                seen |= found
                moved_at = now
                moment = _Moment(now, len(seen), sum(one.cpu_seconds for one in used))
                first = first or moment
                if seen == keys:
                    return first, moment, mib
            assert all(one.process.poll() is None for one in programs), _said(programs)
            assert now < moved_at + _STILL_SECONDS, _said(programs)
    finally:
        consumer.close()


def _said(programs: Sequence[_Program]) -> str:
    return "\n".join(one.log.read_text(encoding="utf-8", errors="replace")[-3000:] for one in programs)


async def _digest(brokers: str, prefix: str) -> str:
    """A digest of the keys and values of all records, each once: a peer may write some twice.

    They name the topic that they come of, whose prefix is left out.
    """
    records = set()
    for channel in CHANNELS:
        for one in await read_topic(brokers, topic_name(channel, prefix)):
            records.add((channel.value, one.key, (one.value or b"").replace(prefix.encode(), b"")))
    whole = hashlib.sha256()
    for channel_name, key, value in sorted(records, key=repr):
        whole.update(repr((channel_name, key, value)).encode())
    return f"{len(records)} records, {whole.hexdigest()[:16]}"
