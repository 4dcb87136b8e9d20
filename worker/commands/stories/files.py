"""The stories of the articles of files, in the order in which the files have them."""

import asyncio
from dataclasses import dataclass, replace

import orjson

from worker.channels import SPECS, Channel
from worker.commands.articles.documents import InputDocument, InputDocuments
from worker.commands.articles.enrich import enrich_all
from worker.settings import Settings
from worker.stories.outputs import Assignment
from worker.stories.sketch import make_sketch
from worker.stories.stories import Position, Stories


@dataclass(frozen=True, slots=True)
class AssignedFiles:
    """The last assignment of each article of files, and how many could not be enriched."""

    assignments: list[Assignment]
    failed: int


def stories_of_files(
    settings: Settings,
    paths: tuple[str, ...],
    *,
    content_type: str | None = None,
    follow_links: bool = False,
) -> AssignedFiles:
    """Assigns the articles of files, raw or enriched, as a stream of them would be.

    A story that became a part of another has the other's id. The log's time is when an article was published;
    one that does not say counts as written when the one before it was.
    """
    most = max(settings.max_record_bytes, SPECS[Channel.ENRICHED].max_message_bytes)
    documents = InputDocuments(paths, max_bytes=most, content_type=content_type, follow_links=follow_links)
    assigner = _Assigner()
    failed = asyncio.run(enrich_all(settings, documents, assigner, on_stdout=True, takes_enriched=True))
    return AssignedFiles(assigner.at_end(), failed)


class _Assigner:
    """Assigns what `enrich_all` writes."""

    def __init__(self) -> None:
        self._stories = Stories()
        self._count = 0
        self._time_ms = 0
        self._assignments: dict[str, Assignment] = {}
        self._into: dict[str, str] = {}

    def write(self, record: bytes, document: InputDocument) -> None:
        article = orjson.loads(record)
        sketch = make_sketch(article, origin=f"{self._count}")
        if sketch.published_ms is not None:
            self._time_ms = sketch.published_ms
        told = self._stories.take(sketch, Position(self._count, self._time_ms))
        self._count += 1
        if told.assignment is not None:
            self._assignments[sketch.id] = told.assignment
        for card in told.cards:
            if card.fields["into"]:
                self._into[card.id] = card.fields["into"]

    def at_end(self) -> list[Assignment]:
        """The assignments in the order of the articles, each with the story that its story is a part of."""
        found = []
        for assignment in self._assignments.values():
            story = assignment.story
            while story in self._into:
                story = self._into[story]
            found.append(replace(assignment, story=story))
        return found
