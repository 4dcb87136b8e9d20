"""`dateline topics create|check`: creates the contract's topics on the cluster, or compares them with it."""

import asyncio
from typing import Any

import click
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import TopicAlreadyExistsError, for_code

from worker.commands.shell.cluster import admin_client, asking
from worker.commands.shell.groups import CommandGroup
from worker.commands.shell.options import cluster_options, read_settings
from worker.commands.shell.output import print_line, say
from worker.commands.shell.terminal import Problem
from worker.commands.shell.variables import CLUSTER_SETTINGS, reads
from worker.commands.topics.settings import (
    ActualTopic,
    ExpectedTopic,
    count_brokers,
    differences,
    expected_topics,
    find_topics,
    hidden_among,
)
from worker.settings import Settings

CREATE_SECONDS = 30

_Topics = tuple[list[ExpectedTopic], dict[str, ActualTopic]]
"""The topics that the cluster should have, and those of them that it has, by name."""


@click.group(cls=CommandGroup)
def command() -> None:
    """Create the topics that the worker reads and writes, or check how they are set.

    \b
    Settings: DATELINE_PARTITIONS, DATELINE_REPLICATION, DATELINE_OUTPUTS (a topic that is not written
    is not needed). min.insync.replicas is one less than the copies, at least 1.
    """


@reads(*CLUSTER_SETTINGS, "outputs", "partitions", "replication")
@command.command("create")
@cluster_options
@click.option("--dry-run", is_flag=True, help="Say what would be made, and make nothing.")
def topics_create(brokers: str | None, prefix: str | None, dry_run: bool) -> None:
    """Make what is missing; change nothing that is there.

    \b
    Exit codes: 0 all topics are there now, 1 one could not be made.
    """
    settings = read_settings(brokers=brokers, prefix=prefix)
    asyncio.run(_create(settings, dry_run=dry_run))


@reads(*CLUSTER_SETTINGS, "outputs", "partitions", "replication")
@command.command("check")
@cluster_options
def topics_check(brokers: str | None, prefix: str | None) -> None:
    """Say what differs from the contract's settings, one line each.

    \b
    Exit codes: 0 nothing differs, 1 something does.
    """
    settings = read_settings(brokers=brokers, prefix=prefix)
    wanted, found, hidden = asyncio.run(_look(settings))
    lines = [
        line
        for topic in wanted
        for line in (
            [f"{topic.name}: hidden from this user, who has not even the right to Describe it"]
            if topic.name in hidden
            else [each.line for each in differences(topic, found.get(topic.name))]
        )
    ]
    for line in lines:
        print_line(line)
    if lines:
        raise click.exceptions.Exit(1)
    print_line(f"{len(wanted)} topics are as they should be")


async def _look(settings: Settings) -> tuple[list[ExpectedTopic], dict[str, ActualTopic], set[str]]:
    """The topics as they should be, those that are there, and the names of those that are hidden."""
    async with admin_client(settings) as admin:
        wanted, found = await _compare(admin, settings)
        async with asking(settings):
            hidden = await hidden_among(admin, [each.name for each in wanted if each.name not in found])
        return wanted, found, hidden


async def _compare(admin: AIOKafkaAdminClient, settings: Settings) -> _Topics:
    async with asking(settings):
        wanted = expected_topics(settings, brokers=await count_brokers(admin))
        return wanted, await find_topics(admin, [topic.name for topic in wanted])


async def _create(settings: Settings, *, dry_run: bool) -> None:
    async with admin_client(settings) as admin:
        wanted, found = await _compare(admin, settings)
        missing = [topic for topic in wanted if topic.name not in found]
        refused = {} if dry_run or not missing else await _make(admin, settings, missing)
    for topic in wanted:
        if topic.name in found:
            print_line(f"{topic.name}: there already, left as it is")
            for difference in differences(topic, found[topic.name]):
                say(f"  differs: {difference.line}")
        elif topic.name not in refused:
            print_line(f"{topic.name}: {'would be made' if dry_run else 'made'}, {_described(topic)}")
    if refused:
        reasons = "; ".join(sorted(set(refused.values())))
        raise Problem(f"could not be made: {', '.join(refused)}: {reasons}")


async def _make(
    admin: AIOKafkaAdminClient, settings: Settings, missing: list[ExpectedTopic]
) -> dict[str, str]:
    """Creates the topics. Returns the reason for each that could not be created.

    A topic that somebody else has created meanwhile is none of them.
    """
    async with asking(settings, seconds=CREATE_SECONDS):
        # Any: the fields of the answer depend on the protocol's version, so aiokafka declares none.
        answer: Any = await admin.create_topics(
            [topic.new_topic() for topic in missing], timeout_ms=CREATE_SECONDS * 900
        )
        refused = {
            name: message or for_code(code).description
            for name, code, message in (row[:3] for row in answer.topic_errors)
            if code not in (0, TopicAlreadyExistsError.errno)
        }
        await _until_known(admin, [topic.name for topic in missing if topic.name not in refused])
    return refused


async def _until_known(admin: AIOKafkaAdminClient, made: list[str]) -> None:
    """Waits for the broker that is asked to hear of what the controller has made.

    Whatever comes next in a script would else be told that there is no such topic.
    """
    while True:
        if len(await find_topics(admin, made)) == len(made):
            return
        await asyncio.sleep(0.1)


def _described(topic: ExpectedTopic) -> str:
    config = " ".join(f"{name}={value}" for name, value in topic.config.items())
    return f"partitions={topic.partitions} replication={topic.replication} {config}"
