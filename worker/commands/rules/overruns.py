"""Finds the rules that were at a limit, and so raised no alert about an article: see RuleOverrun."""

from collections import defaultdict

import orjson
from pydantic import ValidationError

from worker.channels import Channel
from worker.commands.shell.cluster import asking, consumer
from worker.commands.shell.reading import all_topics, partitions_of, read_records, seek
from worker.records.alert_messages import OVERRUN_KEY
from worker.records.alerts import RuleOverrun
from worker.records.codec import from_bytes
from worker.settings import Settings

Overruns = dict[str, list[RuleOverrun]]
"""By rule id, one for each kind of limit: work, silences, and rules of a story."""


async def latest_overruns(settings: Settings, since: int | str) -> Overruns | None:
    """The latest overruns of each rule since then. None if the cluster shows no such topic."""
    topic = settings.topic(Channel.STATE)
    if topic not in await all_topics(settings):
        return None
    found: dict[bytes | None, RuleOverrun] = {}
    partitions = await partitions_of(settings, topic)
    async with consumer(settings) as client:
        client.assign(partitions)
        async with asking(settings):
            await seek(client, partitions, since)
        async for record in read_records(client, partitions, settings):
            if overrun := overrun_in(record.key, record.value):
                found[record.key] = overrun
    by_rule = defaultdict[str, list[RuleOverrun]](list)
    for overrun in found.values():
        by_rule[overrun.rule].append(overrun)
    return by_rule


def overrun_in(key: bytes | None, value: bytes | None) -> RuleOverrun | None:
    """The overrun that a record beside the cooldowns' state holds; None if it is something else."""
    if value is None or not (key or b"").startswith(OVERRUN_KEY.encode()):
        return None
    try:
        return from_bytes(RuleOverrun, value)
    except (orjson.JSONDecodeError, ValidationError):
        return None
