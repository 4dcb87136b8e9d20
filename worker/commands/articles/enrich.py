"""`dateline enrich`: enriches the articles of files, without Kafka."""

import asyncio
import logging
import sys
import time
from collections import deque
from collections.abc import AsyncIterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import IO, Protocol

import click
import orjson

from worker.channels import Channel
from worker.commands.articles.documents import InputDocument, InputDocuments, UnreadableInput
from worker.commands.articles.enriched import NotEnrichedError, enriched_article, is_enriched
from worker.commands.articles.read_ahead import read_ahead
from worker.commands.shell.completion import complete_path
from worker.commands.shell.numbers import WholeNumber
from worker.commands.shell.options import follow_links_option, read_settings
from worker.commands.shell.output import message_json, print_json, say
from worker.commands.shell.terminal import Problem, Progress, progress
from worker.commands.shell.variables import PIPELINE_SETTINGS, reads
from worker.enricher import make_enricher
from worker.enrichment_config import EnrichmentConfig
from worker.pool.article_pool import article_pool
from worker.pool.pool import Killed, PoolBrokenError
from worker.records.messages import Outcome, RawMessage, Reason, Rejected
from worker.settings import Settings

# Why there is no record of an input that retracts an article.
RETRACTION = "retraction"


@reads(*PIPELINE_SETTINGS)
@click.command()
@click.argument("paths", nargs=-1, required=True, metavar="PATH...", shell_complete=complete_path)
@click.option("--output", metavar="FILE", help="Write the records here instead of to standard output.")
@click.option(
    "--processes", type=WholeNumber(1, 256), metavar="N", help="Enrichment processes [DATELINE_PROCESSES]."
)
@click.option("--content-type", metavar="TYPE", help="What every input is, whatever its ending.")
@follow_links_option
@click.option("--json", "wants_json", is_flag=True, help="JSON lines also where a terminal watches.")
def command(
    paths: tuple[str, ...],
    output: str | None,
    processes: int | None,
    content_type: str | None,
    follow_links: bool,
    wants_json: bool,
) -> None:
    """Enrich files without Kafka: one enriched record a line, in input order.

    \b
    PATH is a file, a folder (with all below it, sorted) or - for standard input, told by its ending:
      .jsonl .ndjson and standard input: one JSON record a line
      .json: one record, plain or ninjs      .txt: the text      .html .htm: a page
      .xml .nitf .rss .atom: NITF, NewsML-G2, or an RSS or Atom document of one entry
    A terminal shows cards instead of JSON. What can't be enriched goes to standard error, as one JSON
    object a line: input, line, reason (as of a dead letter, or retraction), error.

    \b
    Exit codes: 0 all enriched, 1 something could not be, 2 wrong usage, 130 interrupted.
    """
    # Silences the pool's log of processes that died: the line about the article reports the same.
    logging.getLogger("worker").addHandler(logging.NullHandler())
    settings = read_settings(processes=processes)
    documents = InputDocuments(
        paths, max_bytes=settings.max_record_bytes, content_type=content_type, follow_links=follow_links
    )
    if output is None:
        failed = asyncio.run(enrich_all(settings, documents, _stdout_writer(wants_json), on_stdout=True))
    else:
        with _open_output(output) as file:
            failed = asyncio.run(enrich_all(settings, documents, _LineWriter(file), on_stdout=False))
    if failed:
        raise click.exceptions.Exit(1)


class RecordWriter(Protocol):
    """Receives the results of `enrich_all`."""

    def write(self, record: bytes, document: InputDocument) -> None:
        """Takes the value of one record of the enriched topic, and the document that it was made from."""


async def enrich_all(
    settings: Settings,
    documents: InputDocuments,
    writer: RecordWriter,
    *,
    on_stdout: bool,
    takes_enriched: bool = False,
) -> int:
    """Enriches the documents and gives the records to `writer`, in input order.

    Returns how many inputs could not be enriched; each of them is reported on standard error.

    `takes_enriched`: an article that is already enriched goes to the writer unchanged, as soon as it is read.
    If all of them are, no pipeline is loaded.
    """
    config = replace(EnrichmentConfig.from_settings(settings), channels=(Channel.ENRICHED,))
    pool = article_pool(partial(make_enricher, config), settings)
    with progress(documents.total_bytes, results_on_stdout=on_stdout) as bar:
        run = _EnrichmentRun(documents, writer, bar, takes_enriched=takes_enriched)
        messages = run.messages()
        waiting = await _unless_empty(messages) if takes_enriched else messages
        try:
            if waiting is not None:
                async with pool:
                    async for result in pool.map(waiting):
                        run.finish_oldest(result)
        except PoolBrokenError as error:
            raise Problem(str(error)) from None
        bar.close()
        if not on_stdout or run.failed:
            say(run.summary)
    return run.failed


async def _unless_empty(messages: AsyncIterator[RawMessage]) -> AsyncIterator[RawMessage] | None:
    """Waits for the first message. Returns the same messages, or None if there are none."""
    first = await anext(messages, None)
    if first is None:
        return None

    async def chained() -> AsyncIterator[RawMessage]:
        yield first
        async for message in messages:
            yield message

    return chained()


class _EnrichmentRun:
    """Matches results with their documents, writes them or reports why there is none, and counts both."""

    def __init__(
        self, documents: InputDocuments, writer: RecordWriter, bar: Progress, *, takes_enriched: bool
    ) -> None:
        self._documents = documents
        self._writer = writer
        self._bar = bar
        self._takes_enriched = takes_enriched
        self._in_flight: deque[InputDocument] = deque()
        # The time of all records: an embargo that is over by now holds nothing back.
        self._now_ms = time.time_ns() // 1_000_000
        self.done = 0
        self.failed = 0

    @property
    def summary(self) -> str:
        return f"{self.done:,} enriched" + (f", {self.failed:,} could not be" if self.failed else "")

    async def messages(self) -> AsyncIterator[RawMessage]:
        """The documents that have to be enriched."""
        number = 0
        async for document in read_ahead(self._documents):
            if isinstance(document, UnreadableInput):
                self._reject(document, "too-large" if document.is_too_large else "unreadable", document.error)
                continue
            if self._takes_enriched and is_enriched(document):
                self._pass_on(document)
                continue
            self._in_flight.append(document)
            yield RawMessage(
                topic=document.source,
                partition=0,
                offset=number,
                timestamp_ms=self._now_ms,
                key=document.key,
                value=document.value,
                headers=document.raw_headers,
            )
            number += 1

    def finish_oldest(self, result: Outcome | Killed) -> None:
        """Takes the result of the oldest document in flight: results come in the order of `messages`."""
        document = self._in_flight.popleft()
        match result:
            case Killed(error=error):
                self._reject(document, Reason.ENRICHMENT_KILLED.value, error)
            case Rejected(reason=reason, error=error):
                self._reject(document, reason.value, error)
            case outputs:
                record = next(output for output in outputs if output.channel is Channel.ENRICHED)
                if record.value is None:
                    retracted = (record.key or b"").decode()
                    self._reject(document, RETRACTION, f"it retracts the article {retracted}")
                else:
                    self._write(record.value, document)
        self._bar.update(self._documents.bytes_read, self.summary)

    def _pass_on(self, document: InputDocument) -> None:
        value = document.value or b""
        try:
            enriched_article(value)
        except NotEnrichedError as error:
            self._reject(document, Reason.INVALID.value, str(error))
            return
        self._write(value, document)

    def _write(self, record: bytes, document: InputDocument) -> None:
        self._writer.write(record, document)
        self.done += 1

    def _reject(self, document: InputDocument | UnreadableInput, reason: str, error: str) -> None:
        self.failed += 1
        line = {"input": document.source, "line": document.line, "reason": reason, "error": error}
        self._bar.say(message_json(line))


class _LineWriter:
    """Writes one record a line to a file, as the topic would have it, and flushes each."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file

    def write(self, record: bytes, document: InputDocument) -> None:
        self._file.write(record + b"\n")
        self._file.flush()


class _StdoutWriter:
    """Prints one record a line, and flushes each."""

    def write(self, record: bytes, document: InputDocument) -> None:
        print_json(record)
        sys.stdout.flush()


class _CardWriter:
    """Shows each record as a card on the terminal."""

    def __init__(self) -> None:
        # Imported here because rich loads slowly, and most calls write JSON.
        from worker.commands.shell.output import result_console

        self._console = result_console()

    def write(self, record: bytes, document: InputDocument) -> None:
        from worker.commands.shown.cards import headline_of, show_card, tag_rows

        article = orjson.loads(record)
        show_card(self._console, headline_of(article), tag_rows(article), note=document.place)


def _stdout_writer(wants_json: bool) -> RecordWriter:
    return _CardWriter() if sys.stdout.isatty() and not wants_json else _StdoutWriter()


def _open_output(path: str) -> IO[bytes]:
    try:
        return Path(path).open("wb")
    except OSError as error:
        raise Problem(f"--output {path}: {error.strerror}") from None
