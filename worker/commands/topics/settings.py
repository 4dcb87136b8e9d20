"""The topics as they should be, as they are, and what differs between the two."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import IncompatibleBrokerVersion, for_code

from worker.channels import SPECS, Channel
from worker.commands.shell.cluster import admin_client, asking
from worker.commands.shell.terminal import Problem
from worker.settings import Settings

MIN_IN_SYNC = "min.insync.replicas"


@dataclass(frozen=True)
class ExpectedTopic:
    """A topic as `topics create` makes it."""

    name: str
    channel: Channel
    partitions: int
    replication: int
    config: dict[str, str]

    def new_topic(self) -> NewTopic:
        return NewTopic(self.name, self.partitions, self.replication, topic_configs=self.config)


@dataclass(frozen=True)
class ActualTopic:
    """A topic as the cluster has it. `unreadable`: why its config can't be told."""

    partitions: int
    replication: int
    config: Mapping[str, str] = field(default_factory=dict)
    unreadable: str | None = None


def expected_topics(settings: Settings, *, brokers: int) -> list[ExpectedTopic]:
    """What this worker and its operators read and write, on a cluster of so many brokers."""
    replication = settings.replication or min(3, brokers)
    return [
        ExpectedTopic(
            settings.topic(channel),
            channel,
            SPECS[channel].partitions or settings.partitions,
            replication,
            {**SPECS[channel].config, MIN_IN_SYNC: str(max(1, replication - 1))},
        )
        for channel in (*settings.needed, Channel.REDRIVEN)
    ]


async def count_brokers(admin: AIOKafkaAdminClient) -> int:
    return len((await admin.describe_cluster())["brokers"])


async def find_topics(admin: AIOKafkaAdminClient, names: list[str]) -> dict[str, ActualTopic]:
    """Those of the named topics that the cluster has and shows us."""
    # All topics are listed: asking for one by name would make it, where brokers do so by themselves.
    listed = {topic["topic"]: topic for topic in await admin.describe_topics()}
    there = [name for name in names if name in listed and not listed[name]["error_code"]]
    configs = await _read_configs(admin, there)
    found = {}
    for name in there:
        partitions = listed[name]["partitions"]
        copies = min((len(partition["replicas"]) for partition in partitions), default=0)
        config = configs[name]
        if isinstance(config, str):
            found[name] = ActualTopic(len(partitions), copies, unreadable=config)
        else:
            found[name] = ActualTopic(len(partitions), copies, config)
    return found


async def largest_record(settings: Settings, topic: str) -> int:
    """What the topic takes, in bytes; the contract's limit for articles where it does not tell."""
    async with admin_client(settings) as admin, asking(settings):
        found = (await find_topics(admin, [topic])).get(topic)
    if found is None:
        raise Problem(
            f"no topic {topic} on {settings.brokers}: `dateline topics create` makes the contract's topics"
        )
    return int(found.config.get("max.message.bytes", SPECS[Channel.RAW].max_message_bytes))


async def _read_configs(admin: AIOKafkaAdminClient, names: list[str]) -> dict[str, dict[str, str] | str]:
    """Each topic's settings, or why they can't be read."""
    if not names:
        return {}
    asked = [ConfigResource(ConfigResourceType.TOPIC, name) for name in names]
    # Any: the fields of an answer depend on the protocol's version, so aiokafka declares none.
    answers: list[Any]
    try:
        answers = [*await admin.describe_configs(asked)]
    except IncompatibleBrokerVersion:
        return dict.fromkeys(names, "these brokers don't tell")
    configs: dict[str, dict[str, str] | str] = {}
    for answer in answers:
        for code, message, _kind, name, entries in (row[:5] for row in answer.resources):
            if code:
                configs[name] = message or for_code(code).description
            else:
                configs[name] = {entry[0]: entry[1] for entry in entries}
    return configs


@dataclass(frozen=True)
class Difference:
    """One line. `is_harmless`: a worker works all the same."""

    line: str
    is_harmless: bool = False


def differences(wanted: ExpectedTopic, found: ActualTopic | None) -> list[Difference]:
    """None if all is as it should be."""

    def differs(text: str, *, is_harmless: bool = False) -> Difference:
        return Difference(f"{wanted.name}: {text}", is_harmless)

    if found is None:
        return [differs("missing")]
    all_found = []
    if found.partitions != wanted.partitions:
        text = f"partitions are {found.partitions}, should be {wanted.partitions}"
        is_setting = SPECS[wanted.channel].partitions is None
        all_found.append(
            differs(f"{text} (DATELINE_PARTITIONS)" if is_setting else text, is_harmless=is_setting)
        )
    if found.replication < wanted.replication:
        all_found.append(
            differs(f"replication factor is {found.replication}, should be {wanted.replication}")
        )
    if found.unreadable:
        # Whoever may only read and write sees no settings.
        all_found.append(differs(f"its settings can't be read: {found.unreadable}", is_harmless=True))
        return all_found
    return all_found + [
        differs(f"{name} is {found.config.get(name)}, should be {value}")
        for name, value in wanted.config.items()
        if _matters(name, wanted) and not _same(value, found.config.get(name))
    ]


def _matters(name: str, wanted: ExpectedTopic) -> bool:
    """A topic kept by compaction alone has no use for a retention."""
    return name != "retention.ms" or "delete" in wanted.config["cleanup.policy"]


def _same(wanted: str, found: str | None) -> bool:
    return found is not None and sorted(wanted.split(",")) == sorted(found.replace(" ", "").split(","))
