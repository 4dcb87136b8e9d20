"""`dateline enrich`: files in, enriched records out, without Kafka."""

import asyncio
import logging
import sys
from collections import deque
from collections.abc import AsyncIterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import IO, Any, Protocol

import click
import orjson

from worker.channels import Channel
from worker.commands.articles.documents import Document, Documents, Unreadable
from worker.commands.articles.enriched import NotEnrichedError, enriched_article, is_enriched
from worker.commands.articles.read_ahead import read_ahead
from worker.commands.shell.options import read_settings
from worker.commands.shell.terminal import Problem, Progress, progress, say
from worker.enrichment import EnrichmentConfig, make_enricher
from worker.pool.article_pool import article_pool
from worker.pool.pool import Killed, PoolBrokenError
from worker.records.messages import OutMessage, RawMessage, Reason, Rejected
from worker.settings import Settings


@click.command()
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
@click.option("--output", metavar="FILE", help="Write the records here instead of to standard output.")
@click.option(
    "--processes", type=click.IntRange(1, 256), metavar="N", help="Enrichment processes [DATELINE_PROCESSES]."
)
@click.option("--content-type", metavar="TYPE", help="What every input is, whatever its ending.")
@click.option("--json", "wants_json", is_flag=True, help="JSON lines also where a terminal watches.")
def command(
    paths: tuple[str, ...],
    output: str | None,
    processes: int | None,
    content_type: str | None,
    wants_json: bool,
) -> None:
    """Enrich files without Kafka: one enriched record a line, in input order.

    \b
    PATH is a file, a folder (with all below it, sorted) or - for standard input, told by its ending:
      .jsonl .ndjson and standard input: one JSON record a line
      .json: one record, plain or ninjs      .txt: the text      .html .htm: a page
    A terminal shows cards instead of JSON. What can't be enriched goes to standard error, as one JSON
    object a line: input, line, reason (as of a dead letter), error.

    \b
    Exit codes: 0 all enriched, 1 something could not be, 2 wrong usage, 130 interrupted.
    """
    # What the pool logs of a process that died, the line for its article says as well.
    logging.getLogger("worker").addHandler(logging.NullHandler())
    settings = read_settings(processes=processes)
    documents = Documents(paths, max_bytes=settings.max_record_bytes, content_type=content_type)
    if output is None:
        failed = asyncio.run(
            enrich_all(settings, documents, _writer(sys.stdout.buffer, wants_json), on_stdout=True)
        )
    else:
        with _opened(output) as file:
            failed = asyncio.run(enrich_all(settings, documents, _Lines(file), on_stdout=False))
    if failed:
        raise click.exceptions.Exit(1)


class Writer(Protocol):
    """Takes an article's record of the enriched topic, and what it was made of."""

    def write(self, record: bytes, document: Document) -> None: ...


async def enrich_all(
    settings: Settings,
    documents: Documents,
    writer: Writer,
    *,
    on_stdout: bool,
    takes_enriched: bool = False,
) -> int:
    """How many inputs could not be enriched.

    `takes_enriched`: what is enriched already goes to the writer as it is, as soon as it is read; where all
    of it is, no pipeline is loaded.
    """
    config = replace(EnrichmentConfig.from_settings(settings), channels=(Channel.ENRICHED,))
    pool = article_pool(partial(make_enricher, config), settings)
    with progress(documents.total_bytes, results_on_stdout=on_stdout) as bar:
        work = _Work(documents, writer, bar, takes_enriched=takes_enriched)
        messages = work.messages()
        waiting = await _unless_empty(messages) if takes_enriched else messages
        try:
            if waiting is not None:
                async with pool:
                    async for result in pool.map(waiting):
                        work.settle(result)
        except PoolBrokenError as error:
            raise Problem(str(error)) from None
        bar.close()
        if not on_stdout or work.failed:
            work.sum_up()
    return work.failed


async def _unless_empty(messages: AsyncIterator[RawMessage]) -> AsyncIterator[RawMessage] | None:
    """The same messages, once there is a first one; None if there is none."""
    first = await anext(messages, None)
    if first is None:
        return None

    async def chained() -> AsyncIterator[RawMessage]:
        yield first
        async for message in messages:
            yield message

    return chained()


class _Work:
    """Which document is whose result, and what became of each."""

    def __init__(self, documents: Documents, writer: Writer, bar: Progress, *, takes_enriched: bool) -> None:
        self._documents = documents
        self._writer = writer
        self._bar = bar
        self._takes_enriched = takes_enriched
        self._under_way: deque[Document] = deque()
        self.done = 0
        self.failed = 0

    async def messages(self) -> AsyncIterator[RawMessage]:
        number = 0
        async for document in read_ahead(self._documents):
            if isinstance(document, Unreadable):
                self._reject(document, "too-large" if document.is_too_large else "unreadable", document.error)
                continue
            if self._takes_enriched and is_enriched(document):
                self._pass_on(document)
                continue
            self._under_way.append(document)
            yield RawMessage(
                topic=document.source,
                partition=0,
                offset=number,
                timestamp_ms=0,
                key=document.key,
                value=document.value,
                headers=document.raw_headers,
            )
            number += 1

    def settle(self, result: Any) -> None:
        document = self._under_way.popleft()
        match result:
            case Killed(error=error):
                self._reject(document, Reason.ENRICHMENT_KILLED.value, error)
            case Rejected(reason=reason, error=error):
                self._reject(document, reason.value, error)
            case _:
                self._write(_enriched(result), document)
        self._bar.update(self._documents.bytes_read, self._told())

    def _pass_on(self, document: Document) -> None:
        value = document.value or b""
        try:
            enriched_article(value)
        except NotEnrichedError as error:
            self._reject(document, Reason.INVALID.value, str(error))
            return
        self._write(value, document)

    def _write(self, record: bytes, document: Document) -> None:
        self._writer.write(record, document)
        self.done += 1

    def sum_up(self) -> None:
        say(self._told())

    def _told(self) -> str:
        return f"{self.done:,} enriched" + (f", {self.failed:,} could not be" if self.failed else "")

    def _reject(self, document: Document | Unreadable, reason: str, error: str) -> None:
        self.failed += 1
        line = {"input": document.source, "line": document.line, "reason": reason, "error": error}
        self._bar.say(orjson.dumps(line).decode())


class _Lines:
    """One record a line, there as soon as it is done."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file

    def write(self, record: bytes, document: Document) -> None:
        self._file.write(record + b"\n")
        self._file.flush()


class _Cards(_Lines):
    """For the person at the terminal."""

    def __init__(self) -> None:
        from worker.commands.shell.terminal import result_console

        self._console = result_console()

    def write(self, record: bytes, document: Document) -> None:
        from worker.commands.shown.cards import article_rows, headline_of, show_card

        article = orjson.loads(record)
        show_card(self._console, headline_of(article), article_rows(article), note=document.place)


def _writer(stdout: IO[bytes], wants_json: bool) -> _Lines:
    return _Cards() if sys.stdout.isatty() and not wants_json else _Lines(stdout)


def _opened(path: str) -> IO[bytes]:
    try:
        return Path(path).open("wb")
    except OSError as error:
        raise Problem(f"--output {path}: {error.strerror}") from None


def _enriched(messages: tuple[OutMessage, ...]) -> bytes:
    value = next(message.value for message in messages if message.channel is Channel.ENRICHED)
    assert value is not None, "only a retraction writes null, and files hold none"
    return value
