"""Turns records of the topics that are indexed into changes of the index."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from aiokafka import ConsumerRecord

from worker.channels import Channel
from worker.commands.shell.visible import visible
from worker.delivery.kafka.faulty import why_unread
from worker.search.document import NotADocument, read_document
from worker.search.story_rows import AssignmentChange, StoryChange, read_assignment, read_standing
from worker.search.writing import Change, IndexChange, entry_of

_MAX_PROBLEM_CHARS = 300


@dataclass(frozen=True, slots=True)
class SkippedRecord:
    """A record that can't be indexed. `problem` names its place and says why, in one line."""

    problem: str


def change_of(
    record: ConsumerRecord[bytes, bytes], channel: Channel = Channel.SEARCH
) -> IndexChange | SkippedRecord | None:
    """What a record of this channel holds for the article or story named by its key.

    That is a document or its retraction, the story of an article or that it was taken back, or a story as it
    stands. A null value says nothing of a story: None.
    """
    try:
        return _READERS[channel](record)
    except NotADocument as error:
        place = f"{record.topic}/{record.partition}/{record.offset}"
        why = visible(str(error), most=_MAX_PROBLEM_CHARS)
        return SkippedRecord(f"{place} is no {_CALLED[channel]}: {why}")


def _change(record: ConsumerRecord[bytes, bytes]) -> Change:
    article = _key(record)
    if record.value is None:
        version = _time_ms(record)
        return Change(article, record.partition, record.offset, version, None)
    document = read_document(record.value)
    _check_key(article, document["id"])
    entry = entry_of(document, record.value)
    return Change(article, record.partition, record.offset, document["version"], entry)


def _assignment(record: ConsumerRecord[bytes, bytes]) -> AssignmentChange:
    article, given = _key(record), None
    if record.value is not None:
        named, given = read_assignment(record.value)
        _check_key(article, named)
    return AssignmentChange(article, record.partition, record.offset, _time_ms(record), given)


def _story(record: ConsumerRecord[bytes, bytes]) -> StoryChange | None:
    story = _key(record)
    if record.value is None:
        return None
    named, part_of, sources = read_standing(record.value)
    _check_key(story, named)
    return StoryChange(story, record.partition, record.offset, _time_ms(record), part_of, sources)


_READERS: Mapping[Channel, Callable[[ConsumerRecord[bytes, bytes]], IndexChange | None]] = {
    Channel.SEARCH: _change,
    Channel.STORY_ARTICLES: _assignment,
    Channel.STORIES: _story,
}
_CALLED = {
    Channel.SEARCH: "search document",
    Channel.STORY_ARTICLES: "article of a story",
    Channel.STORIES: "story",
}


def _key(record: ConsumerRecord[bytes, bytes]) -> str:
    """The id of the article or story."""
    if why := why_unread(record):
        raise NotADocument(why)
    return _id_in(record.key)


def _check_key(key: str, named: str) -> None:
    if named != key:
        raise NotADocument(f"its key is {key!r}, its id {named!r}")


def _id_in(key: bytes | None) -> str:
    try:
        found = (key or b"").decode()
    except UnicodeDecodeError:
        raise NotADocument("its key is not UTF-8") from None
    if not found:
        raise NotADocument("it has no key")
    return found


def _time_ms(record: ConsumerRecord[bytes, bytes]) -> int:
    """When the article, or its retraction, was published, in milliseconds since the epoch.

    A document says it itself: its `version`.

    That is `ce_time` where it is a valid time, else the record's own timestamp.
    """
    # aiokafka's annotation does not say that a header's value may be null.
    headers: Sequence[tuple[str, bytes | None]] = record.headers
    for name, value in headers:
        if name == "ce_time":
            try:
                return max(0, int(datetime.fromisoformat((value or b"").decode()).timestamp() * 1000))
            except (ValueError, OverflowError):
                break
    return max(0, int(record.timestamp))
