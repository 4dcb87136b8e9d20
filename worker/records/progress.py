"""What a group has delivered, and which group it is that writes: records of the internal progress topic."""

from pydantic import Field

from worker.records.article import Record

WRITER_KEY = "writer"
"""The key of the record that names the writing group. A position's key has slashes."""


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


def position_key(group: str, topic: str, partition: int) -> str:
    """The key of a position: no group and no topic has a slash in its name."""
    return f"{group}/{topic}/{partition}"
