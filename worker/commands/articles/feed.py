"""`dateline feed`: documents into the raw topic, acknowledged by all replicas, each once."""

import asyncio
from collections import deque
from contextlib import suppress
from dataclasses import dataclass

import click
from aiokafka import AIOKafkaProducer
from aiokafka.errors import BrokerResponseError, KafkaError, MessageSizeTooLargeError
from aiokafka.partitioner import DefaultPartitioner

from worker.channels import Channel
from worker.commands.articles.documents import Document, Documents, Unreadable
from worker.commands.articles.pace import Pace
from worker.commands.articles.read_ahead import read_ahead
from worker.commands.shell.cluster import explain, producer
from worker.commands.shell.options import cluster_options, rate_option, read_settings
from worker.commands.shell.terminal import Problem, Progress, counted, progress, say
from worker.commands.topics.settings import largest_record
from worker.delivery.kafka import wire
from worker.records.messages import Headers
from worker.settings import Settings

# Records sent and not yet acknowledged, at most.
IN_FLIGHT = 500
IN_FLIGHT_BYTES = 32 << 20
BATCH_BYTES = 256 << 10
SETTLE_SECONDS = 10


@click.command()
@click.argument("paths", nargs=-1, metavar="[PATH...]")
@cluster_options
@click.option("--topic", metavar="NAME", help="Another topic than the raw one.")
@click.option("--content-type", metavar="TYPE", help="What every input is, whatever its ending.")
@rate_option
@click.option(
    "--retract", multiple=True, metavar="ID", help="Retract this article: a null value under its id."
)
def command(
    paths: tuple[str, ...],
    brokers: str | None,
    prefix: str | None,
    topic: str | None,
    content_type: str | None,
    rate: float | None,
    retract: tuple[str, ...],
) -> None:
    """Send articles to the raw topic.

    \b
    PATH is a file, a folder (with all below it, sorted) or - for standard input, told by its ending:
      .jsonl .ndjson and standard input: one JSON record a line
      .json: one record, plain or ninjs      .txt: the text      .html .htm: a page
      .letter.json .letters.jsonl: what `dateline dead-letters export` wrote, as it was published
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
    asyncio.run(_feed(settings, topic or settings.topic(Channel.RAW), paths, content_type, rate, retract))


async def _feed(
    settings: Settings,
    topic: str,
    paths: tuple[str, ...],
    content_type: str | None,
    rate: float | None,
    retract: tuple[str, ...],
) -> None:
    largest = await largest_record(settings, topic)
    documents = Documents(paths, max_bytes=largest, content_type=content_type)
    compression = None if settings.compression == "none" else settings.compression
    async with producer(
        settings,
        acks="all",
        enable_idempotence=True,
        compression_type=compression,
        linger_ms=20,
        max_batch_size=min(BATCH_BYTES, largest),
        # Checked before compression and with the record's overhead: the broker gets none that it must refuse,
        # after which aiokafka's idempotent producer would be out of sequence for good.
        max_request_size=largest,
    ) as client:
        with progress(documents.total_bytes) as bar:
            sending = _Sending(client, settings, topic, documents, bar)
            try:
                for article_id in retract:
                    await sending.send(_Item(f"--retract {article_id}", article_id.encode(), None, ()))
                pace = Pace(rate)
                async for document in read_ahead(documents):
                    await pace.wait()
                    await sending.take(document)
                await sending.settle_all()
            except asyncio.CancelledError:
                # Interrupted: what is on its way arrives and is counted.
                with suppress(TimeoutError, Problem):
                    async with asyncio.timeout(SETTLE_SECONDS):
                        await sending.settle_all()
                raise
            finally:
                bar.close()
                _sum_up(sending, documents, topic)
    if sending.failed:
        raise click.exceptions.Exit(1)


@dataclass(frozen=True, slots=True)
class _Item:
    place: str
    key: bytes | None
    value: bytes | None
    headers: Headers


class _Sending:
    """Records on their way: bounded in number and bytes, and each one's fate known."""

    def __init__(
        self, client: AIOKafkaProducer, settings: Settings, topic: str, documents: Documents, bar: Progress
    ) -> None:
        self._client = client
        self._settings = settings
        self._topic = topic
        self._documents = documents
        self._bar = bar
        self._under_way: deque[tuple[_Item, asyncio.Future[object]]] = deque()
        self._bytes_under_way = 0
        self.sent = 0
        self.failed = 0

    async def take(self, document: Document | Unreadable) -> None:
        if isinstance(document, Unreadable):
            self._fail(document.place, document.error)
            return
        await self.send(_Item(document.place, document.key, document.value, document.raw_headers))

    async def send(self, item: _Item) -> None:
        while self._is_full():
            await self._settle_oldest()
        try:
            future = await self._sent(item)
        except MessageSizeTooLargeError:
            self._fail(item.place, f"too large for {self._topic}")
            return
        except KafkaError as error:
            raise self._refused(item, error) from None
        self._under_way.append((item, future))
        self._bytes_under_way += len(item.value or b"")

    async def _sent(self, item: _Item) -> asyncio.Future[object]:
        key, value, headers = item.key, item.value, list(item.headers)
        acknowledged: asyncio.Future[object]
        if all(wire.is_utf8(name) for name, _ in headers):
            acknowledged = await self._client.send(self._topic, key=key, value=value, headers=headers)
            return acknowledged
        batch = wire.new_batch(self._client, [item.headers])
        batch.append(timestamp=None, key=key, value=value, headers=headers)
        choices = sorted(await self._client.partitions_for(self._topic))
        partition = DefaultPartitioner()(key, choices, choices)
        acknowledged = await self._client.send_batch(batch, self._topic, partition=partition)
        return acknowledged

    async def settle_all(self) -> None:
        while self._under_way:
            await self._settle_oldest()

    def _is_full(self) -> bool:
        return len(self._under_way) >= IN_FLIGHT or self._bytes_under_way >= IN_FLIGHT_BYTES

    async def _settle_oldest(self) -> None:
        item, future = self._under_way.popleft()
        self._bytes_under_way -= len(item.value or b"")
        try:
            await future
        except KafkaError as error:
            raise self._refused(item, error) from None
        self.sent += 1
        self._bar.update(self._documents.bytes_read, f"{counted(self.sent, 'record')} sent")

    def _refused(self, item: _Item, error: KafkaError) -> Problem:
        is_refusal = isinstance(error, BrokerResponseError) and not error.retriable
        verdict = "refused" if is_refusal else "not acknowledged"
        where = f"{self._topic} on {self._settings.brokers}"
        return Problem(f"{item.place}: {verdict} by {where}: {explain(error)}; what follows was not sent")

    def _fail(self, place: str, error: str) -> None:
        self.failed += 1
        self._bar.say(f"dateline: {place}: {error}")


def _sum_up(sending: _Sending, documents: Documents, topic: str) -> None:
    failed = f", {sending.failed:,} failed" if sending.failed else ""
    over = (
        f", {counted(documents.passed_over, 'file')} of other kinds passed over"
        if documents.passed_over
        else ""
    )
    say(f"{counted(sending.sent, 'record')} sent to {topic}{failed}{over}")
