"""`dateline demo`: runs the whole system on an embedded broker, and shows what comes out."""

import asyncio
import signal
import time
from contextlib import suppress

import click
from aiokafka import AIOKafkaConsumer

from worker.channels import Channel
from worker.commands.demo.broker import embedded_broker
from worker.commands.demo.samples import (
    SAMPLE_ARTICLES,
    SAMPLE_RULES,
    feed_samples,
    make_demo_topics,
    put_sample_rules,
)
from worker.commands.demo.screen import Screen
from worker.commands.demo.worker import DemoWorker, demo_environment
from worker.commands.rules.files import read_rules_in
from worker.commands.shell.cluster import consumer, producer
from worker.commands.shell.numbers import Number
from worker.commands.shell.output import result_console
from worker.commands.shell.terminal import Problem
from worker.commands.shell.variables import reads
from worker.settings import Settings

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
        topics = await make_demo_topics(feeder, settings, _SHOWN)
        rules = read_rules_in([str(SAMPLE_RULES)])
        await put_sample_rules(feeder, settings, rules)
        fed = await feed_samples(feeder, settings, seeds)
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
