"""Measures how long the desk's pages take with many articles indexed, and with many who look at once.

    python -m bench.desk.page [--articles 100000] [--viewers 50] [--check]

The desk runs in a process of its own, with 2,000 articles at hand and an index of all of them, without
Kafka. Each page is asked for in turn by one reader, then by all viewers at the same time. Times are from the
request to the answer's last byte, in milliseconds, on this machine. Then all viewers ask for Live at the same
time, each with another filter that nothing matches, while one reader asks for Live without one again and
again, and the desk watches how long its event loop is held. `--check` exits with 1 if the first page takes
more than 300 ms in the median of one reader, alone or beside the filters, or if the loop is held for more
than 50 ms of CPU.
"""

import argparse
import asyncio
import gc
import statistics
import sys
import tempfile
import time
from collections import deque
from collections.abc import AsyncIterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from urllib.parse import urlencode

import aiohttp
import orjson

from bench.command_line import argument_parser, as_markdown
from bench.desk.articles import documents_until, enriched_of
from worker.channels import Channel
from worker.commands.desk.archive import IndexArchive
from worker.commands.desk.topic_source import TopicSource
from worker.commands.search.ingest import INDEX_BATCH_RECORDS
from worker.desk.access import Access, loopback_hosts
from worker.desk.live import Live
from worker.desk.ring import MOST_ARTICLES, PlacedArticle
from worker.desk.server import served
from worker.search.document import read_document
from worker.search.file import opened_for_writing
from worker.search.writing import Change, Writer, entry_of
from worker.settings import Settings

FIRST_PAGE_MS = 300.0
"""What the first page may take."""
MOST_HELD_MS = 50.0
"""For how long the desk may work without a turn for others."""
_TICK_SECONDS = 0.002


def main() -> None:
    options = _arguments()
    with tempfile.TemporaryDirectory(dir=options.folder) as folder:
        path = Path(folder) / "index.sqlite"
        documents = documents_until(options.articles, int(time.time()) - 60)
        began = time.perf_counter()
        write_index(path, documents)
        size = sum(file.stat().st_size for file in Path(folder).iterdir())
        seconds = time.perf_counter() - began
        print(f"{options.articles:,} articles indexed in {seconds:,.0f} s, {size / 1e6:,.0f} MB")
        pages = _pages(documents)
        latest = documents[-MOST_ARTICLES:]
        measured = asyncio.run(_measure(path, latest, pages, options.rounds, options.viewers))
    if options.check and (problems := measured.problems()):
        sys.exit("\n".join(problems))


@dataclass(frozen=True)
class FirstPageTimes:
    """Medians of Live without a filter, alone and beside filters; how long the loop was held (CPU)."""

    first_ms: float
    beside_ms: float
    held_ms: float

    def problems(self) -> list[str]:
        """What takes longer than it may, one line each."""
        of_first = {"the first page": self.first_ms, "the first page beside filters": self.beside_ms}
        found = [
            f"{what} takes {ms:.0f} ms, more than {FIRST_PAGE_MS:.0f}"
            for what, ms in of_first.items()
            if ms >= FIRST_PAGE_MS
        ]
        if self.held_ms > MOST_HELD_MS:
            found.append(f"the loop was held for {self.held_ms:.0f} ms, more than {MOST_HELD_MS:.0f}")
        return found


def write_index(path: Path, documents: Sequence[bytes]) -> None:
    """Indexes documents as `dateline index` does: one batch is prepared while another is written."""
    with opened_for_writing(path) as connection, ThreadPoolExecutor(1) as preparing:
        writer = Writer(connection)
        under_way = deque([preparing.submit(_changes, documents, 0)])
        for start in range(0, len(documents), INDEX_BATCH_RECORDS):
            end = start + INDEX_BATCH_RECORDS
            under_way.append(preparing.submit(_changes, documents, end))
            writer.write(under_way.popleft().result(), {(Channel.SEARCH, 0): end})


def _changes(documents: Sequence[bytes], start: int) -> list[Change]:
    found = []
    for offset, value in enumerate(documents[start : start + INDEX_BATCH_RECORDS], start):
        document = read_document(value)
        found.append(Change(document["id"], 0, offset, document["version"], entry_of(document, value)))
    return found


def _pages(documents: Sequence[bytes]) -> dict[str, str]:
    """The addresses that are measured, by what they are."""
    last = orjson.loads(documents[-1])
    person, word = last["entity_ids"][0], max(last["headline"].split(), key=len).lower()
    usual = last["headline"].split()[1].lower()
    return {
        "Live, the first page": "/",
        "Live, with a filter": f"/?q=entity:{last['people'][0].split()[0]}",
        "an article": "/articles/0/0",
        "people of the last day": "/people",
        "organisations of the last week": "/people?kind=org&period=week",
        "people of all time": "/people?period=all",
        "a person": f"/people/{person}",
        "search for a word": f"/search?q={word}",
        "search for a common word": f"/search?q={usual}",
        "search for quotes": f"/search?what=quotes&q={usual}",
        "an indexed article": f"/archive?id={orjson.loads(documents[0])['id']}",
    }


async def _measure(
    path: Path, documents: Sequence[bytes], pages: dict[str, str], rounds: int, viewers: int
) -> FirstPageTimes:
    """Prints two tables."""
    rows, medians = [], []
    async with _served_apart(path, documents) as desk, aiohttp.ClientSession() as session:
        for what, page in pages.items():
            alone = [(await _timed(session, desk.address + page)) for _ in range(rounds)]
            together = await asyncio.gather(*(_timed(session, desk.address + page) for _ in range(viewers)))
            medians.append(statistics.median(alone))
            rows.append(
                [what, f"{medians[-1]:.0f}", f"{max(alone):.0f}", f"{statistics.median(together):.0f}",
                 f"{max(together):.0f}"]
            )  # fmt: skip
        head = ["page", "one reader", "worst", f"{viewers} at once", "worst"]
        print(as_markdown(head, rows))
        beside, held = await _measure_filters(desk, session, viewers)
    return FirstPageTimes(medians[0], beside, held)


async def _measure_filters(
    desk: "_ServedDesk", session: aiohttp.ClientSession, viewers: int
) -> tuple[float, float]:
    """The median of Live without a filter beside others with filters, and how long the loop was held."""
    filters = [_RARE[number % len(_RARE)].format(number) for number in range(viewers)]
    addresses = [f"{desk.address}/?{urlencode({'q': query})}" for query in filters]
    await desk.longest_held()
    asked = asyncio.gather(*(_timed(session, address) for address in addresses))
    plain = []
    while not asked.done():
        plain.append(await _timed(session, desk.address))
        await asyncio.sleep(0.02)
    filtered = await asked
    wall, cpu = await desk.longest_held()
    rows = [
        [what, f"{len(times)}", f"{statistics.median(times):.0f}", f"{max(times):.0f}"]
        for what, times in (("with another filter each", filtered), ("without a filter, meanwhile", plain))
    ]
    print(as_markdown(["Live", "pages", "median", "worst"], rows))
    print(f"the loop was held for {cpu:.0f} ms of CPU at most, {wall:.0f} ms by the clock")
    return statistics.median(plain), cpu


# None of the articles has these words.
_RARE = (
    "zzyx{0}",
    'entity:"Zora Quill {0}"',
    '"zzyx quill {0}"~5',
    'speaker:"Zora Quill {0}" OR stem:zzyxes{0}',
    "topic:conflict headline:zzyx{0}",
)


async def _timed(session: aiohttp.ClientSession, url: str) -> float:
    began = time.perf_counter()
    async with session.get(url) as answer:
        body = await answer.read()
    assert answer.status == 200, (url, answer.status, body[:500])
    return (time.perf_counter() - began) * 1000


@dataclass(frozen=True)
class _ServedDesk:
    """A desk in a process of its own."""

    address: str
    pipe: Connection

    async def longest_held(self) -> tuple[float, float]:
        """For how long its loop was held at most since the last call: milliseconds, and those of CPU."""
        self.pipe.send("held")
        wall, cpu = await asyncio.to_thread(self.pipe.recv)
        return wall, cpu


@asynccontextmanager
async def _served_apart(path: Path, documents: Sequence[bytes]) -> AsyncIterator[_ServedDesk]:
    spawn = get_context("spawn")
    here, there = spawn.Pipe()
    process = spawn.Process(target=_serve, args=(path, list(documents), there), daemon=True)
    process.start()
    try:
        yield _ServedDesk(await asyncio.to_thread(here.recv), here)
    finally:
        here.send(None)
        process.join(10)


class _Ticker:
    """Notes how long the loop does other things between two ticks."""

    def __init__(self) -> None:
        self._wall = self._cpu = 0.0

    async def run(self) -> None:
        while True:
            wall, cpu = time.perf_counter(), time.thread_time()
            await asyncio.sleep(_TICK_SECONDS)
            self._wall = max(self._wall, time.perf_counter() - wall - _TICK_SECONDS)
            self._cpu = max(self._cpu, time.thread_time() - cpu)

    def take(self) -> tuple[float, float]:
        """The longest times since the last call, in milliseconds: by the clock, and of this thread's CPU."""
        found = self._wall * 1000, self._cpu * 1000
        self._wall = self._cpu = 0.0
        return found


def _serve(path: Path, documents: Sequence[bytes], there: Connection) -> None:
    asyncio.run(_serve_until_told(path, documents, there))


async def _serve_until_told(path: Path, documents: Sequence[bytes], there: Connection) -> None:
    # As the command does.
    gc.collect()
    gc.freeze()
    live, archive = Live(), IndexArchive(path)
    for offset, value in enumerate(documents):
        article = orjson.dumps(enriched_of(orjson.loads(value)))
        live.take_article(PlacedArticle(0, offset, time.time_ns() // 1_000_000, article))
    live.set_reads(True)
    archive.tell(articles=await archive.count(), is_current=True)
    source, access = TopicSource(Settings()), Access(hosts=loopback_hosts([]))
    async with served(live, source, access, host="127.0.0.1", port=0, archive=archive) as (host, port):
        ticker = _Ticker()
        ticking = asyncio.create_task(ticker.run())
        there.send(f"http://{host}:{port}")
        while await asyncio.to_thread(there.recv) is not None:
            there.send(ticker.take())
        ticking.cancel()
    archive.close()


def _arguments() -> argparse.Namespace:
    parser = argument_parser(__doc__)
    parser.add_argument("--articles", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=15, help="how often one reader asks for each page")
    parser.add_argument("--viewers", type=int, default=50, help="how many ask at once")
    parser.add_argument(
        "--folder", type=Path, help="where the index is made; default: that of temporary files"
    )
    parser.add_argument("--check", action="store_true", help="exit 1 if the first page takes too long")
    return parser.parse_args()


if __name__ == "__main__":
    main()
