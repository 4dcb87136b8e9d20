"""Quix Streams with `processing_guarantee="exactly-once"`: one row in, a row for each record out.

As its guides show it: `apply(expand=True)` makes several rows of one, `set_headers` and a serializer of the
topic say how a row is written, and `to_topic` takes the topic from the row.
"""

import os
from typing import Any

from quixstreams import Application, message_context
from quixstreams.models import Serializer

from bench.peers.enriching import CHANNELS, PeerPlace, make_enrich
from worker.channels import Channel
from worker.records.messages import OutMessage, RawMessage


class _ValueOf(Serializer):  # type: ignore[misc, unused-ignore]
    """Writes the value of a record as it is."""

    def __call__(self, value: OutMessage, ctx: Any) -> bytes | None:
        return value.value


def main() -> None:
    place, enrich = PeerPlace.from_environ(), make_enrich()
    app = Application(
        broker_address=place.brokers,
        consumer_group=place.group,
        auto_offset_reset="earliest",
        processing_guarantee="exactly-once",
        producer_extra_config={"compression.type": "gzip"},
        auto_create_topics=False,
        # A folder of its own, since two processes that make one at the same time fail.
        state_dir=f"state/{os.getpid()}",
    )
    raw = app.topic(place.topic(Channel.RAW), key_deserializer="bytes", value_deserializer="bytes")
    topics = {
        channel: app.topic(place.topic(channel), key_serializer="bytes", value_serializer=_ValueOf())
        for channel in CHANNELS
    }

    def enriched(value: bytes, key: bytes, timestamp: int, headers: Any) -> list[OutMessage]:
        at = message_context()
        raw_headers = tuple(headers or ())
        return [*enrich(RawMessage(at.topic, at.partition, at.offset, timestamp, key, value, raw_headers))]

    rows = app.dataframe(raw).apply(enriched, expand=True, metadata=True)
    rows = rows.set_headers(lambda record, *_: [*record.headers])
    rows.to_topic(lambda record, *_: topics[record.channel], key=lambda record: record.key)
    app.run()


if __name__ == "__main__":
    main()
