"""Counts the alerts that each rule has raised, by their keys alone: no value is parsed."""

from collections import defaultdict
from dataclasses import dataclass

from worker.channels import Channel
from worker.commands.shell.cluster import asking, consumer
from worker.commands.shell.reading import all_topics, partitions_of, read_records, seek
from worker.commands.shell.terminal import counted, progress
from worker.settings import Settings


@dataclass(slots=True)
class Hits:
    """A rule's alerts. `last_ms` is when the latest was written, in milliseconds since the epoch."""

    alerts: int = 0
    last_ms: int | None = None

    def add(self, timestamp_ms: int) -> None:
        self.alerts += 1
        self.last_ms = max(self.last_ms or 0, timestamp_ms)


async def count_hits(settings: Settings, since: int | str) -> dict[str, Hits] | None:
    """Hits by rule id, of the alerts written since then. None if the cluster has no topic of alerts."""
    topic = settings.topic(Channel.ALERTS)
    if topic not in await all_topics(settings):
        return None
    by_key: dict[bytes, Hits] = defaultdict(Hits)
    count = 0
    partitions = await partitions_of(settings, topic)
    async with consumer(settings) as client:
        client.assign(partitions)
        async with asking(settings):
            await seek(client, partitions, since)
        with progress(None) as bar:
            async for record in read_records(client, partitions, settings):
                if isinstance(since, int) and record.timestamp < since:
                    continue
                by_key[record.key or b""].add(record.timestamp)
                count += 1
                bar.update(0, f"{counted(count, 'alert')} counted")
    return {key.decode(errors="replace"): hits for key, hits in by_key.items()}
