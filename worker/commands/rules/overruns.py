"""Finds the rules that took more work than their budget on an article, and so did not match it."""

import orjson
from pydantic import ValidationError

from worker.channels import Channel
from worker.commands.shell.cluster import asking, consumer
from worker.commands.shell.reading import all_topics, partitions_of, read_records, seek
from worker.records.alert_messages import OVERRUN_KEY
from worker.records.alerts import RuleOverrun
from worker.records.codec import from_bytes
from worker.settings import Settings


async def latest_overruns(settings: Settings, since: int | str) -> dict[str, RuleOverrun] | None:
    """The latest overrun of each rule since then, by rule id. None if the cluster shows no such topic."""
    topic = settings.topic(Channel.STATE)
    if topic not in await all_topics(settings):
        return None
    found: dict[str, RuleOverrun] = {}
    partitions = await partitions_of(settings, topic)
    async with consumer(settings) as client:
        client.assign(partitions)
        async with asking(settings):
            await seek(client, partitions, since)
        async for record in read_records(client, partitions, settings):
            if overrun := overrun_in(record.key, record.value):
                found[overrun.rule] = overrun
    return found


def overrun_in(key: bytes | None, value: bytes | None) -> RuleOverrun | None:
    """The overrun that a record beside the cooldowns' state holds; None if it is something else."""
    if value is None or not (key or b"").startswith(OVERRUN_KEY.encode()):
        return None
    try:
        return from_bytes(RuleOverrun, value)
    except (orjson.JSONDecodeError, ValidationError):
        return None
