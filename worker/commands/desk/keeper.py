"""Keeps the desk's search index up to date in the background, as `dateline index` does."""

import asyncio
import contextlib
import hashlib
import logging
import os
from dataclasses import dataclass
from pathlib import Path

from worker.channels import Channel
from worker.commands.desk.archive import IndexArchive
from worker.commands.search.index import story_topics
from worker.commands.search.ingest import Indexer
from worker.commands.search.source import TopicReader
from worker.commands.shell.cluster import consumer
from worker.commands.shell.reading import partitions_of
from worker.commands.shell.terminal import Problem
from worker.delivery.kafka.connection import without_making_topics
from worker.desk.source import SourceError
from worker.log import log_event
from worker.search.file import IndexProblem, opened_for_writing
from worker.search.writing import Writer
from worker.settings import Settings

log = logging.getLogger(__name__)

_AGAIN_SECONDS = 10.0
_COUNT_SECONDS, _COUNT_SECONDS_BEHIND = 15.0, 3.0
_END_SECONDS = 5.0
# So large are batches where the desk is behind. Those of 1,000 take 240 MiB, those of 250 take 125 and
# 11 % more CPU time; and pages are answered between two of them.
_BATCH_RECORDS = 250


def default_index(settings: Settings) -> Path:
    """`~/.cache/dateline/desk-3f1c0a9b2d4e.sqlite`: a file of this cluster and prefix, where caches are kept.

    Raises RuntimeError if this user has no home.
    """
    said = os.environ.get("XDG_CACHE_HOME", "")
    caches = Path(said) if said.startswith("/") else Path.home() / ".cache"
    named = f"{settings.brokers} {settings.topic_prefix}"
    return caches / "dateline" / f"desk-{hashlib.sha256(named.encode()).hexdigest()[:12]}.sqlite"


@dataclass
class ArchiveKeeper:
    """Writes the index that `archive` answers from. `again_seconds`: the pause after it could not."""

    settings: Settings
    path: Path
    archive: IndexArchive
    again_seconds: float = _AGAIN_SECONDS
    _told: str = ""

    async def run(self) -> None:
        """Until it is cancelled. Whatever keeps it from going on is said on the pages, and tried again."""
        while True:
            try:
                await self._index()
            except (Problem, IndexProblem) as problem:
                why = problem.message if isinstance(problem, Problem) else str(problem)
                self._tell(f"The index is not kept up to date for now: {why}.")
            except OSError as error:
                self._tell(f"The index is not kept up to date: {self.path}: {error.strerror or error}.")
            await asyncio.sleep(self.again_seconds)

    async def _index(self) -> None:
        settings, topic = self.settings, self.settings.topic(Channel.SEARCH)
        await partitions_of(settings, topic)
        topics = {Channel.SEARCH: topic, **await story_topics(settings, self._note)}
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with opened_for_writing(self.path, say=self._note) as connection:
            writer = Writer(connection)
            known = writer.about.get("topic", topic)
            if known != topic:
                raise IndexProblem(f"{self.path} is an index of {known}, not of {topic}")
            async with consumer(settings, auto_offset_reset="none") as client:
                without_making_topics(client._client)
                reader = TopicReader(client, writer, topics, settings, self)
                await self._follow(Indexer(reader, writer, self, batch_records=_BATCH_RECORDS))

    async def _follow(self, indexer: Indexer) -> None:
        """Indexes until this is cancelled. Nobody writes to the file any more when it returns."""
        stop = asyncio.Event()
        self._tell("")
        indexing = asyncio.create_task(indexer.run(follow=True, anew=False, stop=stop))
        counting = asyncio.create_task(self._count(indexer))
        try:
            await asyncio.shield(indexing)
        finally:
            counting.cancel()
            stop.set()
            with contextlib.suppress(TimeoutError, Problem, IndexProblem):
                await asyncio.wait_for(indexing, _END_SECONDS)

    async def _count(self, indexer: Indexer) -> None:
        """Tells the pages how far it is, now and then: to count takes SQLite a walk over the articles."""
        while True:
            is_current = bool(indexer.reader.partitions) and await indexer.reader.is_caught_up()
            with contextlib.suppress(SourceError):
                self.archive.tell(articles=await self.archive.count(), is_current=is_current)
            await asyncio.sleep(_COUNT_SECONDS if is_current else _COUNT_SECONDS_BEHIND)

    def _tell(self, why: str) -> None:
        self.archive.tell(why=why, is_current=False)
        if why and why != self._told:
            log_event(log, logging.WARNING, "desk index", why=why)
        self._told = why

    def _note(self, line: str) -> None:
        log_event(log, logging.INFO, "desk index", note=line.removeprefix("dateline: "))

    # What shows the progress of `dateline index` is the desk's log here.
    def update(self, done_bytes: int, text: str) -> None:
        """How far it is stands on the pages."""

    def say(self, line: str) -> None:
        self._note(line)

    def close(self) -> None:
        """There is nothing to remove."""
