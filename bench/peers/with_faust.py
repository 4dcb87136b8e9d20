"""Faust as its pages show it: an agent that goes through a stream and sends to topics.

    faust -A bench.peers.with_faust worker

It delivers at least once, and commits what it has gone past every few seconds; its exactly-once mode does not
survive a rebalance (docs/architecture.md, "Why Faust's own commits are not used").
"""

from typing import Any

import faust

from bench.peers.enriching import CHANNELS, PeerPlace, make_enrich
from worker.channels import Channel
from worker.records.messages import RawMessage

_place, _enrich = PeerPlace.from_environ(), make_enrich()
app = faust.App(
    _place.group,
    broker=f"kafka://{_place.brokers}",
    value_serializer="raw",
    key_serializer="raw",
    consumer_auto_offset_reset="earliest",
    producer_compression_type="gzip",
    topic_disable_leader=True,
    web_enabled=False,
)
raw = app.topic(_place.topic(Channel.RAW), key_type=bytes, value_type=bytes)
topics = {channel: app.topic(_place.topic(channel), key_type=bytes, value_type=bytes) for channel in CHANNELS}


@app.agent(raw)
async def send_enriched(stream: Any) -> None:
    """Each article's records are sent to their topics."""
    async for event in stream.events():
        at = event.message
        raw_headers = tuple((event.headers or {}).items())
        message = RawMessage(
            at.topic, at.partition, at.offset, int(at.timestamp * 1000), event.key, event.value, raw_headers
        )
        for record in _enrich(message):
            headers: Any = [*record.headers]  # Faust's types know no null
            await topics[record.channel].send(key=record.key, value=record.value, headers=headers)
