"""What is remembered of articles and stories: the state's records as they are stored, and what finds them.

A record is kept as the bytes of its topic, a story's with its end compressed. All that is in memory beside
them is made from them alone, in whatever order they are read back.
"""

from __future__ import annotations

import struct
from array import array
from collections import deque
from collections.abc import Iterator, Mapping
from heapq import heappop, heappush, heapreplace

from worker.stories.entry import (
    ArticleEntry,
    entry_bytes,
    fingerprints_in,
    numbers_in,
    read_entry,
    read_indexed,
    taken_ms_of,
)
from worker.stories.index.copies import Copies
from worker.stories.index.postings import Postings
from worker.stories.packing import StateError
from worker.stories.story import (
    Story,
    StoryHead,
    StoryStatus,
    kept_in_memory,
    posted_bytes,
    posted_in,
    read_head,
    read_story,
    stored_record,
    story_bytes,
)

CLOCK_KEY = b"clock"
_ARTICLE, _STORY = b"a/", b"s/"
_CLOCK = struct.Struct("<BqqII")
_CLOCK_VERSION = 1
_MOST_NUMBERS = 20_000_000
_MOST = 0xFFFFFFFF
_RESTORED_AT_ONCE = 200
_Due = list[int]
"""A heap of times and stories, each pair one number: a tuple of two takes three times as much."""
_STORY_BITS = 32


class Memory:
    """The state's records. What changes is noted in `changes`, by the record's key; None: it is removed."""

    def __init__(self) -> None:
        self.offset, self.now_ms = -1, 0
        self.next_story, self.next_article = 1, 1
        self.postings, self.copies = Postings(), Copies()
        self.changes: dict[bytes, bytes | None] = {}
        # What was there in place of `changes`, as it is kept.
        self._replaced: dict[bytes, bytes | None] = {}
        self._clock_before = b""
        self._entries: dict[str, bytes] = {}
        self._stories: dict[int, bytes] = {}
        # The ids of articles by number, from _first on; None of one that is gone.
        self._ids: deque[str | None] = deque()
        self._first = 1
        self._least = _MOST
        # Heaps by the last article's time. Each open story is in `singles` or `multiples`, each other in
        # `ended`. A time may be too early, never too late, and is looked up when its turn comes.
        self._singles: _Due = []
        self._multiples: _Due = []
        self._ended: _Due = []
        self.open_stories = 0

    @property
    def articles(self) -> int:
        """How many articles are remembered."""
        return len(self._entries)

    @property
    def since(self) -> int:
        """The number of the oldest article that may be remembered."""
        return self._first

    def records(self) -> Iterator[tuple[bytes, bytes]]:
        """All records of the state, with their keys."""
        yield CLOCK_KEY, self._clock()
        for number, value in self._stories.items():
            yield _story_key(number), stored_record(value)
        for article, value in self._entries.items():
            yield _article_key(article), value

    def restore(self, key: bytes, value: bytes) -> None:
        """Takes a record that was stored, once for each key, in any order. Then `restored` has to be called.

        Raises StateError if this version does not read it.
        """
        if key == CLOCK_KEY:
            self._restore_clock(value)
        elif key.startswith(_STORY):
            number = read_head(value).number
            if key != _story_key(number):
                raise StateError(f"a story under another's key: {key!r}")
            self._stories[number] = kept_in_memory(value)
        elif key.startswith(_ARTICLE):
            article = key[len(_ARTICLE) :].decode(errors="replace")
            number, indexed = read_indexed(value)
            self._entries[article] = value
            self._least = min(self._least, number)
            self.copies.restore(number, indexed)
        else:
            raise StateError(f"no key of a state's record: {key[:80]!r}")

    def restored(self) -> None:
        """All records were read back. Raises StateError if some are missing or do not fit together."""
        for _ in self._completing():
            pass

    def restoring(self, records: dict[bytes, bytes]) -> Iterator[None]:
        """Takes all records that were stored, and empties `records`, in small steps.

        So others have their turn in between. Raises StateError if a record can't be read, is missing, or
        does not fit the others.
        """
        while records:
            for _ in range(min(len(records), _RESTORED_AT_ONCE)):
                self.restore(*records.popitem())
            yield
        # It has none left, but the room for as many as there were.
        records.clear()
        yield from self._completing()

    def _completing(self) -> Iterator[None]:
        if self.offset < 0 and (self._stories or self._entries):
            raise StateError("records of stories without their clock")
        self.copies.restored()
        yield
        yield from self._restore_numbers()
        for step, (number, value) in enumerate(self._stories.items()):
            self._restore_story(number, value)
            if step % _RESTORED_AT_ONCE == 0:
                yield
        self.postings.restored()

    def _restore_story(self, number: int, value: bytes) -> None:
        head = read_head(value)
        if number >= self.next_story or (
            head.status is StoryStatus.MERGED and (head.into >= number or head.into not in self._stories)
        ):
            raise StateError(f"story {number} does not fit the others")
        heappush(self._heap(head), head.last_ms << _STORY_BITS | number)
        if head.status is StoryStatus.OPEN:
            self.open_stories += 1
            self.postings.restore(number, posted_bytes(value))

    def _restore_numbers(self) -> Iterator[None]:
        self._first = min(self._least, self.next_article)
        if self.next_article - self._first > _MOST_NUMBERS:
            raise StateError("articles that do not fit the clock")
        ids: list[str | None] = [None] * (self.next_article - self._first)
        for step, (article, value) in enumerate(self._entries.items()):
            number, story = numbers_in(value)
            if number >= self.next_article:
                raise StateError("articles that do not fit the clock")
            if story not in self._stories or ids[number - self._first] is not None:
                raise StateError(f"article {article!r} does not fit the others")
            ids[number - self._first] = article
            if step % _RESTORED_AT_ONCE == 0:
                yield
        self._ids.extend(ids)

    def entry(self, article: str) -> ArticleEntry | None:
        """What is remembered of an article."""
        value = self._entries.get(article)
        return None if value is None else read_entry(article, value)

    def entry_numbered(self, number: int) -> ArticleEntry:
        """What is remembered of the article with this number, which `copies` named."""
        article = self._id(number)
        return read_entry(article, self._entries[article])

    def fingerprints(self, number: int) -> array[int]:
        """Those of the article with this number."""
        return fingerprints_in(self._entries[self._id(number)])

    def _id(self, number: int) -> str:
        article = self._ids[number - self._first]
        if article is None:
            raise StateError(f"no article {number}")
        return article

    def add_entry(self, entry: ArticleEntry) -> None:
        """Remembers a new article, or the same with another text, under the next number."""
        self.put_entry(entry)
        self._ids.append(entry.id)
        self.next_article += 1
        self.copies.add(entry.number, entry.indexed())

    def put_entry(self, entry: ArticleEntry) -> None:
        """Remembers an article anew, under the number that it has."""
        value, key = entry_bytes(entry), _article_key(entry.id)
        self._note(key, value, self._entries.get(entry.id))
        self._entries[entry.id] = value

    def drop_number(self, number: int) -> None:
        """The article has another number, or is gone."""
        self.copies.drop(number)
        self._ids[number - self._first] = None

    def remove_entry(self, entry: ArticleEntry) -> None:
        """Forgets an article that was taken back."""
        self.drop_number(entry.number)
        self._note(_article_key(entry.id), None, self._entries.pop(entry.id))

    def forget_oldest(self, *, before_ms: int, most: int, keep: int) -> int:
        """Forgets articles that were taken until then, the oldest first, and those beyond `keep`.

        Returns how many it forgot for being beyond that alone.
        """
        early = 0
        while most and self._ids:
            article = self._ids[0]
            if article is not None:
                value = self._entries[article]
                is_due = taken_ms_of(value) <= before_ms
                if not is_due and len(self._entries) <= keep:
                    break
                early += not is_due
                self._note(_article_key(article), None, self._entries.pop(article))
                most -= 1
            self._ids.popleft()
            self._first += 1
        self.copies.forget(self._first)
        return early

    def oldest_taken_ms(self) -> int | None:
        """When the oldest article that is remembered was taken."""
        for article in self._ids:
            if article is not None:
                return taken_ms_of(self._entries[article])
        return None

    def head(self, number: int) -> StoryHead:
        """What a story's record begins with, without reading the rest."""
        return read_head(self._stories[number])

    def kept(self, number: int) -> bytes:
        """A story's record as it is kept: its head and its vectors can be read."""
        return self._stories[number]

    def story(self, number: int) -> Story:
        """The story with this number."""
        return read_story(stored_record(self._stories[number]))

    def current(self, number: int) -> int:
        """The number of the story that this one is a part of by now; its own if it is none."""
        while (head := self.head(number)).status is StoryStatus.MERGED:
            number = head.into
        return number

    def put_story(self, story: Story) -> None:
        """Keeps a story as it is now, found by what it is about now."""
        number, before = story.number, self._stories.get(story.number)
        value = story_bytes(story)
        self._note(_story_key(number), value, before)
        self._stories[number] = kept_in_memory(value)
        if before is None or posted_bytes(before) != posted_bytes(value):
            was, posted = (posted_in(before) if before else []), posted_in(value)
            here, there = set(posted), set(was)
            self.postings.remove(number, [key for key in was if key not in here])
            self.postings.add(number, [key for key in posted if key not in there])
        head, head_before = read_head(value), read_head(before) if before else None
        self.open_stories += (head.status is StoryStatus.OPEN) - (
            head_before is not None and head_before.status is StoryStatus.OPEN
        )
        heap = self._heap(head)
        if head_before is None or heap is not self._heap(head_before):
            heappush(heap, head.last_ms << _STORY_BITS | number)

    def remove_story(self, number: int) -> None:
        """Forgets a story that has ended."""
        self._note(_story_key(number), None, self._stories.pop(number))

    def oldest_single(self) -> tuple[int, int] | None:
        """The open story of one article that is the oldest: when its article came, and its number."""
        return self._oldest(self._singles)

    def oldest_multiple(self) -> tuple[int, int] | None:
        """The open story of several articles whose last article is the oldest."""
        return self._oldest(self._multiples)

    def oldest_ended(self) -> tuple[int, int] | None:
        """The story that ended, or became a part of another, whose last article is the oldest."""
        return self._oldest(self._ended)

    def end(self) -> Mapping[bytes, bytes | None]:
        """What changed since the last call, with the clock."""
        changes, self.changes = self.changes, {}
        changes[CLOCK_KEY] = self._clock_before = self._clock()
        self._replaced.clear()
        return changes

    def before(self) -> dict[bytes, bytes]:
        """All records as they were at the last `end`, or as they were read back: without `changes`."""
        records = {key: value for key, value in self.records() if key != CLOCK_KEY}
        if self._clock_before:
            records[CLOCK_KEY] = self._clock_before
        for key, value in self._replaced.items():
            if value is None:
                records.pop(key, None)
            else:
                records[key] = stored_record(value) if key.startswith(_STORY) else value
        return records

    def _note(self, key: bytes, value: bytes | None, before: bytes | None) -> None:
        """Notes that a record changes."""
        self._replaced.setdefault(key, before)
        self.changes[key] = value

    def _oldest(self, heap: _Due) -> tuple[int, int] | None:
        while heap:
            last_ms, number = heap[0] >> _STORY_BITS, heap[0] & _MOST
            value = self._stories.get(number)
            head = read_head(value) if value is not None else None
            if head is None or self._heap(head) is not heap:
                heappop(heap)
            elif head.last_ms != last_ms:
                heapreplace(heap, head.last_ms << _STORY_BITS | number)
            else:
                return last_ms, number
        return None

    def _heap(self, head: StoryHead) -> _Due:
        if head.status is not StoryStatus.OPEN:
            return self._ended
        return self._singles if head.articles <= 1 else self._multiples

    def _clock(self) -> bytes:
        return _CLOCK.pack(_CLOCK_VERSION, self.offset, self.now_ms, self.next_story, self.next_article)

    def _restore_clock(self, value: bytes) -> None:
        if len(value) != _CLOCK.size or value[0] != _CLOCK_VERSION:
            raise StateError(f"no clock of version {_CLOCK_VERSION}")
        _, self.offset, self.now_ms, self.next_story, self.next_article = _CLOCK.unpack(value)
        self._clock_before = value


def _article_key(article: str) -> bytes:
    return _ARTICLE + article.encode(errors="surrogatepass")


def _story_key(number: int) -> bytes:
    return _STORY + b"%d" % number
