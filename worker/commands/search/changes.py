"""Turns records of the search topic into changes of the index."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from aiokafka import ConsumerRecord

from worker.commands.shell.visible import visible
from worker.delivery.kafka.faulty import why_unread
from worker.search.document import NotADocument, read_document
from worker.search.writing import Change, entry_of

_MAX_PROBLEM_CHARS = 300


@dataclass(frozen=True, slots=True)
class SkippedRecord:
    """A record that can't be indexed. `problem` names its place and says why, in one line."""

    problem: str


def change_of(record: ConsumerRecord[bytes, bytes]) -> Change | SkippedRecord:
    """The document or the retraction that a record holds for the article named by its key."""
    try:
        return _change(record)
    except NotADocument as error:
        place = f"{record.topic}/{record.partition}/{record.offset}"
        return SkippedRecord(f"{place} is no search document: {visible(str(error), most=_MAX_PROBLEM_CHARS)}")


def _change(record: ConsumerRecord[bytes, bytes]) -> Change:
    if why := why_unread(record):
        raise NotADocument(why)
    article = _article_id(record.key)
    if record.value is None:
        version = _retracted_ms(record)
        return Change(article, record.partition, record.offset, version, None)
    document = read_document(record.value)
    if document["id"] != article:
        raise NotADocument(f"its key is {article!r}, its id {document['id']!r}")
    entry = entry_of(document, record.value)
    return Change(article, record.partition, record.offset, document["version"], entry)


def _article_id(key: bytes | None) -> str:
    try:
        article = (key or b"").decode()
    except UnicodeDecodeError:
        raise NotADocument("its key is not UTF-8") from None
    if not article:
        raise NotADocument("it has no key")
    return article


def _retracted_ms(record: ConsumerRecord[bytes, bytes]) -> int:
    """When the retraction was published, in milliseconds since the epoch, like a document's `version`.

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
