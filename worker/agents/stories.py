"""The story stage: a sketch becomes its article's assignment, the cards that change, and changed state.

All sketches are in one partition, so one lane decides on them, in their order. What it remembers is written
in the transaction of what it decides, and is read back, in the background, whenever the lane opens.
"""

import asyncio
import ctypes
import logging
import time
from collections import deque
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Protocol, cast

from aiokafka import ConsumerRecord, TopicPartition

from worker import metrics
from worker.agents.rejection import letter_of
from worker.delivery.lanes.stage import ForeseeingWork, Outputs, Work, WorkFactory
from worker.log import log_event
from worker.records.messages import FailedStep, OutMessage, RawMessage, Reason
from worker.stories.memory import CLOCK_KEY
from worker.stories.messages import SHIFT, SKETCH_POSITION, SKETCHES_ID, story_messages
from worker.stories.packing import StateError
from worker.stories.sketch import Sketch
from worker.stories.sketch_codec import read_sketch
from worker.stories.stories import Position, Stories, TakenIn
from worker.stories.telling import Units
from worker.trends.messages import note_message, retraction_note

log = logging.getLogger(__name__)

# State is restored in slices of this length, in a thread: the event loop has its turn in between. So it has
# between decisions, each of which takes about a millisecond: a turn costs as much as a part of one.
_SLICE_SECONDS = 0.01
# So many sketches that come are read and looked up at once. Fewer take longer each, more hold the loop.
_AT_ONCE = 32
_M_MMAP_THRESHOLD, _LARGE_BYTES = -3, 1 << 20


@dataclass(frozen=True, slots=True)
class SketchLog:
    """The topic of sketches as it is now. `identity`: its id, empty if no broker tells it."""

    identity: str
    end: int


class ReadStories(Protocol):
    """Gives every record of the stories' state to `take`, in order; returns how the sketches' log stands."""

    def __call__(self, take: "Callable[[ConsumerRecord[bytes, bytes]], None]", /) -> Awaitable[SketchLog]: ...


def storytelling(
    *, read_state: ReadStories, event_source: str, transactions: bool = True, notes: bool = False
) -> WorkFactory:
    """Makes the work of the stories' lane, which reads its state whenever it opens.

    With `notes` it writes one of each article for trends.

    Without `transactions` the state may be ahead of the committed offset. What follows from sketches that
    will be decided again is then ignored, so that they are decided as before. Where that is not possible, as
    for an offset that was set back far, such sketches get the answer that they got.
    """

    async def opened(partition: TopicPartition, offset: int) -> Work:
        began = time.monotonic()
        stored = StoredStories()
        sketches = await read_state(stored.take)
        stored.end(partition)
        is_ahead = stored.is_of(sketches) and stored.position >= offset + stored.shift
        stories = None if transactions or not is_ahead else await _before(offset + stored.shift)
        if stories is None:
            stories = await restored_stories(stored.values)
        shift = _shift(stored, sketches, partition, offset)
        log_event(
            log,
            logging.INFO,
            "stories read",
            open=stories.memory.open_stories,
            articles=stories.memory.articles,
            seconds=round(time.monotonic() - began, 3),
        )
        stage = _StoryStage(stories, shift, sketches.identity, event_source, notes=notes)
        return ForeseeingWork(stage.decide, stage.foresee)

    async def _before(position: int) -> Stories | None:
        """The stories as they were before the sketch at that position; None if that is not known any more."""
        stored = StoredStories(until=position)
        await read_state(stored.take)
        try:
            stories = await restored_stories(stored.values)
        except StateError:
            return None
        return stories if stories.memory.offset >= 0 or not position else None

    return opened


@dataclass
class StoredStories:
    """The state as it is read, record by record: what was written completely, and nothing later.

    The records that follow from one sketch end with the clock. Without transactions a worker may have died
    before it, and one that was frozen may write late what another has written since; neither counts.
    `position`, `sketches_id` and `shift`: those of the last clock. `until`: what follows from the sketch at
    that position, or a later one, does not count either.
    """

    until: int | None = None
    values: dict[bytes, bytes] = field(default_factory=dict)
    position: int = -1
    sketches_id: str = ""
    shift: int = 0
    _begun: dict[bytes, bytes | None] = field(default_factory=dict)
    _newest: int = -1
    _foreign: int = 0

    def take(self, record: "ConsumerRecord[bytes, bytes]") -> None:
        """Takes the next record."""
        headers = dict(record.headers)
        position = _number(headers.get(SKETCH_POSITION))
        if position is None or record.key is None:
            self._foreign += 1
            return
        if position < self._newest or (self.until is not None and position >= self.until):
            return
        self._newest = position
        if record.value is None and not self.values:
            self._begun.pop(record.key, None)
        else:
            self._begun[record.key] = record.value
        if record.key == CLOCK_KEY:
            self.position = position
            self.sketches_id = (headers.get(SKETCHES_ID) or b"").decode(errors="replace")
            self.shift = _number(headers.get(SHIFT)) or 0
            self._complete()

    def end(self, partition: TopicPartition) -> None:
        """All records were taken."""
        self._begun.clear()
        if self._foreign:
            log_event(
                log,
                logging.ERROR,
                "records in the stories' state that no worker wrote; they are passed over",
                topic=partition.topic,
                records=self._foreign,
            )

    def is_of(self, sketches: SketchLog) -> bool:
        """Whether this is the log that the state was made of, and has not lost its end."""
        is_same = not (self.sketches_id and sketches.identity) or self.sketches_id == sketches.identity
        return is_same and self.position - self.shift < sketches.end

    def _complete(self) -> None:
        if not self.values:
            # All that compaction leaves comes before the first clock. It has no tombstones (see `take`), and
            # is not gone through again.
            self.values = cast(dict[bytes, bytes], self._begun)
        else:
            for key, value in self._begun.items():
                if value is None:
                    self.values.pop(key, None)
                else:
                    self.values[key] = value
        self._begun = {}


async def restored_stories(records: dict[bytes, bytes]) -> Stories:
    """The stories of these records, which are emptied. Raises StateError if they do not fit together."""
    _map_what_is_large()
    stories = Stories()
    steps = stories.memory.restoring(records)
    while await asyncio.to_thread(_go_on, steps):
        pass
    await asyncio.to_thread(_return_freed_memory)
    return stories


def _map_what_is_large() -> None:
    """Has glibc give large arrays back when they are freed, for as long as the process lives.

    By itself it comes to keep arrays of up to 32 MiB, and of what the threads that read state have freed it
    gives back nothing: here a seventh of what stories take.
    """
    with suppress(OSError, AttributeError):  # another C library
        ctypes.CDLL(None).mallopt(_M_MMAP_THRESHOLD, _LARGE_BYTES)


def _return_freed_memory() -> None:
    """Gives the operating system what was freed: glibc keeps it, here a fifth of what stories take."""
    with suppress(OSError, AttributeError):  # another C library
        ctypes.CDLL(None).malloc_trim(0)


def _go_on(steps: Iterator[None]) -> bool:
    """Takes steps for a short time; returns whether there may be more."""
    until = time.monotonic() + _SLICE_SECONDS
    return any(time.monotonic() > until for _ in steps)


class _StoryStage:
    """Decides on sketches, in their order."""

    def __init__(
        self, stories: Stories, shift: int, sketches_id: str, event_source: str, *, notes: bool = False
    ) -> None:
        self._stories, self._shift, self._notes = stories, shift, notes
        self._sketches_id, self._event_source = sketches_id, event_source
        self._last_offset = -1
        self._coming: deque[RawMessage] = deque()
        self._read: dict[int, tuple[Sketch, Units]] = {}
        self._turn_began = time.perf_counter()
        self._tell()

    def foresee(self, messages: Sequence[RawMessage]) -> None:
        """Notes which sketches come next; they are read when the first of them does."""
        self._coming.extend(messages)

    async def decide(self, message: RawMessage) -> Outputs:
        if time.perf_counter() - self._turn_began > _SLICE_SECONDS:
            await asyncio.sleep(0)
            self._turn_began = time.perf_counter()
        assert message.offset > self._last_offset, f"{message.origin} comes behind {self._last_offset}"
        self._last_offset = message.offset
        if message.value is not None and message.offset not in self._read:
            self._look_ahead(message)
        began = time.perf_counter()
        try:
            told, sketch = self._take(message)
            outputs = (
                *story_messages(
                    message,
                    told,
                    shift=self._shift,
                    sketches_id=self._sketches_id,
                    event_source=self._event_source,
                ),
                *self._noted(message, told, sketch),
            )
        except StateError as error:
            return (letter_of(message, Reason.UNDECODABLE, f"no sketch: {error}", FailedStep.STORIES),)
        except Exception as error:
            said = f"{type(error).__name__}: {error}"
            log_event(
                log, logging.ERROR, "assigning to a story failed", origin=message.origin, error=repr(error)
            )
            # Something of the sketch may be in memory already, and must not stay there.
            self._stories = await restored_stories(self._stories.memory.before())
            self._read = {}
            return (letter_of(message, Reason.ENRICHMENT_FAILED, said, FailedStep.STORIES),)
        metrics.STORY_SECONDS.observe(time.perf_counter() - began)
        self._tell()
        return outputs

    def _noted(self, message: RawMessage, told: TakenIn, sketch: Sketch | None) -> Iterator[OutMessage]:
        """What trends are told of the article."""
        if not self._notes:
            return
        if told.assignment is not None and sketch is not None:
            yield note_message(message, sketch, told.assignment, event_source=self._event_source)
        if told.retracted is not None:
            yield retraction_note(message, told.retracted, event_source=self._event_source)

    def _take(self, message: RawMessage) -> tuple[TakenIn, Sketch | None]:
        at = Position(message.offset + self._shift, message.timestamp_ms)
        if message.value is not None:
            sketch, units = self._read.pop(message.offset, None) or (read_sketch(message.value), None)
            return self._stories.take(sketch, at, units), sketch
        try:
            article = (message.key or b"").decode()
        except UnicodeDecodeError:
            article = ""
        if not article:
            raise StateError("a null value under a key that is no article's id")
        return self._stories.retract(article, at), None

    def _look_ahead(self, message: RawMessage) -> None:
        """Reads the sketches that come next, this one first, and looks up all at once what they need."""
        while self._coming and self._coming[0].offset < message.offset:
            self._coming.popleft()
        if not self._coming or self._coming[0] is not message:
            return
        sketches = {}
        for _ in range(min(_AT_ONCE, len(self._coming))):
            coming = self._coming.popleft()
            # One that can't be read is found out when its turn comes.
            with suppress(StateError):
                if coming.value is not None:
                    sketches[coming.offset] = read_sketch(coming.value)
        try:
            units = self._stories.foresee([*sketches.values()])
        except Exception as error:
            # Each is decided without: then one that is at fault fails alone.
            log_event(
                log, logging.ERROR, "looking sketches up failed", origin=message.origin, error=repr(error)
            )
            return
        self._read = {
            offset: (sketch, one) for (offset, sketch), one in zip(sketches.items(), units, strict=True)
        }

    def _tell(self) -> None:
        stories = self._stories
        metrics.STORIES_OPEN.set(stories.memory.open_stories)
        metrics.STORY_ARTICLES.set(stories.memory.articles)
        for limit, count in (("stories", stories.closed_early), ("articles", stories.forgotten_early)):
            if count:
                metrics.STORY_LIMIT_HITS.labels(limit).inc(count)
        stories.closed_early = stories.forgotten_early = 0


def _shift(stored: StoredStories, sketches: SketchLog, partition: TopicPartition, offset: int) -> int:
    """What is added to a sketch's offset, so that positions go on where those of the state end.

    It is 0 unless the topic of sketches was made anew, or lost its end, after the state was written.
    """
    if stored.position < 0 or stored.is_of(sketches):
        return stored.shift
    log_event(
        log,
        logging.WARNING,
        "the sketches' log is another, or lost its end; stories go on with what it has now",
        topic=partition.topic,
        offset=offset,
    )
    return stored.position + 1 - offset


def _number(header: bytes | None) -> int | None:
    text = (header or b"").removeprefix(b"-")
    if not (text.isdigit() and len(text) < 20):
        return None
    return int(header or b"")
