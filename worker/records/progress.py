"""What a group has delivered, and which group it is that writes: records of the internal progress topic."""

from pydantic import Field

from worker.records.article import Record

WRITER_KEY = "writer"
"""The key of the record that names the writing group. A position's key has slashes."""


class Position(Record):
    """How far a group has delivered one of its input partitions."""

    offset: int = Field(ge=0, description="everything below it is delivered")
    topic_id: str = Field(description="the input topic's id in hexadecimal; empty if no broker tells it")


class WritingGroup(Record):
    """The group that writes the topics of a prefix."""

    group: str
    since: str = Field(description="when it began to, by the clock of its worker")


def position_key(group: str, topic: str, partition: int) -> str:
    """The key of a position: no group and no topic has a slash in its name."""
    return f"{group}/{topic}/{partition}"
