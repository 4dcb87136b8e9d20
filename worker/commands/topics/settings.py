"""The topics as the contract has them, as the cluster has them, and the differences."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import IncompatibleBrokerVersion, for_code

from worker.channels import SPECS, Channel
from worker.commands.shell.cluster import admin_client, asking
from worker.commands.shell.reading import hidden_message
from worker.commands.shell.terminal import Problem
from worker.delivery.kafka.preflight import hidden_topics
from worker.settings import Output, Settings

MIN_IN_SYNC = "min.insync.replicas"
FOR_EVER = "-1"


@dataclass(frozen=True)
class ExpectedTopic:
    """A topic as `dateline topics create` makes it. `new_output`: the one that is off without it, if any."""

    name: str
    channel: Channel
    partitions: int
    replication: int
    config: dict[str, str]
    new_output: Output | None = None

    def new_topic(self) -> NewTopic:
        return NewTopic(self.name, self.partitions, self.replication, topic_configs=self.config)


@dataclass(frozen=True)
class ActualTopic:
    """A topic as the cluster has it. `unreadable` says why its configuration can't be read, if it can't."""

    partitions: int
    replication: int
    config: Mapping[str, str] = field(default_factory=dict)
    unreadable: str | None = None


def expected_topics(settings: Settings, *, brokers: int) -> list[ExpectedTopic]:
    """The topics that a worker with these settings and its operators use, on a cluster of so many brokers."""
    replication = settings.replication or min(3, brokers)
    # It brings the agents with it: commands that only look at a topic's settings start without.
    from worker.outputs import new_channels
    from worker.topology import topic_use

    new = new_channels(settings)
    return [
        ExpectedTopic(
            settings.topic(channel),
            channel,
            SPECS[channel].partitions or settings.partitions,
            replication,
            {**SPECS[channel].config, MIN_IN_SYNC: str(max(1, replication - 1))},
            new.get(channel),
        )
        for channel in (*topic_use(settings).needed, Channel.REDRIVEN, Channel.CLOCK)
    ]


async def count_brokers(admin: AIOKafkaAdminClient) -> int:
    return len((await admin.describe_cluster())["brokers"])


async def find_topics(admin: AIOKafkaAdminClient, names: list[str]) -> dict[str, ActualTopic]:
    """The topics of these names that the cluster has and lets this user see."""
    # Asks for all topics: brokers that create topics by themselves would create one that is asked for.
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


async def hidden_among(admin: AIOKafkaAdminClient, names: Collection[str]) -> set[str]:
    """The topics, of these, that are not missing for all that is known, but hidden for want of a right."""
    return await hidden_topics(admin._client, list(names))


async def largest_record(settings: Settings, topic: str) -> int:
    """The topic's `max.message.bytes`, or the contract's limit for articles if it can't be read."""
    async with admin_client(settings) as admin, asking(settings):
        found = (await find_topics(admin, [topic])).get(topic)
        hidden = set() if found else await hidden_among(admin, [topic])
    if hidden:
        raise Problem(hidden_message(topic))
    if found is None:
        raise Problem(
            f"no topic {topic} on {settings.brokers}: `dateline topics create` makes the contract's topics"
        )
    return int(found.config.get("max.message.bytes", SPECS[Channel.RAW].max_message_bytes))


async def _read_configs(admin: AIOKafkaAdminClient, names: list[str]) -> dict[str, dict[str, str] | str]:
    """Each topic's configuration, or why it can't be read."""
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
    """A difference, in one line. `is_harmless` means that a worker works despite it."""

    line: str
    is_harmless: bool = False


def differences(wanted: ExpectedTopic, found: ActualTopic | None) -> list[Difference]:
    """Every difference between the two; an empty list if there is none."""

    def differs(text: str, *, is_harmless: bool = False) -> Difference:
        return Difference(f"{wanted.name}: {text}", is_harmless)

    if found is None and wanted.new_output:
        text = f"missing, so the new output {wanted.new_output} is off; `dateline topics create` makes it"
        return [differs(text, is_harmless=True)]
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
        # A user with no more rights than to read and write can't see the configuration.
        all_found.append(differs(f"its settings can't be read: {found.unreadable}", is_harmless=True))
        return all_found
    return all_found + [
        differs(
            f"{name} is {found.config.get(name)}, should be {value}",
            is_harmless=_is_more(name, value, found.config.get(name)),
        )
        for name, value in wanted.config.items()
        if _matters(name, wanted) and not _same(value, found.config.get(name))
    ]


def _matters(name: str, wanted: ExpectedTopic) -> bool:
    """Whether the setting takes effect: a retention does not, in a topic that is only compacted."""
    return name != "retention.ms" or "delete" in wanted.config["cleanup.policy"]


def _is_more(name: str, wanted: str, found: str | None) -> bool:
    """Whether the topic only keeps its records longer, or takes larger ones: an operator's own choice."""
    if name not in ("retention.ms", "max.message.bytes") or found is None:
        return False
    return found == FOR_EVER or (wanted != FOR_EVER and int(found) > int(wanted))


def _same(wanted: str, found: str | None) -> bool:
    return found is not None and sorted(wanted.split(",")) == sorted(found.replace(" ", "").split(","))
