"""The receipts that `dateline dead-letters redrive` writes along with the originals it sends back."""

from pydantic import Field

from worker.records.article import Record, WrittenTime


class LetterRange(Record):
    """Adjacent letters of one partition that were all sent back."""

    first: int = Field(ge=0, description="offset of the first letter")
    last: int = Field(ge=0, description="offset of the last letter")
    latest: int = Field(
        description="their latest timestamp in ms; letters of a topic that was made anew are later"
    )


class Receipt(Record):
    """Letters of one partition whose originals went back to their topic, in one transaction with this."""

    topic: str = Field(description="the letters' topic")
    partition: int = Field(ge=0)
    letters: tuple[LetterRange, ...]
    count: int = Field(ge=1, description="how many letters they are")
    at: WrittenTime = Field(description="when, ISO 8601")
    by: str = Field(description="version and host")
