"""The topics of a fault run: created, filled so that compaction leaves gaps, deleted and made anew."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import KafkaError
from confluent_kafka import KafkaError as ConfluentError
from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient

from tests.faults.account import read_topic
from tests.faults.cluster import BROKERS
from tests.faults.enricher import BLOATED_BYTES
from tests.faults.fleet import Fleet
from worker.channels import SPECS, Channel, topic_name

# The raw topic is compacted at once, so that its offsets have gaps before the workers start.
_COMPACTED = {
    "cleanup.policy": "compact",
    "segment.ms": "1000",
    "min.cleanable.dirty.ratio": "0.01",
    "max.compaction.lag.ms": "1000",
}
# What compaction leaves gaps in: so many keys, each written so often.
_GAP_KEYS, _GAP_TIMES = 40, 25
_GAP_SECONDS = 60.0
_FORGET_SECONDS = 90.0


async def create_run_topics(fleet: Fleet) -> None:
    """Creates the topics of all channels; only the raw one is compacted, so that repeats can be counted."""
    own = {Channel.RAW: _COMPACTED, Channel.ENRICHED: {"max.message.bytes": str(BLOATED_BYTES // 2)}}
    wanted = [
        NewTopic(
            topic_name(channel, fleet.prefix),
            spec.partitions or fleet.partitions,
            BROKERS,
            topic_configs={**spec.config, "cleanup.policy": "delete", **own.get(channel, {})},
        )
        for channel, spec in SPECS.items()
    ]
    async with _admin(fleet) as admin:
        await admin.create_topics(wanted)


async def make_gaps(fleet: Fleet) -> int:
    """Feeds articles under keys that repeat, and waits until compaction has taken the older ones away.

    Returns how many are gone. Compaction that takes too long is a problem.
    """
    keys = [b"key %d" % number for number in range(_GAP_KEYS)]
    for _ in range(_GAP_TIMES):
        await fleet.feeder.send([b"an older article"] * _GAP_KEYS, keys)
    gaps = 0
    deadline = time.monotonic() + _GAP_SECONDS
    while time.monotonic() < deadline:
        await asyncio.sleep(1.5)  # then a record closes the segment, which compaction takes on
        await fleet.feeder.send([fleet.feeder.article()] * fleet.partitions)
        raw = await read_topic(fleet.cluster.internal, topic_name(Channel.RAW, fleet.prefix))
        gaps = fleet.feeder.fed - len(raw)
        if gaps == _GAP_KEYS * (_GAP_TIMES - 1):
            await _compact_no_more(fleet)
            return gaps
    fleet.problems.append(f"compaction was not through in {_GAP_SECONDS:g} s")
    return gaps


async def _compact_no_more(fleet: Fleet) -> None:
    """Restores segments of the usual length: nothing is left to compact, and short ones busy the brokers."""
    topic = ConfigResource(
        ConfigResourceType.TOPIC, topic_name(Channel.RAW, fleet.prefix), {"cleanup.policy": "compact"}
    )
    async with _admin(fleet) as admin:
        await admin.alter_configs([topic])


async def delete_topic(fleet: Fleet, channel: Channel) -> None:
    """Deletes a channel's topic; tries again until it is gone, whatever state the cluster is in."""
    await _until_there(fleet, channel, there=False)


async def create_topic(fleet: Fleet, channel: Channel) -> None:
    """Creates a channel's topic; tries again until it is there, whatever state the cluster is in."""
    await _until_there(fleet, channel, there=True)


async def forget_group(fleet: Fleet) -> None:
    """Deletes the group's offsets, as brokers do after offsets.retention.minutes, once it has no members."""
    group = f"{fleet.prefix}dateline"
    admin = AdminClient({"bootstrap.servers": fleet.cluster.internal, "log_level": 0})
    async with asyncio.timeout(_FORGET_SECONDS):
        while True:
            try:
                await asyncio.to_thread(admin.delete_consumer_groups([group])[group].result)
            except KafkaException as error:
                if error.args[0].code() == ConfluentError.GROUP_ID_NOT_FOUND:
                    return
                await asyncio.sleep(0.5)
            else:
                return


async def _until_there(fleet: Fleet, channel: Channel, *, there: bool) -> None:
    topic, done = topic_name(channel, fleet.prefix), False
    while not done:
        admin = AIOKafkaAdminClient(bootstrap_servers=fleet.cluster.internal)
        try:
            await admin.start()
            if there:
                partitions = SPECS[channel].partitions or fleet.partitions
                await admin.create_topics([NewTopic(topic, partitions, BROKERS)])
            else:
                await admin.delete_topics([topic])
            await asyncio.sleep(0.5)
            done = (topic in await admin.list_topics()) == there
        except (KafkaError, AssertionError):
            await asyncio.sleep(0.5)
        finally:
            await admin.close()


@asynccontextmanager
async def _admin(fleet: Fleet) -> AsyncIterator[AIOKafkaAdminClient]:
    admin = AIOKafkaAdminClient(bootstrap_servers=fleet.cluster.internal)
    await admin.start()
    try:
        yield admin
    finally:
        await admin.close()
