"""`dateline feed`: sends each document to the raw topic once, acknowledged by all replicas."""

import asyncio
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import click
from aiokafka import AIOKafkaProducer
from aiokafka.errors import BrokerResponseError, KafkaError, MessageSizeTooLargeError
from aiokafka.partitioner import DefaultPartitioner

from worker.channels import Channel
from worker.commands.articles.documents import InputDocument, InputDocuments, UnreadableInput
from worker.commands.articles.read_ahead import read_ahead
from worker.commands.shell.cluster import explain, producer
from worker.commands.shell.options import cluster_options, follow_links_option, rate_option, read_settings
from worker.commands.shell.output import print_json, say
from worker.commands.shell.own_clock import refuse_a_wrong_clock
from worker.commands.shell.rate_limiter import RateLimiter
from worker.commands.shell.terminal import Problem, Progress, counted, progress
from worker.commands.topics.settings import largest_record
from worker.delivery.kafka import wire
from worker.records.messages import Headers
from worker.settings import Settings

# At most so many records, and bytes of them, are sent but not yet acknowledged.
_MAX_IN_FLIGHT = 500
_MAX_IN_FLIGHT_BYTES = 32 << 20
_BATCH_BYTES = 256 << 10
# After Ctrl-C: how long to wait for the acknowledgements of what was sent.
_FLUSH_SECONDS = 10


@click.command()
@click.argument("paths", nargs=-1, metavar="[PATH...]")
@cluster_options
@click.option("--topic", metavar="NAME", help="Another topic than the raw one.")
@click.option("--content-type", metavar="TYPE", help="What every input is, whatever its ending.")
@follow_links_option
@rate_option
@click.option(
    "--json",
    "wants_json",
    is_flag=True,
    help="For each record sent its id, topic, partition and offset, a line.",
)
@click.option(
    "--retract", multiple=True, metavar="ID", help="Retract this article: a null value under its id."
)
def command(
    paths: tuple[str, ...],
    brokers: str | None,
    prefix: str | None,
    topic: str | None,
    content_type: str | None,
    follow_links: bool,
    rate: float | None,
    wants_json: bool,
    retract: tuple[str, ...],
) -> None:
    """Send articles to the raw topic.

    \b
    PATH is a file, a folder (with all below it, sorted) or - for standard input, told by its ending:
      .jsonl .ndjson and standard input: one JSON record a line
      .json: one record, plain or ninjs      .txt: the text      .html .htm: a page
      .xml .nitf .rss .atom: NITF, NewsML-G2, or an RSS or Atom document of one entry
      .letter.json .letters.jsonl: what `dateline dead-letters export` wrote, as it was published
    A link that leads out of its folder, a FIFO, a socket or a device is reported and not read.
    The record's key is the article's id where it has one. An article that was sent before is
    enriched again; feed does not look inside what it sends, the worker does.

    \b
    Exit codes: 0 all sent, 1 one could not be read or sent, 2 wrong usage, 130 interrupted.
    """
    if not paths and not retract:
        raise click.UsageError(
            "nothing to send: name a file, a folder, - for standard input, or --retract ID"
        )
    if "" in retract:
        raise click.UsageError("--retract takes an article's id, got an empty one")
    settings = read_settings(brokers=brokers, prefix=prefix)
    topic = topic or settings.topic(Channel.RAW)

    def documents(largest: int) -> InputDocuments:
        return InputDocuments(paths, max_bytes=largest, content_type=content_type, follow_links=follow_links)

    asyncio.run(_feed(settings, topic, documents, rate, retract, wants_json=wants_json))


async def _feed(
    settings: Settings,
    topic: str,
    documents_up_to: Callable[[int], InputDocuments],
    rate: float | None,
    retract: tuple[str, ...],
    *,
    wants_json: bool,
) -> None:
    largest = await largest_record(settings, topic)
    # Whoever may only write articles may not ask for the brokers' time, and goes on without.
    await refuse_a_wrong_clock(settings)
    documents = documents_up_to(largest)
    compression = None if settings.compression == "none" else settings.compression
    async with producer(
        settings,
        acks="all",
        enable_idempotence=True,
        compression_type=compression,
        linger_ms=20,
        max_batch_size=min(_BATCH_BYTES, largest),
        # aiokafka checks this before compression and with the record's overhead, so that no record reaches a
        # broker which has to refuse it. After a refusal the idempotent producer stays out of sequence.
        max_request_size=largest,
    ) as client:
        with progress(documents.total_bytes, results_on_stdout=wants_json) as bar:
            sender = _Sender(client, settings, topic, documents, bar, wants_json=wants_json)
            try:
                for article_id in retract:
                    await sender.send(
                        _OutgoingRecord(f"--retract {article_id}", article_id.encode(), None, ())
                    )
                limiter = RateLimiter(rate)
                async for document in read_ahead(documents):
                    await limiter.wait()
                    await sender.take(document)
                await sender.flush()
            except asyncio.CancelledError:
                # Interrupted: what was sent is still acknowledged and counted.
                with suppress(TimeoutError, Problem):
                    async with asyncio.timeout(_FLUSH_SECONDS):
                        await sender.flush()
                raise
            finally:
                bar.close()
                _say_summary(sender, documents, topic)
    if sender.failed:
        raise click.exceptions.Exit(1)


@dataclass(frozen=True, slots=True)
class _OutgoingRecord:
    """`place` names the input in error messages."""

    place: str
    key: bytes | None
    value: bytes | None
    headers: Headers


class _Sender:
    """Sends records, with a bound on those in flight, and counts which were acknowledged and which failed."""

    def __init__(
        self,
        client: AIOKafkaProducer,
        settings: Settings,
        topic: str,
        documents: InputDocuments,
        bar: Progress,
        *,
        wants_json: bool = False,
    ) -> None:
        self._client = client
        self._wants_json = wants_json
        self._settings = settings
        self._topic = topic
        self._documents = documents
        self._bar = bar
        self._in_flight: deque[tuple[_OutgoingRecord, asyncio.Future[object]]] = deque()
        self._bytes_in_flight = 0
        self.sent = 0
        self.failed = 0

    async def take(self, document: InputDocument | UnreadableInput) -> None:
        """Sends a document; an input that could not be read is reported and counts as failed."""
        if isinstance(document, UnreadableInput):
            self._fail(document.place, document.error)
            return
        record = _OutgoingRecord(document.place, document.key, document.value, document.raw_headers)
        await self.send(record)

    async def send(self, record: _OutgoingRecord) -> None:
        """Sends one record, once there is room for it. Raises Problem if a broker refuses one."""
        while self._is_full():
            await self._await_oldest()
        try:
            acknowledged = await self._start_sending(record)
        except MessageSizeTooLargeError:
            self._fail(record.place, f"too large for {self._topic}")
            return
        except KafkaError as error:
            raise self._refused(record, error) from None
        self._in_flight.append((record, acknowledged))
        self._bytes_in_flight += len(record.value or b"")

    async def _start_sending(self, record: _OutgoingRecord) -> asyncio.Future[object]:
        key, value, headers = record.key, record.value, list(record.headers)
        acknowledged: asyncio.Future[object]
        if all(wire.is_utf8(name) for name, _ in headers):
            acknowledged = await self._client.send(self._topic, key=key, value=value, headers=headers)
            return acknowledged
        batch = wire.new_batch(self._client, [record.headers])
        batch.append(timestamp=None, key=key, value=value, headers=headers)
        choices = sorted(await self._client.partitions_for(self._topic))
        partition = DefaultPartitioner()(key, choices, choices)
        acknowledged = await self._client.send_batch(batch, self._topic, partition=partition)
        return acknowledged

    async def flush(self) -> None:
        """Waits until all records are acknowledged. Raises Problem if one is not."""
        while self._in_flight:
            await self._await_oldest()

    def _is_full(self) -> bool:
        return len(self._in_flight) >= _MAX_IN_FLIGHT or self._bytes_in_flight >= _MAX_IN_FLIGHT_BYTES

    async def _await_oldest(self) -> None:
        record, acknowledged = self._in_flight.popleft()
        self._bytes_in_flight -= len(record.value or b"")
        try:
            stored = await acknowledged
        except KafkaError as error:
            raise self._refused(record, error) from None
        self.sent += 1
        if self._wants_json:
            _print_place(record, stored)
        self._bar.update(self._documents.bytes_read, f"{counted(self.sent, 'record')} sent")

    def _refused(self, record: _OutgoingRecord, error: KafkaError) -> Problem:
        is_refusal = isinstance(error, BrokerResponseError) and not error.retriable
        verdict = "refused" if is_refusal else "not acknowledged"
        where = f"{self._topic} on {self._settings.brokers}"
        return Problem(f"{record.place}: {verdict} by {where}: {explain(error)}; what follows was not sent")

    def _fail(self, place: str, error: str) -> None:
        self.failed += 1
        self._bar.say(f"dateline: {place}: {error}")


def _print_place(record: _OutgoingRecord, stored: Any) -> None:
    """Prints where a record stands. Its id is its key: null if the worker is to make one of its content."""
    article = None if record.key is None else record.key.decode(errors="backslashreplace")
    print_json({"id": article, "topic": stored.topic, "partition": stored.partition, "offset": stored.offset})


def _say_summary(sender: _Sender, documents: InputDocuments, topic: str) -> None:
    failed = f", {sender.failed:,} failed" if sender.failed else ""
    over = (
        f", {counted(documents.passed_over, 'file')} of other kinds passed over"
        if documents.passed_over
        else ""
    )
    say(f"{counted(sender.sent, 'record')} sent to {topic}{failed}{over}")
