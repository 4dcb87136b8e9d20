"""How much is remembered, and for how long by the log's own time."""

from dataclasses import dataclass

_HOUR_MS = 3_600_000


@dataclass(frozen=True, slots=True)
class StoryLimits:
    """What is held at most. Beyond it the oldest goes first: of stories those of one article."""

    story_ms: int = 72 * _HOUR_MS
    """A story closes so long after its last article."""
    single_ms: int = 36 * _HOUR_MS
    """A story of one article closes so long after it."""
    article_ms: int = 72 * _HOUR_MS
    """An article is remembered for so long: until then its copies are found, and it can be taken back."""
    open_stories: int = 200_000
    articles: int = 400_000
    step_ms: int = 600_000
    """One record moves the log's time on by so much at most, so that a wrong clock closes nothing."""
    swept: int = 8
    """So many stories, and so many articles, are closed or forgotten for each record that is read."""
    versions: int = 20
    """A text that changes oftener is found by its copies as it was then."""


STORY_LIMITS = StoryLimits()
