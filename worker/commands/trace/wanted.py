"""What a trace is asked about: an article's id, a url, what a file holds, or a record's place."""

from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cached_property
from pathlib import Path
from urllib.parse import urlsplit

from aiokafka import TopicPartition

from worker.channels import Channel, channel_called, short_name
from worker.commands.dead_letters.letter import read_origin
from worker.commands.shell.part_reader import TopicRecord
from worker.intake.identity import article_id, canonical_url
from worker.records.messages import RawMessage

_HASHED = ("url-", "text-")


@dataclass(frozen=True)
class Wanted:
    """An article, by its ids, its canonical url or its raw value; or the record at `place`.

    `marks`: bytes of which a raw record has one, if it is of the article; None if no such bytes are known.
    `misread`: said if nothing is found: why the text, which looks like a place, was taken for an id.
    """

    text: str
    ids: frozenset[str] = frozenset()
    url: str | None = None
    value: bytes | None = None
    place: tuple[TopicPartition, int] | None = None
    marks: tuple[bytes, ...] | None = None
    misread: str | None = None

    @property
    def known_id(self) -> str | None:
        """The article's id, if it is told by what was asked. A url may be that of an article of any id."""
        return next(iter(self.ids)) if len(self.ids) == 1 and not is_url(self.text) else None

    @property
    def taken_for(self) -> str:
        """What the text was taken for: `the id wire-1`."""
        if self.value is not None:
            return f"the article in {self.text}" + (f", of the id {self.known_id}" if self.ids else "")
        return f"the url {self.text}" if is_url(self.text) else f"the id {self.text}"

    @cached_property
    def keys(self) -> frozenset[bytes]:
        """The keys of the article's records, by which it is in one partition of a topic."""
        return frozenset(one.encode(errors="surrogateescape") for one in self.ids)

    def may_be(self, message: RawMessage | TopicRecord) -> bool:
        """Whether a raw record or a letter may be of the article.

        A no is wrong only of a value that spells ASCII otherwise than by its own bytes, as UTF-16 does.
        """
        if message.key in self.keys or (self.value is not None and message.value == self.value):
            return True
        if self.marks is None:
            return True
        parts = [message.key, message.value, *(data for _, data in message.headers)]
        return any(mark in part for mark in self.marks for part in parts if part)

    def is_named(self, article: str | None, url: str | None) -> bool:
        """Whether an article of this id, or of this url, is the one."""
        return article in self.ids or self.has_url(url)

    def has_url(self, url: object) -> bool:
        """Whether this is the article's url, in any spelling."""
        return self.url is not None and isinstance(url, str) and canonical_url(url) == self.url


def wanted_place(text: str, topics: Mapping[str, Channel]) -> Wanted | None:
    """`topic/partition/offset` of one of dateline's topics, by its name or as `tap` names it; else None."""
    topic, _, rest = text.partition("/")
    called = channel_called(topic)
    by_channel = {channel: name for name, channel in topics.items()}
    place = read_origin(f"{by_channel.get(called, topic) if called else topic}/{rest}")
    if place is None or place[0].topic not in topics:
        return None
    return Wanted(text, place=place)


def misread_place(text: str) -> str | None:
    """Why a text that looks like a record's place was taken for an id; None if it does not look like one."""
    topic, _, rest = text.partition("/")
    partition, _, offset = rest.rpartition("/")
    names = [short_name(channel) for channel in Channel]
    if not rest or is_url(text):
        return None
    if channel_called(topic) or topic.endswith(tuple(channel.value for channel in Channel)):
        return f"no place: takes TOPIC/PARTITION/OFFSET, a topic that there is and two numbers, got {text!r}"
    if not (partition.isdecimal() and offset.isdecimal()):
        return None
    meant = get_close_matches(topic, names, n=1)
    hint = f"; do you mean {meant[0]}/{rest}?" if meant else ""
    return f"no place: no topic is called {topic!r}{hint}"


def is_url(text: str) -> bool:
    """Whether the text is one of the urls that articles have."""
    return text.lower().startswith(("http://", "https://"))


def wanted_url(text: str) -> Wanted | None:
    """An article that was published under this url, with whatever id; None if the text is no url."""
    if not is_url(text):
        return None
    url = canonical_url(text)
    return Wanted(text, frozenset({article_id(url=url, text="")}), url, marks=_marks_of_url(text))


def wanted_id(text: str) -> Wanted:
    """An article by its id."""
    # An id that the worker makes stands nowhere in the raw record. JSON may escape what is not ASCII.
    marked = text.isascii() and text.isprintable() and not set(text) & set('"\\/<>&') and text == text.strip()
    is_hash = text.startswith(_HASHED)
    return Wanted(text, frozenset({text}), marks=(text.encode(),) if marked and not is_hash else None)


def names_file(text: str) -> bool:
    """Whether the text names a file."""
    try:
        return Path(text).is_file()
    except (OSError, ValueError):
        return False


def names_folder(text: str) -> bool:
    """Whether the text names a folder."""
    try:
        return Path(text).is_dir()
    except (OSError, ValueError):
        return False


def wanted_file(text: str, value: bytes | None, article: str | None, url: str | None) -> Wanted:
    """The article of a file: `value` as it is published, and what can be read of it."""
    given = wanted_id(article) if article else None
    # If its id stands nowhere in it, only a raw record of the same bytes is of it.
    marks = (given.marks or ()) if given else ()
    ids = given.ids if given else frozenset()
    return Wanted(text, ids, canonical_url(url) if url else None, value, marks=marks)


def _marks_of_url(text: str) -> tuple[bytes, ...] | None:
    """The last part of the url's path, if any spelling of the url has it.

    The host may be in any letter case, and a percent sign may stand for what is not escaped elsewhere.
    """
    try:
        path = [part for part in urlsplit(text.strip()).path.split("/") if part]
    except ValueError:
        return None
    return (path[-1].encode(),) if path and _is_slug(path[-1]) else None


def _is_slug(text: str) -> bool:
    return bool(text) and all(char.isascii() and (char.isalnum() or char in "-_.") for char in text)
