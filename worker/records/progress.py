"""What a group has delivered, and which group it is that writes: records of the internal progress topic."""

from pydantic import Field

from worker.records.article import Record

WRITER_KEY = "writer"
"""The key of the record that names the writing group. A position's key has slashes."""


class Lately(Record):
    """What a lane did just before: where it stood some time ago, and what it has delivered since."""

    seconds: float = Field(ge=0, description="how long before this record; 300, or less if it has just begun")
    offset: int = Field(ge=0, description="everything below it was delivered by then")
    records: int = Field(ge=0, description="inputs delivered since, this record's among them")


class GroupProgress(Record):
    """How far a group has delivered an input partition; under the key `writer`: that the group writes."""

    group: str
    offset: int | None = Field(ge=0, description="everything below it is delivered; null under `writer`")
    topic_id: str | None = Field(
        description="the input topic's id in hexadecimal; empty if no broker tells it; null under `writer`"
    )
    since: str | None = Field(
        description="when the group began to write, by its worker's clock; null but under `writer`"
    )
    lately: Lately | None = Field(
        default=None, description="for `dateline status`; null under `writer`, and of versions before it"
    )


def position_key(group: str, topic: str, partition: int) -> str:
    """The key of a position: no group and no topic has a slash in its name."""
    return f"{group}/{topic}/{partition}"
