"""`dateline demo`: runs the whole system on an embedded broker, and shows what comes out."""

import asyncio
import signal
import time
from contextlib import suppress
from pathlib import Path

import click
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition

from worker.channels import Channel
from worker.commands.articles.documents import ENDINGS, InputDocument, InputDocuments
from worker.commands.demo.broker import embedded_broker
from worker.commands.demo.screen import Screen
from worker.commands.demo.worker import DemoWorker, demo_environment
from worker.commands.rules.files import read_rules_in
from worker.commands.shell.cluster import asking, consumer, producer
from worker.commands.shell.numbers import Number
from worker.commands.shell.output import result_console
from worker.commands.shell.terminal import Problem
from worker.commands.shell.variables import reads
from worker.records.rules import Rule, rule_to_bytes
from worker.settings import Settings
from worker.topology import topic_use

# `worker/seeds` is a link to the repository's seeds/ in a checkout, and a folder in an installed package.
SAMPLE_ARTICLES = Path(__file__).resolve().parents[2] / "seeds"
SAMPLE_RULES = SAMPLE_ARTICLES / "rules" / "watchlist.jsonl"
_POLL_MS = 200
# How long to wait for alerts, which follow their article. `--seeds` may name articles that raise none.
ALERT_SECONDS = 3.0
_SHOWN = (Channel.ENRICHED, Channel.DEAD, Channel.ALERTS, Channel.STORY_ARTICLES, Channel.STORIES)
TERMINATED = 128 + signal.SIGTERM


@reads("model", "fields", "processes")
@click.command()
@click.option(
    "--keep", is_flag=True, help="Go on after the samples, until Ctrl-C; says how to feed and watch."
)
@click.option(
    "--seeds",
    type=click.Path(exists=True),
    default=str(SAMPLE_ARTICLES),
    help="Other articles than the samples.",
)
@click.option("--seconds", type=Number(min=1), default=120, show_default=True, help="The samples' deadline.")
def command(keep: bool, seeds: str, seconds: float) -> None:
    """Show the whole job: an embedded broker, the real worker, sample articles in, tags out.

    Four rules watch for what some of them are about, and one of them is another's reprint.

    Needs no Kafka. Settings of a cluster are left aside; DATELINE_MODEL, DATELINE_FIELDS and
    DATELINE_PROCESSES are heeded.

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
    screen = Screen(result_console(), settings)
    started = time.monotonic()
    async with producer(settings, acks="all") as feeder:
        topics = await _make_topics(feeder, settings)
        rules = read_rules_in([str(SAMPLE_RULES)])
        await _put_rules(feeder, settings, rules)
        fed = await _feed(feeder, settings, seeds)
    screen.announce(len(fed), len(rules))
    async with consumer(settings) as reader:
        reader.assign(topics)
        with screen.waiting():
            try:
                async with asyncio.timeout(seconds):
                    await _watch(reader, worker, screen, fed)
                    await _watch(reader, worker, screen, screen.without_story())
                with suppress(TimeoutError):
                    async with asyncio.timeout(ALERT_SECONDS):
                        awaited = {rule.id: rule.name for rule in rules if rule.id not in screen.alerted}
                        await _watch(reader, worker, screen, awaited)
            except TimeoutError:
                missing = ", ".join(sorted((fed or screen.without_story()).values()))
                what = "nothing" if fed else "no story"
                raise Problem(
                    f"after {seconds:g} s there is {what} of {missing}; {worker.last_words()}"
                ) from None
        screen.show_stories()
        screen.sum_up(time.monotonic() - started)
        if keep:
            screen.how_to_go_on()
            try:
                await _watch(reader, worker, screen, fed, for_ever=True)
            except asyncio.CancelledError:
                task.uncancel()


async def _make_topics(client: AIOKafkaProducer, settings: Settings) -> list[TopicPartition]:
    """Asks for each topic, which makes the mock cluster create it. Returns the partitions of those shown."""
    for channel in topic_use(settings).needed:
        async with asking(settings):
            await client.partitions_for(settings.topic(channel))
    return [
        TopicPartition(topic, partition)
        for topic in map(settings.topic, _SHOWN)
        for partition in await client.partitions_for(topic)
    ]


async def _put_rules(client: AIOKafkaProducer, settings: Settings, rules: list[Rule]) -> None:
    for rule in rules:
        async with asking(settings):
            await client.send_and_wait(
                settings.topic(Channel.RULES), key=rule.id.encode(), value=rule_to_bytes(rule)
            )


async def _feed(client: AIOKafkaProducer, settings: Settings, seeds: str) -> dict[str, str]:
    """Sends the samples to the raw topic. Returns the name of each record's file, by the record's origin."""
    fed = {}
    for document in InputDocuments(sample_paths(seeds), max_bytes=settings.max_record_bytes):
        if not isinstance(document, InputDocument):
            raise Problem(f"{document.place}: {document.error}")
        headers = list(document.raw_headers)
        async with asking(settings):
            at = await client.send_and_wait(
                settings.topic(Channel.RAW), key=document.key, value=document.value, headers=headers
            )
        fed[f"{at.topic}/{at.partition}/{at.offset}"] = document.place.removeprefix(f"{seeds}/")
    if not fed:
        raise Problem(f"no articles in {seeds}")
    return fed


def sample_paths(seeds: str) -> tuple[str, ...]:
    """The articles directly in the folder. Its subfolders, which hold rules and gold data, are left out."""
    if not Path(seeds).is_dir():
        return (seeds,)
    files = (path for path in Path(seeds).iterdir() if path.suffix in ENDINGS and path.is_file())
    return tuple(sorted(map(str, files)))


async def _watch(
    reader: AIOKafkaConsumer,
    worker: DemoWorker,
    screen: Screen,
    awaited: dict[str, str],
    *,
    for_ever: bool = False,
) -> None:
    """Shows records as they come out, and removes each from `awaited`, by what `Screen.show` says of it.

    Ends when `awaited` is empty; with `for_ever` it never does.
    """
    while awaited or for_ever:
        worker.check()
        for records in (await reader.getmany(timeout_ms=_POLL_MS)).values():
            for record in records:
                awaited.pop(screen.show(record, awaited), None)
