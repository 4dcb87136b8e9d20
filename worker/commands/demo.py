"""`dateline demo`: the whole job on an embedded broker, and what comes out of it."""

import asyncio
import signal
import time
from collections import Counter
from pathlib import Path

import click
import orjson
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, ConsumerRecord, TopicPartition
from rich.console import Console

from worker.channels import Channel
from worker.commands.cards import article_rows, headline_of, show_card
from worker.commands.cluster import asking, consumer, producer
from worker.commands.demo_worker import DemoWorker, demo_environment
from worker.commands.documents import Document, Documents
from worker.commands.tap_formats import dead_letter_line
from worker.commands.terminal import Problem, counted, result_console
from worker.embedded import embedded_broker
from worker.settings import Settings

# In a checkout a link to the repository's seeds/, in an installed package the files themselves.
SEEDS = Path(__file__).resolve().parents[1] / "seeds"
POLL_MS = 200
TERMINATED = 128 + signal.SIGTERM


@click.command()
@click.option(
    "--keep", is_flag=True, help="Go on after the samples, until Ctrl-C; says how to feed and watch."
)
@click.option(
    "--seeds", type=click.Path(exists=True), default=str(SEEDS), help="Other articles than the samples."
)
@click.option(
    "--seconds", type=click.FloatRange(min=1), default=120, show_default=True, help="The samples' deadline."
)
def command(keep: bool, seeds: str, seconds: float) -> None:
    """Show the whole job: an embedded broker, the real worker, sample articles in, tags out.

    Needs no Kafka. Settings of a cluster are left aside; DATELINE_MODEL and DATELINE_PROCESSES are heeded.

    \b
    Exit codes: 0 every article came out, 1 not so by the deadline, 130 interrupted before.
    """
    with embedded_broker() as brokers:
        settings = Settings.from_env(demo_environment(brokers))
        with DemoWorker(settings) as worker:
            try:
                asyncio.run(_demo(settings, worker, seeds, seconds, keep))
            except asyncio.CancelledError:
                raise click.exceptions.Exit(TERMINATED) from None


async def _demo(settings: Settings, worker: DemoWorker, seeds: str, seconds: float, keep: bool) -> None:
    task = asyncio.current_task()
    assert task is not None
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    show = _Show(result_console(), settings)
    started = time.monotonic()
    async with producer(settings, acks="all") as feeder:
        topics = await _make_topics(feeder, settings)
        fed = await _feed(feeder, settings, seeds)
    show.announce(len(fed))
    async with consumer(settings) as reader:
        reader.assign(topics)
        with show.waiting("starting the worker"):
            try:
                async with asyncio.timeout(seconds):
                    await _watch(reader, worker, show, fed)
            except TimeoutError:
                missing = ", ".join(sorted(fed.values()))
                raise Problem(
                    f"after {seconds:g} s there is nothing of {missing}; {worker.last_words()}"
                ) from None
        show.sum_up(time.monotonic() - started)
        if keep:
            show.how_to_go_on()
            try:
                await _watch(reader, worker, show, fed, for_ever=True)
            except asyncio.CancelledError:
                task.uncancel()


async def _make_topics(client: AIOKafkaProducer, settings: Settings) -> list[TopicPartition]:
    """The mock cluster makes what it is asked for. Gives the partitions of what is shown."""
    for channel in (Channel.RAW, *settings.channels, Channel.DEAD):
        async with asking(settings):
            await client.partitions_for(settings.topic(channel))
    return [
        TopicPartition(topic, partition)
        for topic in (settings.topic(Channel.ENRICHED), settings.topic(Channel.DEAD))
        for partition in await client.partitions_for(topic)
    ]


async def _feed(client: AIOKafkaProducer, settings: Settings, seeds: str) -> dict[str, str]:
    """Which record, by its origin, is which file."""
    fed = {}
    for document in Documents((seeds,), max_bytes=settings.max_record_bytes):
        if not isinstance(document, Document):
            raise Problem(f"{document.place}: {document.error}")
        headers = [("content-type", document.content_type.encode())]
        async with asking(settings):
            at = await client.send_and_wait(
                settings.topic(Channel.RAW), key=document.key, value=document.value, headers=headers
            )
        fed[f"{at.topic}/{at.partition}/{at.offset}"] = document.place.removeprefix(f"{seeds}/")
    if not fed:
        raise Problem(f"no articles in {seeds}")
    return fed


async def _watch(
    reader: AIOKafkaConsumer,
    worker: DemoWorker,
    show: "_Show",
    fed: dict[str, str],
    *,
    for_ever: bool = False,
) -> None:
    """Shows what comes out, until all that was fed has."""
    while fed or for_ever:
        worker.check()
        for records in (await reader.getmany(timeout_ms=POLL_MS)).values():
            for record in records:
                origin = show.record(record, fed)
                fed.pop(origin, None)


class _Show:
    """What the person sees."""

    def __init__(self, console: Console, settings: Settings) -> None:
        self._console = console
        self._settings = settings
        self._counts: Counter[str] = Counter()
        self._reasons: Counter[str] = Counter()

    def announce(self, articles: int) -> None:
        raw, brokers = self._settings.topic(Channel.RAW), self._settings.brokers
        fed = f"{counted(articles, 'article')} fed into {raw} on an embedded broker at {brokers}"
        self._say(f"{fed}; the worker starts.\n")

    def waiting(self, text: str) -> "Console | object":
        from contextlib import nullcontext

        return self._console.status(text) if self._console.is_terminal else nullcontext()

    def record(self, record: ConsumerRecord, fed: dict[str, str]) -> str:
        """Shows one record; gives the origin of what it came of."""
        headers = {name: value.decode(errors="replace") for name, value in record.headers}
        if record.topic == self._settings.topic(Channel.DEAD):
            origin = "/".join(headers[f"dead-letter-{part}"] for part in ("topic", "partition", "offset"))
            self._counts["dead"] += 1
            self._reasons[headers["dead-letter-reason"]] += 1
            rows = [("dead letter", dead_letter_line(headers))]
            show_card(self._console, fed.get(origin, origin), rows)
            return origin
        origin = headers["origin"]
        if record.value is None:
            self._counts["retracted"] += 1
            show_card(self._console, fed.get(origin, origin), [("retracted", record.key.decode())])
            return origin
        article = orjson.loads(record.value)
        self._counts["enriched"] += 1
        self._counts["entities"] += len(article["entities"])
        self._counts["quotes"] += len(article["quotes"])
        show_card(self._console, headline_of(article), article_rows(article), note=fed.get(origin, origin))
        return origin

    def sum_up(self, seconds: float) -> None:
        counts = self._counts
        reasons = ", ".join(f"{count} {reason}" for reason, count in sorted(self._reasons.items()))
        enriched = counted(counts["enriched"], "article")
        found = f"{counts['entities']} entities, {counted(counts['quotes'], 'quote')}"
        dead = counted(counts["dead"], "dead letter") + (f" ({reasons})" if reasons else "")
        self._say(f"{enriched} enriched ({found}), {dead}, in {seconds:.0f} s.")

    def how_to_go_on(self) -> None:
        brokers = self._settings.brokers
        self._say(
            "\nIt goes on until Ctrl-C. From another terminal:\n"
            f"  dateline feed --brokers {brokers} PATH...\n"
            f"  dateline tap --brokers {brokers} quotes --from beginning\n"
        )

    def _say(self, text: str) -> None:
        if self._console.is_terminal:
            self._console.print(text, markup=False)
        else:
            print(text, file=self._console.file, flush=True)
