"""Measures whether the desk's memory stays flat while news comes for long, in its process and in a browser.

    python -m bench.desk.soak [--seconds 600] [--rate 200] [--viewers 50] [--short] [--check]

On Apache Kafka, which it starts, or at `--brokers`: a producer writes so many articles a second, each to the
topic of enriched articles and to that of search. `dateline desk` shows and indexes them. So many viewers
watch Live, every second one with a filter, and Chromium has the page open. Every minute it asks for pages,
and tells the desk's memory and processor time, and the browser's memory after a collection of garbage.
`--check` exits with 1 if viewers missed events, or if a run of several minutes takes clearly more memory in
its second half than in its first. `--short`: twenty seconds, without the browser.
"""

import argparse
import asyncio
import os
import re
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
import orjson
from aiokafka import AIOKafkaProducer

from bench.command_line import argument_parser, as_markdown
from bench.desk.articles import documents_until, enriched_of
from tests.faults.cluster import kafka_script
from worker.channels import Channel, topic_name

FLAT = 0.1
"""By what share the memory of the second half may be above that of the first, in the median."""
_LEAST_LOOKS = 3
_PREFIX = "soak."
_DIFFERENT = 400
_PAGES = ("/", "/people", "/search?q=ba", "/stories")
_FILTERS = ("language:en", "topic:conflict", "headline:ba", "NOT language:fr", "entity:ba")
_MIB = 1 << 20


@dataclass
class _Figures:
    """What was seen, a row each minute."""

    rows: list[list[str]] = field(default_factory=list)
    desk: list[float] = field(default_factory=list)
    browser: list[float] = field(default_factory=list)
    received: int = 0
    missed: int = 0
    sent: int = 0
    seconds: float = 0.0


def main() -> None:
    options = _arguments()
    with _cluster(options.brokers) as brokers:
        figures = asyncio.run(_soak(options, brokers))
    head = ["after", "sent", "indexed", "desk MiB", "desk CPU", "browser heap MiB", "nodes", *_PAGES]
    print(as_markdown(head, figures.rows))
    print(
        f"\n{figures.sent:,} articles in {figures.seconds:.0f} s, {options.viewers} viewers took "
        f"{figures.received:,} events and missed {figures.missed:,}"
    )
    if options.check:
        _check(figures)


def _check(figures: _Figures) -> None:
    for what, seen in (("the desk", figures.desk), ("the browser", figures.browser)):
        half = len(seen) // 2
        if (
            half
            and (grown := statistics.median(seen[half:]) / statistics.median(seen[1:half] or seen[:half]))
            > 1 + FLAT
        ):
            sys.exit(f"{what} takes {grown:.2f} of the memory that it took in the first half")
    if figures.missed or not figures.received:
        sys.exit(f"viewers took {figures.received:,} events and missed {figures.missed:,}")


async def _soak(options: argparse.Namespace, brokers: str) -> _Figures:
    figures = _Figures()
    environment = {**os.environ, "DATELINE_BROKERS": brokers, "DATELINE_TOPIC_PREFIX": _PREFIX}
    made = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "worker", "topics", "create", env={**environment, "DATELINE_PARTITIONS": "4"},
        stdout=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    assert await made.wait() == 0
    with tempfile.TemporaryDirectory() as folder:
        async with (
            _desk(environment, Path(folder) / "index.sqlite") as (address, pid),
            aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=None)) as session,
            asyncio.TaskGroup() as group,
        ):
            watching = [
                group.create_task(_watch(session, address, number, figures))
                for number in range(options.viewers)
            ]
            feeding = group.create_task(_feed(brokers, options.rate, options.seconds, figures))
            with _browser(address, wanted=not options.short) as browser:
                await _look_now_and_then(feeding, session, address, pid, browser, options, figures)
            for each in watching:
                each.cancel()
    return figures


async def _look_now_and_then(
    feeding: asyncio.Task[None],
    session: aiohttp.ClientSession,
    address: str,
    pid: int,
    browser: Any,
    options: argparse.Namespace,
    figures: _Figures,
) -> None:
    began, cpu, at = time.monotonic(), _cpu_seconds(pid), time.monotonic()
    while not feeding.done():
        await asyncio.wait([feeding], timeout=5 if options.short else 60)
        now, cpu_now = time.monotonic(), _cpu_seconds(pid)
        figures.desk.append(_resident(pid) / _MIB)
        heap, nodes = await asyncio.to_thread(_heap, browser)
        if browser is not None:
            figures.browser.append(heap)
        pages = [await _timed(session, address + page) for page in _PAGES]
        figures.rows.append(
            [
                f"{now - began:.0f} s",
                f"{figures.sent:,}",
                await _indexed(session, address),
                f"{figures.desk[-1]:.0f}",
                f"{(cpu_now - cpu) / (now - at):.0%}",
                f"{heap:.1f}" if browser is not None else "-",
                f"{nodes:,}" if browser is not None else "-",
                *pages,
            ]
        )
        print(*figures.rows[-1], file=sys.stderr)
        cpu, at = cpu_now, now


async def _feed(brokers: str, rate: int, seconds: int, figures: _Figures) -> None:
    """Writes articles at a steady pace."""
    made = [orjson.loads(value) for value in documents_until(_DIFFERENT, int(time.time()))]
    enriched = [enriched_of(document) for document in made]
    topics = [topic_name(channel, _PREFIX) for channel in (Channel.ENRICHED, Channel.SEARCH)]
    async with AIOKafkaProducer(bootstrap_servers=brokers, linger_ms=20) as producer:
        began = time.monotonic()
        for number in range(rate * seconds):
            which, id_ = number % _DIFFERENT, f"soak-{number}"
            document = {**made[which], "id": id_, "version": time.time_ns() // 1_000_000}
            for topic, fields in zip(topics, ({**enriched[which], "id": id_}, document), strict=True):
                await producer.send(topic, orjson.dumps(fields), key=id_.encode())
            figures.sent += 1
            figures.seconds = time.monotonic() - began
            if (ahead := number / rate - (time.monotonic() - began)) > 0:
                await asyncio.sleep(ahead)


async def _watch(session: aiohttp.ClientSession, address: str, number: int, figures: _Figures) -> None:
    """A viewer of Live, who comes back like a browser if the connection ends."""
    query = {"q": _FILTERS[number // 2 % len(_FILTERS)]} if number % 2 else {}
    while True:
        with suppress(aiohttp.ClientError):
            async with session.get(f"{address}/stream", params=query) as answer:
                assert answer.status in (200, 503), (query, answer.status)
                async for line in answer.content:
                    figures.received += line.startswith(b"event: article")
                    if line.startswith(b"event: missed"):
                        told = await answer.content.readline()
                        figures.missed += int(orjson.loads(told.removeprefix(b"data: "))["events"])
        await asyncio.sleep(1)


async def _timed(session: aiohttp.ClientSession, url: str) -> str:
    began = time.perf_counter()
    async with session.get(url) as answer:
        await answer.read()
    return f"{(time.perf_counter() - began) * 1000:.0f} ms" + (
        f" ({answer.status})" if answer.status != 200 else ""
    )


async def _indexed(session: aiohttp.ClientSession, address: str) -> str:
    async with session.get(f"{address}/people") as answer:
        found = re.search(r"([\d,]+) articles? indexed", await answer.text())
    return found[1] if found else "-"


@asynccontextmanager
async def _desk(environment: dict[str, str], index: Path) -> AsyncIterator[tuple[str, int]]:
    """`dateline desk`, its address and its process's number."""
    desk = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "worker", "desk", "--port", "0", "--index", str(index),
        env=environment, stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    assert desk.stdout is not None
    try:
        said = (await desk.stdout.readline()).decode()
        found = re.search(r"http://[\d.]+:\d+", said)
        assert found, said
        yield found[0], desk.pid
    finally:
        with suppress(ProcessLookupError):
            desk.terminate()
        await desk.wait()


@contextmanager
def _browser(address: str, *, wanted: bool) -> Iterator[Any]:
    """Chromium with the Live page open; None where it is not wanted."""
    if not wanted:
        yield None
        return
    from selenium import webdriver
    from selenium.webdriver.chrome.service import Service

    options = webdriver.ChromeOptions()
    for word in ("--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu"):
        options.add_argument(word)
    options.binary_location = shutil.which("chromium") or ""
    browser = webdriver.Chrome(options=options, service=Service(shutil.which("chromedriver")))
    try:
        browser.get(f"{address}/")
        yield browser
    finally:
        browser.quit()


def _heap(browser: Any) -> tuple[float, int]:
    """MiB of the page's heap after a collection of garbage, and how many nodes it has."""
    if browser is None:
        return 0.0, 0
    browser.execute_cdp_cmd("HeapProfiler.collectGarbage", {})
    browser.execute_cdp_cmd("Performance.enable", {})
    found = browser.execute_cdp_cmd("Performance.getMetrics", {})["metrics"]
    metrics = {each["name"]: each["value"] for each in found}
    return metrics["JSHeapUsedSize"] / _MIB, int(metrics["Nodes"])


def _resident(pid: int) -> int:
    fields = Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()
    return int(fields[1]) * os.sysconf("SC_PAGE_SIZE")


def _cpu_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@contextmanager
def _cluster(brokers: str | None) -> Iterator[str]:
    """The addresses of a cluster: those given, or of one broker started here, which is gone afterwards."""
    if brokers:
        yield brokers
        return
    with tempfile.TemporaryDirectory(prefix="soak-kafka-") as folder:
        try:
            started = kafka_script(Path(folder), "start", "--port", "0")
        except RuntimeError as error:
            sys.exit(str(error))
        try:
            yield started.splitlines()[-1]
        finally:
            kafka_script(Path(folder), "stop", "--delete")


def _arguments() -> argparse.Namespace:
    parser = argument_parser(__doc__)
    parser.add_argument("--seconds", type=int, default=600)
    parser.add_argument("--rate", type=int, default=200, help="articles a second")
    parser.add_argument("--viewers", type=int, default=50)
    parser.add_argument("--brokers", help="of a cluster that runs already; default: one is started")
    parser.add_argument("--short", action="store_true", help="twenty seconds, without the browser")
    parser.add_argument("--check", action="store_true", help="exit 1 if memory grows or viewers miss events")
    options = parser.parse_args()
    if options.short:
        options.seconds = 20
    return options


if __name__ == "__main__":
    main()
