"""How long stories take to open again: python -m bench.stories_opening DATA [--articles N] [--days N]

So many articles are told, at an even pace over these days. Then a fresh process reads the state's records,
as a lane does when it opens: in slices, beside others on its event loop. Prints what that takes of time and
memory, for how long the loop was held at most, and the CPU time of the decisions that come next.

There are not so many articles. They are 3,000 that are recombined (see `bench.stories`), again and again,
each time with other numbers in place of their words, names and fingerprints, so that no two rounds have
anything in common. Real articles share words: their state takes less memory.
"""

from __future__ import annotations

import argparse
import asyncio
import pickle
import tempfile
import time
from array import array
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import IO, NamedTuple

import numpy as np
from aiokafka import ConsumerRecord, TopicPartition

from bench.isolation import in_fresh_process
from bench.stories import memory_mib, recombined
from training.stories.gold import read_strangers
from worker.agents.stories import StoredStories, restored_stories
from worker.stories.memory import CLOCK_KEY
from worker.stories.messages import SKETCH_POSITION
from worker.stories.sketch import Sketch, Weighted, make_sketch
from worker.stories.stories import Position, Stories

_START_MS, _DAY_MS = 1_700_000_000_000, 86_400_000
_ROUND, _AFTERWARDS = 3_000, 1_000
_TOLD_EVERY = 20_000
# The records of a fetch are taken so many at a time, as `read_beside` does.
_AT_ONCE = 1_000
_MIX = 0x9E3779B1
_LOOK_SECONDS = 0.005


class Opened(NamedTuple):
    """What opening took, and the decisions after it.

    `held`: the longest that the loop was held, in seconds; `held_cpu`: the most that the process worked then.
    """

    seconds: float
    cpu: float
    mib: float
    held: float
    held_cpu: float
    articles: int
    stories: int
    decisions: list[float]


def sketches(texts_in: Path, count: int) -> Iterator[Sketch]:
    """So many sketches. Those of one round have nothing in common with those of another."""
    texts = sorted(read_strangers(texts_in, {}), key=lambda article: article.id)
    first = [
        make_sketch(article.enriched(), origin=f"raw/0/{number}")
        for number, article in enumerate(recombined(texts, min(count, _ROUND), seed=1))
    ]
    for number in range(count):
        sketch, turn = first[number % len(first)], number // len(first)
        yield _changed(sketch, turn) if turn else sketch


def _changed(sketch: Sketch, turn: int) -> Sketch:
    mask = np.uint32(turn * _MIX & 0xFFFFFFFF)

    def other(numbers: array[int]) -> array[int]:
        return array("I", (np.frombuffer(numbers, np.uint32) ^ mask).tobytes())

    terms, lead, entities = (
        Weighted(other(one.keys), one.weights) for one in (sketch.terms, sketch.lead, sketch.entities)
    )
    return replace(
        sketch,
        id=f"{sketch.id}-{turn}",
        origin=f"{sketch.origin}-{turn}",
        terms=terms,
        lead=lead,
        entities=entities,
        fingerprints=array("I", sorted(other(sketch.fingerprints))),
    )


def write_state(data: Path, into: Path, count: int, days: float) -> None:
    """Tells the articles, and stores the state's records and the sketches of articles that come next."""
    stories, began = Stories(), time.monotonic()
    step = int(days * _DAY_MS / count)
    afterwards = []
    for number, sketch in enumerate(sketches(data, count + _AFTERWARDS)):
        at = Position(number, _START_MS + number * step)
        if number >= count:
            afterwards.append((sketch, at))
            continue
        stories.take(sketch, at)
        if (number + 1) % _TOLD_EVERY == 0:
            print(f"{number + 1:,} articles told in {time.monotonic() - began:,.0f} s", flush=True)
    with into.open("wb") as file:
        records = [*stories.memory.records()]
        # The clock's record completes a state.
        records.sort(key=lambda record: record[0] == CLOCK_KEY)
        pickle.dump((len(records), afterwards), file)
        for record in records:
            pickle.dump(record, file)


async def _open(path: Path) -> Opened:
    with path.open("rb") as file:
        count, afterwards = pickle.load(file)
        before, stored = memory_mib(), StoredStories()
        held, ended = [(0.0, 0.0)], asyncio.Event()
        watching = asyncio.create_task(_watch(held, ended))
        await asyncio.sleep(0)
        began, cpu = time.monotonic(), time.process_time()
        for start in range(0, count, _AT_ONCE):
            some = await asyncio.to_thread(_read, file, min(_AT_ONCE, count - start))
            for record in some:
                stored.take(record)
            await asyncio.sleep(0)
    stored.end(TopicPartition("state", 0))
    stories = await restored_stories(stored.values)
    seconds, used, mib = time.monotonic() - began, time.process_time() - cpu, memory_mib() - before
    ended.set()
    await watching
    longest, worked = max(held)[0], max(cpu for _, cpu in held)
    articles, open_stories, decisions = stories.memory.articles, stories.memory.open_stories, []
    for sketch, at in afterwards:
        cpu = time.thread_time()
        stories.take(sketch, at)
        decisions.append(time.thread_time() - cpu)
    return Opened(seconds, used, mib, longest, worked, articles, open_stories, decisions)


def _read(file: IO[bytes], count: int) -> list[ConsumerRecord[bytes, bytes]]:
    """The next records, as a fetch gives them."""
    headers = ((SKETCH_POSITION, b"1"),)
    pairs = [pickle.load(file) for _ in range(count)]
    return [ConsumerRecord("state", 0, 0, 0, 0, key, value, 0, 0, 0, headers) for key, value in pairs]


async def _watch(held: list[tuple[float, float]], ended: asyncio.Event) -> None:
    """Notes how late the loop comes back to somebody, and how much the process worked meanwhile."""
    while not ended.is_set():
        began, cpu = time.monotonic(), time.process_time()
        await asyncio.sleep(_LOOK_SECONDS)
        held.append((time.monotonic() - began - _LOOK_SECONDS, time.process_time() - cpu))


def opened(path: Path) -> Opened:
    """Opens the state in that file."""
    return asyncio.run(_open(path))


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("data", type=Path)
    parser.add_argument("--articles", type=int, default=300_000)
    parser.add_argument("--days", type=float, default=3.0, help="in so many days of the log")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "state"
        in_fresh_process(partial(write_state, options.data, path, options.articles, options.days))
        size = path.stat().st_size / (1 << 20)
        found = in_fresh_process(partial(opened, path))
    print(
        f"{found.articles:,} articles and {found.stories:,} open stories, {size:,.0f} MiB of records: read "
        f"in {found.seconds:.1f} s ({found.cpu:.1f} s of CPU), {found.mib:,.0f} MiB of memory, the loop held "
        f"for {1000 * found.held:.0f} ms at most, at most {1000 * found.held_cpu:.0f} ms of them at work"
    )
    decisions = sorted(found.decisions)
    each = 1000 * sum(decisions) / len(decisions)
    print(
        f"the next {len(decisions):,} decisions: {each:.2f} ms of CPU each, "
        f"{1000 * decisions[-1]:.0f} ms at most"
    )


if __name__ == "__main__":
    main()
