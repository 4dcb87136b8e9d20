"""`dateline check`: tells whether a worker would work here and now, a line for each thing that it needs."""

import asyncio
import time
from dataclasses import replace

import click
import orjson
from aiokafka import TopicPartition

from worker.channels import Channel
from worker.commands.shell.cluster import admin_client, asking, producer
from worker.commands.shell.options import cluster_options, read_settings
from worker.commands.shell.output import print_line
from worker.commands.shell.reading import all_topics, missing_topic
from worker.commands.shell.terminal import Problem
from worker.commands.shell.variables import WORKER_SETTINGS, reads
from worker.commands.topics.settings import (
    count_brokers,
    differences,
    expected_topics,
    find_topics,
    hidden_among,
)
from worker.delivery.kafka.clock import ClockOff, ClockUnread, check_clock, off_by
from worker.delivery.kafka.offsets import committed_offset
from worker.delivery.kafka.preflight import missing_permissions
from worker.delivery.kafka.topic_identity import UNKNOWN
from worker.settings import Delivery, Settings, SettingsError, unknown_variables
from worker.topology import topic_use

VERDICT_STYLES = {"ok": "green", "warning": "yellow", "problem": "red"}
# Longer than the open transaction of a worker that died can keep offsets from being read.
OFFSETS_SECONDS = 25
PROBE_TEXT = "Lena Okafor said on Monday that the harbour at Porthaven would reopen within a week."


@reads(*WORKER_SETTINGS, "replication", "partitions")
@click.command()
@cluster_options
def command(brokers: str | None, prefix: str | None) -> None:
    """Look whether a worker would work: settings, brokers, topics, rights, clock, pipeline; one line each.

    \b
    Exit codes: 0 all is well (a warning is no problem), 1 a problem.
    """
    report = _Report()
    for name in unknown_variables():
        report.say("warning", "settings", f"{name} sets nothing: is it misspelt?")
    try:
        settings = read_settings(brokers=brokers, prefix=prefix)
    except SettingsError as error:
        for line in str(error).splitlines():
            report.say("problem", "settings", line)
        raise click.exceptions.Exit(1) from None
    report.say(
        "ok",
        "settings",
        f"group {settings.group_id}, {settings.delivery.value}, {settings.security_protocol}",
    )
    asyncio.run(_check_cluster(report, settings))
    _check_model(report, settings)
    if report.problems:
        raise click.exceptions.Exit(1)


class _Report:
    def __init__(self) -> None:
        self.problems = 0

    def say(self, verdict: str, what: str, text: str) -> None:
        self.problems += verdict == "problem"
        label = click.style(f"{verdict:<8}", fg=VERDICT_STYLES[verdict])
        print_line(f" {what:<9} {text}", label=label)


async def _check_cluster(report: _Report, settings: Settings) -> None:
    """Checks brokers, topics and rights. Stops at a problem that would make the checks after it fail."""
    try:
        async with admin_client(settings) as admin, asking(settings):
            brokers = await count_brokers(admin)
            report.say("ok", "brokers", f"{brokers} at {settings.brokers}")
            # A worker does not need the receipts' topic, and without the clock's it only warns.
            wanted = [
                topic
                for topic in expected_topics(settings, brokers=brokers)
                if topic.channel not in (Channel.REDRIVEN, Channel.CLOCK)
            ]
            found = await find_topics(admin, [topic.name for topic in wanted])
            hidden = await hidden_among(admin, [each.name for each in wanted if each.name not in found])
        raw = settings.topic(Channel.RAW)
        is_raw_missing = raw not in found and raw not in hidden
        topics = await all_topics(settings) if is_raw_missing else {}
    except (Problem, SettingsError) as error:
        report.say("problem", "brokers", str(error))
        return
    # Those that are hidden may be there: what is said of them is the right that is missing.
    seen = [topic for topic in wanted if topic.name not in hidden]
    all_found = [each for topic in seen for each in differences(topic, found.get(topic.name))]
    for difference in all_found:
        report.say("warning" if difference.is_harmless else "problem", "topics", difference.line)
    if not all_found and seen:
        report.say("ok", "topics", f"{len(seen)} with the contract's settings")
    if is_raw_missing:
        # Says what to do, or which prefix the topics there have; what follows needs the raw topic.
        report.say("problem", "topics", missing_topic(settings, raw, topics))
    else:
        await _check_rights(report, settings, reads_offsets=raw in found)
    await _check_clock(report, settings)


async def _check_clock(report: _Report, settings: Settings) -> None:
    try:
        reading = await check_clock(settings)
    except ClockOff as off:
        report.say("problem", "clock", str(off))
    except ClockUnread as error:
        report.say("warning", "clock", f"can't be checked: {error}")
    else:
        ahead = off_by(reading.ahead_seconds(time.time()))
        report.say("ok", "clock", f"{ahead} that of broker {reading.broker}")


async def _check_rights(report: _Report, settings: Settings, *, reads_offsets: bool) -> None:
    """Does what a worker does first: starts a producer, and reads its group's offsets, if it may."""
    is_exactly_once = settings.delivery is Delivery.EXACTLY_ONCE
    # Begins as a worker's ids do, so it needs the same rights; belongs to no partition, so it fences nobody.
    transactional_id = f"{settings.group_id}/check/0" if is_exactly_once else None
    try:
        async with producer(
            settings,
            acks="all",
            enable_idempotence=True,
            transactional_id=transactional_id,
            transaction_timeout_ms=int(settings.transaction_timeout_seconds * 1000),
        ) as client:
            kind = f"transactions as {settings.group_id}/..." if is_exactly_once else "an idempotent producer"
            report.say("ok", "producer", kind)
            async with asking(settings):
                refused = await missing_permissions(client.client, settings, topic_use(settings))
                ending = refused
                if refused and settings.new_outputs:
                    required = topic_use(settings.without(settings.new_outputs))
                    ending = await missing_permissions(client.client, settings, required)
            for what in refused:
                text = f"the cluster refuses this worker to {what}"
                if what in ending:
                    report.say("problem", "rights", text)
                else:
                    report.say("warning", "rights", f"{text}, so a new output is off")
            if not refused:
                report.say("ok", "rights", "to read and write its topics, as far as the cluster tells")
            if not reads_offsets:
                return
            async with asking(settings, seconds=OFFSETS_SECONDS):
                partition = TopicPartition(settings.topic(Channel.RAW), 0)
                await committed_offset(client, settings.group_id, partition, UNKNOWN)
            report.say("ok", "group", f"offsets of {settings.group_id} can be read")
    except Problem as error:
        report.say("problem", "rights", str(error))


def _check_model(report: _Report, settings: Settings) -> None:
    """Loads the pipeline, and enriches a sentence with it."""
    from worker.enricher import make_enricher
    from worker.enrichment_config import EnrichmentConfig
    from worker.records.messages import RawMessage, Rejected

    started = time.monotonic()
    try:
        enrich = make_enricher(
            replace(EnrichmentConfig.from_settings(settings), channels=(Channel.ENRICHED,))
        )
    except Exception as error:  # spaCy and its components raise whatever they like
        report.say(
            "problem", "pipeline", f"{settings.model or 'the shipped one'} does not load: {_one_line(error)}"
        )
        return
    seconds = time.monotonic() - started
    probe = orjson.dumps({"text": PROBE_TEXT, "language": settings.allowed_languages[0]})
    result = enrich(RawMessage("check", 0, 0, 0, None, probe))
    if isinstance(result, Rejected):
        report.say("problem", "pipeline", f"a plain sentence is rejected: {result.reason}: {result.error}")
        return
    pipeline = next(
        orjson.loads(message.value or b"") for message in result if message.channel is Channel.ENRICHED
    )["pipeline"]
    languages = ", ".join(settings.allowed_languages)
    which = f", for {languages}" if len(settings.allowed_languages) > 1 else ""
    what = f"{pipeline['name']} {pipeline['version']}, loaded in {seconds:.1f} s{which}"
    report.say("ok", "pipeline", what)


def _one_line(error: Exception) -> str:
    return " ".join(f"{type(error).__name__}: {error}".split())
