"""Counts a delivery in the metrics once it has succeeded, so that they say what is on the brokers."""

import time
from collections import Counter
from collections.abc import Sequence

from aiokafka import TopicPartition

from worker import metrics
from worker.channels import Channel
from worker.delivery.kafka.sending import OutgoingRecord
from worker.delivery.lanes.dead_letter import REASON
from worker.delivery.lanes.inbox import Arrival, size_of
from worker.records.cloudevents import event_time_ms


def count_delivery(
    channel: Channel,
    partition: TopicPartition,
    arrivals: Sequence[Arrival],
    records: Sequence[OutgoingRecord],
) -> None:
    """Counts one batch: its inputs, which came from this channel, and the records written for them."""
    letters = [record for record in records if record.message.channel is Channel.DEAD]
    metrics.RECORDS_DELIVERED.labels(*partition).inc(len(arrivals))
    for letter in letters:
        metrics.DEAD_LETTERS.labels(_reason(letter)).inc()
    written, sizes = Counter[Channel](), Counter[Channel]()
    for record in records:
        written[record.message.channel] += 1
        sizes[record.message.channel] += size_of(record.message)
    for output, count in written.items():
        metrics.RECORDS_WRITTEN.labels(output.value).inc(count)
        metrics.WRITTEN_BYTES.labels(output.value).inc(sizes[output])
    metrics.BATCH_RECORDS.observe(len(arrivals))
    metrics.BATCH_BYTES.observe(sum(sizes.values()))
    now = time.time()
    if channel is Channel.RAW:
        metrics.RECORDS_ENRICHED.inc(len(arrivals) - len(letters))
        oldest_ms = min(arrival.message.timestamp_ms for arrival in arrivals)
        metrics.ARTICLE_AGE.observe(max(0.0, now - oldest_ms / 1000))
    for record in records:
        if record.message.channel is Channel.ALERTS:
            metrics.ALERT_AGE.observe(max(0.0, now - event_time_ms(record.message.headers) / 1000))


def _reason(letter: OutgoingRecord) -> str:
    """The reason in the last such header, which is the worker's own."""
    reasons = [value for name, value in letter.message.headers if name == REASON]
    return (reasons[-1] or b"").decode()
