"""How long stories take to open again: python -m bench.stories_opening DATA [--articles N] [--days N]

A state is made as so many articles leave it, told at an even pace over these days. Then a fresh process
reads its records, as a lane does when it opens: in slices, beside others on its event loop. Prints what that
takes of time and memory, for how long the loop was held at most, and the CPU time of the decisions that come
next.

Only 3,000 articles are told, which are recombined (see `bench.stories`). Their records are repeated, each
time with other numbers in place of their words, names and fingerprints: no two rounds have anything in
common, so that telling all of them would give the same. Stories of one article that are old enough are
closed. Real articles share words: their state takes less memory.
"""

from __future__ import annotations

import argparse
import asyncio
import pickle
import tempfile
import time
from array import array
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
from worker.stories.entry import entry_bytes, read_entry
from worker.stories.limits import STORY_LIMITS
from worker.stories.memory import CLOCK_KEY
from worker.stories.messages import SKETCH_POSITION
from worker.stories.sketch import Sketch, Weighted, make_sketch
from worker.stories.stories import Position, Stories
from worker.stories.story import Story, read_story, story_bytes
from worker.stories.telling import close
from worker.stories.vector import Vector

_START_MS, _DAY_MS = 1_700_000_000_000, 86_400_000
_ROUND, _AFTERWARDS = 3_000, 1_000
# The records of a fetch are taken so many at a time, as `read_beside` does.
_AT_ONCE = 1_000
# Sketches that come next are looked up so many at a time, as the stage does.
_FORESEEN = 32
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


def write_state(data: Path, into: Path, count: int, days: float) -> None:
    """Stores the state's records after so many articles, and the sketches of articles that come next."""
    texts, step = read_strangers(data, {}), int(days * _DAY_MS / count)
    ordered = sorted(texts, key=lambda article: article.id)
    told = [
        make_sketch(article.enriched(), origin=f"raw/0/{number}")
        for number, article in enumerate(recombined(ordered, _ROUND, seed=1))
    ]
    stories = Stories()
    for number, sketch in enumerate(told):
        stories.take(sketch, Position(number, _START_MS + number * step))
    rounds = -(-count // _ROUND)
    last = Position(rounds * _ROUND - 1, _START_MS + (rounds * _ROUND - 1) * step)
    records = [*stories.memory.records()]
    with into.open("wb") as file:
        afterwards = [
            (_turned(sketch, rounds), Position(last.offset + place, last.time_ms + place * step))
            for place, sketch in enumerate(told[:_AFTERWARDS], 1)
        ]
        pickle.dump((rounds * (len(records) - 1) + 1, afterwards), file)
        memory = stories.memory
        stories_each, articles_each = memory.next_story - 1, memory.next_article - 1
        for turn in range(rounds):
            later_ms = turn * _ROUND * step
            again = _Round(turn, turn * stories_each, turn * articles_each, later_ms, last.time_ms)
            for record in records:
                if record[0] != CLOCK_KEY:
                    pickle.dump(again.record(*record), file)
        memory.offset, memory.now_ms = last
        memory.next_story, memory.next_article = rounds * stories_each + 1, rounds * articles_each + 1
        # The clock's record completes a state.
        pickle.dump(next(memory.records()), file)


class _Round(NamedTuple):
    """How a round's records differ from the first's: their numbers and times are greater.

    `now_ms`: the time when the last article was told.
    """

    turn: int
    stories: int
    articles: int
    ms: int
    now_ms: int

    def record(self, key: bytes, value: bytes) -> tuple[bytes, bytes]:
        """The round's record that is like this one of the first."""
        kind, _, name = key.decode().partition("/")
        if kind == "s":
            story = self._story(read_story(value))
            return b"s/%d" % story.number, story_bytes(story)
        entry = read_entry(name, value)
        entry = replace(
            entry,
            id=_named(entry.id, self.turn),
            of=entry.of and _named(entry.of, self.turn),
            number=entry.number + self.articles,
            story=entry.story + self.stories,
            taken_ms=entry.taken_ms + self.ms,
            offset=entry.offset + self.turn * _ROUND,
            fingerprints=_sorted(_other(entry.fingerprints, self.turn)),
        )
        return b"a/" + entry.id.encode(), entry_bytes(entry)

    def _story(self, story: Story) -> Story:
        story.number += self.stories
        story.into += self.stories if story.into else 0
        story.id = _named(story.id, self.turn)
        story.members = [[_named(article, self.turn), relation] for article, relation in story.members]
        for name in ("founded_ms", "last_ms", "shown_ms"):
            setattr(story, name, getattr(story, name) + self.ms)
        story.terms, story.lead, story.entities = (
            Vector(_other(vector.keys, self.turn), vector.weights)
            for vector in (story.terms, story.lead, story.entities)
        )
        if story.articles == 1 and story.last_ms + STORY_LIMITS.single_ms <= self.now_ms:
            close(story)
        return story


def _turned(sketch: Sketch, turn: int) -> Sketch:
    terms, lead, entities = (
        Weighted(_other(one.keys, turn), one.weights) for one in (sketch.terms, sketch.lead, sketch.entities)
    )
    return replace(
        sketch,
        id=_named(sketch.id, turn),
        origin=_named(sketch.origin, turn),
        terms=terms,
        lead=lead,
        entities=entities,
        fingerprints=_sorted(_other(sketch.fingerprints, turn)),
    )


def _named(name: str, turn: int) -> str:
    return f"{name}-{turn}" if turn else name


def _other(numbers: array[int], turn: int) -> array[int]:
    mask = np.uint32(turn * _MIX & 0xFFFFFFFF)
    return array("I", (np.frombuffer(numbers, np.uint32) ^ mask).tobytes())


def _sorted(numbers: array[int]) -> array[int]:
    return array("I", sorted(numbers))


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
    for start in range(0, len(afterwards), _FORESEEN):
        some = afterwards[start : start + _FORESEEN]
        cpu = time.thread_time()
        units = stories.foresee([sketch for sketch, _ in some])
        foreseeing = (time.thread_time() - cpu) / len(some)
        for (sketch, at), one in zip(some, units, strict=True):
            cpu = time.thread_time()
            stories.take(sketch, at, one)
            decisions.append(time.thread_time() - cpu + foreseeing)
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
