"""Follows the rules topic: this worker reads all rules before its first article, and their changes after."""

import asyncio
import gc
import logging
import time
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import asdict
from typing import Any

from aiokafka.errors import KafkaError

from worker import metrics
from worker.alerts.book import RuleBook, name_of
from worker.channels import Channel
from worker.delivery.kafka.compacted import CompactedRecords, CompactedTopic
from worker.delivery.kafka.errors import ErrorKind, FatalError, describe, error_kind, fatal_reason
from worker.delivery.lanes.status import RulesStatus
from worker.log import log_event
from worker.settings import Settings

log = logging.getLogger(__name__)

# So few that even the largest are taken in a small part of START_SECONDS.
RULES_AT_ONCE = 100
# Rules are compiled in slices of this length, since articles wait meanwhile.
SLICE_SECONDS = 0.005
# For so long no further rule may come while all are read. How long many rules take is no reason to give up.
START_SECONDS = 120.0
RULES_RETRY_SECONDS = 2.0
LOOK_EVERY_SECONDS = 5.0


class Rules:
    """`book` has the rules in force; it is empty if DATELINE_OUTPUTS has no alerts.

    If the rules topic is made anew, `book` is replaced as a whole.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self.book = RuleBook()
        self._read = asyncio.Event()
        self._following: asyncio.Task[None]
        self._furthest = 0
        """How many records any attempt to read all has taken."""
        self._went_on = 0.0
        """When an attempt got further than any before."""

    async def start(self, *, seconds: float = START_SECONDS) -> None:
        """Reads all rules. Raises FatalError if no further one comes for so long, or they can't be read."""
        if not self._settings.alerting:
            return
        reading = asyncio.create_task(self._run(), name="rules")
        read = asyncio.create_task(self._read.wait())
        done: set[asyncio.Task[Any]] = set()
        self._went_on = time.monotonic()
        while not done and (left := self._went_on + seconds - time.monotonic()) > 0:
            done, _ = await asyncio.wait({reading, read}, timeout=left, return_when=asyncio.FIRST_COMPLETED)
        self._following = reading
        if reading in done:
            await reading
        if not done:
            reading.cancel()
            raise FatalError(f"the rules in {self._topic} could not be read: none came within {seconds:g} s")

    async def run(self) -> None:
        """Follows changes of the rules until the process ends. An exception is a bug."""
        if self._settings.alerting:
            await self._following

    def status(self) -> RulesStatus:
        """For the health page and the metrics."""
        return RulesStatus(in_force=len(self.book.index), refused=len(self.book.refused))

    @property
    def _topic(self) -> str:
        return self._settings.topic(Channel.RULES)

    async def _run(self) -> None:
        while True:
            try:
                await self._follow()
            except Exception as error:
                # Rules that were read once stay in force, whatever becomes of the topic.
                if not self._read.is_set() and error_kind(error) is ErrorKind.FATAL:
                    raise
                self._note_failure(error)
                await asyncio.sleep(RULES_RETRY_SECONDS)

    async def _follow(self) -> None:
        """Reads and follows the topic until it is deleted and made anew."""
        async with CompactedTopic(self._settings, self._topic) as topic:
            if len(topic.partitions) != 1:
                log_event(
                    log,
                    logging.WARNING,
                    "versions of a rule have no order: its topic takes one partition",
                    topic=self._topic,
                    partitions=len(topic.partitions),
                )
            began = time.monotonic()
            book = await self._read_all(topic)
            for rule, error in book.refused.items():
                _tell(book, rule, error)
            self.book = book
            if not self._read.is_set():
                # Keeps the garbage collector from scanning tens of thousands of rules again and again.
                gc.collect()
                gc.freeze()
            self._read.set()
            log_event(
                log,
                logging.INFO,
                "rules read",
                **asdict(self.status()),
                seconds=round(time.monotonic() - began, 3),
            )
            async with aclosing(self._changes(topic)) as slices:
                async for records in slices:
                    for rule, error in await self._take(book, records):
                        _tell(book, rule, error)
            log_event(log, logging.WARNING, "the rules' topic is another; it is read anew", topic=self._topic)

    async def _read_all(self, topic: CompactedTopic) -> RuleBook:
        """The rules that there are now. Raises TimeoutError if no further one comes for START_SECONDS."""
        book, taken = RuleBook(), 0
        async with (
            asyncio.timeout(START_SECONDS) as limit,
            aclosing(topic.to_the_end(at_once=RULES_AT_ONCE)) as slices,
        ):
            async for records in slices:
                await self._take(book, records)
                taken += len(records)
                if taken > self._furthest:
                    self._furthest, self._went_on = taken, time.monotonic()
                if records:
                    limit.reschedule(asyncio.get_running_loop().time() + START_SECONDS)
        return book

    async def _changes(self, topic: CompactedTopic) -> AsyncGenerator[CompactedRecords, None]:
        looked_at = time.monotonic()
        while True:
            yield await topic.more(at_once=RULES_AT_ONCE)
            if time.monotonic() > looked_at + LOOK_EVERY_SECONDS:
                try:
                    if await topic.is_another():
                        return
                except (KafkaError, TimeoutError) as error:
                    self._note_failure(error)
                looked_at = time.monotonic()

    def _note_failure(self, error: Exception) -> None:
        metrics.RULE_READ_FAILURES.inc()
        log_event(
            log,
            logging.ERROR,
            "rules can't be read; those that were stay in force",
            topic=self._topic,
            error=fatal_reason(error) or describe(error),
        )

    async def _take(self, book: RuleBook, records: CompactedRecords) -> list[tuple[str, str]]:
        """Applies the records to the book; returns the ids of refused rules with the reason."""
        found, began = [], time.monotonic()
        for record in records:
            if time.monotonic() > began + SLICE_SECONDS:
                await asyncio.sleep(0)
                began = time.monotonic()
            error = book.apply(record.key, record.value)
            outcome = "refused" if error else "put" if record.value is not None else "deleted"
            metrics.RULE_CHANGES.labels(outcome).inc()
            if error:
                found.append((name_of(record.key), error))
        return found


def _tell(book: RuleBook, rule: str, error: str) -> None:
    """Logs a refused rule. `in_force` is the version of it that stays in force, if there is one."""
    held = book.index.get(rule)
    log_event(log, logging.ERROR, "rule refused", rule=rule, error=error, in_force=held and held.version)
