"""What the pages over all indexed articles ask for. Who runs the desk reads it from the search index."""

from dataclasses import dataclass
from typing import Protocol

from worker.desk.source import PageFields

ENTITY_KINDS = {"person": "People", "org": "Organisations"}
"""The types of entities that have a list and pages, as their ids begin."""
PERIODS = {"day": 1, "week": 7, "month": 30, "all": None}
"""Over how many days the list counts; None: all."""


@dataclass(frozen=True, slots=True)
class ArchiveState:
    """How far the index is. `articles`: how many it has; None before it was opened.

    `is_current`: it has all that the topics had a moment ago. `why`: what keeps it from going on; empty if
    nothing does.
    """

    articles: int | None = None
    is_current: bool = False
    why: str = ""


class Archive(Protocol):
    """Each method raises SourceError, also where an answer takes too long."""

    @property
    def state(self) -> ArchiveState:
        """How far the index is."""

    async def named(self, kind: str, *, period: str, part: str, by_quotes: bool) -> PageFields:
        """`entities`: who is named or quoted most in a period, with `part` in their names.

        `period`: the period that was counted, which is a longer one where nobody is named in the one asked
        for.
        """

    async def entity(self, entity_id: str) -> PageFields | None:
        """All about one entity; None if no article names it.

        `name`, `articles` that name it, newest first, `said`: its quotes, `about`: quotes of others with its
        name, `days`: how often it was named and quoted, and `topics` of what it said.
        """

    async def search(self, query: str, *, quotes: bool, newest: bool) -> PageFields:
        """`hits`: what matches, with `highlighted` pieces of text. Raises QueryError."""

    async def article(self, article_id: str) -> PageFields | None:
        """An article as it was indexed: its `document`, and the text's `marks`; None if it is not there."""
