"""Records of the search topic as changes of an index."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from aiokafka import ConsumerRecord

from worker.commands.shell.visible import visible
from worker.search.document import NotADocument, read_document
from worker.search.writing import Change, entry_of

MOST_SAID = 300


@dataclass(frozen=True, slots=True)
class Unfit:
    """A record that says nothing of an article, and why, in one line that names its place."""

    said: str


def change_of(record: ConsumerRecord[bytes, bytes]) -> Change | Unfit:
    """What a record says of the article that its key names."""
    try:
        return _change(record)
    except NotADocument as error:
        place = f"{record.topic}/{record.partition}/{record.offset}"
        return Unfit(f"{place} is no search document: {visible(str(error), most=MOST_SAID)}")


def _change(record: ConsumerRecord[bytes, bytes]) -> Change:
    article = _article(record.key)
    if record.value is None:
        version = _retracted_ms(record)
        return Change(article, record.partition, record.offset, version, None)
    document = read_document(record.value)
    if document["id"] != article:
        raise NotADocument(f"its key is {article!r}, its id {document['id']!r}")
    entry = entry_of(document, record.value)
    return Change(article, record.partition, record.offset, document["version"], entry)


def _article(key: bytes | None) -> str:
    try:
        article = (key or b"").decode()
    except UnicodeDecodeError:
        raise NotADocument("its key is not UTF-8") from None
    if not article:
        raise NotADocument("it has no key")
    return article


def _retracted_ms(record: ConsumerRecord[bytes, bytes]) -> int:
    """When the retraction was published, as a document's `version` says it of an article."""
    # aiokafka's annotation leaves out that a header's value may be null.
    headers: Sequence[tuple[str, bytes | None]] = record.headers
    for name, value in headers:
        if name == "ce_time":
            try:
                return max(0, int(datetime.fromisoformat((value or b"").decode()).timestamp() * 1000))
            except (ValueError, OverflowError):
                break
    return max(0, int(record.timestamp))
