"""What rules can ask about a story, beside the names and words that they ask of articles too."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from worker.records.rules import StoryCondition


@dataclass(frozen=True, slots=True)
class StoryFacts:
    """The numbers of a story's record.

    `sources`: independent ones. `articles_before`: by a number of hours, the articles that the story had so
    long before this record.
    """

    id: str
    version: int
    articles: int
    sources: int
    reprints: int
    articles_before: Mapping[int, int] = field(default_factory=dict)

    @property
    def is_new(self) -> bool:
        """Whether the story begins with this record."""
        return self.version == 1

    def growth(self, hours: int) -> int:
        """How many articles more there are than so many hours before."""
        return self.articles - self.articles_before.get(hours, self.articles)

    def fits(self, wanted: StoryCondition) -> bool:
        """Whether the condition holds."""
        if wanted.min_growth is not None:
            return self.growth(wanted.min_growth.hours) >= wanted.min_growth.articles
        if wanted.min_sources is not None:
            return self.sources >= wanted.min_sources
        if wanted.min_reprints is not None:
            return self.reprints >= wanted.min_reprints
        return self.is_new

    def found(self, wanted: StoryCondition) -> str:
        """What meets a condition that holds, as an alert says it."""
        if wanted.min_growth is not None:
            return f"{self.growth(wanted.min_growth.hours)} articles more within {wanted.min_growth.hours}h"
        if wanted.min_sources is not None:
            return f"{self.sources} independent sources"
        if wanted.min_reprints is not None:
            return f"{self.reprints} reprints"
        return "new"
