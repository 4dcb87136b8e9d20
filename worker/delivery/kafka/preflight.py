"""Checks before the first record is read: the cluster answers, and topics and permissions are there."""

import asyncio
import logging
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import TypeVar

from aiokafka.client import AIOKafkaClient
from aiokafka.conn import create_conn
from aiokafka.errors import (
    ClusterAuthorizationFailedError,
    KafkaError,
    TopicAuthorizationFailedError,
    UnknownTopicOrPartitionError,
    for_code,
)
from aiokafka.protocol.metadata import MetadataRequest

from worker.channels import SPECS, Channel, TopicUse
from worker.delivery.kafka.connection import client_name, client_options
from worker.delivery.kafka.errors import FatalError, describe, fatal_reason
from worker.delivery.kafka.sending import missing_topics_message
from worker.delivery.kafka.topic_request import READ, WRITE, describe_topic
from worker.log import log_event
from worker.settings import Settings

log = logging.getLogger(__name__)
T = TypeVar("T")

REACH_SECONDS = 30.0
REACH_RETRY_SECONDS, MAX_RETRY_SECONDS = 1.0, 8.0
BROKER_SECONDS = 5
CREATE_TOPICS_API = 19
# A broker that has just started may not know all topics yet.
LACK_TRIES, LACK_RETRY_SECONDS = 3, 1.0
_WHY_SO_MANY = {
    Channel.RULES: "with more, the versions of a rule have no order; export the rules, make the topic anew, "
    "import them"
}


async def check_cluster(settings: Settings, use: TopicUse) -> None:
    """Raises FatalError, in one line, unless the brokers admit this worker and have every topic it needs."""
    async with _connected(settings) as client:
        lack = await _lack(client, settings, use)
        misfits = await _misfits(client, settings, use)
    if lack:
        raise FatalError(lack)
    if misfits:
        raise FatalError("; ".join(misfits))


async def lacking(settings: Settings, uses: Mapping[T, TopicUse]) -> dict[T, str]:
    """The uses for which topics or rights are missing, each with what is missing.

    Raises FatalError, in one line, if no broker says so, or if they refuse this worker altogether.
    """
    try:
        async with _connected(settings) as client:
            lacks = await _lacks(client, settings, uses)
            for _ in range(LACK_TRIES - 1):
                if lacks:
                    await asyncio.sleep(LACK_RETRY_SECONDS)
                    lacks = await _lacks(client, settings, uses)
    except (KafkaError, OSError, TimeoutError) as error:
        raise FatalError(fatal_reason(error) or describe(error)) from error
    return lacks


async def _lacks(client: AIOKafkaClient, settings: Settings, uses: Mapping[T, TopicUse]) -> dict[T, str]:
    found = {name: await _lack(client, settings, use) for name, use in uses.items()}
    return {name: lack for name, lack in found.items() if lack}


@asynccontextmanager
async def _connected(settings: Settings) -> AsyncIterator[AIOKafkaClient]:
    """A client, once a broker answers. Raises FatalError if none does."""
    await _reach(settings)
    client = AIOKafkaClient(**client_options(settings), client_id=client_name(settings))
    try:
        await client.bootstrap()
        yield client
    finally:
        await client.close()


async def _lack(client: AIOKafkaClient, settings: Settings, use: TopicUse) -> str:
    """Which topics or rights are missing, in one line; empty if none is."""
    names = [settings.topic(channel) for channel in use.needed]
    errors = await _topic_errors(client, names, create=False)
    if errors and not await can_create_topics(client):
        # librdkafka's mock cluster has no request to create topics, and makes every topic that is asked for.
        errors = await _topic_errors(client, names, create=True)
    refused_work = await missing_permissions(client, settings, use)
    refused = [name for name, error in errors.items() if error is TopicAuthorizationFailedError]
    if refused:
        return f"the cluster refuses this worker the topics {', '.join(refused)}; see its ACLs"
    if refused_work:
        return f"the cluster refuses this worker to {', and to '.join(refused_work)}; see its ACLs"
    missing = [name for name, error in errors.items() if error is UnknownTopicOrPartitionError]
    return missing_topics_message(missing) if missing else ""


async def _misfits(client: AIOKafkaClient, settings: Settings, use: TopicUse) -> list[str]:
    """Topics with a wrong number of partitions. The mock cluster always makes four, so it is not checked."""
    if not await can_create_topics(client):
        return []
    topics = {settings.topic(channel): channel for channel in use.needed}
    response = await client.send(client.get_random_node(), MetadataRequest(list(topics), False))
    counts = {topics[topic]: len(partitions) for code, topic, *_, partitions in response.topics if not code}
    found = ((channel, count, _wanted(channel, counts)) for channel, count in counts.items())
    return [
        f"{settings.topic(channel)} has {count} partitions and takes {wanted}"
        for channel, count, wanted in found
        if wanted
    ]


def _wanted(channel: Channel, counts: Mapping[Channel, int]) -> str | None:
    """How many partitions the channel's topic should have, and why; None if they are right."""
    spec, count = SPECS[channel], counts[channel]
    if spec.partitions is not None and count != spec.partitions:
        return f"{spec.partitions}: {_WHY_SO_MANY.get(channel, 'make the topic anew')}"
    if spec.sibling is not None and count < counts.get(spec.sibling, 0):
        return f"at least {counts[spec.sibling]}, as many as {spec.sibling.value} has; add partitions to it"
    return None


async def missing_permissions(client: AIOKafkaClient, settings: Settings, use: TopicUse) -> list[str]:
    """What this worker must do with its topics and is not allowed to: `write the topic news.alerts.v1`.

    Asked at the start, since some would otherwise show long after it, such as the right to write rare alerts.
    Empty if the brokers do not tell.
    """
    needed = {
        "read": (READ, use.read),
        "write": (WRITE, use.writes),
    }
    hidden = await hidden_topics(client, [settings.topic(channel) for channel in use.needed])
    refused = []
    for channel in use.needed:
        name = settings.topic(channel)
        allowed = 0 if name in hidden else (await describe_topic(client, name)).allowed
        refused += [
            f"{verb} the topic {name}"
            for verb, (right, channels) in needed.items()
            if allowed is not None and channel in channels and not allowed & right
        ]
    return refused


async def hidden_topics(client: AIOKafkaClient, names: Sequence[str]) -> set[str]:
    """The topics, of these, that the cluster hides from this user, who has no right to them.

    Lists of all topics leave them out as if they were missing. Whether they exist, no broker tells.
    """
    errors = await _topic_errors(client, list(names), create=False) if names else {}
    return {name for name, error in errors.items() if error is TopicAuthorizationFailedError}


async def any_broker_answers(settings: Settings) -> bool:
    """Whether at least one broker lets this worker in at this moment."""
    return isinstance(await _try_brokers(settings), str)


async def _reach(settings: Settings) -> None:
    """Waits until a broker answers. Raises FatalError if none does in time, or if trying again can't help."""
    error: BaseException = KafkaError("no brokers")
    pause = REACH_RETRY_SECONDS
    try:
        async with asyncio.timeout(REACH_SECONDS):
            while isinstance(answer := await _try_brokers(settings), BaseException):
                error = answer
                if reason := fatal_reason(error):
                    raise FatalError(reason) from error
                log_event(
                    log,
                    logging.WARNING,
                    "no broker answers yet",
                    brokers=settings.brokers,
                    error=describe(error),
                    next_try_seconds=pause,
                )
                await asyncio.sleep(pause)
                pause = min(2 * pause, MAX_RETRY_SECONDS)
    except TimeoutError:
        how = settings.security_protocol.value
        raise FatalError(f"no broker answers at {settings.brokers} by {how}: {describe(error)}") from None


async def _try_brokers(settings: Settings) -> str | BaseException:
    """The broker that answered first, or the error of the last one tried.

    It opens connections of its own, because aiokafka's client drops the reason for which it was refused.
    """
    options = client_options(settings)
    error: BaseException = KafkaError("no brokers")
    for broker in options.pop("bootstrap_servers"):
        host, _, port = broker.rpartition(":")
        try:
            conn = await create_conn(
                host.strip("[]"), int(port), request_timeout_ms=BROKER_SECONDS * 1000, **options
            )
        except (OSError, KafkaError, TimeoutError) as problem:
            error = problem
            if fatal_reason(error):
                break
        else:
            conn.close()
            return str(broker)
    return error


async def _topic_errors(
    client: AIOKafkaClient, names: list[str], *, create: bool
) -> dict[str, type[KafkaError]]:
    """The error of each topic that is missing or that this worker may not see."""
    response = await client.send(client.get_random_node(), MetadataRequest(names, create))
    errors = {topic: for_code(code) for code, topic, *_ in response.topics if code}
    if ClusterAuthorizationFailedError in errors.values():
        raise FatalError("the cluster refuses this worker any description of its topics; see its ACLs")
    # Other errors, such as a leader that is still being elected, pass by themselves.
    lasting = (TopicAuthorizationFailedError, UnknownTopicOrPartitionError)
    return {topic: error for topic, error in errors.items() if error in lasting}


async def can_create_topics(client: AIOKafkaClient) -> bool:
    """Whether the cluster knows the request to create topics; librdkafka's mock cluster does not."""
    node = client.get_random_node()
    await client.ready(node)
    return any(CREATE_TOPICS_API in conn._versions for conn in client._conns.values())
