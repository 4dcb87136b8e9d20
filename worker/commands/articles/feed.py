"""`dateline feed`: sends each document to the raw topic once, acknowledged by all replicas."""

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import Any

import click
from aiokafka import AIOKafkaProducer
from aiokafka.errors import BrokerResponseError, KafkaError, MessageSizeTooLargeError
from aiokafka.partitioner import DefaultPartitioner

from worker.channels import Channel
from worker.commands.articles.documents import InputDocument, InputDocuments, UnreadableInput
from worker.commands.articles.read_ahead import read_ahead
from worker.commands.shell.cluster import explain, producer
from worker.commands.shell.completion import complete_path
from worker.commands.shell.options import cluster_options, follow_links_option, rate_option, read_settings
from worker.commands.shell.output import print_json, say
from worker.commands.shell.own_clock import refuse_a_wrong_clock
from worker.commands.shell.rate_limiter import RateLimiter
from worker.commands.shell.terminal import Progress, counted, progress
from worker.commands.shell.variables import CLUSTER_SETTINGS, reads
from worker.commands.topics.settings import largest_record
from worker.delivery.kafka import wire
from worker.records.messages import Headers
from worker.settings import Settings

# At most so many records, and bytes of them, are sent but not yet acknowledged.
_MAX_IN_FLIGHT = 500
_MAX_IN_FLIGHT_BYTES = 32 << 20
_BATCH_BYTES = 256 << 10
_SHOW_SECONDS = 1.0
# After Ctrl-C or a refusal: how long to wait for the acknowledgements of what was sent.
_FLUSH_SECONDS = 10


@reads(*CLUSTER_SETTINGS, "compression", "max_clock_skew_seconds")
@click.command()
@click.argument("paths", nargs=-1, metavar="[PATH...]", shell_complete=complete_path)
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
            showing = asyncio.create_task(_keep_showing(sender))
            try:
                await _until(sender.refused, _send_all(sender, documents, rate, retract))
            finally:
                # Also if it is interrupted: what was sent is still acknowledged and counted.
                with suppress(TimeoutError):
                    async with asyncio.timeout(_FLUSH_SECONDS):
                        await sender.flush()
                showing.cancel()
                bar.close()
                _say_summary(sender, documents, topic)
    if sender.failed or sender.in_flight:
        raise click.exceptions.Exit(1)


async def _send_all(
    sender: "_Sender", documents: InputDocuments, rate: float | None, retract: tuple[str, ...]
) -> None:
    for article_id in retract:
        await sender.send(
            _OutgoingRecord(f"--retract {article_id}", article_id.encode(errors="surrogateescape"), None, ())
        )
    limiter = RateLimiter(rate)
    async for document in read_ahead(documents):
        await limiter.wait()
        await sender.take(document)
    await sender.flush()


async def _until(stop: "asyncio.Future[None]", work: Coroutine[Any, Any, None]) -> None:
    """Does the work, but leaves it as soon as `stop` is done, also while it waits for input."""
    task = asyncio.create_task(work)
    try:
        await asyncio.wait((task, stop), return_when=asyncio.FIRST_COMPLETED)
        if not stop.done():
            await task
    finally:
        task.cancel()


async def _keep_showing(sender: "_Sender") -> None:
    """Shows the progress though nothing moves: while input is awaited, or brokers don't acknowledge."""
    while True:
        await asyncio.sleep(_SHOW_SECONDS)
        sender.show()


@dataclass(frozen=True, slots=True)
class _OutgoingRecord:
    """`place` names the input in error messages."""

    place: str
    key: bytes | None
    value: bytes | None
    headers: Headers


class _Sender:
    """Sends records, with a bound on those in flight, and counts which were acknowledged and which failed.

    `refused` is done when a broker refuses a record, or does not acknowledge it in time.
    """

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
        self._settled = asyncio.Event()
        self._bytes_in_flight = 0
        self._bytes_done = 0
        self.refused: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.in_flight = 0
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
        """Sends one record, once there is room for it. After a refusal it sends none."""
        while self._is_full():
            await self._until_one_is_settled()
        if self.refused.done():
            return
        bytes_read = self._documents.bytes_read
        try:
            acknowledged = await self._start_sending(record)
        except MessageSizeTooLargeError:
            self._fail(record.place, f"too large for {self._topic}")
            return
        except KafkaError as error:
            self._refuse(record, error)
            return
        self.in_flight += 1
        self._bytes_in_flight += len(record.value or b"")
        # Not when its turn comes to be awaited: at a low rate that may be minutes later.
        acknowledged.add_done_callback(partial(self._settle, record, bytes_read))

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
        """Waits until each record is acknowledged or refused."""
        while self.in_flight:
            await self._until_one_is_settled()

    def show(self) -> None:
        """Shows what the brokers have acknowledged, what they have not yet, and what failed."""
        on_their_way = f", {self.in_flight:,} on their way" if self.in_flight else ""
        text = f"{counted(self.sent, 'record')} sent{on_their_way}{self.failures}"
        self._bar.update(self._bytes_done, text)

    @property
    def failures(self) -> str:
        """How many failed, as it follows on what was sent; empty if none did."""
        return f", {self.failed:,} failed" if self.failed else ""

    def _is_full(self) -> bool:
        return self.in_flight >= _MAX_IN_FLIGHT or self._bytes_in_flight >= _MAX_IN_FLIGHT_BYTES

    async def _until_one_is_settled(self) -> None:
        self._settled.clear()
        await self._settled.wait()

    def _settle(
        self, record: _OutgoingRecord, bytes_read: int, acknowledged: "asyncio.Future[object]"
    ) -> None:
        self.in_flight -= 1
        self._bytes_in_flight -= len(record.value or b"")
        self._bytes_done = max(self._bytes_done, bytes_read)
        if error := None if acknowledged.cancelled() else acknowledged.exception():
            self._refuse(record, error)
        elif not acknowledged.cancelled():
            self.sent += 1
        self._settled.set()
        self.show()
        # Last, since the reader of the pipe may have gone: what was sent is counted all the same.
        if self._wants_json and not error and not acknowledged.cancelled():
            _print_place(record, acknowledged.result())

    def _refuse(self, record: _OutgoingRecord, error: BaseException) -> None:
        """Reports the first refusal, and only counts those of the records that were on their way with it."""
        if self.refused.done():
            self.failed += 1
            return
        is_refusal = isinstance(error, BrokerResponseError) and not error.retriable
        verdict = "refused" if is_refusal else "not acknowledged"
        where = f"{self._topic} on {self._settings.brokers}"
        self._fail(record.place, f"{verdict} by {where}: {explain(error)}; what follows was not sent")
        self.refused.set_result(None)

    def _fail(self, place: str, error: str) -> None:
        self.failed += 1
        self._bar.say(f"dateline: {place}: {error}")


def _print_place(record: _OutgoingRecord, stored: Any) -> None:
    """Prints where a record stands. Its id is its key: null if the worker is to make one of its content."""
    article = None if record.key is None else record.key.decode(errors="backslashreplace")
    print_json({"id": article, "topic": stored.topic, "partition": stored.partition, "offset": stored.offset})


def _say_summary(sender: _Sender, documents: InputDocuments, topic: str) -> None:
    unknown = f", {sender.in_flight:,} not acknowledged" if sender.in_flight else ""
    over = (
        f", {counted(documents.passed_over, 'file')} of other kinds passed over"
        if documents.passed_over
        else ""
    )
    say(f"{counted(sender.sent, 'record')} sent to {topic}{sender.failures}{unknown}{over}")
