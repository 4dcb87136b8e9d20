"""The records of the topic of trends. schemas/ is generated from this module."""

from typing import Literal

from pydantic import Field

from worker.records.article import Record, WrittenTime


class TrendBurst(Record):
    """Far more independent articles than the subject had in the windows of the week before."""

    expected: float = Field(ge=0, description="their mean in the hours, or days, of the seven days before")
    score: float = Field(ge=0, description="how many times their spread the number lies above the mean")


class TrendCount(Record):
    """How often a subject is in the news of an hour or a day: what its latest record says counts."""

    window: Literal["hour", "day"]
    start: WrittenTime = Field(description="when the hour or the day begins, in UTC")
    kind: Literal["person", "organisation", "place", "topic"]
    subject: str = Field(description="the entity's id, or an IPTC Media Topic such as `medtop:09000000`")
    name: str = Field(description="as the article names it that changed the record")
    articles: int = Field(ge=0, description="articles of this time, by their own account, that name it")
    independent: int = Field(ge=0, description="those that are no copies of an earlier one")
    stories: int = Field(ge=0, description="stories that they tell of, as these were when the articles came")
    burst: TrendBurst | None = Field(description="null if the number of independent articles is no burst")
    updated_at: WrittenTime = Field(description="when it changed, by the brokers' time")
